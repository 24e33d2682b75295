package erp

import (
	"context"
	"slices"

	"github.com/odoogate/odoogate/odooclient"
)

// relocate moves what the order still has to deliver from the warehouse's stock to
// the configured place. A picking that people moved elsewhere stays there. Moving
// leaves what is reserved where it was (measured on 17), hence the order of calls.
func (w *writer) relocate(ctx context.Context, order int64) error {
	at := w.plan.Relocate
	if at == nil {
		return nil
	}
	const model = "stock.picking"
	rows, err := w.odoo.Find(ctx, odooclient.Query{Model: model, Field: "sale_id", Fields: []string{"state", "location_id"}, Context: w.context()}, itoa(order))
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r odooclient.Row) bool {
		from, _ := r.Ref("location_id")
		return from != at.Stock || r.Str("state") == "done" || r.Str("state") == "cancel"
	})
	return each(ctx, rows, func(ctx context.Context, i int) error {
		id := rows[i].ID()
		if err := w.do(ctx, model, "do_unreserve", id); err != nil {
			return err
		}
		if _, err := w.loadIn(ctx, model, []string{".id", "location_id/.id"}, [][]any{{itoa(id), ref(at.Location)}}, nil); err != nil {
			return err
		}
		return w.do(ctx, model, "action_assign", id)
	})
}
