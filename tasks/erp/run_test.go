package erp_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Whatever write a crash falls on, the next run finishes the order: once, equal.
func TestARunThatEndsBeforeAnyWriteIsFinishedByTheNext(t *testing.T) {
	lost := errors.New("the lease is lost")
	for n := range 5 {
		t.Run(fmt.Sprintf("after %d writes", n), func(t *testing.T) {
			w := newWorld(t)
			o := anna(1)
			o.Shipping = &commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Ågatan 2", City: "Turku", Zip: "20100", Country: "FI"}
			asked := 0
			_, err := w.books.Order(t.Context(), w.shop, o, erp.Applied{}, func(context.Context) error {
				if asked++; asked > n {
					return lost
				}
				return nil
			})
			require.Same(t, lost, err, "the error is returned as it is")
			w.book(o)
			h := w.equal(o)
			require.NotEqual(t, h.Partner, h.Shipping)
			require.Equal(t, h.Partner, h.Invoice)
			require.Equal(t, "unchanged", w.book(o).Action)
		})
	}
}

// A connection may be cut before or after Odoo did what it was told.
func TestALostAnswerDoublesNothing(t *testing.T) {
	for _, mode := range []odootest.FaultMode{odootest.DropBefore, odootest.DropAfter, odootest.Err500, odootest.Serialize} {
		for _, call := range []string{"sale.order.search_read", "product.product.search_read", "res.partner.load", "sale.order.load", "sale.order.action_confirm"} {
			t.Run(fmt.Sprintf("%s in mode %d", call, mode), func(t *testing.T) {
				w := newWorld(t)
				o := anna(1)
				var once sync.Once
				w.odoo.Fault(func(model, method string) odootest.FaultMode {
					hit := odootest.None
					if model+"."+method == call {
						once.Do(func() { hit = mode })
					}
					return hit
				})
				for range 3 {
					_, err := w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes)
					if err == nil {
						break
					}
					require.Contains(t, []commerce.Reason{commerce.Unavailable, commerce.Conflict}, commerce.ReasonOf(err), err.Error())
				}
				w.equal(o)
				require.Equal(t, "unchanged", w.book(o).Action)
			})
		}
	}
}

func (w *world) bookAll(t *testing.T, n int) {
	t.Helper()
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		all.Go(func() { _, errs[i] = w.books.Order(t.Context(), w.shop, anna(i+1), erp.Applied{}, yes) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
}

func TestTheFirstOrdersOfOneBuyerMakeOnePartner(t *testing.T) {
	w := newWorld(t)
	w.bookAll(t, 20)
	require.Len(t, buyers(w, "anna@example.com"), 1)
}

func buyers(w *world, mail string) []odootest.Partner {
	var found []odootest.Partner
	for _, p := range w.odoo.Partners() {
		if p.Email == mail {
			found = append(found, p)
		}
	}
	return found
}

func TestOneBadOrderAmongManyFailsAlone(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	errs := make([]error, 10)
	for i := range errs {
		o := anna(i)
		if i == 3 {
			o.Total = euro("31.00")
		}
		if i == 5 {
			o.Lines[0].SKU = "NOPE"
		}
		all.Go(func() { _, errs[i] = w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes) })
	}
	all.Wait()
	for i, err := range errs {
		switch i {
		case 3:
			require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
			require.ErrorContains(t, err, "says a total of 31.00 EUR, and its lines come to 30.00 EUR")
		case 5:
			require.Equal(t, commerce.Missing, commerce.ReasonOf(err))
		default:
			require.NoError(t, err)
			w.equal(anna(i))
		}
	}
}

func TestAnUnknownSKUIsParkedAndMetOnceItExists(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	o.Lines[0].SKU = "NEW"
	e := w.fails(o, erp.Applied{}, commerce.Missing)
	require.Equal(t, []string{"sku/fi/NEW"}, e.Needs)
	require.Contains(t, e.Remedy, "create a product with internal reference NEW in Odoo")
	require.Empty(t, w.odoo.Orders())
	require.Empty(t, buyers(w, "anna@example.com"), "nothing at all is written")

	needs := []string{"sku/fi/NEW", "sku/fi/MUG", "sku/other/MUG", "nonsense"}
	require.Equal(t, []string{"sku/fi/MUG"}, w.met(needs...))
	w.odoo.AddProduct("NEW", "New", dec("1"))
	require.Equal(t, []string{"sku/fi/NEW", "sku/fi/MUG"}, w.met(needs...))
	w.book(o)
	w.equal(o)
}

func (w *world) met(needs ...string) []string {
	w.t.Helper()
	got, err := w.books.Met(w.t.Context(), w.shop, needs)
	require.NoError(w.t, err)
	return got
}

func TestAMissingTaxIsMetOnceItExists(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	for i := range o.Lines {
		o.Lines[i].Taxes[0].Rate = dec("14")
	}
	o.Lines[0].Taxes[0].Amount, o.Lines[1].Taxes[0].Amount, o.TotalTax = euro("3.08"), euro("0.60"), euro("3.68")
	e := w.fails(o, erp.Applied{}, commerce.Missing)
	require.Equal(t, []string{"tax/fi/14/FI/incl"}, e.Needs)
	require.Contains(t, e.Remedy, `- {rate: "14", country: FI, included: true, tax: "its name in Odoo"}`)
	w.odoo.AddTax("14% G", "14", true, "")
	w.books.Refresh()
	require.Equal(t, e.Needs, w.met(e.Needs...))
	w.book(o)
	w.equal(o)
}

// The need tells nothing of titles, regions and kinds of lines, which rules may ask for.
func TestAMissingTaxIsMetByARuleThatAsksForMore(t *testing.T) {
	w := newWorld(t)
	w.odoo.AddTax("VAT A", "9", true, "")
	w.odoo.AddTax("VAT B", "9", true, "")
	o := anna(1)
	for i, amount := range []string{"2.07", "0.40"} {
		o.Lines[i].Taxes[0].Rate, o.Lines[i].Taxes[0].Amount = dec("9"), euro(amount)
	}
	o.TotalTax = euro("2.47")
	e := w.fails(o, erp.Applied{}, commerce.Missing)
	require.Empty(t, w.met(e.Needs...))
	w.shop.Books.Taxes = []config.TaxRule{{Rate: "9", Title: "vat", Tax: "VAT A"}}
	require.Equal(t, e.Needs, w.met(e.Needs...))
	out, err := w.books.Explain(t.Context(), w.shop, o)
	require.NoError(t, err)
	require.Contains(t, out.Reasons, `product line MUG: product MUG (SKU MUG); 9 % is "VAT A" by the rule {rate: "9", title: "vat", tax: "VAT A"} of books.taxes`)
	w.book(o)
	w.equal(o)
}

// A tax that is another one in Odoo than it was a moment ago is met when the order
// is read back.
func TestTotalsThatDifferLeaveAQuotation(t *testing.T) {
	w := newWorld(t)
	w.book(anna(0))
	tax := w.odoo.ID("account.tax", "name", "25.5% G")
	w.odoo.Set("account.tax", tax, odootest.Values{"amount": "25"})
	o := anna(1)
	e := w.fails(o, erp.Applied{}, commerce.Mismatch)
	require.Contains(t, e.Detail, "the shop says 30.00 EUR with 6.10 tax, Odoo makes 30.00 EUR with 6.00 tax")
	held := func() odootest.Order { return w.odoo.Orders()[1] }
	h := held()
	require.Equal(t, "draft", h.State)
	w.fails(o, erp.Applied{}, commerce.Mismatch)
	require.Equal(t, h.Writes, held().Writes, "the second run only compares")
}

// Two taxes that changed places come to the same total: the summary tells.
func TestTaxesThatDifferUnderAnEqualTotalAreNoticed(t *testing.T) {
	w := newWorld(t)
	reduced := w.odoo.AddTax("14% G", "14", true, "")
	w.book(anna(0))
	w.odoo.Set("account.tax", w.odoo.ID("account.tax", "name", "25.5% G"), odootest.Values{"amount": "14"})
	w.odoo.Set("account.tax", reduced, odootest.Values{"amount": "25.5"})
	o := anna(1)
	o.Lines = []commerce.Line{item("1", "MUG", "1", "10.00", "10.00", "2.03"), item("2", "TEE", "1", "10.00", "10.00", "1.23")}
	o.Lines[1].Taxes[0].Rate = dec("14")
	o.Total, o.TotalTax = euro("20.00"), euro("3.26")
	e := w.fails(o, erp.Applied{}, commerce.Mismatch)
	require.Contains(t, e.Detail, "the shop says 20.00 EUR with 3.26 tax, Odoo makes 20.00 EUR with 3.26 tax")
	require.Contains(t, e.Detail, `the shop says 2.03 and Odoo 1.23`)
	w.fails(o, erp.Applied{}, commerce.Mismatch)
	require.Equal(t, "draft", w.odoo.Orders()[1].State)
}

// What no rows can express is parked before anything is written, with the exact
// difference and the setting that would help.
func TestAnOrderThatNoRowsExpressIsParkedUnwritten(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	o.TotalTax = euro("6.11")
	e := w.fails(o, erp.Applied{}, commerce.Missing)
	require.Contains(t, e.Detail, `Odoo would make 30.00 EUR with 6.10 tax of the order's lines, the shop says 30.00 EUR with 6.11 tax; of "25.5% G" 0.01 is missing`)
	require.Equal(t, []string{"setting/fi/products.rounding"}, e.Needs)
	require.Empty(t, w.odoo.Orders())
	require.Empty(t, buyers(w, "anna@example.com"))

	w.odoo.AddProduct("ROUND", "Rounding", dec("0"), odootest.Values{"detailed_type": "service"})
	w.shop.Books.Products.Rounding = "ROUND"
	met, err := w.books.Met(t.Context(), w.shop, e.Needs)
	require.NoError(t, err)
	require.Equal(t, e.Needs, met)
	require.Equal(t, "created", w.book(o).Action)
	h := w.equal(o)
	require.Greater(t, len(h.Lines), 2)
	require.Equal(t, "ROUND", h.Lines[len(h.Lines)-1].SKU)
	require.Equal(t, "unchanged", w.book(o).Action)
	require.Equal(t, h, w.equal(o))
}

func TestAnOdooThatIsAwayIsUnavailable(t *testing.T) {
	w := newWorld(t)
	cfg := w.odoo.Config()
	cfg.URL = "http://127.0.0.1:1"
	w.books = w.open(cfg)
	w.fails(anna(1), erp.Applied{}, commerce.Unavailable)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(w.books.Ping(t.Context())))
	_, err := w.books.Met(t.Context(), w.shop, []string{"sku/fi/MUG"})
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.books.Order(ctx, w.shop, anna(1), erp.Applied{}, yes)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
}

func TestALoginThatOdooRefusesIsDenied(t *testing.T) {
	w := newWorld(t)
	cfg := w.odoo.Config()
	cfg.Password = config.NewSecret("wrong")
	w.books = w.open(cfg)
	require.Contains(t, w.fails(anna(1), erp.Applied{}, commerce.Denied).Remedy, "odoo.password")
	cfg.User, cfg.Password = "low", config.NewSecret("low")
	w.books = w.open(cfg)
	require.Contains(t, w.fails(anna(1), erp.Applied{}, commerce.Denied).Remedy, "Sales / User: All Documents")
}

func TestAShopOfAnUnknownCompanyIsTold(t *testing.T) {
	w := newWorld(t)
	w.shop.Books.Company = "Nobody Ltd"
	require.Contains(t, w.fails(anna(1), erp.Applied{}, commerce.Missing).Remedy, "books.company of shop fi")
	w.shop.Books.Company = "My Company"
	w.book(anna(1))
	w.equal(anna(1))
}
