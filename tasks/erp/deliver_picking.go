package erp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// deliverPicking delivers what is due of the picking's moves and leaves the rest
// as a backorder. What is owed is lowered by it.
func (w *writer) deliverPicking(ctx context.Context, picking odooclient.Row, lines []movable, owed map[int64]*due) error {
	moves, err := w.moves(ctx, picking.ID())
	if err != nil {
		return err
	}
	var all departures
	var idle []odooclient.Row
	some := false
	for _, m := range moves {
		d := all.of(m)
		if ended(m) {
			d.left = d.left.Sub(moved(m))
			continue
		}
		n := owed[d.line].of(m)
		if !n.IsPositive() {
			idle = append(idle, m)
			continue
		}
		if err := w.take(ctx, m, n); err != nil {
			return err
		}
		d.due, some = d.due.Add(n.Round(w.Digits.Quantity)), true
	}
	if !some {
		return nil
	}
	if err := w.letStay(ctx, idle, lines); err != nil {
		return err
	}
	if tracking := w.tracking(); tracking != "" && picking.Str("carrier_tracking_ref") == "" {
		if _, err := w.loadIn(ctx, "stock.picking", []string{".id", "carrier_tracking_ref"}, [][]any{{itoa(picking.ID()), tracking}}, nil); err != nil {
			return err
		}
	}
	refused := w.doIn(ctx, "stock.picking", "button_validate", picking.ID(), map[string]any{"skip_backorder": true, "skip_sms": true})
	if refused != nil && odooclient.KindOf(refused) != odooclient.UserError {
		return refused
	}
	return w.departed(ctx, picking, lines, all, refused)
}

// take sets how much of a move is taken. On one that is done Odoo would move the
// difference at once, and so take back what another run, or a person, moved since it
// was read. The unit of measure, which stays as it is, has that refused.
func (w *writer) take(ctx context.Context, m odooclient.Row, n decimal.Decimal) error {
	unit, _ := m.Ref("product_uom")
	_, err := w.loadIn(ctx, "stock.move", []string{".id", "quantity", "picked", "product_uom/.id"}, [][]any{{itoa(m.ID()), n.String(), n.IsPositive(), itoa(unit)}}, nil)
	return err
}

// letStay takes back what of the shop's lines is set to leave and is not due, by a run
// that broke off or by people ahead of the shop: Odoo leaves it set when its line becomes
// smaller, and it would leave with the rest. What people add beside these lines leaves
// with it.
func (w *writer) letStay(ctx context.Context, idle []odooclient.Row, lines []movable) error {
	for _, m := range idle {
		line, _ := m.Ref("sale_line_id")
		ours := slices.ContainsFunc(lines, func(l movable) bool { return l.ID == line })
		if !ours || !m.Bool("picked") {
			continue
		}
		unit, _ := m.Ref("product_uom")
		if _, err := w.loadIn(ctx, "stock.move", []string{".id", "picked", "product_uom/.id"}, [][]any{{itoa(m.ID()), false, itoa(unit)}}, nil); err != nil {
			return err
		}
	}
	return nil
}

// departed sees that what was due went out with a validated picking, and nothing else.
// Others may have changed its moves meanwhile: people, or another run of ours. What
// went out beyond what is due is told now or never, for later runs take it for
// people's work. What somebody validated a moment before us is refused and may be right.
func (w *writer) departed(ctx context.Context, picking odooclient.Row, lines []movable, all departures, refused error) error {
	moves, err := w.moves(ctx, picking.ID())
	if err != nil {
		return err
	}
	open := len(moves) == 0
	for _, m := range moves {
		d := all.of(m)
		d.left, open = d.left.Add(moved(m)), open || !ended(m)
	}
	switch {
	case open && refused != nil:
		return refused
	case open:
		return w.undone(ctx, picking)
	}
	var odd []string
	for _, d := range all {
		ours := slices.ContainsFunc(lines, func(l movable) bool { return l.ID == d.line })
		if due, left := d.due.Round(w.Digits.Quantity), d.left.Round(w.Digits.Quantity); ours && !left.Equal(due) {
			odd = append(odd, fmt.Sprintf("%s of %q were delivered with it and %s had left", left, cleanLine(d.name, shortText), due))
		}
	}
	if len(odd) == 0 {
		return nil
	}
	return &commerce.Error{Op: "erp.deliver", Reason: commerce.Mismatch, Ref: w.order.Ref,
		Detail: fmt.Sprintf("%s was changed in Odoo while it was validated: %s", picking.Str("name"), strings.Join(odd, "; ")),
		Err:    refused,
		Remedy: fmt.Sprintf("see both sides: odoogate order show %[1]s %[2]s; what the shop is yet to ship may stay delivered; return the rest from %[3]s in Odoo, and look again: odoogate pull orders --shop %[1]s --ids %[2]s",
			w.Shop, w.order.Ref.ID, picking.Str("name"))}
}

// undone says that a validated picking is not done; nil where it is.
func (w *writer) undone(ctx context.Context, picking odooclient.Row) error {
	row, ok, err := w.odoo.Get(ctx, w.query("stock.picking", "state"), picking.ID())
	if err == nil && ok && row.Str("state") != "done" {
		return &commerce.Error{Op: "erp.deliver", Reason: commerce.Mismatch, Ref: w.order.Ref,
			Detail: fmt.Sprintf("%s was validated and is %q in Odoo", picking.Str("name"), row.Str("state")),
			Remedy: fmt.Sprintf("validate %s in Odoo by hand and see what holds it back", picking.Str("name"))}
	}
	return err
}

// departure is how many of a product were due to leave for an order line, and left.
type departure struct {
	line, product int64
	name          string
	due, left     decimal.Decimal
}

// departures are those of one picking. Moves of one line and product are one: Odoo
// splits and merges them.
type departures []*departure

func (all *departures) of(m odooclient.Row) *departure {
	line, _ := m.Ref("sale_line_id")
	product, name := m.Ref("product_id")
	for _, d := range *all {
		if d.line == line && d.product == product {
			return d
		}
	}
	d := &departure{line: line, product: product, name: name}
	*all = append(*all, d)
	return d
}

func ended(m odooclient.Row) bool { return m.Str("state") == "done" || m.Str("state") == "cancel" }

// moved is how much a move took out.
func moved(m odooclient.Row) decimal.Decimal {
	if m.Str("state") != "done" {
		return decimal.Zero
	}
	return m.Dec("quantity")
}

func (w *writer) moves(ctx context.Context, picking int64) ([]odooclient.Row, error) {
	return w.odoo.Find(ctx, odooclient.Query{Model: "stock.move", Field: "picking_id", Context: w.context(),
		Fields: []string{"state", "picked", "sale_line_id", "product_id", "product_uom", "product_uom_qty", "quantity", "to_refund", "origin_returned_move_id"}}, itoa(picking))
}

// tracking is every tracking number of the order's shipments.
func (w *writer) tracking() string {
	var all []string
	for _, s := range w.order.Shipments {
		for _, t := range s.Tracking {
			if t = printable(t); t != "" && !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return strings.Join(all, ", ")
}
