package main

import (
	"context"
	"errors"
	"time"

	"github.com/odoogate/odoogate/handlers"
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
	rdb, err := tasks.OpenDesk(cfg.Redis)
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

// ask gives one side its time.
func (d *orderDesk) ask(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d.within)
	defer cancel()
	return do(ctx)
}
