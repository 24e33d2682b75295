package erp

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// creditWith makes a credit note, compares it with what it is to be, and posts it as
// far as the workflow goes.
func (w *writer) creditWith(ctx context.Context, p *papers, n creditNote, rest *remains) error {
	if p.credit(n.XID) != nil {
		return nil
	}
	if n.Last {
		want, err := w.rest(ctx, p, 0)
		if err != nil {
			return err
		}
		n.Want, n.Check = want.negated(), true
		if n.Want.Total.IsZero() && n.Want.Tax.IsZero() { // only quantities are to be settled
			n.Want.byTax = nil
			for i := range n.Rows {
				n.Rows[i].row, n.Rows[i].Taxes = row{Quantity: n.Rows[i].Quantity}, nil
			}
		}
	}
	day, moved := w.openDay(n.At)
	id, err := w.loadNote(ctx, p, n, day)
	if err != nil {
		return err
	}
	made, err := w.readInvoice(ctx, id)
	switch {
	case err != nil:
		return err
	case made.State == "cancel":
		rest.Notices = append(rest.Notices, "a credit note of "+p.Name+" was cancelled in Odoo, and none is made again")
		return nil
	case made.State == "posted":
		return nil
	case n.Check:
		if err := w.noteFits(ctx, p, n, made); err != nil {
			return err
		}
	}
	if moved {
		rest.Notices = append(rest.Notices, "credited on "+day.Format(time.DateOnly)+", the first day after the locked period, and not on the day of the refund")
	}
	if !w.Flow.Posts() {
		return nil
	}
	return w.postAlone(ctx, id)
}

// postAlone posts a credit note in a call of its own: of several at once Odoo
// matches some with the invoices of others.
func (w *writer) postAlone(ctx context.Context, id int64) error {
	c, err := w.next(ctx, nil)
	if err != nil {
		return err
	}
	err = w.odoo.Call(ctx, odooclient.Request{Model: "account.move", Method: "action_post", IDs: []int64{id}, Context: c}, nil)
	return w.posted(ctx, "account.move", id, err)
}

// dropNotes removes draft credit notes of ours that a run left behind, so that they
// are made anew, and names the others. One that people touched is theirs.
func (w *writer) dropNotes(ctx context.Context, p *papers) (*papers, error) {
	p, err := w.namedPapers(ctx, p.ID)
	if err != nil || !w.Flow.Posts() {
		return p, err
	}
	dropped := false
	for _, v := range p.Invoices {
		if v.Type != "out_refund" || !v.open() || !strings.HasPrefix(v.XID, module) {
			continue
		}
		ours, err := w.untouched(ctx, v)
		if err != nil {
			return p, err
		}
		if !ours {
			return p, diverged(w.order.Ref, "somebody changed a draft credit note of "+p.Name+" in Odoo", "post that draft in Odoo, or delete it, then replay the order")
		}
		if err := w.unlinkMove(ctx, v.ID); err != nil {
			return p, err
		}
		dropped = true
	}
	if !dropped {
		return p, nil
	}
	return w.namedPapers(ctx, p.ID)
}

// unlinkMove removes a draft, which somebody may have done a moment before us.
func (w *writer) unlinkMove(ctx context.Context, id int64) error {
	err := w.do(ctx, "account.move", "unlink", id)
	if odooclient.KindOf(err) == odooclient.MissingRecord {
		return nil
	}
	return err
}

// loadNote writes the credit note. Its external id makes it once, whatever happens.
func (w *writer) loadNote(ctx context.Context, p *papers, n creditNote, day time.Time) (int64, error) {
	bill := p.reversed(n)
	journal, g := w.named("invoice_journal", w.Books.InvoiceJournal)
	if g != nil {
		return 0, missing(w.order.Ref, *g)
	}
	if journal == 0 {
		journal = bill.Journal
	}
	columns := []string{"id", "move_type", "partner_id/.id", "journal_id/.id", "currency_id/.id", "invoice_date", "ref", "invoice_origin", "reversed_entry_id/.id"}
	head := []any{n.XID, "out_refund", ref(bill.Address), ref(journal), ref(w.Currencies[w.order.Currency].ID), day.Format(time.DateOnly),
		reference(w.order.Ref, w.order.Number) + " " + n.Why, p.Name, ref(bill.ID)}
	if bill.Fiscal != 0 {
		columns, head = append(columns, "fiscal_position_id/.id"), append(head, ref(bill.Fiscal))
	}
	for _, c := range []string{"id", "product_id/.id", "name", "quantity", "price_unit", "discount", "tax_ids/.id", "sale_line_ids/.id"} {
		columns = append(columns, "invoice_line_ids/"+c)
	}
	var rows [][]any
	for i, r := range n.Rows {
		taxes := make([]string, len(r.Taxes))
		for i, t := range r.Taxes {
			taxes[i] = itoa(t)
		}
		row := append(slices.Clone(head), n.XID+"_"+strconv.Itoa(i), ref(r.Product), r.Name, r.Quantity.String(), r.Price.String(), r.Discount.String(),
			strings.Join(taxes, ","), ref(r.Line))
		rows, head = append(rows, row), make([]any, len(head))
	}
	return w.loadIn(ctx, "account.move", columns, rows, onlyNew())
}

// reversed is the invoice that a credit note is about: the first that has so much
// on it, else the first.
func (p *papers) reversed(n creditNote) invoice {
	var first *invoice
	for i, v := range p.Invoices {
		if v.State != "posted" || v.Type != "out_invoice" {
			continue
		}
		if v.Total.GreaterThanOrEqual(n.Want.Total) {
			return v
		}
		if first == nil {
			first = &p.Invoices[i]
		}
	}
	return *first
}

// noteFits sees that a draft credit note has its amounts; the last one is fitted to
// the documents before it.
func (w *writer) noteFits(ctx context.Context, p *papers, n creditNote, made invoice) error {
	err := w.noteAgrees(ctx, p, n, made)
	if err == nil || !n.Last {
		return err
	}
	want, restErr := w.rest(ctx, p, made.ID)
	if restErr != nil {
		return restErr
	}
	if fitErr := w.fit(ctx, made, want.negated()); fitErr != nil {
		return unfit(fitErr, err)
	}
	if made, err = w.readInvoice(ctx, made.ID); err != nil {
		return err
	}
	return w.noteAgrees(ctx, p, n, made)
}

// noteAgrees compares a draft credit note with the amounts it is to have. One that
// differs is not posted.
func (w *writer) noteAgrees(ctx context.Context, p *papers, n creditNote, made invoice) error {
	apart := !made.Total.Equal(n.Want.Total) || !made.Tax.Equal(n.Want.Tax)
	if !apart && len(n.Want.byTax) > 1 {
		got, err := w.taxesOn(ctx, []invoice{made})
		if err != nil {
			return err
		}
		for id, want := range n.Want.byTax {
			apart = apart || !got[id].Neg().Equal(want)
		}
	}
	if !apart {
		return nil
	}
	digits := commerce.Digits(w.order.Currency)
	return &commerce.Error{Op: "erp.credit", Reason: commerce.Mismatch, Ref: w.order.Ref,
		Detail: fmt.Sprintf("the draft credit note of %s (%s) says %s %s with %s tax, the shop gave back %s with %s tax", p.Name, n.Why, made.Total.StringFixed(digits),
			w.order.Currency, made.Tax.StringFixed(digits), n.Want.Total.StringFixed(digits), n.Want.Tax.StringFixed(digits)),
		Remedy: fmt.Sprintf("compare the credit notes of %s with the shop's refunds; it stays a draft: correct and post it, or correct the taxes in Odoo, delete it, and replay the order", p.Name)}
}
