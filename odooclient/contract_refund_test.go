package odooclient_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

const noteColumns = "id move_type partner_id/.id journal_id/.id invoice_date ref currency_id/.id reversed_entry_id/.id invoice_line_ids/id " +
	"invoice_line_ids/product_id/.id invoice_line_ids/name invoice_line_ids/quantity invoice_line_ids/price_unit invoice_line_ids/discount " +
	"invoice_line_ids/tax_ids/.id invoice_line_ids/sale_line_ids/.id"

// noteRow is a credit note of one line of the first product against an invoice. Its
// name is its external id; of is the order's line, 0 for none.
func (o *odoo) noteRow(t *testing.T, name string, invoice, of int64, quantity, price string) []any {
	t.Helper()
	row := o.get(t, "account.move", invoice, "partner_id", "journal_id", "currency_id")
	id := func(field string) string {
		ref, _ := row.Ref(field)
		return strconv.FormatInt(ref, 10)
	}
	line := ""
	if of != 0 {
		line = strconv.FormatInt(of, 10)
	}
	return []any{xid(name), "out_refund", id("partner_id"), id("journal_id"), "2026-11-04", name, id("currency_id"), strconv.FormatInt(invoice, 10),
		xid(name) + "_l", strconv.FormatInt(o.products[0], 10), "Back " + name, quantity, price, "0", "", line}
}

// note loads a credit note against an invoice that stands for an order's first line.
func (o *odoo) note(t *testing.T, order, invoice int64, quantity, price string) int64 {
	t.Helper()
	return o.loaded(t, "account.move", noteColumns, o.noteRow(t, o.name(), invoice, o.lines(t, order)[0].ID(), quantity, price))
}

func refundClauses() []clause {
	return []clause{
		{"a credit note is loaded once and counts at once", func(t *testing.T, o *odoo) {
			b, _, invoice := o.billed(t)
			line := o.lines(t, b.id)[0].ID()
			row := o.noteRow(t, o.name(), invoice, line, "1", "9.50")
			note := o.loaded(t, "account.move", noteColumns, row)
			got := o.get(t, "account.move", note, "move_type", "state", "amount_total", "invoice_line_ids", "reversed_entry_id", "invoice_date")
			require.Equal(t, []string{"out_refund", "draft", "9.50", "2026-11-04"}, []string{got.Str("move_type"), got.Str("state"), got.Dec("amount_total").StringFixed(2), got.Str("invoice_date")})
			require.Len(t, got.IDs("invoice_line_ids"), 1)
			require.ElementsMatch(t, []int64{invoice, note}, o.get(t, "sale.order", b.id, "invoice_ids").IDs("invoice_ids"))
			require.Equal(t, []string{"1", "1"}, []string{o.lineQty(t, b.id, "qty_invoiced"), o.lineQty(t, b.id, "qty_to_invoice")})
			require.Equal(t, "to invoice", o.get(t, "sale.order", b.id, "invoice_status").Str("invoice_status"))
			row[11] = "2"
			require.Equal(t, note, o.loaded(t, "account.move", noteColumns, row))
			again := o.get(t, "account.move", note, "amount_total", "invoice_line_ids")
			require.Equal(t, "19.00", again.Dec("amount_total").StringFixed(2))
			require.Equal(t, got.IDs("invoice_line_ids"), again.IDs("invoice_line_ids"))
			o.post(t, note)
			require.Equal(t, "reversed 0.00", o.paid(t, invoice))
			row[11] = "1"
			_, err := o.load(t, "account.move", noteColumns, row)
			requireRow(t, err, map[bool]string{false: "on a reconciled journal entry", true: "readonly fields on a posted move"}[o.major >= 19])
			require.Equal(t, "paid 0.00", o.paid(t, note))
		}},
		{"a credit note that is only made anew leaves an old one alone", func(t *testing.T, o *odoo) {
			b, _, invoice := o.billed(t)
			row := o.noteRow(t, o.name(), invoice, o.lines(t, b.id)[0].ID(), "1", "9.50")
			s := odooclient.Shape{Model: "account.move", Fields: strings.Fields(noteColumns), Context: o.context("mode", "update", "noupdate", true)}
			first, err := o.Load(t.Context(), s, [][]any{row})
			require.NoError(t, err)
			for range 2 {
				row[11] = "2"
				id, err := o.Load(t.Context(), s, [][]any{row})
				require.NoError(t, err, "a posted one too")
				require.Equal(t, first, id)
				require.Equal(t, "9.50", o.get(t, "account.move", id, "amount_total").Dec("amount_total").StringFixed(2))
				if o.state(t, "account.move", id) == "draft" {
					o.post(t, id)
				}
			}
		}},
		{"a line's account is derived, unless its cell is there and empty", func(t *testing.T, o *odoo) {
			b, _, invoice := o.billed(t)
			row := o.noteRow(t, o.name(), invoice, o.lines(t, b.id)[0].ID(), "1", "9.50")
			_, err := o.load(t, "account.move", noteColumns+" invoice_line_ids/account_id/.id", append(row, ""))
			requireRow(t, err, "account_move_line_check_accountable_required_fields")
			note := o.loaded(t, "account.move", noteColumns, row)
			items := o.search(t, "account.move.line", []any{[]any{"move_id", "=", note}, []any{"display_type", "=", "product"}}, "account_id")
			account, _ := items[0].Ref("account_id")
			require.Positive(t, account)
		}},
		{"a draft is deleted and its order waits for it again", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			unlink := func(id int64) error {
				_, err := o.call(t, "account.move", "unlink", []int64{id}, o.context())
				return err
			}
			require.NoError(t, unlink(o.invoice(t, b.id)))
			row := o.get(t, "sale.order", b.id, "invoice_status", "invoice_ids")
			require.Equal(t, "to invoice", row.Str("invoice_status"))
			require.Empty(t, row.IDs("invoice_ids"))
			require.Equal(t, "0", o.lineQty(t, b.id, "qty_invoiced"))
			invoice := o.invoice(t, b.id)
			o.post(t, invoice)
			require.NoError(t, unlink(o.note(t, b.id, invoice, "1", "9.50")))
			require.Equal(t, "2", o.lineQty(t, b.id, "qty_invoiced"))
			requireFault(t, odooclient.UserError, unlink(invoice), "delete a posted journal item")
			note := o.note(t, b.id, invoice, "1", "9.50")
			o.post(t, note)
			requireFault(t, odooclient.UserError, unlink(note), map[bool]string{false: "on a reconciled journal entry", true: "delete a posted journal item"}[o.major >= 19])
			_, err := o.call(t, "account.move", "button_draft", []int64{note}, nil)
			require.NoError(t, err)
			require.NoError(t, unlink(note), "the last number may be taken back")
			require.Equal(t, "not_paid 19.00", o.paid(t, invoice))
		}},
		{"an invoice says who wrote it last", func(t *testing.T, o *odoo) {
			_, _, invoice := o.billed(t)
			uid, err := o.UID(t.Context())
			require.NoError(t, err)
			row := o.get(t, "account.move", invoice, "create_uid", "write_uid")
			for _, field := range []string{"create_uid", "write_uid"} {
				who, _ := row.Ref(field)
				require.Equal(t, uid, who, field)
			}
		}},
		{"a credit note meets its invoice when it is posted, if that is posted and open", func(t *testing.T, o *odoo) {
			b, partner, invoice := o.billed(t)
			part := o.note(t, b.id, invoice, "1", "4.00")
			o.post(t, part)
			require.Equal(t, []string{"partial 15.00", "paid 0.00"}, []string{o.paid(t, invoice), o.paid(t, part)})
			_, entry, _ := o.pay(t, partner, "inbound", "15.00")
			o.reconcile(t, invoice, entry)
			late := o.note(t, b.id, invoice, "1", "4.00")
			o.post(t, late)
			require.Equal(t, []string{"paid 0.00", "not_paid 4.00"}, []string{o.paid(t, invoice), o.paid(t, late)})
			b = o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			draft := o.invoice(t, b.id)
			early := o.note(t, b.id, draft, "1", "4.00")
			o.post(t, early)
			o.post(t, draft)
			require.Equal(t, []string{"not_paid 19.00", "not_paid 4.00"}, []string{o.paid(t, draft), o.paid(t, early)})
		}},
		{"credit notes of two invoices posted in one call are mixed up", func(t *testing.T, o *odoo) {
			one, _, first := o.billed(t)
			two, _, second := o.billed(t)
			notes := []int64{o.note(t, one.id, first, "1", "4.00"), o.note(t, one.id, first, "1", "5.00"), o.note(t, two.id, second, "1", "6.00")}
			_, err := o.call(t, "account.move", "action_post", notes, o.context())
			require.NoError(t, err)
			require.Equal(t, []string{"partial 15.00", "partial 14.00", "not_paid 6.00"}, []string{o.paid(t, first), o.paid(t, second), o.paid(t, notes[2])}, "so post them one by one")
		}},
	}
}
