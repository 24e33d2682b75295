package erp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// invoice is a customer invoice or credit note.
type invoice struct {
	ID                   int64
	Name                 string
	Type                 string // out_invoice, out_refund
	State                string // draft, posted, cancel
	Date                 time.Time
	Currency             string
	Tax, Total, Residual decimal.Decimal
	Partner              int64 // whose debt it is
	Address              int64 // whom it is sent to
	Fiscal               int64 // position
	Reopened             bool  // people set it back to draft after it was posted
	Journal              int64
	Writer               int64  // the user who touched it last
	XID                  string // of credit notes, where it was read
}

// signed is an amount of it as a part of what the buyer owes.
func (v invoice) signed(amount decimal.Decimal) decimal.Decimal {
	if v.Type == "out_refund" {
		return amount.Neg()
	}
	return amount
}

// open reports whether it is a draft that was never posted.
func (v invoice) open() bool { return v.State == "draft" && !v.Reopened }

// unpostable reports whether it is a draft invoice of less than nothing, which Odoo
// never posts.
func (v invoice) unpostable() bool {
	return v.open() && v.Type == "out_invoice" && v.Total.IsNegative()
}

func (w *writer) query(model string, fields ...string) odooclient.Query {
	return odooclient.Query{Model: model, Fields: fields, Context: w.context()}
}

func (w *writer) readInvoice(ctx context.Context, id int64) (invoice, error) {
	q := w.query("account.move", "name", "move_type", "state", "invoice_date", "currency_id", "amount_tax", "amount_total", "amount_residual",
		"commercial_partner_id", "partner_id", "fiscal_position_id", "journal_id", "write_uid")
	if w.Names.InvoicePosted != "" {
		q.Fields = append(q.Fields, w.Names.InvoicePosted)
	}
	row, ok, err := w.odoo.Get(ctx, q, id)
	if err != nil || !ok {
		return invoice{State: "cancel"}, err
	}
	v := invoice{ID: id, Name: row.Str("name"), Type: row.Str("move_type"), State: row.Str("state"), Date: row.Time("invoice_date"),
		Reopened: row.Bool(w.Names.InvoicePosted)}
	if w.Names.InvoicePosted == "" { // then a draft has a number only once it was posted
		v.Reopened = v.Name != "" && v.Name != "/"
	}
	v.Reopened = v.Reopened && v.State == "draft"
	_, v.Currency = row.Ref("currency_id")
	v.Partner, _ = row.Ref("commercial_partner_id")
	v.Journal, _ = row.Ref("journal_id")
	v.Address, _ = row.Ref("partner_id")
	v.Fiscal, _ = row.Ref("fiscal_position_id")
	v.Writer, _ = row.Ref("write_uid")
	g := grid{Amount: w.Currencies[v.Currency].Rounding}
	if g.Amount.IsZero() {
		g.Amount = decimal.New(1, -2)
	}
	v.Tax, v.Total, v.Residual = g.round(row.Dec("amount_tax")), g.round(row.Dec("amount_total")), g.round(row.Dec("amount_residual"))
	return v, nil
}

// invoice makes the order's invoice, compares it with the shop's amounts and posts
// it, as far as the workflow goes. An order whose products are invoiced once they
// are delivered waits for that.
func (w *writer) invoice(ctx context.Context, p *papers) (_ *papers, rest remains, err error) {
	if p.Status == "to invoice" && p.Withdrawn {
		rest.Notices = append(rest.Notices, "an invoice of "+p.Name+" was cancelled in Odoo, and none is made again")
		return p, rest, nil
	}
	more, err := w.moreToInvoice(ctx, p)
	if err != nil {
		return p, rest, err
	}
	if more {
		if err := w.makeInvoice(ctx, p.ID); err != nil {
			return p, rest, err
		}
		if p, err = w.papers(ctx, p.ID); err != nil {
			return p, rest, err
		}
	}
	if p.Status == "no" || p.Status == "to invoice" { // the rest is invoiced once it is delivered
		rest.Needs = append(rest.Needs, strings.Join([]string{"invoiceable", w.Shop, itoa(p.ID)}, "/"))
	} else if p, err = w.agreed(ctx, p); err != nil {
		return p, rest, err
	}
	if rest.Notices, err = w.dateInvoices(ctx, p); err != nil || !w.Flow.Posts() {
		return p, rest, err
	}
	posted := false
	for _, v := range p.Invoices {
		if v.State != "draft" || v.Type != "out_invoice" || v.Reopened { // what is given back, or was taken back, is people's to decide
			continue
		}
		if err := w.post(ctx, "account.move", v.ID); err != nil {
			return p, rest, err
		}
		posted = true
	}
	if posted {
		p, err = w.papers(ctx, p.ID)
	}
	return p, rest, err
}

// moreToInvoice reports whether Odoo's wizard is due. While more of a line is on
// invoices than the order has, the wizard would make an invoice of the balance, and
// that is for credit notes. Of an order of which nothing was given back it is for people.
func (w *writer) moreToInvoice(ctx context.Context, p *papers) (bool, error) {
	if p.Status != "to invoice" || !p.posted() && !gaveBack(w.order) {
		return p.Status == "to invoice", nil
	}
	lines, err := w.billedLines(ctx, p)
	due := decimal.Zero
	for _, b := range lines {
		if p.posted() && (b.Cut.IsPositive() || b.Over.IsPositive() && gaveBack(w.order)) {
			return false, err
		}
		due = due.Sub(b.Over.Mul(b.Price))
	}
	return !due.IsNegative() || !gaveBack(w.order), err
}

// makeInvoice runs Odoo's wizard for all orders of the moment, an invoice each.
// Running it twice is safe: Odoo invoices only what is not on an invoice yet, and
// of two at once one loses and finds nothing left.
func (w *writer) makeInvoice(ctx context.Context, id int64) error {
	c, err := w.next(ctx, nil)
	if err != nil {
		return err
	}
	err = w.odoo.Together(ctx, odooclient.Joint{Key: "invoice orders of company " + itoa(w.Company.ID), Do: func(ctx context.Context, call odooclient.Caller, ids []int64) error {
		const wizard = "sale.advance.payment.inv"
		var made []int64
		err := call.Call(ctx, odooclient.Request{Model: wizard, Method: "create", Context: c, Args: map[string]any{"vals_list": []any{map[string]any{
			"advance_payment_method": "delivered", "consolidated_billing": false, "sale_order_ids": []any{[]any{6, 0, ids}}}}}}, &made)
		if err != nil {
			return err
		}
		return call.Call(ctx, odooclient.Request{Model: wizard, Method: "create_invoices", IDs: made, Context: c}, nil)
	}}, id)
	if odooclient.KindOf(err) != odooclient.UserError {
		return err
	}
	// Somebody may have made it a moment before us: then it is there.
	if p, readErr := w.papers(ctx, id); readErr == nil && len(p.Invoices) > 0 {
		return nil
	}
	return err
}

// agreed sees that the order's invoices say what the shop does. A further invoice of
// ours is fitted to those before it.
func (w *writer) agreed(ctx context.Context, p *papers) (*papers, error) {
	err := w.invoiceAgrees(ctx, p)
	if commerce.ReasonOf(err) != commerce.Mismatch || !p.posted() {
		return p, err
	}
	at := slices.IndexFunc(p.Invoices, func(v invoice) bool { return v.open() && v.Type == "out_invoice" })
	if at < 0 {
		return p, err
	}
	if ours, uidErr := w.untouched(ctx, p.Invoices[at]); !ours || uidErr != nil {
		return p, cmp.Or(uidErr, err)
	}
	want, restErr := w.rest(ctx, p, p.Invoices[at].ID)
	if restErr != nil {
		return p, restErr
	}
	if want.Total.IsNegative() { // that is no invoice
		return p, err
	}
	if fitErr := w.fit(ctx, p.Invoices[at], want); fitErr != nil {
		return p, unfit(fitErr, err)
	}
	if p, err = w.papers(ctx, p.ID); err != nil {
		return p, err
	}
	return p, w.invoiceAgrees(ctx, p)
}

// invoiceAgrees compares what is invoiced, credit notes taken off, with what the
// shop says. A draft that differs is not posted.
func (w *writer) invoiceAgrees(ctx context.Context, p *papers) error {
	total, tax := decimal.Zero, decimal.Zero
	draft := false
	for _, v := range p.Invoices {
		if v.Currency != w.order.Currency {
			return w.invoiceDiffers(p, fmt.Sprintf("the invoice of %s is in %s", p.Name, v.Currency))
		}
		total, tax = total.Add(v.signed(v.Total)), tax.Add(v.signed(v.Tax))
		draft = draft || v.State == "draft"
	}
	want := w.plan.Want
	switch {
	case len(p.Invoices) == 0 || !draft:
		return nil
	case total.Equal(want.Total) && tax.Equal(want.Tax):
		return w.ratesAgree(ctx, p)
	}
	digits := commerce.Digits(w.order.Currency)
	return w.invoiceDiffers(p, fmt.Sprintf("the draft invoice of %s says %s %s with %s tax, the shop %s with %s tax", p.Name, total.StringFixed(digits),
		w.order.Currency, tax.StringFixed(digits), w.order.Total, want.Tax.StringFixed(digits)))
}

func (w *writer) invoiceDiffers(p *papers, detail string) error {
	return &commerce.Error{Op: "erp.invoice", Reason: commerce.Mismatch, Ref: w.order.Ref, Detail: detail,
		Remedy: fmt.Sprintf("compare the invoice of %s with the shop's order; it stays a draft: correct and post it, or correct the taxes in Odoo, delete it, and replay the order", p.Name)}
}
