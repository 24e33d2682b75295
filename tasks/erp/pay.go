package erp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// payment is what the shop received or paid back, as a payment of Odoo.
type payment struct {
	commerce.Payment
	ID      int64
	XID     string
	Journal int64
	Method  int64 // of payment in that journal; 0: its first
	State   string
	Move    int64 // its entry in the books; 0: none, or a draft
	// Outbound says that it is paid back to the buyer.
	Outbound bool
}

// signed is its amount as a part of what was received.
func (p payment) signed() decimal.Decimal {
	if p.Outbound {
		return p.Amount.Amount.Neg()
	}
	return p.Amount.Amount
}

// revoked reports whether people cancelled the payment in Odoo, or the bank refused it.
func (p payment) revoked() bool {
	return p.State == "cancel" || p.State == "canceled" || p.State == "rejected"
}

// pay registers what was received for the order and what was paid back, a payment
// for each transaction, and settles invoices and credit notes with it. A payment
// carries the transaction's external id, so it is made once whatever happens. Without
// payments in the workflow, credit notes alone are settled with their invoices.
func (w *writer) pay(ctx context.Context, p *papers) error {
	if !w.Flow.Pays() {
		return w.settle(ctx, p, nil)
	}
	payments, err := w.transactions()
	if err != nil || len(payments) == 0 && !p.credited() {
		return err
	}
	who, ok, err := w.debtor(ctx, p, payments)
	if err != nil || !ok {
		return err
	}
	err = each(ctx, payments, func(ctx context.Context, i int) error { return w.receive(ctx, &payments[i], p, who) })
	if err != nil {
		return err
	}
	return w.settle(ctx, p, payments)
}

// credited reports whether a credit note of the order is posted.
func (p *papers) credited() bool {
	return slices.ContainsFunc(p.Invoices, func(v invoice) bool { return v.State == "posted" && v.Type == "out_refund" })
}

// debtor is whose debt the order is: of a posted invoice; of a cancelled order that
// never had one, and whose money was not all given back or is in the books already, the
// order's own.
func (w *writer) debtor(ctx context.Context, p *papers, payments []payment) (id int64, ok bool, err error) {
	if at := slices.IndexFunc(p.Invoices, func(v invoice) bool { return v.State == "posted" && v.Type == "out_invoice" }); at >= 0 {
		return p.Invoices[at].Partner, true, nil
	}
	kept := decimal.Zero
	for _, one := range payments {
		kept = kept.Add(one.signed())
	}
	if p.State != "cancel" {
		return 0, false, nil
	}
	if kept.IsZero() {
		if begun, err := w.anyMade(ctx, payments); err != nil || !begun {
			return 0, false, err
		}
	}
	row, _, err := w.odoo.Get(ctx, w.query("sale.order", "partner_invoice_id"), p.ID)
	if err != nil {
		return 0, false, err
	}
	address, _ := row.Ref("partner_invoice_id")
	row, ok, err = w.odoo.Get(ctx, w.query("res.partner", "commercial_partner_id"), address)
	id, _ = row.Ref("commercial_partner_id")
	return id, ok && id != 0, err
}

// anyMade reports whether one of the payments is in Odoo.
func (w *writer) anyMade(ctx context.Context, payments []payment) (bool, error) {
	for _, one := range payments {
		if _, _, ok, err := w.odoo.Resolve(ctx, one.XID); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}

// transactions are the order's payments with their journals; what no journal is
// named for is a gap. Money that a carrier or a person settles stays open.
func (w *writer) transactions() ([]payment, error) {
	var all []payment
	var lacking gaps
	back := w.order.PaidBack()
	for i, t := range slices.Concat(back, w.order.Received()) {
		if t.Manual || w.Books.Payments.StaysOpen(t.Gateway) {
			continue
		}
		one := payment{Payment: t, XID: paymentXID(w.order.Ref, t.ID), Outbound: i < len(back)}
		name := w.journalOf(t)
		if name == "" {
			lacking.add(gap{need: strings.Join([]string{"setting", w.Shop, "payments.journals[" + t.Gateway + "]"}, "/"),
				detail: fmt.Sprintf("shop %s names no journal for its payment method %q", w.Shop, t.Gateway),
				remedy: fmt.Sprintf("add it under books.payments.journals of shop %s: %q: %q", w.Shop, t.Gateway, "the name of a bank or cash journal in Odoo")})
			continue
		}
		_, g := w.gridOf(t.Amount.Currency)
		if g != nil {
			lacking.add(*g)
			continue
		}
		if one.Journal, g = w.named("journal", name); g != nil {
			lacking.add(*g)
			continue
		}
		if one.Method, g = w.methodOf(one); g != nil {
			lacking.add(*g)
			continue
		}
		all = append(all, one)
	}
	return all, missing(w.order.Ref, lacking...)
}

// journalOf is the name of the journal for a payment, "" for none.
func (s settings) journalOf(p commerce.Payment) string {
	if p.Manual || s.Books.Payments.StaysOpen(p.Gateway) {
		return ""
	}
	return s.Books.Payments.Journal(p.Gateway)
}

// methodOf is the payment method in the payment's journal. One that keeps no
// outstanding account would make a payment without an entry, which no invoice can
// be settled with.
func (s settings) methodOf(p payment) (int64, *gap) {
	name := s.Books.Payments.Method(p.Gateway)
	if p.Outbound {
		return 0, nil // the journal's first one that pays out
	}
	var fits []known
	for _, m := range s.Methods {
		if m.Journal == p.Journal && (name == "" || m.Name == name) {
			fits = append(fits, m)
		}
	}
	journal := s.journalOf(p.Payment)
	if len(fits) == 0 {
		if name == "" {
			return 0, nil // they may not be ours to read
		}
		return 0, &gap{need: strings.Join([]string{"setting", s.Shop, "payments.methods[" + p.Gateway + "]"}, "/"),
			detail: fmt.Sprintf("the journal %q has no inbound payment method named %q", journal, name),
			remedy: fmt.Sprintf("add it to the journal in Odoo, or correct books.payments.methods of shop %s", s.Shop)}
	}
	return fits[0].ID, nil
}

// receive makes one payment and posts it. Since 18 it names its invoice or credit
// note: that is what ties the two where the journal keeps no outstanding account, and
// a payment makes no entry of its own.
func (w *writer) receive(ctx context.Context, p *payment, of *papers, who int64) error {
	columns := []string{"id", "payment_type", "partner_type", "partner_id/.id", "amount", "currency_id/.id", "date", w.Names.PaymentMemo, "journal_id/.id"}
	way, kind := "inbound", "out_invoice"
	if p.Outbound {
		way, kind = "outbound", "out_refund"
	}
	row := []any{p.XID, way, "customer", ref(who), p.Amount.Amount.String(), ref(w.Currencies[p.Amount.Currency].ID),
		w.dayOf(p.At).Format(time.DateOnly), memo(w.order, p.Payment), ref(p.Journal)}
	if p.Method != 0 {
		columns, row = append(columns, "payment_method_line_id/.id"), append(row, ref(p.Method))
	}
	if at := slices.IndexFunc(of.Invoices, func(v invoice) bool { return v.State == "posted" && v.Type == kind }); at >= 0 && w.Names.PaymentInvoices != "" {
		columns, row = append(columns, w.Names.PaymentInvoices+"/.id"), append(row, ref(of.Invoices[at].ID))
	}
	var err error
	p.ID, err = w.loadIn(ctx, "account.payment", columns, [][]any{row}, onlyNew())
	if err != nil {
		return err
	}
	if err := w.readPayment(ctx, p); err != nil {
		return err
	}
	if p.State != "draft" {
		return nil
	}
	if err := w.post(ctx, "account.payment", p.ID); err != nil {
		return err
	}
	return w.readPayment(ctx, p)
}

// memo is what people read on the payment: order, payment method and transaction.
func memo(o *commerce.Order, p commerce.Payment) string {
	return strings.Join([]string{reference(o.Ref, o.Number), p.Gateway, p.ID}, " ")
}

func (w *writer) readPayment(ctx context.Context, p *payment) error {
	row, ok, err := w.odoo.Get(ctx, w.query("account.payment", "state", "move_id", "amount"), p.ID)
	if err != nil || !ok {
		return err
	}
	p.State = row.Str("state")
	p.Move, _ = row.Ref("move_id")
	if made := row.Dec("amount").Round(6); !made.Equal(p.Amount.Amount) {
		return diverged(w.order.Ref, fmt.Sprintf("the payment of transaction %s is %s in Odoo and %s in the shop", p.Payment.ID, made, p.Amount),
			"correct the payment in Odoo, then replay the order")
	}
	return nil
}

// settle reconciles the order's open entries, in a call of its own: Odoo pairs
// what it is given by day and amount and not by customer.
func (w *writer) settle(ctx context.Context, p *papers, payments []payment) error {
	var moves []int64
	open, back := 0, p.credited()
	for _, v := range p.Invoices {
		if v.State == "posted" && !v.Residual.IsZero() {
			moves = append(moves, v.ID)
		}
	}
	open = len(moves)
	for _, one := range payments {
		if one.revoked() {
			continue
		}
		if one.Move == 0 && one.State != "draft" && open > 0 && w.Names.PaymentInvoices == "" {
			return missing(w.order.Ref, gap{
				detail: fmt.Sprintf("the journal %q has no outstanding account for its payment method, so the payment made no entry that could settle the invoice", w.journalOf(one.Payment)),
				remedy: "set an outstanding account on the journal's payment method in Odoo, reset that payment to draft, and replay the order"})
		}
		back = back || one.Outbound
		if one.Move != 0 {
			moves = append(moves, one.Move)
		}
	}
	if len(moves) < 2 || !back && (open == 0 || open == len(moves)) {
		return nil
	}
	rows := make([][]odooclient.Row, len(moves))
	err := each(ctx, moves, func(ctx context.Context, i int) (err error) {
		rows[i], err = w.odoo.Find(ctx, odooclient.Query{Model: "account.move.line", Field: "move_id", Fields: []string{"balance"}, Context: w.context(),
			Domain: []any{[]any{"account_id.account_type", "=", "asset_receivable"}, []any{"reconciled", "=", false}}}, itoa(moves[i]))
		return err
	})
	if err != nil {
		return err
	}
	var lines []int64
	debit, credit := false, false
	for _, row := range slices.Concat(rows...) {
		lines = append(lines, row.ID())
		debit, credit = debit || row.Dec("balance").IsPositive(), credit || row.Dec("balance").IsNegative()
	}
	if !debit || !credit {
		return nil // settled already, or nothing to settle it with
	}
	c, err := w.next(ctx, nil)
	if err != nil {
		return err
	}
	return w.odoo.Call(ctx, odooclient.Request{Model: "account.move.line", Method: "reconcile", IDs: lines, Context: c}, nil)
}
