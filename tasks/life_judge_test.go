package tasks

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// judge holds every order in Odoo against its store. Few may be parked for amounts.
func (l *lives) judge() {
	l.Helper()
	orders, payments := l.booked(), l.odoo.Payments()
	wrong, cents, told := 0, 0, 0
	for _, one := range l.all {
		want, got := l.compare(one, orders, payments)
		rec, found := l.record(one), orders[one.Now().Number]
		switch {
		case slices.Equal(want, got):
		case rec.parkedFor(settledSays, one.Now(), found) && byCents(rec, want, got):
			cents++
			l.Logf("order %s: %s", one.Now().Number, rec.Detail)
		case (rec.parkedFor(draftSays, one.Now(), found) || rec.parkedFor(settledSays, one.Now(), found)) && slices.Equal(want[3:], got[3:len(got)-1]): // the goods
			told++
			l.Logf("order %s: %s\n    %s", one.Now().Number, rec.Detail, one)
		default:
			wrong++
			l.Errorf("order %s (%s %s)\n    %s\nwant %s\ngot  %s", one.Now().Number, rec.Outcome, rec.Reason, one, strings.Join(want, "; "), strings.Join(got, "; "))
		}
	}
	l.Logf("%d of %d orders are wrong, %d are parked over cents, %d for more, and people are told how much", wrong, len(l.all), cents, told)
	if cents > 2+len(l.all)/50 || told > 1+len(l.all)/100 {
		l.Errorf("too many orders are parked: %d over cents, %d for more", cents, told)
	}
}

// What orders are parked for: what Odoo and the shop say, in total and tax.
var (
	settledSays = regexp.MustCompile(`come to (-?[\d.]+) EUR with (-?[\d.]+) tax, the shop has (-?[\d.]+) with (-?[\d.]+) tax`)
	draftSays   = regexp.MustCompile(`the draft invoice of \S+ says (-?[\d.]+) EUR with (-?[\d.]+) tax, the shop (-?[\d.]+) EUR with (-?[\d.]+) tax`)
)

// parkedFor reports whether an order is parked for its amounts in these words, and they
// are true of both sides.
func (r Record) parkedFor(says *regexp.Regexp, now shopifytest.Ledger, found []odootest.Order) bool {
	m := says.FindStringSubmatch(r.Detail)
	if m == nil || !r.parked() || r.Reason != string(commerce.Mismatch) || len(found) != 1 {
		return false
	}
	total, tax := decimal.Zero, decimal.Zero
	for _, v := range found[0].Invoices {
		switch {
		case v.State == "cancel":
		case v.Type == "out_refund":
			total, tax = total.Sub(v.Total), tax.Sub(v.Tax)
		default:
			total, tax = total.Add(v.Total), tax.Add(v.Tax)
		}
	}
	return m[1] == total.StringFixed(2) && m[2] == tax.StringFixed(2) && m[3] == worth(now).StringFixed(2)
}

// byCents reports whether all is as it ought to be but for a few cents, which documents
// that each round by themselves cannot always express.
func byCents(r Record, want, got []string) bool {
	near := func(a, b string) bool {
		return decimal.RequireFromString(a).Sub(decimal.RequireFromString(b)).Abs().LessThanOrEqual(decimal.New(5, -2))
	}
	m := settledSays.FindStringSubmatch(r.Detail)
	amounts := near(amountOf(want[0]), amountOf(got[0])) && near(amountOf(want[1]), amountOf(got[1])) // invoiced, receivable
	return near(m[1], m[3]) && near(m[2], m[4]) && amounts && slices.Equal(want[2:], got[2:len(got)-1])
}

// amountOf is the amount at the end of a text.
func amountOf(text string) string { return text[strings.LastIndex(text, " ")+1:] }

// booked are Odoo's orders by the shop's number.
func (l *lives) booked() map[string][]odootest.Order {
	orders := map[string][]odootest.Order{}
	for _, o := range l.odoo.Orders() {
		orders[o.Ref] = append(orders[o.Ref], o)
	}
	return orders
}

// compare says how an order must stand in Odoo, and how it does.
func (l *lives) compare(one *lived, orders map[string][]odootest.Order, payments []odootest.Payment) (want, got []string) {
	l.Helper()
	now := one.Now()
	rec := l.record(one)
	if one.later {
		now.Paid, now.Moves = decimal.Zero, 0
	}
	if found := orders[now.Number]; len(found) == 1 {
		got = l.stands(one, now, found[0], payments)
	} else {
		got = []string{fmt.Sprintf("%d orders", len(found))}
		if l.lossy && len(found) == 0 && rec.Outcome == Skipped && now.Total.Equal(now.Given) { // it was over before it was heard of
			return nil, nil
		}
	}
	if rec.parked() {
		got = append(got, "parked: "+cmp.Or(rec.Detail, rec.Reason))
	}
	return ought(now), got
}

func (l *lives) record(one *lived) Record {
	l.Helper()
	rec, _, err := l.w.journal.Get(context.Background(), one.ref)
	require.NoError(l, err)
	return rec
}

func (r Record) parked() bool {
	return r.Outcome == Parked || r.Outcome == Failed || r.Outcome == Retry
}

// worth is what the store has of an order. One for which more was given than it is
// worth since comes to nothing: so much was given before.
func worth(now shopifytest.Ledger) decimal.Decimal {
	return decimal.Max(decimal.Zero, now.Total.Sub(now.Given))
}

// ought is how an order must stand in Odoo by what the store knows of it.
func ought(now shopifytest.Ledger) []string {
	worth := worth(now)
	out := []string{"invoiced " + worth.StringFixed(2), "receivable " + worth.Sub(now.Paid).StringFixed(2), fmt.Sprintf("%d payments", now.Moves)}
	for i, line := range now.Lines {
		out = append(out, fmt.Sprintf("line %d: %d, delivered %d", i, line.Quantity+line.Kept, line.With))
	}
	return out
}

// stands is how it does.
func (l *lives) stands(one *lived, now shopifytest.Ledger, o odootest.Order, payments []odootest.Payment) []string {
	l.Helper()
	invoiced, _, open := billed(o)
	moves := 0
	for _, p := range payments {
		if strings.HasPrefix(p.Memo, now.Number+" ") {
			moves++
			open = open.Add(l.residual(p))
		}
	}
	out := []string{"invoiced " + invoiced.StringFixed(2), "receivable " + open.StringFixed(2), fmt.Sprintf("%d payments", moves)}
	for i, line := range now.Lines {
		n, delivered := decimal.Zero, decimal.Zero
		for _, row := range o.Lines {
			if strings.Contains(row.XID, "_line_"+line.ID+"_") {
				delivered = delivered.Add(row.Delivered)
				if o.State != "cancel" { // a cancelled order keeps what it was of
					n = n.Add(row.Quantity)
				}
			}
		}
		out = append(out, fmt.Sprintf("line %d: %s, delivered %s", i, n, delivered))
	}
	return out
}

// billed is what an order's invoices come to less its credit notes, with their tax, and
// what of that is open.
func billed(o odootest.Order) (total, tax, open decimal.Decimal) {
	for _, v := range o.Invoices {
		sign := decimal.NewFromInt(1)
		if v.Type == "out_refund" {
			sign = sign.Neg()
		}
		if v.State == "posted" {
			total, tax, open = total.Add(sign.Mul(v.Total)), tax.Add(sign.Mul(v.Tax)), open.Add(sign.Mul(v.Residual))
		}
	}
	return total, tax, open
}

// residual is what of a payment is matched with nothing; negative: the buyer's.
func (l *lives) residual(p odootest.Payment) decimal.Decimal {
	l.Helper()
	var rows []odooclient.Row
	require.NoError(l, l.admin.Call(context.Background(), odooclient.Request{Model: "account.move.line", Method: "search_read", Args: map[string]any{
		"domain": []any{[]any{"move_id", "=", p.Entry}, []any{"account_id.account_type", "=", "asset_receivable"}}, "fields": []any{"amount_residual"}}}, &rows))
	sum := decimal.Zero
	for _, r := range rows {
		sum = sum.Add(r.Dec("amount_residual"))
	}
	return sum
}
