package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Looked is one order as each side tells it, or why a side does not.
type Looked struct {
	Ref    commerce.Ref
	Order  *commerce.Order
	Record Record
	Known  bool // the journal has an entry
	Story  erp.Story
	Shop   config.Shop

	ShopErr, JournalErr, OdooErr error
}

// look is an order being looked up. Each side has its time.
type look struct {
	*Operator
	shop   *handlers.Shop
	within time.Duration
}

// Look reads an order from all sides. text is the shop's id of it, or else its number as
// Odoo, the journal or a search of the shop knows it. What a side does not tell within its time is part of the
// answer. NotFound: no side has such an order. Conflict: several have the number.
func (o *Operator) Look(ctx context.Context, shop, text string, within time.Duration) (*Looked, error) {
	of, err := o.withOrders(shop)
	if err != nil {
		return nil, err
	}
	k := look{o, of, within}
	l, err := k.find(ctx, text)
	if err != nil {
		return nil, err
	}
	number := ""
	if l.Order != nil {
		number = l.Order.Number
	}
	l.OdooErr = k.ask(ctx, func(ctx context.Context) (err error) {
		l.Story, err = o.odoo.Story(ctx, of.Config, l.Ref, number)
		return err
	})
	nowhere := l.Story.Order == nil && l.Story.Foreign == "" && l.OdooErr == nil && !l.Known
	if nowhere && commerce.ReasonOf(l.ShopErr) == commerce.NotFound {
		return nil, &commerce.Error{Op: "order show", Reason: commerce.NotFound,
			Detail: fmt.Sprintf("neither shop %s nor Odoo has an order with the id or number %s", shop, text)}
	}
	return l, nil
}

// find reads the shop's and the journal's side of the order that a text means.
func (k look) find(ctx context.Context, text string) (*Looked, error) {
	l := k.near(ctx, text)
	if l.Order != nil || l.Known {
		return l, nil
	}
	var refs []commerce.Ref
	err := k.ask(ctx, func(ctx context.Context) (err error) {
		refs, err = k.odoo.Numbered(ctx, k.shop.Config, text)
		return err
	})
	switch {
	case len(refs) > 1:
		return nil, &commerce.Error{Op: "order show", Reason: commerce.Conflict,
			Detail: fmt.Sprintf("several orders of shop %s have the number %s in Odoo", k.shop.ID, text), Remedy: "name one by its id: " + idsOf(refs)}
	case len(refs) == 1:
		return k.near(ctx, refs[0].ID), nil
	}
	if id := k.known(ctx, text); id != "" {
		return k.near(ctx, id), nil
	}
	if ids := k.searched(ctx, text); len(ids) == 1 {
		return k.near(ctx, ids[0]), nil
	}
	if err != nil && commerce.ReasonOf(l.ShopErr) == commerce.NotFound {
		return nil, fmt.Errorf("shop %s has no order with the id %s, and Odoo could not tell whether it is the number of one: %w", k.shop.ID, text, err)
	}
	return l, nil
}

// near asks the shop and the journal for the order with that id, at the same time.
func (k look) near(ctx context.Context, id string) *Looked {
	l := &Looked{Ref: commerce.Ref{Shop: k.shop.ID, Kind: commerce.KindOrder, ID: id}, Shop: k.shop.Config}
	var both sync.WaitGroup
	both.Go(func() {
		l.ShopErr = k.ask(ctx, func(ctx context.Context) (err error) {
			l.Order, err = k.shop.Orders.Order(ctx, id)
			return err
		})
	})
	both.Go(func() {
		l.JournalErr = k.ask(ctx, func(ctx context.Context) (err error) {
			l.Record, l.Known, err = k.journal.Get(ctx, l.Ref)
			return err
		})
	})
	both.Wait()
	return l
}

// known is the id of the order that the journal knows under a number, for which Odoo may
// have none yet; "": it knows none, or cannot tell.
func (k look) known(ctx context.Context, number string) (id string) {
	_ = k.ask(ctx, func(ctx context.Context) error { // the journal's silence is told beside
		for e, err := range k.journal.Events(ctx, Query{Shop: k.shop.ID, Number: number}) {
			if err != nil {
				return err
			}
			if e.Aggregate.Kind == commerce.KindOrder {
				id = e.Aggregate.ID
				return nil
			}
		}
		return nil
	})
	return id
}

// searched asks the shop for an order of which nothing came in; where it cannot tell, the
// order is not found by its number.
func (k look) searched(ctx context.Context, number string) (ids []string) {
	_ = k.ask(ctx, func(ctx context.Context) (err error) {
		ids, err = searched(ctx, k.shop, number)
		return err
	})
	return ids
}

func idsOf(refs []commerce.Ref) string {
	var all []string
	for _, r := range refs {
		all = append(all, r.ID)
	}
	return strings.Join(all, ", ")
}

// ask gives one side its time.
func (k look) ask(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, k.within)
	defer cancel()
	return do(ctx)
}

// Silent names the sides that did not tell, in one error; nil: all did.
func (l *Looked) Silent() error {
	var silent []string
	for _, side := range []struct {
		name string
		err  error
	}{{"the shop", l.ShopErr}, {"Odoo", l.OdooErr}, {"the journal", l.JournalErr}} {
		if side.err != nil {
			silent = append(silent, side.name)
		}
	}
	if silent == nil {
		return nil
	}
	return errors.New("could not be read: " + strings.Join(silent, ", "))
}

// Differences compare both sides; known is false where one of them is missing.
func (l *Looked) Differences() (all []erp.Difference, known bool) {
	if l.Order == nil || l.OdooErr != nil {
		return nil, false
	}
	return erp.Differences(l.Shop, l.Order, l.Story), true
}

// Explain reads an order, by the shop's id of it, and says what would be written to Odoo
// for it and why; it writes nothing.
func (o *Operator) Explain(ctx context.Context, shop, id string) (erp.Explanation, error) {
	of, err := o.withOrders(shop)
	if err != nil {
		return erp.Explanation{}, err
	}
	if account, ok := strings.CutPrefix(id, commerce.KindCustomer+"/"); ok {
		return erp.Explanation{}, o.notExplained(commerce.Ref{Shop: shop, Kind: commerce.KindCustomer, ID: account})
	}
	order, err := of.Orders.Order(ctx, id)
	if err != nil {
		return erp.Explanation{}, err
	}
	return o.odoo.Explain(ctx, of.Config, order)
}

// notExplained says of an account what tells of it.
func (o *Operator) notExplained(account commerce.Ref) error {
	if err := o.Accounts(account.Shop); err != nil {
		return err
	}
	return &commerce.Error{Op: "explain", Reason: commerce.Invalid, Ref: account, Detail: "that is an account, and orders alone are explained",
		Remedy: pullCommand(account) + " --dry-run says what would be written for it"}
}
