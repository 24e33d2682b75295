package erp

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// deliver makes Odoo's deliveries say what has left already: before the order came
// in, at a till, or from a marketplace's warehouse. What is delivered in Odoo by
// then is not delivered again: only the difference is. What came back and was
// refunded is no longer sold and does not leave; what came back and is still sold
// leaves, and is brought back: its delivery would wait to be sent once more.
func (w *writer) deliver(ctx context.Context, p *papers) (did bool, err error) {
	shipped := w.shipped()
	if len(shipped) == 0 || len(p.Pickings) == 0 {
		return false, nil
	}
	lines, err := w.movable(ctx, p.ID)
	if err != nil {
		return false, err
	}
	owed := w.owed(lines, shipped, w.plan.booking.Settled)
	if len(owed) == 0 {
		return false, nil
	}
	back, err := w.broughtBack(ctx, lines, owed)
	if err != nil {
		return false, err
	}
	if owed = w.owed(lines, shipped, back); len(owed) == 0 {
		return false, nil
	}
	pickings := make([]odooclient.Row, len(p.Pickings))
	err = each(ctx, p.Pickings, func(ctx context.Context, i int) (err error) {
		pickings[i], _, err = w.odoo.Get(ctx, w.query("stock.picking", "name", "state", "picking_type_code", "carrier_tracking_ref"), p.Pickings[i])
		return err
	})
	if err != nil {
		return false, err
	}
	for _, picking := range pickings {
		if picking.Str("picking_type_code") == "incoming" || ended(picking) || picking.ID() == 0 {
			continue
		}
		if picking.Str("picking_type_code") != "outgoing" {
			return false, &commerce.Error{Op: "erp.deliver", Reason: commerce.Mismatch, Ref: w.order.Ref,
				Detail: fmt.Sprintf("goods of %s have left, and Odoo's warehouse delivers in several steps (%s)", p.Name, picking.Str("name")),
				Remedy: "validate the transfers of the order in Odoo by hand, or give such orders a warehouse that delivers in one step"}
		}
		if err := w.deliverPicking(ctx, picking, lines, owed); err != nil {
			return false, err
		}
	}
	return true, w.deliveredBack(ctx, p.ID, shipped)
}

// shipped is how much of each of the shop's lines has left. Shops ship the parts of
// a bundle; of one that is a kit in Odoo, those that are complete count.
func (w *writer) shipped() map[string]decimal.Decimal {
	all := w.order.Shipped()
	if w.Books.Products.Bundles != bundleKit {
		return all
	}
	bundles, _ := bundlesOf(w.order)
	for _, b := range bundles {
		kit := w.order.Lines[b.parent]
		complete := kit.Quantity
		for _, i := range b.parts {
			if part := w.order.Lines[i]; part.Quantity.IsPositive() {
				complete = decimal.Min(complete, all[part.ID].Mul(kit.Quantity).DivRound(part.Quantity, 6).Floor())
			}
		}
		if len(b.parts) > 0 {
			all[kit.ID] = decimal.Max(all[kit.ID], complete)
		}
	}
	return all
}

// due is what is to be delivered yet of an order line, of all that is open.
type due struct {
	Rest, Open decimal.Decimal
	Product    int64
}

// of is how much of a move is due. Moves of other products than the line's are the
// parts of a kit: of each goes the share that is due of the kits.
func (d *due) of(m odooclient.Row) decimal.Decimal {
	demand := m.Dec("product_uom_qty")
	if d == nil {
		return decimal.Zero
	}
	if product, _ := m.Ref("product_id"); product == d.Product {
		n := decimal.Max(decimal.Zero, decimal.Min(d.Rest, demand))
		d.Rest = d.Rest.Sub(n)
		return n
	}
	return decimal.Max(decimal.Zero, demand.Mul(d.Rest).DivRound(d.Open, 6))
}

// owed is what is due of each order line: what left, less what came back of it. Rows
// that one line of the shop was split into share its shipments.
func (w *writer) owed(lines []movable, shipped, back map[string]decimal.Decimal) map[int64]*due {
	left := map[string]decimal.Decimal{}
	for line, n := range shipped {
		left[line] = n.Sub(back[line])
	}
	for _, l := range lines {
		left[l.shopLine] = left[l.shopLine].Sub(l.delivered)
	}
	all := map[int64]*due{}
	for _, l := range lines {
		open := l.Quantity.Sub(l.delivered)
		if rest := decimal.Min(left[l.shopLine], open); rest.IsPositive() {
			left[l.shopLine] = left[l.shopLine].Sub(rest)
			all[l.ID] = &due{Rest: rest, Open: open, Product: l.product}
		}
	}
	return all
}

// back is how much of each line is back in the shop.
func (b booking) back() map[string]decimal.Decimal {
	all := map[string]decimal.Decimal{}
	for _, c := range b.Back {
		all[c.LineID] = all[c.LineID].Add(c.Quantity)
	}
	return all
}

// unsettled is how much of each line is back in the shop and still sold.
func (b booking) unsettled() map[string]decimal.Decimal {
	all := map[string]decimal.Decimal{}
	for line, n := range b.back() {
		if n = n.Sub(b.Settled[line]); n.IsPositive() {
			all[line] = n
		}
	}
	return all
}

// broughtBack is how much of each of the shop's lines that is owed came back and was
// refunded or, if that is more, is back in Odoo.
func (w *writer) broughtBack(ctx context.Context, lines []movable, owed map[int64]*due) (map[string]decimal.Decimal, error) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l movable) bool { return owed[l.ID] == nil })
	there := make([]decimal.Decimal, len(lines))
	err := each(ctx, lines, func(ctx context.Context, i int) error {
		moves, err := w.odoo.Find(ctx, odooclient.Query{Model: "stock.move", Field: "sale_line_id", Context: w.context(),
			Fields: []string{"state", "product_id", "quantity", "to_refund", "origin_returned_move_id"}}, itoa(lines[i].ID))
		for _, m := range moves {
			product, _ := m.Ref("product_id")
			undoes, _ := m.Ref("origin_returned_move_id")
			if undoes != 0 && product == lines[i].product && m.Str("state") == "done" && m.Bool("to_refund") {
				there[i] = there[i].Add(m.Dec("quantity"))
			}
		}
		return err
	})
	back, inOdoo := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	maps.Copy(back, w.plan.booking.Settled)
	for i, l := range lines {
		inOdoo[l.shopLine] = inOdoo[l.shopLine].Add(there[i])
	}
	for line, n := range inOdoo {
		back[line] = decimal.Max(back[line], n)
	}
	return back, err
}

// movable is an order line with what was delivered of it.
type movable struct {
	ID, product         int64
	shopLine            string // the id of the shop's line
	Quantity, delivered decimal.Decimal
}

// movable reads the order's own lines in their order.
func (w *writer) movable(ctx context.Context, order int64) ([]movable, error) {
	rows, err := w.odoo.Find(ctx, odooclient.Query{Model: "sale.order.line", Field: "order_id", Context: w.context(),
		Fields: []string{"sequence", "product_id", "product_uom_qty", "qty_delivered", "display_type"}}, itoa(order))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b odooclient.Row) int { return int(a.Int("sequence") - b.Int("sequence")) })
	names := make([]string, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) (err error) {
		names[i], err = w.odoo.ExternalID(ctx, "sale.order.line", rows[i].ID())
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []movable
	for i, row := range rows {
		if at, ok := lineOf(w.order, names[i]); ok {
			product, _ := row.Ref("product_id")
			all = append(all, movable{ID: row.ID(), product: product, shopLine: w.order.Lines[at].ID, Quantity: row.Dec("product_uom_qty"), delivered: row.Dec("qty_delivered")})
		}
	}
	return all, nil
}
