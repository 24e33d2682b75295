package erp_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// lives is how many generated lives of orders are run, and the seed of the first one:
// ODOOGATE_LIVES asks for so many, from a new seed on or from ODOOGATE_SEED.
func lives(t *testing.T, usual int) (n int, first uint64) {
	t.Helper()
	n = usual
	if text := os.Getenv("ODOOGATE_LIVES"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err, "ODOOGATE_LIVES")
		first = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("ODOOGATE_SEED"); text != "" {
		var err error
		first, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "ODOOGATE_SEED")
	}
	return n, first
}

// chance is a shop whose merchants and buyers do what comes to their minds.
type chance struct {
	*rand.Rand
	*counter
	single bool // all of its goods have one tax
}

// placed is an order of one to three goods.
func (p *place) placed(seed uint64) *chance {
	p.Helper()
	c := &chance{Rand: rand.New(rand.NewPCG(seed, 6)), counter: p.till(), single: true}
	for range 1 + c.IntN(3) {
		w := c.add(decimal.New(int64(100+c.IntN(4000)), -2).String(), strconv.Itoa(1+c.IntN(4)))
		if c.IntN(3) == 0 {
			w.rate, c.single = dec("14"), false
		}
	}
	return c
}

// some is a part of what there is, at least one.
func (c *chance) some(of decimal.Decimal) decimal.Decimal {
	return decimal.NewFromInt(1 + c.Int64N(of.IntPart()))
}

// does is one thing that happens; it reports whether anything could.
func (c *chance) does() bool {
	w := c.wares[c.IntN(len(c.wares))]
	unrefunded := decimal.Min(w.left, w.with().Sub(w.kept)) // of what is with the buyer
	of := refunded{ware: w, pending: c.IntN(6) == 0}
	if c.IntN(4) == 0 && c.postage.IsPositive() {
		of.postage = decimal.Min(c.postage, decimal.New(int64(50+c.IntN(300)), -2))
	}
	kind := c.IntN(12)
	if c.given.IsPositive() && kind >= 5 && kind != 10 { // nobody gives back more than an order was
		return false
	}
	switch kind {
	case 0, 1:
		if owed := c.worth().Sub(c.paid); owed.IsPositive() {
			c.pay(owed)
			return true
		}
	case 2, 3:
		before := len(c.parcels)
		c.ship(strconv.Itoa(1 + c.IntN(4)))
		return len(c.parcels) > before
	case 4:
		if c.ended || w.kept.IsPositive() { // which of them were refunded nobody could tell then
			return false
		}
		c.edit(w, strconv.Itoa(1+c.IntN(2)))
		return true
	case 5:
		if w.toShip.IsPositive() {
			of.n, of.restock = c.some(w.toShip), commerce.RestockCancel
			of.none = c.IntN(3) == 0
			of.apart = of.none
			c.refund(of)
			return true
		}
	case 6, 7:
		if unrefunded.IsPositive() {
			of.n, of.restock = c.some(unrefunded), commerce.RestockReturn
			c.refund(of)
			return true
		}
	case 8:
		if unrefunded.IsPositive() && w.left.IsPositive() && !c.expects(w) {
			of.n, of.restock = c.some(decimal.Min(w.left, unrefunded.Add(w.toShip))), commerce.RestockNone
			c.refund(of)
			return true
		}
	case 9:
		if c.single && c.worth().GreaterThan(dec("3")) && c.paid.GreaterThan(dec("3")) {
			c.refund(refunded{beyond: decimal.New(int64(1+c.IntN(300)), -2)})
			return true
		}
	case 10:
		return c.sends(w, unrefunded)
	case 11:
		if !c.ended && c.IntN(2) == 0 {
			c.cancel(c.IntN(2) == 0)
			return true
		}
	}
	return false
}

// sends is goods that are sent back, received, refunded, or not.
func (c *chance) sends(w *ware, unrefunded decimal.Decimal) bool {
	for _, r := range c.returns {
		if r.Status != commerce.ReturnOpen {
			continue
		}
		w, n := c.wareOf(r.Lines[0].LineID), r.Lines[0].Quantity
		switch {
		case len(r.Received) > 0 && w.left.GreaterThanOrEqual(n) && !c.given.IsPositive():
			c.refund(refunded{ware: w, n: n, restock: commerce.RestockNone, of: r.ID})
			c.close(r.ID, commerce.ReturnClosed)
		case len(r.Received) == 0 && c.IntN(3) == 0:
			c.close(r.ID, commerce.ReturnDeclined)
		case len(r.Received) == 0 && w.with().Sub(w.kept).GreaterThanOrEqual(n):
			c.receive(r.ID, w, n, "")
		default:
			continue
		}
		return true
	}
	if !unrefunded.IsPositive() {
		return false
	}
	c.sendBack(w, c.some(unrefunded))
	return true
}

// expects reports whether some of a ware is on its way back.
func (c *chance) expects(w *ware) bool {
	return slices.ContainsFunc(c.returns, func(r commerce.Return) bool {
		return r.Status == commerce.ReturnOpen && r.Lines[0].LineID == w.id
	})
}

func (c *chance) wareOf(id string) *ware {
	for _, w := range c.wares {
		if w.id == id {
			return w
		}
	}
	return nil
}

// life is an order's whole life, as the shop tells it after each event: eight at most,
// and after them what money is under way arrives.
func (p *place) lived(seed uint64) (*counter, []*commerce.Order) {
	p.Helper()
	c := p.placed(seed)
	told := []*commerce.Order{c.order()}
	for events, tries := 1+c.IntN(8), 0; events > 0 && tries < 60; tries++ {
		if c.does() {
			told = append(told, c.order())
			events--
		}
	}
	c.arrives()
	return c.counter, append(told, c.order())
}

// atLife is an Odoo in memory with two taxes, for a shop that books all of it.
func atLife(t *testing.T, version int) *place {
	t.Helper()
	s := odootest.Start(t, odootest.Options{Version: version})
	p := open(t, s, s.Config(), s.ConfigOf("admin"))
	s.AddTax("14% G", "14", true, "")
	p.online()
	p.shop.Import.Fulfilled, p.shop.Import.Cancelled, p.shop.Books.EditableUntil = "import", "quotation", "always"
	p.shop.Books.Products.Refund, p.shop.Books.Products.Rounding = "ERP-POST", "ERP-POST"
	return p
}

// Whatever happens to an order, however its states are told (doubled, left out, with
// calls lost), it ends with what the shop says: net amounts and taxes on invoices, what
// the buyer owes, and where the goods are.
func TestEveryLifeOfAnOrderEndsAsTheShopSays(t *testing.T) {
	n, first := lives(t, 200)
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			p := atLife(t, version)
			t.Logf("from seed %d", first)
			for seed := first; seed < first+uint64(n/2); seed++ {
				p.within(fmt.Sprint(seed), func(p *place) {
					straight, told := p.lived(seed)
					p.Cleanup(func() {
						if p.Failed() {
							p.Log(strings.Join(straight.said, "\n"))
						}
					})
					var last erp.Applied
					for _, o := range told {
						p.toldOf(o, &last)
					}
					p.judge(straight, told)
					disturbed, told := p.lived(seed)
					p.disturb(rand.New(rand.NewPCG(seed, 7)), told)
					p.judge(disturbed, told)
				})
			}
		})
	}
}

// toldOf books one state. Money that is under way is waited for.
func (p *place) toldOf(o *commerce.Order, last *erp.Applied) {
	p.Helper()
	out, err := p.Order(p.Context(), p.shop, o, *last, yes)
	if err != nil {
		require.Equal(p, commerce.RateLimited, commerce.ReasonOf(err), err.Error())
	}
	if out.Booked {
		*last = applied(o, out)
	}
}

// disturb tells some of the states, some of them twice, and loses calls.
func (p *place) disturb(r *rand.Rand, told []*commerce.Order) {
	p.Helper()
	var last erp.Applied
	for at, o := range told {
		if at < len(told)-1 && r.IntN(3) == 0 {
			continue
		}
		for range 1 + r.IntN(2) {
			books := p.Books
			if r.IntN(3) == 0 {
				books = p.through(&scissors{at: 15 + r.Int64N(70), after: r.IntN(2) == 0})
			}
			p.afterCuts(books, o, &last)
		}
	}
}

// afterCuts looks at a state until it is booked, as a worker would.
func (p *place) afterCuts(books *erp.Books, o *commerce.Order, last *erp.Applied) {
	p.Helper()
	for range 6 {
		out, err := books.Order(p.Context(), p.shop, o, *last, yes)
		reason := commerce.ReasonOf(err)
		switch {
		case out.Booked && out.Action != "skipped":
			*last = applied(o, out)
		case err != nil && out.Action != "skipped":
			last.Begun = last.Begun || out.Writes > 0
		}
		if err == nil || reason == commerce.RateLimited {
			return
		}
		require.Contains(p, []commerce.Reason{commerce.Unavailable, commerce.Conflict}, reason, err.Error())
	}
	p.Fatal("the order did not end well in six runs")
}

// judge compares how the order ended with what the shop did.
func (p *place) judge(t *counter, told []*commerce.Order) {
	p.Helper()
	if p.count("sale.order", []any{"client_order_ref", "=", t.first.Number}) == 0 {
		return
	}
	want, got := t.ought(), p.ends(t)
	if t.ended && len(t.parcels) == 0 { // it ended as it stood
		want.Total, want.Lines, want.Status, got.Lines, got.Status = "cancelled", "", "", "", ""
	}
	if want != got {
		p.Log(p.documents(told[0]))
	}
	require.Equal(p, want, got)
	require.Empty(p, p.waiting(t))
}

// waiting are transfers that wait for goods which the shop does not wait for.
func (p *place) waiting(t *counter) (all []string) {
	expected := decimal.Zero
	for _, r := range t.returns {
		if r.Status == commerce.ReturnOpen && len(r.Received) == 0 {
			expected = expected.Add(r.Lines[0].Quantity)
		}
	}
	if expected.IsZero() {
		for _, m := range p.open(t) {
			all = append(all, m.Str("state"))
		}
	}
	return all
}
