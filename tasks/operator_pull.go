package tasks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// What one call of Pull and Prove may be about; the commands know no such bound.
const (
	mostPulled    = 10_000
	mostRehearsed = 100
	mostRead      = 50 // records that are read before they are asked for; a shop may take half a second for one
	mostProved    = 2_000
	mostNamed     = 20 // ids that an audit names
)

// errTooMany says that more records are meant than whoever asks can take.
var errTooMany = errors.New("more records than asked for at once")

// PullWish is which orders are meant: those of IDs, those with Numbers, or those placed
// (or changed) from From on and before To; no To is now. Of customers it is which accounts:
// those of IDs, those registered in that time, or All.
type PullWish struct {
	Customers bool
	IDs       []string
	Numbers   []string
	From, To  time.Time
	Changed   bool
	All       bool
}

// kind is that of the records.
func (w PullWish) kind() string {
	if w.Customers {
		return commerce.KindCustomer
	}
	return commerce.KindOrder
}

func (w PullWish) String() string {
	switch {
	case len(w.IDs) > 0:
		return w.kind() + "/" + firstOf(w.IDs)
	case len(w.Numbers) > 0:
		return "number " + firstOf(w.Numbers)
	case w.All:
		return "all"
	}
	text := w.From.UTC().Format(time.RFC3339) + " to " + w.To.UTC().Format(time.RFC3339)
	switch {
	case w.Changed:
		return "changed " + text
	case w.Customers:
		return "registered " + text
	}
	return "placed " + text
}

func firstOf(names []string) string {
	text := strings.Join(names[:min(len(names), mostNamed)], ",")
	if len(names) > mostNamed {
		text += ",…"
	}
	return text
}

// named says that the records are meant one by one.
func (w PullWish) named() bool { return len(w.IDs)+len(w.Numbers) > 0 }

// command is how a terminal asks for it.
func (w PullWish) command(shop string) string {
	pull := "odoogate pull " + w.kind() + "s --shop " + shop
	switch {
	case len(w.IDs) > 0:
		return pull + " --ids @ids.txt"
	case len(w.Numbers) > 0:
		return pull + " --numbers @numbers.txt"
	case w.All:
		return pull + " --all"
	case w.Changed:
		return pull + spanFlags(w.From, w.To) + " --by changed"
	}
	return pull + spanFlags(w.From, w.To)
}

func spanFlags(from, to time.Time) string {
	return " --from " + from.UTC().Format(time.RFC3339) + " --to " + to.UTC().Format(time.RFC3339)
}

// PulledOrders is what became of the orders of a wish, or would.
type PulledOrders struct {
	DryRun bool `json:"dry_run"`
	// Before counts those placed before go-live, which are left out.
	Before int      `json:"before_go_live"`
	Orders []Pulled `json:"orders"`
}

// PulledCustomers is what became of the accounts of a wish, or would.
type PulledCustomers struct {
	DryRun    bool     `json:"dry_run"`
	Customers []Pulled `json:"customers"`
}

// Pull has workers look at orders and waits for none of them; a dry run only says what
// they would do. Invalid: it is said neither or doubly which, or they are more than one
// call takes; the remedy names the command that takes them all.
func (o *Operator) Pull(ctx context.Context, shop string, w PullWish, dry bool) (did PulledOrders, err error) {
	of, err := o.withOrders(shop)
	if err != nil {
		return did, err
	}
	did.DryRun = dry
	did.Orders, did.Before, err = o.pull(ctx, of, w, dry)
	return did, err
}

// PullCustomers is Pull of accounts. Invalid also: the shop has none that can be looked at.
func (o *Operator) PullCustomers(ctx context.Context, shop string, w PullWish, dry bool) (did PulledCustomers, err error) {
	if err := o.Accounts(shop); err != nil {
		return did, err
	}
	did.DryRun, w.Customers = dry, true
	did.Customers, _, err = o.pull(ctx, o.shops[shop], w, dry)
	return did, err
}

// pull asks for what is wished, or rehearses it; before is PulledOrders.Before.
func (o *Operator) pull(ctx context.Context, of *handlers.Shop, w PullWish, dry bool) (list []Pulled, before int, err error) {
	if !w.named() && !w.All && w.To.IsZero() {
		w.To = time.Now()
	}
	command := w.command(of.ID)
	if err := w.check(); err != nil {
		return nil, 0, tooLong(ctx, err, commerce.Count(mostRead, w.kind()), command)
	}
	most := mostPulled
	if dry {
		most = mostRehearsed
	}
	p := Puller{Kind: w.kind(), Shop: of, Queue: o.queue, Journal: o.journal, Books: o.odoo, Most: most, Reads: mostRead}
	ids, before, err := p.named(ctx, w)
	if err != nil {
		return nil, 0, tooLong(ctx, err, commerce.Count(most, w.kind()), command)
	}
	all := p.Rehearse(ctx, ids)
	if !dry {
		if err := o.Pulls(ctx, of.ID, w, len(ids)); err != nil {
			return nil, 0, err
		}
		all = p.Ask(ctx, ids, uuid.NewString())
	}
	list = []Pulled{}
	for one, err := range all {
		if err != nil {
			return nil, 0, tooLong(ctx, err, commerce.Count(most, w.kind()), command)
		}
		list = append(list, one)
	}
	return list, before, nil
}

// Pulls writes down that so many records are about to be pulled.
func (o *Operator) Pulls(ctx context.Context, shop string, w PullWish, many int) error {
	if many == 0 {
		return nil
	}
	return o.Did(ctx, shop, Change{What: "pull " + w.kind() + "s", On: w.String(), Many: many})
}

func (w PullWish) check() error {
	no := &commerce.Error{Op: "pull orders", Reason: commerce.Invalid, Remedy: "name the orders by the shop's ids, by their numbers, or by a time"}
	if w.Customers {
		no.Op, no.Remedy = "pull customers", "name the accounts by the shop's ids, by a time, or all of them"
	}
	switch {
	case w.All && (w.named() || !w.From.IsZero() || !w.To.IsZero()):
		no.Detail = "all accounts are meant, and some of them too"
	case w.All:
		return nil
	case w.named() && !w.From.IsZero(), len(w.IDs) > 0 && len(w.Numbers) > 0:
		no.Detail = w.kind() + "s are named by ids, by numbers or by a time; by one of them"
	case slices.Contains(w.IDs, ""), slices.Contains(w.Numbers, ""):
		no.Detail = "an id or number is empty"
	case len(w.Numbers) > mostRead:
		return errTooMany
	case w.named():
		return nil
	case w.From.IsZero():
		no.Detail = "it is not said which " + w.kind() + "s"
	case !w.From.Before(w.To):
		no.Detail = fmt.Sprintf("the time ends before it begins: %s", w)
	default:
		return nil
	}
	return no
}

// named are the ids of a wish, each once.
func (p Puller) named(ctx context.Context, w PullWish) (ids []string, before int, err error) {
	switch {
	case len(w.Numbers) > 0:
		if w.IDs, err = p.Numbered(ctx, w.Numbers); err != nil {
			return nil, 0, err
		}
	case len(w.IDs) == 0 && w.Customers:
		ids, err = p.Registered(ctx, w.From, w.To)
		return ids, 0, err
	case len(w.IDs) == 0 && w.Changed:
		ids, err = p.Changed(ctx, w.From, w.To)
		return ids, 0, err
	case len(w.IDs) == 0:
		return p.Placed(ctx, w.From, w.To)
	}
	ids = onceEach(w.IDs)
	return ids, 0, p.full(len(ids))
}

// tooLong says of what one call could not take how all of it is asked for.
func tooLong(ctx context.Context, err error, most, command string) error {
	remedy := "ask for less at once, or use the command, which has no bound: " + command
	switch {
	case errors.Is(err, errTooMany):
		return &commerce.Error{Op: "operator", Reason: commerce.Invalid, Detail: "that is more than " + most, Remedy: remedy}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &commerce.Error{Op: "operator", Reason: commerce.Unavailable, Detail: "it was not through in the time of one request", Remedy: remedy}
	}
	return err
}

// Prove holds a shop's orders of a time against Odoo, see Prover; no until is now. It
// tells at most so many orders one by one. Invalid: no such time, or it has more orders
// than one call takes; the remedy names the command that takes them all.
func (o *Operator) Prove(ctx context.Context, shop string, from, until time.Time, most int) (*Proof, error) {
	of, err := o.withOrders(shop)
	if err != nil {
		return nil, err
	}
	if until.IsZero() {
		until = time.Now()
	}
	if from.IsZero() || !from.Before(until) {
		return nil, &commerce.Error{Op: "prove", Reason: commerce.Invalid, Detail: "the time is missing, or ends before it begins",
			Remedy: "give from, and a later to"}
	}
	proof, err := Prover{Shop: of, Books: o.odoo, Journal: o.journal, Most: most, Limit: mostProved}.Prove(ctx, from, until)
	if err != nil {
		return nil, tooLong(ctx, err, commerce.Count(mostProved, commerce.KindOrder), "odoogate prove --shop "+shop+spanFlags(from, until))
	}
	return proof, nil
}
