package main

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
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

// orderDesk is what one looks at single orders with: their shop, Odoo and the journal.
// Nothing is connected before it is asked.
type orderDesk struct {
	shop     *handlers.Shop
	books    *erp.Books
	journal  *tasks.Journal
	queue    *tasks.Queue
	operator *tasks.Operator
	within   time.Duration // how long each side may take
	close    func() error
}

func (p process) openDesk(opt deskOptions, id string) (*orderDesk, error) {
	cfg, shop, shut, err := p.openShop(opt.config, id)
	if err != nil {
		return nil, err
	}
	rdb, err := tasks.OpenWork(cfg.Redis)
	if err != nil {
		return nil, errors.Join(err, shut())
	}
	odoo := odooclient.New(cfg.Odoo, odooclient.Options{})
	books := erp.New(odoo, erp.Options{Ties: p.tiesIfAny(tasks.NewTies(rdb))})
	return &orderDesk{shop: shop, books: books, journal: tasks.NewJournal(rdb), queue: tasks.NewQueue(rdb, 0), within: opt.timeout,
		operator: tasks.NewOperator(tasks.OperatorOptions{Redis: rdb, Shops: map[string]*handlers.Shop{id: shop}, Books: books,
			Lookback: cfg.Worker.Lookback, Who: p.who()}),
		close: func() error { odoo.Close(); return errors.Join(rdb.Close(), shut()) }}, nil
}

// looked is one order as each side tells it, or why a side does not.
type looked struct {
	ref   commerce.Ref
	order *commerce.Order
	rec   tasks.Record
	known bool // the journal has an entry
	story erp.Story

	shopErr, journalErr, odooErr error
}

// look reads an order from all sides. text is the shop's id of it, or else its
// number as Odoo knows it. What a side cannot tell is part of the answer; the error
// says that no side has such an order, or that several have the number.
func (d *orderDesk) look(ctx context.Context, text string) (*looked, error) {
	l := d.near(ctx, text)
	if l.order == nil && !l.known {
		refs, err := d.numbered(ctx, text)
		switch {
		case len(refs) > 1:
			return nil, fmt.Errorf("several orders of shop %s have the number %s in Odoo; name one by its id: %s", d.shop.ID, text, ids(refs))
		case len(refs) == 1:
			l = d.near(ctx, refs[0].ID)
		case len(refs) == 0 && d.known(ctx, text, &l):
		case err != nil && commerce.ReasonOf(l.shopErr) == commerce.NotFound:
			return nil, fmt.Errorf("shop %s has no order with the id %s, and Odoo could not tell whether it is the number of one: %w", d.shop.ID, text, err)
		}
	}
	number := ""
	if l.order != nil {
		number = l.order.Number
	}
	l.odooErr = d.ask(ctx, func(ctx context.Context) (err error) {
		l.story, err = d.books.Story(ctx, d.shop.Config, l.ref, number)
		return err
	})
	nowhere := l.story.Order == nil && l.story.Foreign == "" && l.odooErr == nil && !l.known
	if nowhere && commerce.ReasonOf(l.shopErr) == commerce.NotFound {
		return nil, fmt.Errorf("neither shop %s nor Odoo has an order with the id or number %s", d.shop.ID, text)
	}
	return l, nil
}

// near asks the shop and the journal for the order with that id, at the same time.
func (d *orderDesk) near(ctx context.Context, id string) *looked {
	l := &looked{ref: commerce.Ref{Shop: d.shop.ID, Kind: commerce.KindOrder, ID: id}}
	var both sync.WaitGroup
	both.Go(func() {
		l.shopErr = d.ask(ctx, func(ctx context.Context) (err error) {
			l.order, err = d.shop.Orders.Order(ctx, id)
			return err
		})
	})
	both.Go(func() {
		l.journalErr = d.ask(ctx, func(ctx context.Context) (err error) {
			l.rec, l.known, err = d.journal.Get(ctx, l.ref)
			return err
		})
	})
	both.Wait()
	return l
}

// numbered are the orders that Odoo knows by a number.
func (d *orderDesk) numbered(ctx context.Context, number string) (refs []commerce.Ref, err error) {
	err = d.ask(ctx, func(ctx context.Context) (err error) {
		refs, err = d.books.Numbered(ctx, d.shop.Config, number)
		return err
	})
	return refs, err
}

// known looks an order up by the number under which the journal knows it: Odoo may have
// none yet.
func (d *orderDesk) known(ctx context.Context, number string, l **looked) bool {
	var ref commerce.Ref
	err := d.ask(ctx, func(ctx context.Context) error {
		for e, err := range d.journal.Events(ctx, tasks.Query{Shop: d.shop.ID, Number: number}) {
			if err != nil {
				return err
			}
			if ref = e.Aggregate; ref.Kind == commerce.KindOrder {
				return nil
			}
		}
		return nil
	})
	if err != nil || ref.Kind != commerce.KindOrder {
		return false
	}
	*l = d.near(ctx, ref.ID)
	return true
}

func ids(refs []commerce.Ref) string {
	var all []string
	for _, r := range refs {
		all = append(all, r.ID)
	}
	return strings.Join(all, ", ")
}

// ask gives one side its time.
func (d *orderDesk) ask(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d.within)
	defer cancel()
	return do(ctx)
}

// away names the sides that did not tell, in one error; nil: all did.
func (l *looked) away() error {
	var silent []string
	for _, side := range []struct {
		name string
		err  error
	}{{"the shop", l.shopErr}, {"Odoo", l.odooErr}, {"the journal", l.journalErr}} {
		if side.err != nil {
			silent = append(silent, side.name)
		}
	}
	if silent == nil {
		return nil
	}
	return errors.New("could not be read: " + strings.Join(silent, ", "))
}

// differences compare both sides; known is false where one of them is missing.
func (l *looked) differences(shop config.Shop) (all []erp.Difference, known bool) {
	if l.order == nil || l.odooErr != nil {
		return nil, false
	}
	return erp.Differences(shop, l.order, l.story), true
}
