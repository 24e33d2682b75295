package odootest

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// day fixes the clock of a test: a Wednesday in November.
func day() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// billed is a confirmed order of 3 services at 10 with 25.5 % and its draft invoice.
func billed(t *testing.T, version int, opts ...Values) (*Server, *client, Order) {
	t.Helper()
	s := Start(t, Options{Version: version, Now: day})
	s.AddTax("25.5%", "25.5", false, "")
	s.AddProduct("WORK", "Work", decimal.NewFromInt(10), append([]Values{{"detailed_type": "service", "taxes_id": []int64{s.ID("account.tax", "name", "25.5%")}}}, opts...)...)
	s.AddPartner(map[string]any{"name": "Ann", "email": "ann@example.com"})
	c := newClient(t, s, "api", "api")
	return s, c, bill(t, s, c, 3)
}

// bill confirms an order of some services and drafts its invoice.
func bill(t *testing.T, s *Server, c *client, quantity int) Order {
	t.Helper()
	id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": s.ID("res.partner", "name", "Ann"), "client_order_ref": "#1", "order_line": []any{
		[]any{0, 0, map[string]any{"product_id": s.ID("product.product", "default_code", "WORK"), "product_uom_qty": quantity, "price_unit": 10}},
	}}))
	c.must("sale.order", "action_confirm", id)
	c.bill(id)
	o, _ := s.Order(id)
	return o
}

func (c *client) bill(orders ...int64) any {
	c.t.Helper()
	w := c.must("sale.advance.payment.inv", "create", map[string]any{"sale_order_ids": []any{[]any{6, 0, orders}}})
	return c.must("sale.advance.payment.inv", "create_invoices", w)
}

func (c *client) refused(model, method string, args ...any) string {
	c.t.Helper()
	_, fault := c.try(model, method, args, nil)
	require.NotNil(c.t, fault, "%s.%s was not refused", model, method)
	return fault["message"].(string)
}

func TestAnInvoiceIsDraftedDatedAndPosted(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := billed(t, version)
		inv := o.Invoices[0]
		require.Equal(t, []string{"draft", "out_invoice", "#1", o.Name, "37.65"}, []string{inv.State, inv.Type, inv.Ref, inv.Origin, inv.Total.String()})
		require.Equal(t, []string{"invoiced", "3"}, []string{o.InvoiceStatus, o.Lines[0].Invoiced.String()})
		require.Equal(t, map[bool]string{true: "INV/2026/00001"}[version < 19], inv.Name, "17 numbers the first draft at once")
		_, messages := c.load("account.move", []string{".id", "invoice_date", "ref"}, [][]any{{inv.ID, "2026-11-03", "#1 of the shop"}}, nil)
		require.Empty(t, messages)
		require.Equal(t, false, c.must("account.move", "action_post", inv.ID))
		require.Equal(t, "The entry INV/2026/00001 (id "+pyRepr(inv.ID)+") must be in draft.", c.refused("account.move", "action_post", inv.ID))
		got := s.Invoices()[0]
		require.Equal(t, []string{"posted", "not_paid", "INV/2026/00001", "INV/2026/00001", "2026-11-03", "2026-11-03"},
			[]string{got.State, got.PaymentState, got.Name, got.PaymentRef, got.Date.Format(dateFormat), got.Booked.Format(dateFormat)})
		require.Equal(t, "7.65", got.TaxByName["25.5%"].String())
		requireBalanced(t, s, inv.ID)
		require.Contains(t, c.refused("account.move", "unlink", inv.ID), "Don’t play games")
		require.Equal(t, "#1 of the shop", got.Ref)
	}
}

func TestWhatIsInvoicedIsNotInvoicedAgain(t *testing.T) {
	s, c, o := billed(t, 17)
	w := c.must("sale.advance.payment.inv", "create", map[string]any{"sale_order_ids": []any{[]any{6, 0, []any{o.ID}}}})
	require.Contains(t, c.refused("sale.advance.payment.inv", "create_invoices", w), "No items are available to invoice")
	other := bill(t, s, c, 1)
	require.Len(t, other.Invoices, 1)
	c.must("account.move", "button_cancel", o.Invoices[0].ID)
	o, _ = s.Order(o.ID)
	require.Equal(t, "to invoice", o.InvoiceStatus)
	require.Equal(t, "The entry / (id "+pyRepr(other.Invoices[0].ID)+") must be in draft.", func() string {
		c.must("account.move", "button_cancel", other.Invoices[0].ID)
		return c.refused("account.move", "action_post", other.Invoices[0].ID)
	}())
}

func TestOneInvoiceACustomerOrOneAnOrder(t *testing.T) {
	for _, together := range []bool{true, false} {
		s, c, first := billed(t, 17)
		c.must("account.move", "unlink", first.Invoices[0].ID)
		second := bill(t, s, c, 1)
		c.must("account.move", "unlink", second.Invoices[0].ID)
		w := c.must("sale.advance.payment.inv", "create", map[string]any{"sale_order_ids": []any{[]any{6, 0, []any{first.ID, second.ID}}}, "consolidated_billing": together})
		c.must("sale.advance.payment.inv", "create_invoices", w)
		first, _ = s.Order(first.ID)
		second, _ = s.Order(second.ID)
		require.Equal(t, together, first.Invoices[0].ID == second.Invoices[0].ID)
		require.Len(t, s.Invoices(), map[bool]int{true: 1, false: 2}[together])
	}
}

func TestDeliveredServicesAreInvoicedAsDelivered(t *testing.T) {
	s := Start(t, Options{Now: day})
	s.AddProduct("WORK", "Work", decimal.NewFromInt(10), Values{"detailed_type": "service", "invoice_policy": "delivery"})
	s.AddPartner(map[string]any{"name": "Ann"})
	c := newClient(t, s, "api", "api")
	id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": s.ID("res.partner", "name", "Ann"), "order_line": []any{
		[]any{0, 0, map[string]any{"product_id": s.ID("product.product", "default_code", "WORK"), "product_uom_qty": 3, "price_unit": 10}}}}))
	c.must("sale.order", "action_confirm", id)
	o, _ := s.Order(id)
	require.Equal(t, "no", o.InvoiceStatus)
	c.must("sale.order.line", "write", []any{o.Lines[0].ID}, map[string]any{"qty_delivered": 2})
	c.bill(id)
	o, _ = s.Order(id)
	require.Equal(t, "2", o.Invoices[0].Lines[0].Quantity.String())
}

func TestALineBelowWhatIsInvoicedBecomesACreditNote(t *testing.T) {
	s, c, o := billed(t, 17)
	c.must("account.move", "action_post", o.Invoices[0].ID)
	c.must("sale.order.line", "write", []any{o.Lines[0].ID}, map[string]any{"product_uom_qty": 1, "price_unit": 8})
	row := c.must("sale.order.line", "read", []any{o.Lines[0].ID}, []any{"qty_to_invoice", "invoice_status"}).([]any)[0].(map[string]any)
	require.Equal(t, "-2.0", toText(row["qty_to_invoice"]))
	c.bill(o.ID)
	o, _ = s.Order(o.ID)
	refund := o.Invoices[1]
	require.Equal(t, []string{"out_refund", "2", "20.08"}, []string{refund.Type, refund.Lines[0].Quantity.String(), refund.Total.String()})
	require.Equal(t, []string{"1", "invoiced"}, []string{o.Lines[0].Invoiced.String(), o.InvoiceStatus})
	requireBalanced(t, s, refund.ID)
}

func TestCancellingAnOrderTakesDraftInvoicesAlongAndLeavesPostedOnes(t *testing.T) {
	s, c, o := billed(t, 17)
	quiet := map[string]any{"disable_cancel_warning": true}
	c.with(quiet, "sale.order", "action_cancel", []any{o.ID})
	require.Equal(t, "cancel", s.Invoices()[0].State)
	o = bill(t, s, c, 1)
	c.must("account.move", "action_post", o.Invoices[0].ID)
	c.with(quiet, "sale.order", "action_cancel", []any{o.ID})
	require.Equal(t, "posted", s.Invoices()[1].State)
}

func TestACreditNoteOfAPartTakesItOffTheInvoice(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := billed(t, version)
		inv := o.Invoices[0].ID
		active := map[string]any{"active_model": "account.move", "active_ids": []any{inv}}
		_, fault := c.try("account.move.reversal", "create", []any{map[string]any{"reason": "x", "journal_id": 1}}, map[string]any{"context": active})
		require.Contains(t, fault["message"], "posted")
		c.must("account.move", "action_post", inv)
		w := c.with(active, "account.move.reversal", "create", map[string]any{"reason": "back", "date": "2026-11-24"})
		note := c.must("account.move.reversal", "reverse_moves", w).(map[string]any)["res_id"]
		o, _ = s.Order(o.ID)
		require.Equal(t, "0", o.Lines[0].Invoiced.String(), "a draft counts")
		line := o.Invoices[1].Lines[0].ID
		c.must("account.move", "write", []any{note}, map[string]any{"invoice_line_ids": []any{[]any{1, line, map[string]any{"quantity": 1}}}})
		c.must("account.move", "action_post", note)
		o, _ = s.Order(o.ID)
		got := o.Invoices[1]
		require.Equal(t, []string{"RINV/2026/00001", "12.55", "0", "paid", "2026-11-24", "Reversal of: INV/2026/00001, back"},
			[]string{got.Name, got.Total.String(), got.Residual.String(), got.PaymentState, got.Date.Format(dateFormat), got.Ref})
		require.Equal(t, []string{"partial", "25.1"}, []string{o.Invoices[0].PaymentState, o.Invoices[0].Residual.String()})
		require.Equal(t, "2", o.Lines[0].Invoiced.String())
		require.Equal(t, inv, got.Reverses)
	}
}

func TestAFullCreditNoteReversesTheInvoice(t *testing.T) {
	s, c, o := billed(t, 17)
	inv := o.Invoices[0].ID
	c.must("account.move", "action_post", inv)
	w := c.with(map[string]any{"active_model": "account.move", "active_ids": []any{inv}}, "account.move.reversal", "create", map[string]any{})
	note := c.must("account.move.reversal", "reverse_moves", w).(map[string]any)["res_id"]
	c.must("account.move", "action_post", note)
	require.Equal(t, "reversed", s.Invoices()[0].PaymentState)
}

func TestAClosedPeriodMovesTheDateAndRefusesToReopen(t *testing.T) {
	for version, field := range map[int]string{17: "fiscalyear_lock_date", 19: "sale_lock_date"} {
		s, c, o := billed(t, version)
		old := o.Invoices[0].ID
		c.load("account.move", []string{".id", "invoice_date"}, [][]any{{old, "2026-10-15"}}, nil)
		c.must("account.move", "action_post", old)
		s.Lock(field, "2026-10-31")
		late := bill(t, s, c, 1).Invoices[0].ID
		c.load("account.move", []string{".id", "invoice_date"}, [][]any{{late, "2026-10-15"}}, nil)
		c.must("account.move", "action_post", late)
		got := s.Invoices()[1]
		require.Equal(t, []string{"2026-10-15", "2026-11-25"}, []string{got.Date.Format(dateFormat), got.Booked.Format(dateFormat)})
		require.Contains(t, c.refused("account.move", "button_draft", old), "You cannot add/modify entries prior to and inclusive of")
		require.Nil(t, c.must("account.move", "button_draft", late))
		s.Lock(field, "")
		require.Nil(t, c.must("account.move", "button_draft", old))
		require.Equal(t, "Only posted/cancelled journal entries can be reset to draft.", c.refused("account.move", "button_draft", old))
	}
}

func TestAPostedInvoiceOf19KeepsItsDateAndLines(t *testing.T) {
	_, c, o := billed(t, 19)
	inv := o.Invoices[0]
	c.must("account.move", "action_post", inv.ID)
	require.Equal(t, "You cannot modify the following readonly fields on a posted move: invoice_date", c.refused("account.move", "write", []any{inv.ID}, map[string]any{"invoice_date": "2026-11-01"}))
	c.must("account.move", "write", []any{inv.ID}, map[string]any{"ref": "other", "narration": "x"})
}

func TestAnInvoiceInAnotherCurrencyIsInTheBooksInTheCompanys(t *testing.T) {
	s, c, o := billed(t, 17)
	list := s.ID("product.pricelist", "name", "USD")
	id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": o.Partner, "pricelist_id": list, "order_line": []any{
		[]any{0, 0, map[string]any{"product_id": s.ID("product.product", "default_code", "WORK"), "product_uom_qty": 1, "price_unit": "10.80"}}}}))
	c.must("sale.order", "action_confirm", id)
	c.bill(id)
	o, _ = s.Order(id)
	require.Equal(t, []string{"USD", "13.55"}, []string{o.Invoices[0].Currency, o.Invoices[0].Total.String()})
	rows := c.must("account.move.line", "search_read", []any{[]any{"move_id", "=", o.Invoices[0].ID}, []any{"display_type", "=", "product"}}, []any{"balance", "amount_currency"}).([]any)
	require.Equal(t, []string{"-10.0", "-10.8"}, []string{toText(rows[0].(map[string]any)["balance"]), toText(rows[0].(map[string]any)["amount_currency"])})
	requireBalanced(t, s, o.Invoices[0].ID)
}
