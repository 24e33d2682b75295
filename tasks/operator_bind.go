package tasks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Binding is one of the shop's records with the one of Odoo's that stands for it, and
// what becomes of it.
type Binding struct {
	Row     int    `json:"row,omitempty"` // of the list, from 1; of a file, with its heading
	Kind    string `json:"kind"`          // product, customer
	ID      string `json:"id"`
	Odoo    string `json:"odoo,omitempty"` // as it was written; "" binds no more
	OdooID  int64  `json:"odoo_id,omitempty"`
	Was     int64  `json:"was,omitempty"` // what it is bound to until now
	Outcome string `json:"outcome"`       // bound, binds, changes, unbinds, same, wrong
	Why     string `json:"why,omitempty"`
}

func (b Binding) tie() erp.Tie { return erp.Tie{Kind: b.Kind, ID: b.ID} }

// Bindings are what is bound of a shop.
func (o *Operator) Bindings(ctx context.Context, shop string) ([]Binding, error) {
	if err := o.knows(shop); err != nil {
		return nil, err
	}
	ties, err := o.ties.All(ctx, shop)
	list := []Binding{}
	for tie, id := range ties {
		list = append(list, Binding{Kind: tie.Kind, ID: tie.ID, OdooID: id, Outcome: "bound"})
	}
	slices.SortFunc(list, func(a, b Binding) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID)) })
	return list, err
}

// Bound is what a list of bindings comes to.
type Bound struct {
	DryRun   bool      `json:"dry_run"`
	Bindings []Binding `json:"bindings"`
	Changes  int       `json:"changes"` // made, or to make
	Wrong    int       `json:"wrong"`   // then nothing is bound
	Again    int       `json:"again"`   // orders that waited, and run again
}

// Bind judges a list and, in earnest and with nothing wrong in it, binds what it says;
// orders that waited for a product run again. from names the list in the audit. The
// error is one of asking.
func (o *Operator) Bind(ctx context.Context, shop string, list []Binding, from string, earnest bool) (Bound, error) {
	did := Bound{DryRun: !earnest, Bindings: list}
	if err := o.knows(shop); err != nil {
		return did, err
	}
	if err := o.judge(ctx, shop, list); err != nil {
		return did, err
	}
	to := map[erp.Tie]int64{}
	for _, b := range list {
		switch b.Outcome {
		case "wrong":
			did.Wrong++
		case "same":
		default:
			to[b.tie()] = b.OdooID
		}
	}
	did.Changes = len(to)
	if !earnest || did.Wrong > 0 {
		return did, nil
	}
	if err := o.Did(ctx, shop, Change{What: "bind", On: from, Many: len(to)}); err != nil {
		return did, err
	}
	if err := o.ties.Tie(ctx, shop, to); err != nil {
		return did, err
	}
	var err error
	did.Again, err = o.runBound(ctx, shop, to)
	return did, err
}

// judge says what becomes of each row.
func (o *Operator) judge(ctx context.Context, shop string, list []Binding) error {
	cfg := o.shops[shop].Config
	bound, err := o.ties.All(ctx, shop)
	if err != nil {
		return err
	}
	found := map[string]map[string]erp.Bound{}
	for _, kind := range []string{erp.TieProduct, erp.TieCustomer} {
		var words []string
		for _, b := range list {
			if b.Kind == kind && b.Odoo != "" {
				words = append(words, b.Odoo)
			}
		}
		if len(words) > 0 {
			if found[kind], err = o.odoo.Bindable(ctx, cfg, kind, words); err != nil {
				return err
			}
		}
	}
	first := map[erp.Tie]Binding{}
	for i := range list {
		b := &list[i]
		at := found[b.Kind][b.Odoo]
		b.OdooID, b.Was = at.ID, bound[b.tie()]
		b.Outcome, b.Why = b.judged(at, first[b.tie()], cfg)
		if b.Outcome != "wrong" {
			first[b.tie()] = *b
		}
	}
	return nil
}

// judged is what becomes of a row. before is an earlier row about the same record.
func (b Binding) judged(at erp.Bound, before Binding, cfg config.Shop) (outcome, why string) {
	switch {
	case b.Kind != erp.TieProduct && b.Kind != erp.TieCustomer:
		return "wrong", fmt.Sprintf("the kind is product or customer, not %q", b.Kind)
	case b.ID == "":
		return "wrong", "the shop's id is missing"
	case at.Why != "":
		return "wrong", fmt.Sprintf("%s %s", b.Odoo, at.Why)
	case before.Row != 0 && before.OdooID != b.OdooID:
		return "wrong", fmt.Sprintf("row %d binds it to %s", before.Row, cmp.Or(before.Odoo, "nothing"))
	}
	if to := cfg.Books.Products.Bind[b.ID]; b.Kind == erp.TieProduct && to != "" {
		why = "books.products.bind leads to " + to + ", which counts first"
	}
	switch {
	case b.OdooID == b.Was:
		return "same", why
	case b.OdooID == 0:
		return "unbinds", why
	case b.Was != 0:
		return "changes", cmp.Or(why, fmt.Sprintf("it was bound to %d", b.Was))
	}
	return "binds", why
}

// runBound runs the orders again that were parked for want of a product, once some
// are bound: which of its names a line was missed by, its variant or its SKU, is not told.
func (o *Operator) runBound(ctx context.Context, shop string, to map[erp.Tie]int64) (n int, err error) {
	binds := false
	for tie, id := range to {
		binds = binds || tie.Kind == erp.TieProduct && id != 0
	}
	if !binds {
		return 0, nil
	}
	var wait []commerce.Ref
	for rec, err := range o.journal.Parked(ctx, shop) {
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(rec.Needs, func(need string) bool { return strings.HasPrefix(need, "sku/"+shop+"/") }) {
			wait = append(wait, rec.Ref)
		}
	}
	nonce := uuid.NewString()
	for _, ref := range wait {
		if _, err := o.queue.Ask(ctx, LaneOperator, ref, "bind", nonce); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
