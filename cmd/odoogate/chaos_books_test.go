package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// books are what Odoo has, ordered for judging.
type books struct {
	orders   map[string][]odootest.Order // by the shop's number
	payments map[string][]odootest.Payment
	open     map[int64]decimal.Decimal // by a payment's entry: what is matched with nothing
	people   map[string]int            // by e-mail
	told     map[string]told           // by the stores
}

func (c *chaos) books() books {
	c.Helper()
	b := books{orders: map[string][]odootest.Order{}, payments: map[string][]odootest.Payment{}, open: map[int64]decimal.Decimal{}, people: map[string]int{},
		told: map[string]told{}}
	for _, o := range c.odoo.Orders() {
		b.orders[o.Ref] = append(b.orders[o.Ref], o)
	}
	for _, p := range c.odoo.Payments() {
		number, _, _ := strings.Cut(p.Memo, " ")
		b.payments[number] = append(b.payments[number], p)
	}
	for _, p := range c.odoo.Partners() {
		if p.Parent == 0 && p.Email != "" {
			b.people[p.Email]++
		}
	}
	for _, at := range c.outlets {
		maps.Copy(b.told, at.told())
	}
	var rows []odooclient.Row
	require.NoError(c, c.admin.Call(context.Background(), odooclient.Request{Model: "account.move.line", Method: "search_read", Args: map[string]any{
		"domain": []any{[]any{"payment_id", "!=", false}, []any{"account_id.account_type", "=", "asset_receivable"}},
		"fields": []any{"move_id", "amount_residual"}}}, &rows))
	for _, r := range rows {
		entry, _ := r.Ref("move_id")
		b.open[entry] = b.open[entry].Add(r.Dec("amount_residual"))
	}
	return b
}

// doubledOf counts what an order has twice.
func (b books) doubledOf(f *finding, now ledger, o odootest.Order) {
	more := func(what string, keys []string) {
		seen := map[string]bool{}
		for _, k := range keys {
			if seen[k] {
				f.doubled[what]++
			}
			seen[k] = true
		}
	}
	var lines, notes, payments []string
	for _, l := range o.Lines {
		lines = append(lines, cmp.Or(l.XID, l.SKU))
	}
	for _, v := range o.Invoices {
		if v.Type == "out_refund" && v.State != "cancel" {
			ref := v.Ref
			if strings.HasSuffix(ref, " correction") { // of those there may be several, each of what the order lost since
				ref = v.XID
			}
			notes = append(notes, ref)
		}
	}
	for _, p := range b.payments[now.Number] {
		payments = append(payments, p.Memo)
	}
	more("lines", lines)
	more("credit notes", notes)
	more("payments", payments)
}

// movedTwice counts the lines of which more was moved, or waits to be, than the buyer
// has and should get.
func (b books) movedTwice(now ledger, o odootest.Order) (n int) {
	moved := map[int64]decimal.Decimal{} // out of the house less into it, by the order's line
	for _, p := range o.Pickings {
		sign := decimal.NewFromInt(1)
		if p.Kind == "incoming" {
			sign = sign.Neg()
		}
		for _, m := range p.Moves {
			switch m.State {
			case "done":
				moved[m.LineID] = moved[m.LineID].Add(sign.Mul(m.Quantity))
			case "cancel":
			default:
				moved[m.LineID] = moved[m.LineID].Add(sign.Mul(m.Demand))
			}
		}
	}
	for _, line := range now.Lines {
		sum := decimal.Zero
		for _, row := range rowsOf(o, line) {
			sum = sum.Add(moved[row.ID])
		}
		if sum.GreaterThan(decimal.NewFromInt(int64(line.With + line.Unsent))) {
			n++
		}
	}
	return n
}

// moves tells an order's transfers.
func moves(o odootest.Order) string {
	var all []string
	for _, p := range o.Pickings {
		for _, m := range p.Moves {
			all = append(all, fmt.Sprintf("%s %s %s: line %d, %s of %s, %s", p.Name, p.Kind, p.State, m.LineID, m.Quantity, m.Demand, m.State))
		}
	}
	return strings.Join(all, "; ")
}

// rowsOf are Odoo's rows of a line.
func rowsOf(o odootest.Order, line ledgerLine) (rows []odootest.Line) {
	for _, row := range o.Lines {
		if strings.Contains(row.XID, "_line_"+line.ID+"_") {
			rows = append(rows, row)
		}
	}
	return rows
}

// sku is that of the line at a place, if the store tells it: of what staff dropped it does
// not.
func (b books) sku(now ledger, i int) (sku string, known bool) {
	if all := b.told[now.Number].skus; i < len(all) {
		return all[i], true
	}
	return "dropped", false
}

// ought is how an order must stand in Odoo by what the store knows of it.
func (b books) ought(s *sold, o odootest.Order) []string {
	now := s.Now()
	posted := slices.ContainsFunc(o.Invoices, func(v odootest.Invoice) bool { return v.State == "posted" })
	never := now.Cancelled && now.Paid.IsZero() && !posted && len(b.payments[now.Number]) == 0 // it ended before it was invoiced
	if s.later || never {
		now.Paid, now.Moves = decimal.Zero, 0
	}
	worth := now.Total.Sub(now.Given)
	out := []string{"of " + s.email, "invoiced " + worth.StringFixed(2) + " and 0 drafts", "receivable " + worth.Sub(now.Paid).StringFixed(2), fmt.Sprintf("%d payments", now.Moves)}
	if now.Given.IsZero() { // else what tax was in it is Odoo's own reckoning
		out = append(out, "tax "+b.told[now.Number].tax.StringFixed(2))
	}
	for i, line := range now.Lines {
		sku, _ := b.sku(now, i)
		out = append(out, fmt.Sprintf("line %d: %d %s, delivered %d", i, line.Quantity+line.Kept, sku, line.With))
	}
	return out
}

// stands is how it does.
func (b books) stands(now ledger, o odootest.Order) []string {
	var invoiced, open, tax decimal.Decimal
	drafts := 0
	for _, v := range o.Invoices {
		if v.State == "draft" {
			drafts++
		}
		sign := decimal.NewFromInt(1)
		if v.Type == "out_refund" {
			sign = sign.Neg()
		}
		if v.State == "posted" {
			invoiced, open, tax = invoiced.Add(sign.Mul(v.Total)), open.Add(sign.Mul(v.Residual)), tax.Add(sign.Mul(v.Tax))
		}
	}
	for _, p := range b.payments[now.Number] {
		open = open.Add(b.open[p.Entry])
	}
	out := []string{"of " + o.Buyer.Email, fmt.Sprintf("invoiced %s and %d drafts", invoiced.StringFixed(2), drafts), "receivable " + open.StringFixed(2), fmt.Sprintf("%d payments", len(b.payments[now.Number]))}
	if now.Given.IsZero() {
		out = append(out, "tax "+tax.StringFixed(2))
	}
	for i, line := range now.Lines {
		n, delivered := decimal.Zero, decimal.Zero
		sku, known := b.sku(now, i) // one without pieces may have no row
		for _, row := range rowsOf(o, line) {
			delivered = delivered.Add(row.Delivered)
			if known {
				sku = row.SKU
			}
			if o.State != "cancel" { // a cancelled order keeps what it was of
				n = n.Add(row.Quantity)
			}
		}
		out = append(out, fmt.Sprintf("line %d: %s %s, delivered %s", i, n, sku, delivered))
	}
	return out
}
