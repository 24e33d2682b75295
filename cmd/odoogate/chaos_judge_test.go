package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
)

// finding is all that a judge found, from Odoo's side.
type finding struct {
	right, unwanted int            // unwanted: cancelled or paid back before they came in
	lost, wrong     []string       // orders
	doubled         map[string]int // by what is there twice
	left            map[string]int // to people, by the reason
	stuck           []string       // parked for no reason that there may be
	unexplained     []string       // events that came after the wipe
	explained       map[string]int // the others, by what the journal says
	took            time.Duration  // to settle
}

var doubles = []string{"orders", "lines", "partners", "payments", "credit notes", "pickings"}

func (f finding) settled() bool {
	return len(f.lost)+len(f.wrong)+len(f.stuck)+len(f.unexplained) == 0
}

func (f finding) require(c *chaos) {
	c.Helper()
	for _, what := range doubles {
		assert.Zero(c, f.doubled[what], "%s are doubled", what)
	}
	assert.Empty(c, f.lost, "orders are lost")
	assert.Empty(c, f.wrong, "orders are wrong")
	assert.Empty(c, f.stuck, "orders are parked")
	assert.Empty(c, f.unexplained, "events of which the journal knows nothing")
	for _, p := range c.procs {
		assert.Empty(c, p.ended, "processes ended by themselves")
	}
	for status, n := range c.mail.refused {
		assert.Contains(c, []int{429, 503}, status, "%d deliveries were refused", n)
	}
}

// settle waits until Odoo says what the store says, the journal what became of every
// event, and the queue is empty.
func (c *chaos) settle() (f finding) {
	c.Helper()
	start := time.Now()
	for {
		f = c.judge()
		if f.settled() && c.queueIsEmpty() {
			break
		}
		if time.Since(start) > chaosPatience {
			c.Errorf("not settled in %s", chaosPatience)
			break
		}
		pause(c.Context(), time.Second)
	}
	f = c.judge() // as it stands when nothing is under way any more
	f.took = time.Since(start)
	return f
}

// queueIsEmpty counts what of Asynq's queue still comes to be run. Tasks that died with
// their worker count as active for up to two minutes; their work was done by others.
func (c *chaos) queueIsEmpty() bool {
	c.Helper()
	rdb := c.redis.Client()
	defer func() { _ = rdb.Close() }()
	pending, err := rdb.LLen(c.Context(), "asynq:{"+tasks.LaneLive+"}:pending").Result()
	require.NoError(c, err)
	for _, set := range []string{"scheduled", "retry"} {
		n, err := rdb.ZCard(c.Context(), "asynq:{"+tasks.LaneLive+"}:"+set).Result()
		require.NoError(c, err)
		pending += n
	}
	return pending == 0
}

// judge compares Odoo with the store, order by order.
func (c *chaos) judge() finding {
	c.Helper()
	f := finding{doubled: map[string]int{}, left: map[string]int{}, explained: map[string]int{}}
	b := c.books()
	for _, s := range c.sold {
		c.judgeOrder(&f, b, s)
	}
	for _, n := range b.people {
		f.doubled["partners"] += n - 1
	}
	for id, a := range c.mail.afterWipe {
		if how := c.explained(c.Context(), a); how != "" {
			f.explained[how]++
		} else {
			f.unexplained = append(f.unexplained, id)
		}
	}
	return f
}

func (c *chaos) judgeOrder(f *finding, b books, s *sold) {
	c.Helper()
	rec, _, err := c.journal.Get(c.Context(), s.ref)
	require.NoError(c, err)
	now, found := s.Now(), b.orders[s.Now().Number]
	f.doubled["orders"] += max(0, len(found)-1)
	for _, o := range found {
		b.doubledOf(f, now, o)
	}
	parked := rec.Outcome == tasks.Parked || rec.Outcome == tasks.Failed
	switch {
	case len(found) == 0 && rec.Outcome == tasks.Skipped && (now.Cancelled || now.Moves > 0 && now.Paid.IsZero()):
		f.unwanted++
	case len(found) == 0 && !parked:
		f.lost = append(f.lost, fmt.Sprintf("%s: %s %s", now.Number, rec.Outcome, rec.Reason))
	case parked && len(found) == 1 && rec.Reason == string(commerce.Diverged) && c.mayDiverge(s):
		f.left[rec.Reason]++
	case parked:
		f.stuck = append(f.stuck, fmt.Sprintf("%s: %s %s: %s\n    %s", now.Number, rec.Outcome, rec.Reason, rec.Detail, s))
	case len(found) == 1:
		f.doubled["pickings"] += b.movedTwice(now, found[0])
		if want, got := b.ought(s, found[0]), b.stands(now, found[0]); !slices.Equal(want, got) {
			f.wrong = append(f.wrong, fmt.Sprintf("%s (%s %s %s):\n  want %s\n  got  %s\n    %s", now.Number, rec.Outcome, rec.Reason, rec.Detail,
				strings.Join(want, "; "), strings.Join(got, "; "), s))
		} else {
			f.right++
		}
	}
}

// books are what Odoo has, ordered for judging.
type books struct {
	orders   map[string][]odootest.Order // by the shop's number
	payments map[string][]odootest.Payment
	open     map[int64]decimal.Decimal // by a payment's entry: what is matched with nothing
	people   map[string]int            // by e-mail
	tax      map[string]decimal.Decimal
}

func (c *chaos) books() books {
	c.Helper()
	b := books{orders: map[string][]odootest.Order{}, payments: map[string][]odootest.Payment{}, open: map[int64]decimal.Decimal{}, people: map[string]int{},
		tax: map[string]decimal.Decimal{}}
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
	for _, o := range c.store.Orders() {
		b.tax[o.Number] = o.TotalTax
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
func (b books) doubledOf(f *finding, now shopifytest.Ledger, o odootest.Order) {
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

// movedTwice counts the lines of which more was moved, or is to be moved, than the buyer
// has and should get.
func (b books) movedTwice(now shopifytest.Ledger, o odootest.Order) (lines int) {
	moved := map[int64]decimal.Decimal{} // out of the house less into it, by the order's line
	for _, p := range o.Pickings {
		for _, m := range p.Moves {
			n := m.Demand
			if m.State == "done" {
				n = m.Quantity
			}
			if p.Kind == "incoming" {
				n = n.Neg()
			}
			if m.State != "cancel" {
				moved[m.LineID] = moved[m.LineID].Add(n)
			}
		}
	}
	for _, line := range now.Lines {
		sum := decimal.Zero
		for _, row := range rowsOf(o, line) {
			sum = sum.Add(moved[row.ID])
		}
		if sum.GreaterThan(decimal.NewFromInt(int64(line.With + line.Unsent))) {
			lines++
		}
	}
	return lines
}

// rowsOf are Odoo's rows of a line.
func rowsOf(o odootest.Order, line shopifytest.LedgerLine) (rows []odootest.Line) {
	for _, row := range o.Lines {
		if strings.Contains(row.XID, "_line_"+line.ID+"_") {
			rows = append(rows, row)
		}
	}
	return rows
}

// ought is how an order must stand in Odoo by what the store knows of it.
func (b books) ought(s *sold, o odootest.Order) []string {
	now := s.Now()
	never := now.Cancelled && now.Paid.IsZero() && len(o.Invoices) == 0 // it ended before it was invoiced
	if s.Later || never {
		now.Paid, now.Moves = decimal.Zero, 0
	}
	worth := now.Total.Sub(now.Given)
	out := []string{"invoiced " + worth.StringFixed(2), "receivable " + worth.Sub(now.Paid).StringFixed(2), fmt.Sprintf("%d payments", now.Moves)}
	if now.Given.IsZero() { // else what tax was in it is Odoo's own reckoning
		out = append(out, "tax "+b.tax[now.Number].StringFixed(2))
	}
	for i, line := range now.Lines {
		out = append(out, fmt.Sprintf("line %d: %d, delivered %d", i, line.Quantity+line.Kept, line.With))
	}
	return out
}

// stands is how it does.
func (b books) stands(now shopifytest.Ledger, o odootest.Order) []string {
	var invoiced, open, tax decimal.Decimal
	for _, v := range o.Invoices {
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
	out := []string{"invoiced " + invoiced.StringFixed(2), "receivable " + open.StringFixed(2), fmt.Sprintf("%d payments", len(b.payments[now.Number]))}
	if now.Given.IsZero() {
		out = append(out, "tax "+tax.StringFixed(2))
	}
	for i, line := range now.Lines {
		n, delivered := decimal.Zero, decimal.Zero
		for _, row := range rowsOf(o, line) {
			delivered = delivered.Add(row.Delivered)
			if o.State != "cancel" { // a cancelled order keeps what it was of
				n = n.Add(row.Quantity)
			}
		}
		out = append(out, fmt.Sprintf("line %d: %s, delivered %s", i, n, delivered))
	}
	return out
}
