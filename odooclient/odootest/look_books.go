package odootest

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Invoice is an invoice or a credit note as it stands in the books.
type Invoice struct {
	ID                            int64
	XID, Name                     string // Name is "" until a number is drawn
	State, PaymentState           string // draft, posted, cancel; not_paid, partial, paid, in_payment, reversed
	Type                          string // out_invoice, out_refund
	Date, Booked, Due             time.Time
	Ref, PaymentRef, Origin       string
	Currency, Journal             string
	Partner                       int64
	Reverses                      int64 // the invoice that a credit note is of; 0: none
	Untaxed, Tax, Total, Residual decimal.Decimal
	Lines                         []InvoiceLine
	TaxByName                     map[string]decimal.Decimal
	Orders                        []int64
}

// InvoiceLine is a line of an invoice, notes and sections among them.
type InvoiceLine struct {
	ID                        int64
	Kind, Name, SKU           string // Kind: product, line_section, line_note
	Quantity, Price, Discount decimal.Decimal
	Taxes                     []string
	Subtotal, Total           decimal.Decimal
	OrderLines                []int64
}

// Payment is money that came in, or went back.
type Payment struct {
	ID                     int64
	XID, Name, State, Kind string // Kind: inbound, outbound
	Amount                 decimal.Decimal
	Currency               string
	Date                   time.Time
	Memo, Journal          string
	Partner, Entry         int64 // Entry is its account.move; 0: none
	Reconciled             []int64
	IsReconciled           bool
}

// Invoices are all invoices and credit notes by id.
func (s *Server) Invoices() []Invoice {
	var out []Invoice
	s.each("account.move", func(e *env, r *record) {
		if isInvoice(r) {
			out = append(out, e.lookInvoice(r))
		}
	})
	return out
}

// Payments are all payments by id.
func (s *Server) Payments() []Payment {
	var out []Payment
	s.each("account.payment", func(e *env, r *record) { out = append(out, e.lookPayment(r)) })
	return out
}

func (e *env) lookInvoice(r *record) Invoice {
	out := Invoice{
		ID: r.id, XID: e.xidOf(r), Name: r.str("name"), State: r.str("state"), PaymentState: r.str("payment_state"), Type: r.str("move_type"),
		Date: r.at("invoice_date"), Booked: r.at("date"), Due: r.at("invoice_date_due"), Ref: r.str("ref"), PaymentRef: r.str("payment_reference"), Origin: r.str("invoice_origin"),
		Currency: e.text(r, "currency_id", "name"), Journal: e.text(r, "journal_id", "name"), Partner: r.num("partner_id"), Reverses: r.num("reversed_entry_id"),
		Untaxed: r.dec("amount_untaxed"), Tax: r.dec("amount_tax"), Total: r.dec("amount_total"), Residual: r.dec("amount_residual"), TaxByName: map[string]decimal.Decimal{},
	}
	lines := e.children(r, "invoice_line_ids")
	e.sort(lines, "sequence, id")
	for _, l := range lines {
		line := InvoiceLine{
			ID: l.id, Kind: l.str("display_type"), Name: l.str("name"), SKU: e.text(l, "product_id", "default_code"), Quantity: l.dec("quantity"),
			Price: l.dec("price_unit"), Discount: l.dec("discount"), Subtotal: l.dec("price_subtotal"), Total: l.dec("price_total"), OrderLines: l.ids("sale_line_ids"),
		}
		for _, id := range l.ids("tax_ids") {
			line.Taxes = append(line.Taxes, e.nameOf("account.tax", id))
		}
		out.Lines = append(out.Lines, line)
		for _, id := range line.OrderLines {
			if o := e.browse("sale.order.line", id); o != nil && !slices.Contains(out.Orders, o.num("order_id")) {
				out.Orders = append(out.Orders, o.num("order_id"))
			}
		}
	}
	for _, l := range e.itemsOf(r, "tax") {
		name := e.nameOf("account.tax", l.num("tax_line_id"))
		out.TaxByName[name] = out.TaxByName[name].Add(l.dec("amount_currency").Mul(r.facing()).Neg())
	}
	return out
}

func (e *env) lookPayment(r *record) Payment {
	ids, _ := reconciledInvoices(e, r).([]int64)
	return Payment{
		ID: r.id, XID: e.xidOf(r), Name: r.str("name"), State: r.str("state"), Kind: r.str("payment_type"), Amount: r.dec("amount"),
		Currency: e.text(r, "currency_id", "name"), Date: r.at("date"), Memo: r.str("ref"), Journal: e.text(r, "journal_id", "name"), Partner: r.num("partner_id"),
		Entry: r.num("move_id"), Reconciled: ids, IsReconciled: r.flag("is_reconciled"),
	}
}

// bookedFor are an order's invoices and the payments that are matched with them.
func (e *env) bookedFor(order *record) (invoices []Invoice, payments []Payment) {
	ids, _ := orderInvoices(e, order).([]int64)
	seen := map[int64]bool{}
	for _, id := range ids {
		move := e.browse("account.move", id)
		invoices = append(invoices, e.lookInvoice(move))
		for _, other := range e.counterparts(move) {
			if p := e.related(other, "payment_id"); p != nil && !seen[p.id] {
				seen[p.id] = true
				payments = append(payments, e.lookPayment(p))
			}
		}
	}
	return invoices, payments
}
