package odooclient_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// settlement is what is reconciled in one call, as "kind amount", and what is left
// of it and of the documents' states.
type settlement struct{ items, left, states string }

// settlements are pairs that Odoo makes by due date, then by signed amount: a
// payment is due on its day, the documents here later, so money meets money first.
var settlements = []settlement{
	{"invoice 30, note 10, in 30, out 10", "0 0 0 0", "paid paid"},
	{"invoice 30, note 10, in 20", "0 0 0", "paid paid"},
	{"invoice 30, note 10, in 15", "5 0 0", "partial paid"},
	{"invoice 30, note 10, in 50, out 10", "0 -10 -10 0", "paid not_paid"},
	{"invoice 30, in 50", "0 -20", "paid"},
	{"invoice 30, invoice 20, note 10, note 5, in 50, out 15", "0 0 0 0 0 0", "paid paid paid paid"},
	{"invoice 30, invoice 20, note 10, note 5, in 35", "0 0 0 0 0", "paid paid paid paid"},
	{"invoice 30, note 10, note 20", "0 0 0", "reversed paid paid"},
	{"invoice 10, note 10, in 10, out 10", "0 0 0 0", "reversed paid"},
	{"invoice 30, in 30, out 30", "30 0 0", "not_paid"},
	{"invoice 30, note 40, in 30, out 40", "0 0 0 0", "reversed paid"},
}

// settle makes the documents and payments of one customer, reconciles them in one
// call and tells what is left.
func (o *odoo) settle(t *testing.T, items string) (left, states string) {
	t.Helper()
	_, partner, other := o.billed(t) // another invoice of the customer, which nothing touches
	var moves []int64
	var rest, how []string
	documents := 0
	for _, item := range strings.Split(items, ", ") {
		kind, amount, _ := strings.Cut(item, " ")
		switch kind {
		case "invoice":
			moves = append(moves, o.plain(t, partner, "out_invoice", amount))
			documents++
		case "note":
			moves = append(moves, o.plain(t, partner, "out_refund", amount))
			documents++
		default:
			_, entry, _ := o.pay(t, partner, kind+"bound", amount)
			moves = append(moves, entry)
		}
	}
	o.reconcile(t, moves...)
	for i, move := range moves {
		rows := o.search(t, "account.move.line", []any{[]any{"move_id", "=", move}, []any{"account_id.account_type", "=", "asset_receivable"}}, "amount_residual")
		require.Len(t, rows, 1)
		rest = append(rest, rows[0].Dec("amount_residual").String())
		if i < documents {
			how = append(how, o.get(t, "account.move", move, "payment_state").Str("payment_state"))
		}
	}
	require.Equal(t, "not_paid 19.00", o.paid(t, other))
	return strings.Join(rest, " "), strings.Join(how, " ")
}

// plain is a posted document of one line without taxes that nothing else names.
func (o *odoo) plain(t *testing.T, partner int64, kind, amount string) int64 {
	t.Helper()
	price, _ := decimal.RequireFromString(amount).Float64()
	id := o.create(t, "account.move", map[string]any{"move_type": kind, "partner_id": partner, "invoice_date_due": "2026-12-24", "invoice_line_ids": []any{
		[]any{0, 0, map[string]any{"product_id": o.products[0], "quantity": 1, "price_unit": price, "tax_ids": []any{[]any{6, 0, []int64{}}}}}}}, o.context())
	o.post(t, id)
	return id
}

func settleClauses() []clause {
	return []clause{
		{"documents and payments of a customer are reconciled in one call", func(t *testing.T, o *odoo) {
			for _, s := range settlements {
				left, states := o.settle(t, s.items)
				require.Equal(t, s.left, left, s.items)
				require.Equal(t, s.states, states, s.items)
			}
		}},
		{"too much from one customer pays another who is reconciled with them", func(t *testing.T, o *odoo) {
			_, one, _ := o.billed(t)
			_, two, _ := o.billed(t)
			first, second := o.plain(t, one, "out_invoice", "30"), o.plain(t, two, "out_invoice", "20")
			_, much, _ := o.pay(t, one, "inbound", "40")
			_, little, _ := o.pay(t, two, "inbound", "15")
			o.reconcile(t, first, second, little, much)
			require.Equal(t, []string{"paid 0.00", "paid 0.00"}, []string{o.paid(t, first), o.paid(t, second)})
			require.Empty(t, o.openItems(t, much), "so reconcile customer by customer")
			require.Len(t, o.openItems(t, little), 1)
		}},
		{"money that goes out has a method and an entry of its own", func(t *testing.T, o *odoo) {
			methods := o.search(t, "account.payment.method.line", []any{[]any{"payment_type", "=", "outbound"}, []any{"journal_id", "=", o.bank(t)}}, "code", "payment_account_id", "payment_method_id")
			require.NotEmpty(t, methods)
			require.Equal(t, "manual", methods[0].Str("code"))
			require.Contains(t, o.get(t, "account.journal", o.bank(t), "outbound_payment_method_line_ids").IDs("outbound_payment_method_line_ids"), methods[0].ID())
			_, partner, _ := o.billed(t)
			payment, entry, _ := o.pay(t, partner, "outbound", "5.00")
			row := o.get(t, "account.payment", payment, "payment_method_line_id", "amount_signed", "payment_type")
			method, _ := row.Ref("payment_method_line_id")
			require.Equal(t, methods[0].ID(), method)
			require.Equal(t, []string{"outbound", "-5.00"}, []string{row.Str("payment_type"), row.Dec("amount_signed").StringFixed(2)})
			balances := map[string]bool{}
			for _, l := range o.search(t, "account.move.line", []any{[]any{"move_id", "=", entry}}, "balance") {
				balances[l.Dec("balance").StringFixed(2)] = true
			}
			require.Equal(t, map[string]bool{"5.00": true, "-5.00": true}, balances)
			_, err := o.call(t, "account.payment", "action_cancel", []int64{payment}, nil)
			require.NoError(t, err)
			require.Equal(t, "cancel", o.state(t, "account.move", entry))
			require.Equal(t, map[bool]string{false: "cancel", true: "canceled"}[o.major >= 19], o.state(t, "account.payment", payment))
		}},
		{"lines that are reconciled already are refused, none is nothing", func(t *testing.T, o *odoo) {
			_, partner, _ := o.billed(t)
			invoice := o.plain(t, partner, "out_invoice", "7")
			item := o.openItems(t, invoice)
			_, entry, _ := o.pay(t, partner, "inbound", "7")
			o.reconcile(t, invoice, entry)
			_, err := o.call(t, "account.move.line", "reconcile", item, nil)
			requireFault(t, odooclient.UserError, err, "already reconciled")
			_, err = o.call(t, "account.move.line", "reconcile", []int64{}, nil)
			require.NoError(t, err)
		}},
	}
}
