package erp

import (
	"context"

	"github.com/odoogate/odoogate/odooclient"
)

// load writes the order. Without a zone in the context load takes dates for those
// of the zone that Odoo's user has set.
func (w *writer) load(ctx context.Context, columns []string, rows [][]any) (int64, error) {
	return w.loadIn(ctx, "sale.order", columns, rows, map[string]any{"tz": "UTC"})
}

func (w *writer) loadIn(ctx context.Context, model string, columns []string, rows [][]any, more map[string]any) (int64, error) {
	c, err := w.next(ctx, more)
	if err != nil {
		return 0, err
	}
	return w.odoo.Load(ctx, odooclient.Shape{Model: model, Fields: columns, Context: c}, rows)
}

func (w *writer) do(ctx context.Context, model, method string, id int64) error {
	return w.doIn(ctx, model, method, id, nil)
}

func (w *writer) doIn(ctx context.Context, model, method string, id int64, more map[string]any) error {
	c, err := w.next(ctx, more)
	if err != nil {
		return err
	}
	return w.odoo.Do(ctx, odooclient.Action{Model: model, Method: method, Context: c, Alone: booksStock(method)}, id)
}

// booksStock reports whether a method reserves or moves goods.
func booksStock(method string) bool {
	switch method {
	case "action_confirm", "button_validate", "do_unreserve", "action_assign":
		return true
	}
	return false
}

// next asks whether this run may still write, counts the write and gives its context.
func (w *writer) next(ctx context.Context, more map[string]any) (map[string]any, error) {
	if err := w.still(ctx); err != nil {
		return nil, &stopped{err}
	}
	if begins := w.begins; begins != nil {
		if err := begins(ctx); err != nil {
			return nil, &stopped{err}
		}
		w.begins = nil
	}
	if w.writes.Add(1) == 1 {
		w.written = w.now()
	}
	c := w.context()
	for k, v := range more {
		c[k] = v
	}
	return c, nil
}
