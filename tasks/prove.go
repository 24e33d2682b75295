package tasks

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// ProofBooks is what a proof reads of Odoo; *erp.Books is one. It writes nothing.
type ProofBooks interface {
	Story(ctx context.Context, shop config.Shop, ref commerce.Ref, number string) (erp.Story, error)
	Stories(ctx context.Context, shop config.Shop, list []erp.Asked) ([]erp.Story, error)
	Dated(ctx context.Context, shop config.Shop, from, until time.Time, known func(id int64) bool) iter.Seq2[erp.Dated, error]
}

// Prover holds a shop against Odoo.
type Prover struct {
	Shop    *handlers.Shop
	Books   ProofBooks
	Journal *Journal
	// Most is how many orders that differ are told one by one; 0: 1,000.
	Most int
	// Limit is how many orders the time may have; more are an error. 0: any number.
	Limit int
	// Progress, if set, is told after each page how many orders were compared and how
	// much of the time is done, from 0 to 1.
	Progress func(orders int, share float64)
}

const (
	provePage = 250 // orders that are compared at once
	// proveSingly bounds what can only be asked one by one: what may be elsewhere in
	// Odoo, and what Odoo has and the shop did not list.
	proveSingly  = 200
	proveReads   = 8 // single reads at once
	mostApart    = 1000
	mostRepeated = 20 // differences that are told of one order
)

// Prove compares every order placed from then and before until, page by page, then
// looks for orders in Odoo that the shop has not. Its error is one of asking; what
// differs is in the proof. What it keeps of equal orders is a bit for each.
func (p Prover) Prove(ctx context.Context, from, until time.Time) (*Proof, error) {
	if !from.Before(until) {
		return nil, fmt.Errorf("no time to prove: %s is not before %s", from.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	set := p.Shop.Config
	w := &proving{Prover: p, proof: &Proof{Shop: p.Shop.ID, Mode: set.Mode, GoLive: set.GoLive.Time, From: from.UTC(), Until: until.UTC(),
		Sums: []Sums{}, States: []StateSum{}, StaysOut: []StaysOut{}, Apart: []OrderApart{}}}
	if w.Most == 0 {
		w.Most = mostApart
	}
	page := make([]*commerce.Order, 0, provePage)
	for o, err := range p.orders(ctx, from, until) {
		if err != nil {
			return nil, fmt.Errorf("orders of %s: %w", p.Shop.ID, err)
		}
		if p.Limit > 0 && w.proof.Orders.Shop+len(page) == p.Limit {
			return nil, errTooMany
		}
		if page = append(page, o); len(page) < provePage {
			continue
		}
		if err := w.compare(ctx, page); err != nil {
			return nil, err
		}
		w.report(o.CreatedAt)
		page = page[:0]
	}
	if err := w.compare(ctx, page); err != nil {
		return nil, err
	}
	if err := w.others(ctx); err != nil {
		return nil, err
	}
	w.report(until)
	w.proof.Equal = w.proof.Orders.Differ+w.proof.Orders.OnlyShop+w.proof.Orders.OnlyOdoo == 0
	w.proof.sort()
	return w.proof, nil
}

// proving is one proof under way.
type proving struct {
	Prover
	proof    *Proof
	seen     bits // ids of orders in Odoo that were compared
	resolved int  // single reads of Odoo
}

func (w *proving) report(at time.Time) {
	if w.Progress != nil {
		w.Progress(w.proof.Orders.Shop, float64(at.Sub(w.proof.From))/float64(w.proof.Until.Sub(w.proof.From)))
	}
}

// compare holds one page of orders against Odoo.
func (w *proving) compare(ctx context.Context, page []*commerce.Order) error {
	if len(page) == 0 {
		return nil
	}
	refs, asked := make([]commerce.Ref, len(page)), make([]erp.Asked, len(page))
	for i, o := range page {
		refs[i] = o.Ref
	}
	records, err := w.Journal.Of(ctx, refs)
	if err != nil {
		return err
	}
	for i, o := range page {
		asked[i] = erp.Asked{Ref: o.Ref, Number: o.Number, OdooID: records[i].OdooID}
	}
	stories, err := w.Books.Stories(ctx, w.Shop.Config, asked)
	if err != nil {
		return err
	}
	for i, o := range page {
		if err := w.judge(ctx, o, records[i], stories[i]); err != nil {
			return err
		}
	}
	return nil
}

// judge counts one order and keeps it where both sides differ.
func (w *proving) judge(ctx context.Context, o *commerce.Order, rec Record, s erp.Story) error {
	c := erp.Compare(w.Shop.Config, o, s)
	if other := s.Other; other != nil && other.ID == rec.Adopted.OdooID {
		s.Order, s.Foreign = other, ""
		c = erp.CompareAdopted(o, *other)
	}
	if s.Order == nil && s.Foreign == "" && c.StaysOut == "" && w.Shop.Config.Live() && w.resolved < proveSingly {
		w.resolved++ // people may have changed all that it is found by
		var err error
		if s, err = w.Books.Story(ctx, w.Shop.Config, o.Ref, o.Number); err != nil {
			return err
		}
		c = erp.Compare(w.Shop.Config, o, s)
	}
	w.proof.Orders.Shop++
	stopped := rec.Outcome == Parked || rec.Outcome == Failed || rec.Outcome == Retry || rec.Outcome == Snooze
	if c.StaysOut != "" && !stopped {
		w.proof.leave(c.StaysOut, o)
		return nil
	}
	state, odoo := o.Financial, ""
	if o.Cancelled() {
		state = "cancelled"
	}
	w.proof.count(state, o.Currency, c.Shop, c.Odoo)
	if s.Order != nil {
		w.seen.set(s.Order.ID)
		odoo = s.Order.Name
	}
	differ := c.Differences
	if len(differ) == 0 && stopped {
		differ = append(differ, erp.Difference{What: "run", Shop: "equal", Odoo: string(rec.Outcome), Repair: erp.ByRun,
			Next: "both sides are equal, and the last run did not end well: one more look ends that"})
	}
	switch {
	case len(differ) == 0:
		w.proof.Orders.Equal++
		return nil
	case s.Order == nil:
		w.proof.Orders.OnlyShop++
	default:
		w.proof.Orders.Differ++
	}
	w.keep(OrderApart{ID: o.Ref.ID, Number: o.Number, Odoo: odoo, Differences: differ, Journal: lastRun(rec)})
	return nil
}
