package erp

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// billed is an order line as it stands, with how much of it is on invoices, credit
// notes taken off.
type billed struct {
	held
	// Over is how much is on invoices beyond what is to be: beyond what the order has,
	// or of products that are invoiced once they are delivered, beyond that. Negative:
	// it is not invoiced yet. Cut is the same, beyond what the order has.
	Over, Cut decimal.Decimal
}

// take takes so much off.
func (b *billed) take(n decimal.Decimal) { b.Over, b.Cut = b.Over.Sub(n), b.Cut.Sub(n) }

// billedLines reads the order's own lines.
func (w *writer) billedLines(ctx context.Context, p *papers) ([]*billed, error) {
	r := reader{odoo: w.odoo, settings: w.settings}
	lines, err := r.lines(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	err = each(ctx, lines, func(ctx context.Context, i int) (err error) {
		lines[i].XID, err = w.odoo.ExternalID(ctx, "sale.order.line", lines[i].ID)
		return err
	})
	var all []*billed
	for _, l := range lines {
		if !strings.HasPrefix(l.XID, module) {
			continue
		}
		b := &billed{held: l, Over: l.ToInvoice.Neg(), Cut: l.Invoiced.Sub(l.Quantity)}
		if p.State == "cancel" { // then Odoo reckons nothing
			b.Over = b.Cut
		}
		all = append(all, b)
	}
	return all, err
}

// linesOf are those of the rows that stand for one line of the booking.
func (w *writer) linesOf(all []*billed, index int) []*billed {
	return keep(all, func(b *billed) bool { return standsFor(w.order, index, b.XID) })
}

// roundings are those on the rounding product.
func (w *writer) roundings(all []*billed) []*billed {
	prefix := strings.TrimSuffix(roundingXID(w.order.Ref, 0), "0")
	return keep(all, func(b *billed) bool { return strings.HasPrefix(b.XID, prefix) })
}

func keep(all []*billed, ok func(*billed) bool) []*billed {
	return slices.DeleteFunc(slices.Clone(all), func(b *billed) bool { return !ok(b) })
}

// over is how much of the rows is on invoices beyond what the order has.
func over(all []*billed) decimal.Decimal {
	sum := decimal.Zero
	for _, b := range all {
		sum = sum.Add(b.Over)
	}
	return sum
}

// dropDrafts removes draft invoices that no longer say what the order does, so that
// they are made anew. One that people touched is theirs.
func (w *writer) dropDrafts(ctx context.Context, p *papers) (*papers, error) {
	var open []invoice
	for _, v := range p.Invoices {
		if v.open() && v.Type == "out_invoice" {
			open = append(open, v)
		}
	}
	if len(open) == 0 {
		return p, nil
	}
	for _, v := range open {
		ours, err := w.untouched(ctx, v)
		if err != nil {
			return p, err
		}
		if !ours {
			return p, diverged(w.order.Ref, "the order changed in the shop, and somebody changed its draft invoice in Odoo ("+p.Name+")",
				"delete that draft in Odoo, or correct and post it, then replay the order")
		}
		if err := w.unlinkMove(ctx, v.ID); err != nil {
			return p, err
		}
	}
	return w.namedPapers(ctx, p.ID)
}

// untouched reports whether nobody but us wrote to a document since it was made.
func (w *writer) untouched(ctx context.Context, v invoice) (bool, error) {
	uid, err := w.odoo.UID(ctx)
	return v.Writer == uid, err
}
