package erp

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// creditNote is a credit note to be made.
type creditNote struct {
	XID   string
	Why   string // for its reference
	At    time.Time
	Rows  []noteRow
	Want  totals
	Check bool // its amounts are known before it is made
	// Remainder says that no refund is behind it.
	Remainder bool
}

// noteRow is one row of a credit note, and the order line that it takes off from; 0: none.
type noteRow struct {
	Product int64
	Name    string
	row
	Taxes []int64
	Line  int64
}

// credits makes a credit note for every refund of what is on a posted invoice, and
// one for what else the order has less of than its invoices. What is not invoiced
// yet needs none: the invoice will be without it.
func (w *writer) credits(ctx context.Context, p *papers) (_ *papers, rest remains, err error) {
	if !w.creditable(p) {
		return p, rest, nil
	}
	if p, err = w.dropNotes(ctx, p); err != nil {
		return p, rest, err
	}
	lines, err := w.billedLines(ctx, p)
	if err != nil {
		return p, rest, err
	}
	if over(keep(lines, func(b *billed) bool { return b.Over.IsPositive() })).IsPositive() {
		was := len(p.Invoices)
		if p, err = w.dropDrafts(ctx, p); err != nil {
			return p, rest, err
		}
		if len(p.Invoices) != was {
			if lines, err = w.billedLines(ctx, p); err != nil {
				return p, rest, err
			}
		}
	}
	if !p.posted() {
		return p, rest, nil
	}
	notes, err := w.notesOf(p, lines)
	if err != nil {
		return p, rest, err
	}
	for _, n := range notes {
		if err := w.creditWith(ctx, p, n, &rest); err != nil {
			return p, rest, err
		}
	}
	if len(notes) > 0 {
		if p, err = w.namedPapers(ctx, p.ID); err != nil {
			return p, rest, err
		}
	}
	if w.pending() { // what is refunded is not to be credited as a correction
		return p, rest, nil
	}
	if n, ok := w.remainder(p, lines); ok {
		if err := w.creditWith(ctx, p, n, &rest); err != nil {
			return p, rest, err
		}
		p, err = w.papers(ctx, p.ID)
	}
	return p, rest, err
}

// pending reports whether money of a refund is under way.
func (w *writer) pending() bool {
	return slices.ContainsFunc(w.plan.booking.Credits, func(c credit) bool { return c.Pending.Amount.IsPositive() })
}

// creditable reports whether there may be something to credit.
func (w *writer) creditable(p *papers) bool {
	return len(p.Invoices) > 0 && (len(w.plan.booking.Credits) > 0 || w.order.Cancelled() || p.Status == "to invoice" ||
		slices.ContainsFunc(p.Invoices, func(v invoice) bool { return v.Type == "out_refund" && v.open() }))
}

// namedPapers reads the order's documents, and the external ids of its credit notes.
func (w *writer) namedPapers(ctx context.Context, id int64) (*papers, error) {
	p, err := w.papers(ctx, id)
	if err != nil {
		return p, err
	}
	return p, each(ctx, p.Invoices, func(ctx context.Context, i int) (err error) {
		if p.Invoices[i].Type == "out_refund" {
			p.Invoices[i].XID, err = w.odoo.ExternalID(ctx, "account.move", p.Invoices[i].ID)
		}
		return err
	})
}

// notesOf are the credit notes that refunds need yet, oldest first. What is invoiced
// too much is of the last ones: a refund from before the invoice needs none.
func (w *writer) notesOf(p *papers, lines []*billed) (notes []creditNote, err error) {
	for _, c := range slices.Backward(w.plan.booking.Credits) {
		n, ok, err := w.noteOf(p, c, lines)
		if err != nil {
			return nil, err
		}
		if ok {
			notes = append(notes, n)
		}
	}
	slices.Reverse(notes)
	return notes, nil
}

// noteOf is the credit note for one refund; ok is false where there is nothing to
// credit, or it is there and posted.
func (w *writer) noteOf(p *papers, c credit, lines []*billed) (n creditNote, ok bool, err error) {
	n = creditNote{XID: refundXID(w.order.Ref, c.ID), Why: c.ID, At: c.At, Check: true}
	if there := p.credit(n.XID); there != nil || c.Pending.Amount.IsPositive() {
		return n, false, nil
	}
	work := wanting{settings: w.settings, order: w.order, products: w.plan.products}
	var g *gap
	if work.grid, g = w.gridOf(w.order.Currency); g != nil {
		return n, false, missing(w.order.Ref, *g)
	}
	var items []item
	var takes []take
	for _, r := range c.Rows {
		t, ok := w.takeOf(r, lines)
		if !ok {
			continue
		}
		it := item{Index: r.Index, Line: t.Line, Text: lineText(entry{Line: t.Line}, false), Taxes: work.levied(t.Line)}
		it.ID = t.Product
		items, takes = append(items, it), append(takes, t)
	}
	if err := missing(w.order.Ref, work.gaps...); err != nil || len(items) == 0 {
		return n, false, err
	}
	if n.Rows, n.Want, err = work.noteRows(items, takes); err != nil {
		return n, false, err
	}
	n.Rows = append(n.Rows, w.settleQuantities(takes, w.roundings(lines))...)
	return n, true, nil
}

// credit is the order's credit note with that external id, nil for none.
func (p *papers) credit(xid string) *invoice {
	at := slices.IndexFunc(p.Invoices, func(v invoice) bool { return v.XID == xid })
	if at < 0 {
		return nil
	}
	return &p.Invoices[at]
}

// take is what a credit takes off from order lines.
type take struct {
	commerce.Line
	Product int64
	From    []*billed
}

// takeOf is the part of a row of a refund that is on invoices.
func (w *writer) takeOf(r creditRow, lines []*billed) (take, bool) {
	from := w.linesOf(lines, r.Index)
	if len(from) == 0 && r.Of >= 0 { // a cancelled order got no lines for what was given back
		from = w.linesOf(lines, r.Of)
	}
	if len(from) == 0 {
		return take{}, false
	}
	t := take{Line: r.Line, Product: from[0].Product, From: from}
	if r.Of >= 0 {
		if of := w.linesOf(lines, r.Of); len(of) > 0 {
			t.Product = of[0].Product
		}
	}
	n := over(from)
	switch {
	case n.Sign() != r.Quantity.Sign():
		return t, false
	case n.Abs().LessThan(r.Quantity.Abs()):
		t.Taxes = slices.Clone(t.Taxes)
		shrink(&t.Line, n)
	}
	return t, true
}

// noteRows gives the parts of a credit rows of which Odoo makes the refund's amounts,
// each with the order line that it takes off from.
func (w *wanting) noteRows(items []item, takes []take) ([]noteRow, totals, error) {
	o := *w.order
	o.Total, o.TotalTax, o.Taxes = commerce.Money{Currency: o.Currency}, commerce.Money{Currency: o.Currency}, nil
	o.Lines = nil
	for _, it := range items {
		o.Lines = append(o.Lines, it.Line)
	}
	total, tax := lineSums(&o)
	o.Total.Amount, o.TotalTax.Amount = total, tax
	part := *w
	part.order = &o
	want, err := part.amounts(items)
	if err != nil {
		return nil, want, err
	}
	found, rounding, err := part.solve(items, want)
	if err != nil {
		return nil, want, err
	}
	var rows []noteRow
	for i, it := range items {
		for _, r := range found.Lines[i].Rows {
			n := noteRow{Product: it.ID, Name: it.Text, row: row{r.Quantity, r.Price, r.Discount}, Taxes: taxIDs(r)}
			n.Line = takes[i].link(r.Quantity)
			rows = append(rows, n)
		}
	}
	for _, r := range extra(found) {
		rows = append(rows, noteRow{Product: rounding.ID, Name: roundingText, row: row{r.Quantity, r.Price, r.Discount}, Taxes: taxIDs(r)})
	}
	return rows, want, nil
}

// link is the order line that a row of so much takes off from.
func (t take) link(n decimal.Decimal) int64 {
	at := slices.IndexFunc(t.From, func(b *billed) bool { return b.Over.Sign() == n.Sign() && b.Over.Abs().GreaterThanOrEqual(n.Abs()) })
	if at < 0 {
		at = slices.IndexFunc(t.From, func(b *billed) bool { return b.Over.Sign() == n.Sign() })
	}
	at = max(at, 0)
	t.From[at].Over = t.From[at].Over.Sub(n)
	return t.From[at].ID
}

// settleQuantities are rows without a price: where a line of the shop stands on
// several rows, and on rows for rounding, they make the invoiced quantities those of
// the order.
func (w *writer) settleQuantities(takes []take, roundings []*billed) []noteRow {
	var rows []noteRow
	free := func(b *billed, n decimal.Decimal) {
		if !n.IsZero() {
			rows = append(rows, noteRow{Product: b.Product, Name: b.Name, row: row{Quantity: n}, Line: b.ID})
			b.Over = b.Over.Sub(n)
		}
	}
	for _, b := range roundings {
		free(b, b.Over)
	}
	for _, t := range takes {
		for _, low := range t.From {
			if low.Over.Sign() != -t.Quantity.Sign() {
				continue
			}
			for _, high := range t.From {
				if high.Over.Sign() == t.Quantity.Sign() && !low.Over.IsZero() {
					n := high.Over
					if n.Abs().GreaterThan(low.Over.Abs()) {
						n = low.Over.Neg()
					}
					free(high, n)
					free(low, n.Neg())
				}
			}
		}
	}
	return rows
}

// remainder is the credit note for what the order has less of than its invoices and
// no refund tells: it was taken out of the order, or the order was cancelled. Its
// rows are those of the order.
func (w *writer) remainder(p *papers, lines []*billed) (n creditNote, ok bool) {
	posted := 0
	net, tax := decimal.Zero, decimal.Zero
	for _, v := range p.Invoices {
		if v.State == "posted" {
			posted++
			net, tax = net.Add(v.signed(v.Total)), tax.Add(v.signed(v.Tax))
		}
	}
	n = creditNote{XID: settledXID(w.order.Ref, posted), Why: "correction", At: w.order.UpdatedAt, Check: true, Remainder: true}
	for _, b := range lines {
		switch {
		case b.Over.IsPositive() || p.State == "cancel" && !b.Over.IsZero():
			n.Rows = append(n.Rows, noteRow{Product: b.Product, Name: b.Name, row: row{b.Over, b.Price, b.Discount}, Taxes: b.Taxes, Line: b.ID})
		case !b.Over.IsZero(): // an invoice comes after it, and then all of them are compared
			n.Check = false
		}
	}
	n.Want.Total, n.Want.Tax = net.Sub(w.plan.Want.Total), tax.Sub(w.plan.Want.Tax)
	if p.State != "cancel" {
		return n, len(n.Rows) > 0
	}
	n.Want.Total, n.Want.Tax = net, tax
	return n, len(n.Rows) > 0 && !(net.IsZero() && tax.IsZero())
}
