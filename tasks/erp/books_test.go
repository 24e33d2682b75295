package erp_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // an Odoo in memory is all kept, and scanned for little
	goleak.VerifyTestMain(m)
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// world is an Odoo with products and taxes, books for it, and one shop.
type world struct {
	t     *testing.T
	odoo  *odootest.Server
	books *erp.Books
	shop  config.Shop
	mug   int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return worldOf(t, odootest.Options{})
}

func worldOf(t *testing.T, opt odootest.Options) *world {
	t.Helper()
	w := &world{t: t, odoo: odootest.Start(t, opt)}
	w.mug = w.odoo.AddProduct("MUG", "Mug", dec("10.00"))
	w.odoo.AddProduct("TEE", "Tee", dec("20.00"))
	w.odoo.AddProduct("SHIP", "Shipping", dec("0"), odootest.Values{"detailed_type": "service"})
	w.odoo.AddTax("25.5%", "25.5", false, "")
	w.odoo.AddTax("25.5% G", "25.5", true, "")
	w.shop = shopOf("fi")
	w.books = w.open(w.odoo.Config())
	return w
}

func shopOf(id string) config.Shop {
	return config.Shop{ID: id, Mode: config.Live, Books: config.Books{Products: config.Products{Shipping: "SHIP"}}}
}

func (w *world) open(cfg config.Odoo) *erp.Books {
	c := odooclient.New(cfg, odooclient.Options{})
	w.t.Cleanup(c.Close)
	return erp.New(c, erp.Options{})
}

func yes(context.Context) error { return nil }

// book runs the order with nothing remembered and wants no error.
func (w *world) book(o *commerce.Order) erp.Outcome {
	w.t.Helper()
	return w.bookAfter(o, erp.Applied{})
}

func (w *world) bookAfter(o *commerce.Order, last erp.Applied) erp.Outcome {
	w.t.Helper()
	out, err := w.books.Order(w.t.Context(), w.shop, o, last, yes)
	require.NoError(w.t, err)
	return out
}

// fails runs the order and wants an error of that reason.
func (w *world) fails(o *commerce.Order, last erp.Applied, want commerce.Reason) *commerce.Error {
	w.t.Helper()
	_, err := w.books.Order(w.t.Context(), w.shop, o, last, yes)
	var e *commerce.Error
	require.ErrorAs(w.t, err, &e)
	require.Equal(w.t, want, e.Reason, e.Error())
	require.Equal(w.t, o.Ref, e.Ref)
	return e
}

// only is the one order that Odoo holds.
func (w *world) only() odootest.Order {
	w.t.Helper()
	all := w.odoo.Orders()
	require.Len(w.t, all, 1)
	return all[0]
}

// equal wants the order in Odoo once, confirmed, dated and with the shop's totals.
func (w *world) equal(o *commerce.Order) odootest.Order {
	w.t.Helper()
	var found []odootest.Order
	for _, h := range w.odoo.Orders() {
		if h.Origin == o.Ref.Shop+"/"+o.Ref.ID {
			found = append(found, h)
		}
	}
	require.Len(w.t, found, 1, o.Ref.String())
	h := found[0]
	require.Equal(w.t, "sale", h.State)
	require.True(w.t, h.DateOrder.Equal(o.CreatedAt), "%s and not %s", h.DateOrder, o.CreatedAt)
	require.True(w.t, h.Total.Equal(o.Total.Amount), "total %s of %s", h.Total, o.Total)
	require.True(w.t, h.Tax.Equal(o.TotalTax.Amount), "tax %s of %s", h.Tax, o.TotalTax)
	require.Equal(w.t, o.Currency, h.Currency)
	return h
}

func euro(s string) commerce.Money { return commerce.Money{Amount: dec(s), Currency: "EUR"} }

func item(id, sku, quantity, price, total, tax string) commerce.Line {
	l := commerce.Line{ID: id, Kind: commerce.LineProduct, SKU: sku, Title: "A " + sku, Quantity: dec(quantity),
		UnitPrice: euro(price), Total: euro(total), Taxes: []commerce.Tax{{Title: "VAT", Rate: dec("25.5"), Amount: euro(tax)}}}
	return l
}

// anna's order: two mugs and shipping for 30.00, tax included.
func anna(n int) *commerce.Order {
	home := commerce.Address{FirstName: "Anna", LastName: "Virtanen", Street: "Mannerheimintie 1", City: "Helsinki", Zip: "00100", Country: "FI"}
	ship := item(fmt.Sprint(900000+n), "", "1", "4.90", "4.90", "1.00")
	ship.Kind, ship.Title = commerce.LineShipping, "Posti"
	return &commerce.Order{
		Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fmt.Sprint(5000 + n)}, Number: fmt.Sprintf("#%d", 1000+n), Currency: "EUR",
		CreatedAt: time.Date(2026, 11, 20, 10, 0, n%60, 0, time.UTC),
		Customer:  commerce.Party{ID: "77", Email: "Anna@Example.com", FirstName: "Anna", LastName: "Virtanen"},
		Billing:   &home, Shipping: &home, PricesIncludeTax: true,
		Lines: []commerce.Line{item(fmt.Sprint(100000+n), "MUG", "2", "12.55", "25.10", "5.10"), ship},
		Total: euro("30.00"), TotalTax: euro("6.10"),
	}
}

func mugs(o *commerce.Order, quantity, total, tax, orderTotal, orderTax string) {
	l := item(o.Lines[0].ID, "MUG", quantity, "12.55", total, tax)
	o.Lines[0] = l
	o.Total, o.TotalTax = euro(orderTotal), euro(orderTax)
}

// untimed is an outcome without the times of its steps.
func untimed(out erp.Outcome) erp.Outcome {
	out.Planned, out.Written, out.Verified = time.Time{}, time.Time{}, time.Time{}
	return out
}

func TestANewOrderIsBookedOnceAndEqual(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	out := w.book(o)
	h := w.equal(o)
	require.True(t, out.Total.Equal(o.Total))
	require.Equal(t, erp.Outcome{Booked: true, Filled: true, Action: "created", OdooID: h.ID, OdooName: h.Name, Total: out.Total, Writes: 4}, untimed(out))
	require.False(t, out.Planned.IsZero() || out.Written.Before(out.Planned) || out.Verified.Before(out.Written))
	require.Equal(t, "odoogate.fi_order_5001", h.XID)
	require.Equal(t, "#1001", h.Ref)
	require.Equal(t, "fi/5001", h.Origin)
	require.Len(t, h.Lines, 2)
	require.Equal(t, "odoogate.fi_line_100001_0", h.Lines[0].XID)
	require.Equal(t, []string{"25.5% G"}, h.Lines[0].Taxes)
	require.Equal(t, "SHIP", h.Lines[1].SKU)
	require.True(t, h.Lines[1].Delivery)
	require.Zero(t, w.odoo.MailsSent())

	again := w.book(o)
	require.Equal(t, erp.Outcome{Booked: true, Filled: true, Action: "unchanged", OdooID: h.ID, OdooName: h.Name, Total: out.Total}, untimed(again))
	require.Equal(t, h, w.equal(o), "a second run writes nothing")
}

func TestARepeatedOrderCostsFewCalls(t *testing.T) {
	w := newWorld(t)
	w.book(anna(0))
	w.book(anna(1)) // she is a repeat customer now, and remembered
	for _, c := range []struct {
		name string
		most int
		run  func()
	}{
		{"a new order of a known buyer", 6, func() { w.book(anna(2)) }},
		{"an unchanged order", 3, func() { w.book(anna(2)) }},
		{"an unchanged order that is remembered", 1, func() {
			o := anna(2)
			w.bookAfter(o, erp.Applied{Digest: o.Digest(), OdooID: w.odoo.Orders()[2].ID})
		}},
	} {
		before, calls := w.odoo.CallCount(), w.odoo.Calls()
		c.run()
		spent := w.odoo.CallCount() - before
		after := w.odoo.Calls()
		for name, n := range calls {
			if after[name] -= n; after[name] == 0 {
				delete(after, name)
			}
		}
		t.Logf("%s: %d calls %v", c.name, spent, after)
		require.LessOrEqual(t, spent, c.most, "%s: %v", c.name, after)
	}
}

func TestOdooIsAskedForANameOnlyOnce(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.books.Ping(t.Context()))
	for n := range 3 {
		w.book(anna(n))
	}
	require.Equal(t, 1, w.odoo.Calls()["account.tax.search_read"])
	w.books.Refresh()
	w.book(anna(3))
	require.Equal(t, 2, w.odoo.Calls()["account.tax.search_read"])
}

// What an event carried may be old: it makes a new order, and is not enough where
// Odoo holds the order already.
func TestAnOrderThatWasNotReadOnlyMakesANewOne(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	unread := erp.Applied{Unread: true}
	require.Equal(t, "created", w.bookAfter(o, unread).Action)
	held := w.equal(o)
	for _, number := range []string{o.Number, "another number"} { // found by its origin then
		again := *o
		again.Number = number
		_, err := w.books.Order(t.Context(), w.shop, &again, unread, yes)
		require.ErrorIs(t, err, erp.ErrStands)
	}
	require.Equal(t, held, w.equal(o))
}

// Fifty orders that wait together, of new customers and of repeat ones, of which
// one is bad, reach confirmed and verified over one connection in few calls.
func TestFiftyOrdersCostFewCalls(t *testing.T) {
	w := worldOf(t, odootest.Options{Latency: func(string, string) time.Duration { return 5 * time.Millisecond }})
	cfg := w.odoo.Config()
	cfg.Connections = 1
	w.books = w.open(cfg)
	w.book(anna(0))
	orders, errs := make([]*commerce.Order, 50), make([]error, 50)
	for i := range orders {
		o := anna(i + 1)
		if i%2 == 0 {
			o.Customer.Email, o.Customer.ID = fmt.Sprintf("new%d@example.com", i), fmt.Sprint(i)
		}
		if i == 17 {
			o.Lines[0].SKU = "NOPE"
		}
		orders[i] = o
	}
	before, calls := w.odoo.CallCount(), w.odoo.Calls()
	var all sync.WaitGroup
	for i, o := range orders {
		all.Go(func() { _, errs[i] = w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes) })
	}
	all.Wait()
	spent := w.odoo.CallCount() - before
	after := w.odoo.Calls()
	for name, n := range calls {
		if after[name] -= n; after[name] == 0 {
			delete(after, name)
		}
	}
	t.Logf("%d calls %v", spent, after)
	require.LessOrEqual(t, spent, 30, "%v", after)
	for i, o := range orders {
		if i == 17 {
			require.Equal(t, commerce.Missing, commerce.ReasonOf(errs[i]))
			continue
		}
		require.NoError(t, errs[i])
		w.equal(o)
	}
}
