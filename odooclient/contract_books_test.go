package odooclient_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// invoice drafts the invoice of a confirmed order.
func (o *odoo) invoice(t *testing.T, order int64) int64 {
	t.Helper()
	before := o.get(t, "sale.order", order, "invoice_ids").IDs("invoice_ids")
	w := o.create(t, "sale.advance.payment.inv", map[string]any{"advance_payment_method": "delivered", "sale_order_ids": []any{[]any{6, 0, []int64{order}}}, "consolidated_billing": false}, o.context())
	answer, err := o.call(t, "sale.advance.payment.inv", "create_invoices", []int64{w}, o.context())
	require.NoError(t, err)
	id := toID(t, answer.(map[string]any)["res_id"])
	after := o.get(t, "sale.order", order, "invoice_ids").IDs("invoice_ids")
	require.Len(t, after, len(before)+1)
	require.Contains(t, after, id)
	return id
}

// billed is a confirmed order of 19.00 with its invoice, posted.
func (o *odoo) billed(t *testing.T) (b booked, partner, invoice int64) {
	t.Helper()
	b = o.order(t, 1)
	o.do(t, "action_confirm", b.id)
	partner, _ = o.get(t, "sale.order", b.id, "partner_invoice_id").Ref("partner_invoice_id")
	invoice = o.invoice(t, b.id)
	o.post(t, invoice)
	return b, partner, invoice
}

func (o *odoo) post(t *testing.T, invoice int64) {
	t.Helper()
	answer, err := o.call(t, "account.move", "action_post", []int64{invoice}, o.context())
	require.NoError(t, err)
	require.Equal(t, false, answer)
}

func (o *odoo) memo() string { return map[bool]string{false: "ref", true: "memo"}[o.major >= 19] }

// bank is the first journal that payments go to.
func (o *odoo) bank(t *testing.T) int64 {
	t.Helper()
	ids := o.ids(t, "account.journal", []any{[]any{"type", "=", "bank"}, []any{"company_id", "=", o.company}})
	require.NotEmpty(t, ids)
	return ids[0]
}

// pay loads and posts a payment under an external id and finds its entry.
func (o *odoo) pay(t *testing.T, partner int64, kind, amount string) (payment, entry int64, memo string) {
	t.Helper()
	memo = o.name()
	columns := "id payment_type partner_type partner_id/.id amount date " + o.memo() + " journal_id/.id"
	payment = o.loaded(t, "account.payment", columns, []any{xid(memo) + "_payment", kind, "customer", strconv.FormatInt(partner, 10), amount, "2026-11-02", memo, strconv.FormatInt(o.bank(t), 10)})
	answer, err := o.call(t, "account.payment", "action_post", []int64{payment}, o.context())
	require.NoError(t, err)
	require.Nil(t, answer)
	entry, _ = o.get(t, "account.payment", payment, "move_id").Ref("move_id")
	require.Positive(t, entry, "the community edition books every payment")
	return payment, entry, memo
}

// openItems are the lines on customers' accounts that nothing is matched with.
func (o *odoo) openItems(t *testing.T, moves ...int64) []int64 {
	t.Helper()
	return o.ids(t, "account.move.line", []any{[]any{"move_id", "in", moves}, []any{"account_id.account_type", "=", "asset_receivable"}, []any{"reconciled", "=", false}})
}

func (o *odoo) reconcile(t *testing.T, moves ...int64) {
	t.Helper()
	_, err := o.call(t, "account.move.line", "reconcile", o.openItems(t, moves...), o.context())
	require.NoError(t, err)
}

// paid is an invoice's payment state and what is still owed of it.
func (o *odoo) paid(t *testing.T, invoice int64) string {
	t.Helper()
	row := o.get(t, "account.move", invoice, "payment_state", "amount_residual")
	return row.Str("payment_state") + " " + row.Dec("amount_residual").StringFixed(2)
}

// creditNote drafts the credit note of a posted invoice.
func (o *odoo) creditNote(t *testing.T, invoice int64, reason string) int64 {
	t.Helper()
	journal, _ := o.get(t, "account.move", invoice, "journal_id").Ref("journal_id")
	context := o.context("active_model", "account.move", "active_ids", []int64{invoice})
	w := o.create(t, "account.move.reversal", map[string]any{"reason": reason, "journal_id": journal, "date": "2026-11-03"}, context)
	answer, err := o.call(t, "account.move.reversal", "reverse_moves", []int64{w}, context)
	require.NoError(t, err)
	return toID(t, answer.(map[string]any)["res_id"])
}

func bookClauses() []clause {
	return []clause{
		{"an order is invoiced once, dated and posted", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			require.Equal(t, "to invoice", o.get(t, "sale.order", b.id, "invoice_status").Str("invoice_status"))
			invoice := o.invoice(t, b.id)
			row := o.get(t, "account.move", invoice, "state", "move_type", "ref", "amount_total", "invoice_date", "payment_state")
			require.Equal(t, []string{"draft", "out_invoice", b.ref, "19.00", "not_paid"},
				[]string{row.Str("state"), row.Str("move_type"), row.Str("ref"), row.Dec("amount_total").StringFixed(2), row.Str("payment_state")})
			require.Empty(t, row.Str("invoice_date"))
			o.loaded(t, "account.move", ".id invoice_date ref", []any{strconv.FormatInt(invoice, 10), "2026-11-02", b.ref + "/1"})
			o.post(t, invoice)
			row = o.get(t, "account.move", invoice, "state", "name", "payment_reference", "invoice_date", "ref", "date")
			require.Equal(t, []string{"posted", row.Str("name"), "2026-11-02", "2026-11-02", b.ref + "/1"},
				[]string{row.Str("state"), row.Str("payment_reference"), row.Str("invoice_date"), row.Str("date"), row.Str("ref")})
			require.Contains(t, row.Str("name"), "/2026/")
			_, err := o.call(t, "account.move", "action_post", []int64{invoice}, o.context())
			requireFault(t, odooclient.UserError, err, "must be in draft")
			require.Equal(t, "invoiced", o.get(t, "sale.order", b.id, "invoice_status").Str("invoice_status"))
			require.Equal(t, []string{"2", "0"}, []string{o.lineQty(t, b.id, "qty_invoiced"), o.lineQty(t, b.id, "qty_to_invoice")})
			w := o.create(t, "sale.advance.payment.inv", map[string]any{"sale_order_ids": []any{[]any{6, 0, []int64{b.id}}}}, nil)
			_, err = o.call(t, "sale.advance.payment.inv", "create_invoices", []int64{w}, nil)
			requireFault(t, odooclient.UserError, err, "No items are available to invoice")
		}},
		{"an invoice's taxes have a line each and its entry balances", func(t *testing.T, o *odoo) {
			b := o.order(t, 2)
			taxes := o.search(t, "account.tax", []any{[]any{"type_tax_use", "=", "sale"}, []any{"company_id", "=", o.company}, []any{"amount_type", "=", "percent"}, []any{"amount", ">", 0}}, "name")
			require.NotEmpty(t, taxes)
			row := append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 0, "3", "9.99")...)
			row[len(row)-1] = strconv.FormatInt(taxes[0].ID(), 10)
			o.loaded(t, "sale.order", "id "+o.lineColumns(), row)
			o.do(t, "action_confirm", b.id)
			invoice := o.invoice(t, b.id)
			order := o.get(t, "sale.order", b.id, "amount_untaxed", "amount_tax")
			got := o.get(t, "account.move", invoice, "amount_untaxed", "amount_tax")
			require.Equal(t, order.Dec("amount_untaxed").String(), got.Dec("amount_untaxed").String())
			require.Equal(t, order.Dec("amount_tax").String(), got.Dec("amount_tax").String())
			sum, tax, kinds := decimal.Zero, decimal.Zero, map[string]int{}
			for _, l := range o.search(t, "account.move.line", []any{[]any{"move_id", "=", invoice}}, "display_type", "balance", "amount_currency", "tax_line_id", "sale_line_ids") {
				kinds[l.Str("display_type")]++
				sum = sum.Add(l.Dec("balance"))
				switch l.Str("display_type") {
				case "tax":
					tax = tax.Sub(l.Dec("amount_currency"))
					of, _ := l.Ref("tax_line_id")
					require.Equal(t, taxes[0].ID(), of)
				case "product":
					require.Len(t, l.IDs("sale_line_ids"), 1)
				}
			}
			require.Equal(t, map[string]int{"product": 2, "tax": 1, "payment_term": 1}, kinds)
			require.True(t, sum.Round(2).IsZero(), "%s", sum)
			require.Equal(t, got.Dec("amount_tax").Round(2).String(), tax.Round(2).String())
		}},
		{"a payment with an external id pays its invoice", func(t *testing.T, o *odoo) {
			_, partner, invoice := o.billed(t)
			payment, entry, memo := o.pay(t, partner, "inbound", "19.00")
			row := o.get(t, "account.payment", payment, "state", "name", o.memo(), "amount", "date", "is_reconciled")
			require.Equal(t, []string{map[bool]string{false: "posted", true: "in_process"}[o.major >= 19], memo, "19.00", "2026-11-02"},
				[]string{row.Str("state"), row.Str(o.memo()), row.Dec("amount").StringFixed(2), row.Str("date")})
			require.False(t, row.Bool("is_reconciled"))
			o.reconcile(t, invoice, entry)
			require.Equal(t, "paid 0.00", o.paid(t, invoice))
			row = o.get(t, "account.payment", payment, "state", "reconciled_invoice_ids", "is_reconciled")
			require.Equal(t, []int64{invoice}, row.IDs("reconciled_invoice_ids"))
			require.True(t, row.Bool("is_reconciled"))
			require.Equal(t, map[bool]string{false: "posted", true: "paid"}[o.major >= 19], row.Str("state"))
			items := o.ids(t, "account.move.line", []any{[]any{"move_id", "in", []int64{invoice, entry}}, []any{"account_id.account_type", "=", "asset_receivable"}})
			_, err := o.call(t, "account.move.line", "reconcile", items, nil)
			requireFault(t, odooclient.UserError, err, "already reconciled")
			_, err = o.call(t, "account.move.line", "remove_move_reconcile", items, nil)
			require.NoError(t, err)
			require.Equal(t, "not_paid 19.00", o.paid(t, invoice))
		}},
		{"a part is paid, then the rest", func(t *testing.T, o *odoo) {
			_, partner, invoice := o.billed(t)
			_, entry, _ := o.pay(t, partner, "inbound", "9.00")
			var answer any
			o.must(t, odooclient.Request{Model: "account.move", Method: "js_assign_outstanding_line", IDs: []int64{invoice},
				Args: map[string]any{"line_id": o.openItems(t, entry)[0]}}, &answer)
			require.Equal(t, "partial 10.00", o.paid(t, invoice))
			context := o.context("active_model", "account.move", "active_ids", []int64{invoice})
			w := o.create(t, "account.payment.register", map[string]any{"journal_id": o.bank(t), "payment_date": "2026-11-03", "communication": "rest"}, context)
			require.Equal(t, "10.00", o.get(t, "account.payment.register", w, "amount").Dec("amount").StringFixed(2))
			answer, err := o.call(t, "account.payment.register", "action_create_payments", []int64{w}, context)
			require.NoError(t, err)
			row := o.get(t, "account.payment", toID(t, answer.(map[string]any)["res_id"]), "amount", o.memo(), "reconciled_invoice_ids")
			require.Equal(t, []string{"10.00", "rest"}, []string{row.Dec("amount").StringFixed(2), row.Str(o.memo())})
			require.Equal(t, "paid 0.00", o.paid(t, invoice))
			var ids []int64
			err = o.Call(t.Context(), odooclient.Request{Model: "account.payment.register", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{}}}, Context: context}, &ids)
			requireFault(t, odooclient.UserError, err, "nothing")
		}},
		{"a credit note of a part takes it off the invoice", func(t *testing.T, o *odoo) {
			b, _, invoice := o.billed(t)
			note := o.creditNote(t, invoice, b.ref)
			require.Equal(t, "0", o.lineQty(t, b.id, "qty_invoiced"), "a draft counts")
			lines := o.get(t, "account.move", note, "invoice_line_ids").IDs("invoice_line_ids")
			require.Len(t, lines, 1)
			require.NoError(t, o.write(t, "account.move", note, map[string]any{"invoice_line_ids": []any{[]any{1, lines[0], map[string]any{"quantity": 1}}}}))
			o.post(t, note)
			row := o.get(t, "account.move", note, "move_type", "amount_total", "reversed_entry_id", "invoice_date", "ref", "name")
			require.Equal(t, []string{"out_refund", "9.50", "2026-11-03"}, []string{row.Str("move_type"), row.Dec("amount_total").StringFixed(2), row.Str("invoice_date")})
			require.True(t, strings.HasPrefix(row.Str("ref"), "Reversal of: ") && strings.HasSuffix(row.Str("ref"), ", "+b.ref), row.Str("ref"))
			of, _ := row.Ref("reversed_entry_id")
			require.Equal(t, invoice, of)
			require.Equal(t, "paid 0.00", o.paid(t, note), "posting it matches it with its invoice")
			require.Equal(t, "partial 9.50", o.paid(t, invoice))
			require.Equal(t, "1", o.lineQty(t, b.id, "qty_invoiced"))
		}},
		{"a full credit note reverses an open invoice", func(t *testing.T, o *odoo) {
			b, _, invoice := o.billed(t)
			o.post(t, o.creditNote(t, invoice, b.ref))
			require.Equal(t, "reversed 0.00", o.paid(t, invoice))
		}},
		{"money goes back against the credit note of a paid invoice", func(t *testing.T, o *odoo) {
			b, partner, invoice := o.billed(t)
			_, entry, _ := o.pay(t, partner, "inbound", "19.00")
			o.reconcile(t, invoice, entry)
			note := o.creditNote(t, invoice, b.ref)
			o.post(t, note)
			require.Equal(t, "not_paid 19.00", o.paid(t, note))
			payment, back, _ := o.pay(t, partner, "outbound", "19.00")
			o.reconcile(t, note, back)
			require.Equal(t, "paid 0.00", o.paid(t, note))
			require.Equal(t, []int64{note}, o.get(t, "account.payment", payment, "reconciled_invoice_ids").IDs("reconciled_invoice_ids"))
		}},
		{"a line ordered less than is invoiced becomes a credit note", func(t *testing.T, o *odoo) {
			b, _, _ := o.billed(t)
			o.loaded(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 0, "1", "9.50")...))
			require.Equal(t, "-1", o.lineQty(t, b.id, "qty_to_invoice"))
			note := o.get(t, "account.move", o.invoice(t, b.id), "move_type", "amount_total")
			require.Equal(t, []string{"out_refund", "9.50"}, []string{note.Str("move_type"), note.Dec("amount_total").StringFixed(2)})
			require.Equal(t, "1", o.lineQty(t, b.id, "qty_invoiced"))
		}},
		{"cancelling an order takes its draft invoice along, a posted one stays", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			draft := o.invoice(t, b.id)
			o.do(t, "action_cancel", b.id, "disable_cancel_warning", true)
			require.Equal(t, "cancel", o.state(t, "account.move", draft))
			b, _, posted := o.billed(t)
			o.do(t, "action_cancel", b.id, "disable_cancel_warning", true)
			require.Equal(t, "posted", o.state(t, "account.move", posted))
		}},
		{"an invoice can be made without an order, and a draft be deleted", func(t *testing.T, o *odoo) {
			_, partner := o.partner(t)
			id := o.create(t, "account.move", map[string]any{"move_type": "out_invoice", "partner_id": partner, "invoice_line_ids": []any{
				[]any{0, 0, map[string]any{"product_id": o.products[0], "quantity": 3, "price_unit": 1.5, "discount": 10, "tax_ids": []any{[]any{6, 0, []int64{}}}}}}}, o.context())
			row := o.get(t, "account.move", id, "amount_total", "amount_residual", "state", "journal_id", "invoice_line_ids")
			require.Equal(t, []string{"4.05", "4.05", "draft"}, []string{row.Dec("amount_total").StringFixed(2), row.Dec("amount_residual").StringFixed(2), row.Str("state")})
			require.NoError(t, o.write(t, "account.move", id, map[string]any{"invoice_line_ids": []any{[]any{1, row.IDs("invoice_line_ids")[0], map[string]any{"quantity": 2}}}}))
			require.Equal(t, "2.70", o.get(t, "account.move", id, "amount_total").Dec("amount_total").StringFixed(2))
			_, err := o.call(t, "account.move", "button_draft", []int64{id}, nil)
			requireFault(t, odooclient.UserError, err, "can be reset to draft")
			_, err = o.call(t, "account.move", "unlink", []int64{id}, nil)
			require.NoError(t, err)
		}},
		{"pairs of several customers in one call are mixed up in 17", func(t *testing.T, o *odoo) {
			_, one, first := o.billed(t)
			b := o.order(t, 1)
			o.loaded(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 0, "1", "9.50")...))
			o.do(t, "action_confirm", b.id)
			two, _ := o.get(t, "sale.order", b.id, "partner_invoice_id").Ref("partner_invoice_id")
			second := o.invoice(t, b.id)
			o.post(t, second)
			p, in1, _ := o.pay(t, one, "inbound", "19.00")
			_, in2, _ := o.pay(t, two, "inbound", "9.50")
			o.reconcile(t, first, second, in1, in2)
			got := o.get(t, "account.payment", p, "reconciled_invoice_ids").IDs("reconciled_invoice_ids")
			if o.major >= 19 {
				require.Equal(t, []int64{first}, got)
				return
			}
			require.Len(t, got, 2, "so reconcile pair by pair")
		}},
	}
}
