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
	// Last says that nothing is to be invoiced or credited after it: it comes to what
	// is left to the cent. Part says that only a part of its refund was on invoices.
	Last, Part bool
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
	if over(keep(lines, func(b *billed) bool { return b.Cut.IsPositive() })).IsPositive() || slices.ContainsFunc(p.Invoices, invoice.unpostable) {
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
	for i, n := range notes {
		if n.Last = n.Part && i == len(notes)-1 && even(lines) && !w.pending(); n.Last && i > 0 {
			if p, err = w.namedPapers(ctx, p.ID); err != nil {
				return p, rest, err
			}
		}
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
		slices.ContainsFunc(p.Invoices, func(v invoice) bool { return v.Type == "out_refund" && v.open() || v.unpostable() }))
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
	slices.SortStableFunc(notes, func(a, b creditNote) int { // parts carry the cents of what is left
		switch {
		case a.Part == b.Part:
			return 0
		case b.Part:
			return -1
		}
		return 1
	})
	return notes, nil
}

// even reports whether no line is invoiced too much or too little.
func even(lines []*billed) bool {
	return !slices.ContainsFunc(lines, func(b *billed) bool { return !b.Over.IsZero() || !b.Cut.IsZero() })
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
		if n.Part = n.Part || !ok || t.Part; !ok {
			continue
		}
		it := item{Index: r.Index, Line: t.Line, Text: lineText(entry{Line: t.Line}, false), Taxes: work.levied(t.Line)}
		it.ID = t.Product
		items, takes = append(items, it), append(takes, t)
	}
	if err := missing(w.order.Ref, work.gaps...); err != nil || !givesBack(items, w.order.PricesIncludeTax) {
		return n, false, err
	}
	if n.Rows, n.Want, err = work.noteRows(items, takes); err != nil {
		return n, false, err
	}
	n.Rows = append(n.Rows, w.settleQuantities(takes, w.roundings(lines))...)
	return n, true, nil
}

// givesBack reports whether items come to something: what is kept of a refund whose
// goods are not on invoices is invoiced.
func givesBack(items []item, included bool) bool {
	sum := decimal.Zero
	for _, it := range items {
		sum = sum.Add(it.Line.Total.Amount)
		for _, t := range it.Line.Taxes {
			if !included {
				sum = sum.Add(t.Amount.Amount)
			}
		}
	}
	return len(items) > 0 && !sum.IsNegative()
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
	Part    bool // of what was refunded
}

// takeOf is the part of a row of a refund that is on invoices.
func (w *writer) takeOf(r creditRow, lines []*billed) (take, bool) {
	from := w.linesOf(lines, r.Index)
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
		t.Taxes, t.Part = slices.Clone(t.Taxes), true
		shrink(&t.Line, n)
	}
	return t, true
}
