package erp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// bringBack makes the transfers that the plan has goods come back with. One carries
// the external id of what came back, so it is made once; one that waited for it is
// used. The other ones of ours that wait end: Odoo takes what they wait for as back
// already when a line becomes smaller, and would send it once more. Those that are
// still to come are made again by expect.
func (w *writer) bringBack(ctx context.Context, h *standing) error {
	used, smaller := map[*transfer]bool{}, len(w.plan.Lines) > 0
	for _, r := range h.returnings(w.plan.Back) {
		if r.Expected {
			if t := h.waitingFor(w.order.Ref, r); t != nil && !smaller {
				used[t] = true
			}
			continue
		}
		t, err := w.returnTransfer(ctx, h, r)
		if err != nil {
			return err
		}
		used[t] = true
		if err := w.takeIn(ctx, t, r); err != nil {
			return err
		}
	}
	for _, t := range h.waiting() {
		if !used[t] {
			if err := w.do(ctx, "stock.picking", "action_cancel", t.ID); err != nil {
				return err
			}
			t.State = "cancel"
		}
	}
	return nil
}

// deliveredBack brings back what was delivered just now and is back in the shop. A run
// that ends before it is followed by one that plans it, see takebacks.
func (w *writer) deliveredBack(ctx context.Context, order int64, shipped map[string]decimal.Decimal) error {
	b := w.plan.booking
	if len(b.unsettled()) == 0 {
		return nil
	}
	h, err := reader{odoo: w.odoo, settings: w.settings}.withMoves(ctx, order)
	if err != nil {
		return err
	}
	moved := h.goods(w.order)
	b.Due = map[string]decimal.Decimal{}
	for line, n := range b.back() {
		b.Due[line] = moved[line].due(shipped[line], n)
	}
	if w.plan.Back, err = w.takebacks(b, h); err != nil {
		return err
	}
	if err := w.bringBack(ctx, h); err != nil {
		return err
	}
	return w.expect(ctx, h)
}

// expect makes the transfers that wait for goods which are under way.
func (w *writer) expect(ctx context.Context, h *standing) error {
	for _, r := range h.returnings(w.plan.Back) {
		if r.Expected {
			if _, err := w.returnTransfer(ctx, h, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// waiting are the transfers of ours that wait for goods to come back.
func (h *standing) waiting() []*transfer {
	var all []*transfer
	for _, m := range h.Moves {
		t := m.Picking
		if t.Code == "incoming" && strings.HasPrefix(t.XID, module) && t.State != "done" && t.State != "cancel" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// returnTransfer is the transfer for what comes back: one that waits for it, else a
// new one.
func (w *writer) returnTransfer(ctx context.Context, h *standing, r *returning) (*transfer, error) {
	if t := h.waitingFor(w.order.Ref, r); t != nil {
		return t, nil
	}
	prefix := strings.TrimSuffix(returnXID(w.order.Ref, r.Key, r.Delivery.ID, 0), "0")
	ended := map[*transfer]bool{}
	for _, m := range h.Moves {
		if strings.HasPrefix(m.Picking.XID, prefix) {
			ended[m.Picking] = true
		}
	}
	t := &transfer{XID: returnXID(w.order.Ref, r.Key, r.Delivery.ID, len(ended)), Code: "incoming"}
	if err := w.makeReturn(ctx, t, r); err != nil {
		return nil, err
	}
	row, ok, err := w.odoo.Get(ctx, w.query("stock.picking", "name", "state"), t.ID)
	if err != nil || !ok {
		return nil, err
	}
	if t.Name, t.State = row.Str("name"), row.Str("state"); t.State == "draft" {
		err = w.do(ctx, "stock.picking", "action_confirm", t.ID)
	}
	return t, err
}

// waitingFor is the transfer that waits for what comes back, nil for none.
func (h *standing) waitingFor(ref commerce.Ref, r *returning) *transfer {
	prefix := strings.TrimSuffix(returnXID(ref, r.Key, r.Delivery.ID, 0), "0")
	for _, t := range h.waiting() {
		if strings.HasPrefix(t.XID, prefix) && h.covers(t, r) {
			return t
		}
	}
	return nil
}

// covers reports whether a transfer waits for at least what comes back.
func (h *standing) covers(t *transfer, r *returning) bool {
	return !slices.ContainsFunc(r.Moves, func(back returned) bool {
		return !slices.ContainsFunc(h.Moves, func(m move) bool {
			return m.Picking == t && m.Undoes == back.ID && (m.Demand.Equal(back.Back) || !r.Expected && m.Demand.GreaterThan(back.Back)) &&
				(r.Location == 0 || m.To == r.Location)
		})
	})
}

func (w *writer) makeReturn(ctx context.Context, t *transfer, r *returning) error {
	kind, _, err := w.odoo.Get(ctx, w.query("stock.picking.type", "return_picking_type_id"), r.Delivery.Kind)
	if err != nil {
		return err
	}
	back, _ := kind.Ref("return_picking_type_id")
	if back == 0 {
		back = r.Delivery.Kind
	}
	columns := []string{"id", "picking_type_id/.id", "location_id/.id", "location_dest_id/.id", "origin"}
	head := []any{t.XID, ref(back), ref(r.Moves[0].To), ref(r.to(r.Moves[0])), reference(w.order.Ref, w.order.Number)}
	add := func(column string, id int64) {
		if column != "" && id != 0 {
			columns, head = append(columns, column+"/.id"), append(head, ref(id))
		}
	}
	add(w.Names.PickingReturn, r.Delivery.ID)
	for _, c := range []string{"id", "product_id/.id", "product_uom_qty", "product_uom/.id", "location_id/.id", "location_dest_id/.id", "origin_returned_move_id/.id", "sale_line_id/.id", "to_refund"} {
		columns = append(columns, "move_ids/"+c)
	}
	if w.Names.MoveName != "" {
		columns = append(columns, "move_ids/"+w.Names.MoveName)
	}
	if w.Names.MoveGroup != "" {
		columns = append(columns, "move_ids/"+w.Names.MoveGroup+"/.id")
	}
	var rows [][]any
	for _, m := range r.Moves {
		row := append(slices.Clone(head), t.XID+"_"+itoa(m.ID), ref(m.Product), m.Back.String(), ref(m.Unit), ref(m.To), ref(r.to(m)), ref(m.ID), ref(m.Line), "1")
		if w.Names.MoveName != "" {
			row = append(row, reference(w.order.Ref, w.order.Number))
		}
		if w.Names.MoveGroup != "" {
			row = append(row, ref(m.Group))
		}
		rows, head = append(rows, row), make([]any, len(head))
	}
	t.ID, err = w.loadIn(ctx, "stock.picking", columns, rows, onlyNew())
	return err
}

// to is where a move's goods go back to.
func (r *returning) to(m returned) int64 {
	if r.Location != 0 {
		return r.Location
	}
	return m.From
}

// takeIn books that the goods are there. What the transfer waited for beyond that is
// not waited for any more.
func (w *writer) takeIn(ctx context.Context, t *transfer, r *returning) error {
	moves, err := w.moves(ctx, t.ID)
	if err != nil {
		return err
	}
	for _, m := range moves {
		undoes, _ := m.Ref("origin_returned_move_id")
		n := decimal.Zero
		for _, back := range r.Moves {
			if back.ID == undoes {
				n = back.Back
			}
		}
		if ended(m) {
			continue
		}
		if err := w.take(ctx, m, n); err != nil {
			return err
		}
	}
	err = w.doIn(ctx, "stock.picking", "button_validate", t.ID, map[string]any{"skip_backorder": true, "skip_sms": true, "picking_ids_not_to_backorder": []int64{t.ID}})
	if err != nil {
		return err
	}
	row, ok, err := w.odoo.Get(ctx, w.query("stock.picking", "name", "state"), t.ID)
	if err == nil && ok && row.Str("state") != "done" {
		return &commerce.Error{Op: "erp.return", Reason: commerce.Mismatch, Ref: w.order.Ref,
			Detail: fmt.Sprintf("%s brings goods back; it was validated and is %q in Odoo", row.Str("name"), row.Str("state")),
			Remedy: fmt.Sprintf("validate %s in Odoo by hand, then replay the order", row.Str("name"))}
	}
	return err
}
