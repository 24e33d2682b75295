package erp

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// keepBack takes out of the deliveries that wait what came back and is still sold.
// When the quantity of a line is written, Odoo orders anew whatever of it is not with
// the buyer, and would send it once more. A run may end between the two; deliveries that
// people made besides are let be by all others. What a run that broke off had set to leave
// Odoo does not cancel, and a delivery of goods stays that are not sold any more.
func (w *writer) keepBack(ctx context.Context, order int64) error {
	b := w.plan.booking
	unsettled := b.unsettled()
	none := slices.ContainsFunc(w.plan.Lines, func(l line) bool { return l.Quantity.IsZero() })
	if !w.plan.Rewritten || len(unsettled) == 0 && !none && !w.plan.BrokeOff {
		return nil
	}
	h, err := reader{odoo: w.odoo, settings: w.settings}.withMoves(ctx, order)
	if err != nil {
		return err
	}
	unsent := map[string]decimal.Decimal{}
	for line := range unsettled {
		unsent[line] = decimal.Max(decimal.Zero, b.Unsent[line])
	}
	for t, moves := range h.tooMuch(w.order, unsent) {
		if err := w.lower(ctx, h, t, moves); err != nil {
			return err
		}
	}
	return w.cancelEmpty(ctx, h)
}

// cancelEmpty cancels the deliveries that wait and are to send nothing, not even what
// people put there.
func (w *writer) cancelEmpty(ctx context.Context, h *standing) error {
	demand := map[*transfer]decimal.Decimal{}
	for _, m := range h.Moves {
		if m.waits() {
			demand[m.Picking] = demand[m.Picking].Add(m.Demand)
		}
	}
	for t, n := range demand {
		if n.IsPositive() {
			continue
		}
		if theirs, err := w.peopleSend(ctx, t); err != nil {
			return err
		} else if theirs {
			continue
		}
		if err := w.do(ctx, "stock.picking", "action_cancel", t.ID); err != nil {
			return err
		}
	}
	return nil
}

// peopleSend reports whether people put goods into a delivery that waits, beside the
// lines of the order. Where they scan what they take, Odoo demands none of it.
func (w *writer) peopleSend(ctx context.Context, t *transfer) (bool, error) {
	moves, err := w.moves(ctx, t.ID)
	return slices.ContainsFunc(moves, func(m odooclient.Row) bool {
		line, _ := m.Ref("sale_line_id")
		return line == 0 && !ended(m) && (m.Dec("product_uom_qty").IsPositive() || m.Dec("quantity").IsPositive())
	}), err
}

// tooMuch finds the moves that wait to send more of a line than is to be sent, with
// what is left of each, by their delivery. Lines that unsent does not name are let be.
func (h *standing) tooMuch(o *commerce.Order, unsent map[string]decimal.Decimal) map[*transfer][]move {
	all := map[*transfer][]move{}
	for _, m := range h.Moves {
		at := slices.IndexFunc(h.Lines, func(l held) bool { return l.ID == m.Line })
		line, ours := lineOf(o, h.Lines[at].XID)
		if !ours || !m.waits() || m.Product != h.Lines[at].Product {
			continue
		}
		rest, named := unsent[o.Lines[line].ID]
		keep := decimal.Min(rest, m.Demand)
		if named {
			unsent[o.Lines[line].ID] = rest.Sub(keep)
		}
		if named && keep.LessThan(m.Demand) {
			m.Demand = keep
			all[m.Picking] = append(all[m.Picking], m)
		}
	}
	return all
}

// waits reports whether goods are yet to be sent.
func (m move) waits() bool {
	return m.Picking.Code == "outgoing" && !m.done() && m.State != "cancel"
}

// lower brings moves of a delivery down to their demand. One that nothing is left of
// is cancelled.
func (w *writer) lower(ctx context.Context, h *standing, t *transfer, moves []move) error {
	others := slices.ContainsFunc(h.Moves, func(m move) bool {
		return m.Picking == t && m.waits() && !slices.ContainsFunc(moves, func(l move) bool { return l.ID == m.ID })
	})
	if !others && !slices.ContainsFunc(moves, func(m move) bool { return m.Demand.IsPositive() }) {
		if theirs, err := w.peopleSend(ctx, t); err != nil {
			return err
		} else if !theirs {
			return w.do(ctx, "stock.picking", "action_cancel", t.ID)
		}
	}
	for _, m := range moves {
		if _, err := w.loadIn(ctx, "stock.move", []string{".id", "product_uom_qty"}, [][]any{{itoa(m.ID), m.Demand.String()}}, nil); err != nil {
			return err
		}
	}
	return nil
}
