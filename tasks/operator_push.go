package tasks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// PushedCustomers is what became of contacts that are pushed to a shop, or would.
type PushedCustomers struct {
	DryRun   bool     `json:"dry_run"`
	Shop     string   `json:"shop"`
	Contacts []Pulled `json:"contacts"`
}

// PushesTo is the shop that contacts are pushed to where a person names it, or names none
// and only one of all takes any. NotFound: there is none such. Invalid: it takes none, or
// several do and none is named.
func PushesTo(shops map[string]*handlers.Shop, named string) (string, error) {
	no := &commerce.Error{Op: "push customers", Reason: commerce.Invalid}
	able := slices.Sorted(maps.Keys(shops))
	able = slices.DeleteFunc(able, func(id string) bool { return noPush(shops[id]) != "" })
	switch {
	case named != "" && shops[named] == nil:
		no.Reason, no.Detail = commerce.NotFound, fmt.Sprintf("no shop %q is configured", named)
	case named != "" && noPush(shops[named]) != "":
		no.Detail = noPush(shops[named])
	case named != "":
		return named, nil
	case len(able) == 1:
		return able[0], nil
	case len(able) == 0:
		no.Detail = "no shop is configured whose accounts can be written"
	default:
		no.Detail = "several shops take customers, and none is named"
	}
	if len(able) > 0 {
		no.Remedy = "name one: --shop " + strings.Join(able, ", or --shop ")
	}
	return "", no
}

// PushCustomers has workers bring contacts of Odoo to their accounts in a shop and waits
// for none of them; a dry run only says what they would do. Invalid: the shop takes none,
// it is not said which, or they are more than one call takes; the remedy names the command
// that takes them all.
func (o *Operator) PushCustomers(ctx context.Context, shop string, ids []string, dry bool) (did PushedCustomers, err error) {
	if did.Shop, err = PushesTo(o.shops, shop); err != nil {
		return did, err
	}
	did.DryRun, did.Contacts = dry, []Pulled{}
	most := mostPulled
	if dry {
		most = mostRehearsed
	}
	ids = onceEach(ids)
	switch {
	case len(ids) == 0, slices.Contains(ids, ""):
		return did, &commerce.Error{Op: "push customers", Reason: commerce.Invalid, Detail: "it is not said which contacts, or an id is empty", Remedy: "name the contacts by their ids in Odoo"}
	case len(ids) > most:
		return did, tooLong(ctx, errTooMany, commerce.Count(most, commerce.KindContact), "odoogate push customers --shop "+did.Shop+" --ids @ids.txt")
	}
	p := Puller{Kind: commerce.KindContact, Shop: o.shops[did.Shop], Queue: o.queue, Journal: o.journal, Books: o.odoo}
	all := p.Rehearse(ctx, ids)
	if !dry {
		if err := o.Pushes(ctx, did.Shop, ids); err != nil {
			return did, err
		}
		all = p.Ask(ctx, ids, uuid.NewString())
	}
	for one, err := range all {
		if err != nil {
			return did, tooLong(ctx, err, commerce.Count(most, commerce.KindContact), "odoogate push customers --shop "+did.Shop+" --ids @ids.txt")
		}
		did.Contacts = append(did.Contacts, one)
	}
	return did, nil
}

// Pushes writes down that contacts are about to be pushed.
func (o *Operator) Pushes(ctx context.Context, shop string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return o.Did(ctx, shop, Change{What: "push customers", On: fmt.Sprintf("%s/%s", commerce.KindContact, firstOf(ids)), Many: len(ids)})
}

// onceEach are names in their order, each once.
func onceEach(names []string) (all []string) {
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			all = append(all, name)
		}
		seen[name] = true
	}
	return all
}
