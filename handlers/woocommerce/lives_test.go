package woocommerce

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// answer is what a store's API says under a path.
func answer(t testing.TB, store *woocommercetest.Store, path string) []byte {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, "/wp-json/wc/v3/"+path, nil)
	req.SetBasicAuth(store.ConsumerKey(), store.ConsumerSecret())
	w := httptest.NewRecorder()
	store.Handler().ServeHTTP(w, req)
	require.Equal(t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
	return w.Body.Bytes()
}

// mappedFrom is an order as it is read from a store.
func mappedFrom(t testing.TB, store *woocommercetest.Store, id string) (*commerce.Order, *record) {
	t.Helper()
	rec, err := recordOf(answer(t, store, "orders/"+id))
	require.NoError(t, err)
	refunds, err := refundsOf(answer(t, store, "orders/"+id+"/refunds?per_page=100"))
	require.NoError(t, err)
	o, err := testDecoder().order(rec, refunds)
	require.NoError(t, err)
	return o, rec
}

// beyond is the money of an order's refunds beyond what they take out.
func beyond(o *commerce.Order) decimal.Decimal {
	given := decimal.Zero
	worth := func(amount, tax commerce.Money) {
		given = given.Sub(amount.Amount)
		if !o.PricesIncludeTax {
			given = given.Sub(tax.Amount)
		}
	}
	for _, r := range o.Refunds {
		given = given.Add(r.Amount.Amount)
		for _, l := range r.Lines {
			worth(l.Amount, l.Tax)
		}
		for _, l := range r.Shipping {
			worth(l.Amount, l.Tax)
		}
	}
	return given
}

func TestEveryKindOfOrderAddsUp(t *testing.T) {
	for i, opts := range []woocommercetest.Options{{}, {TaxOnTop: true}, {RoundAtSubtotal: true}, {RoundAtSubtotal: true, TaxOnTop: true}, {Old: true}} {
		opts.BasicOverHTTP = true
		store := woocommercetest.New(opts)
		for n, id := range store.Generate(uint64(i), 4*woocommercetest.Scenarios) {
			name := fmt.Sprintf("%s %+v", woocommercetest.ScenarioName(n), opts)
			rec, err := recordOf(answer(t, store, "orders/"+id))
			require.NoError(t, err, name)
			if isDraft(rec.Status) {
				continue
			}
			o, rec := mappedFrom(t, store, id)
			money(t, name, o, rec)
			if o.PricesIncludeTax && len(o.Refunds) == 0 { // staff's edits leave fractions of a cent
				require.Equal(t, o.Total.Amount.StringFixed(2), sumOfLines(o).StringFixed(2), "%s: prices with tax come to the cent", name)
			}
		}
	}
}

func sumOfLines(o *commerce.Order) decimal.Decimal {
	sum := decimal.Zero
	for _, l := range o.Lines {
		sum = sum.Add(l.Total.Amount)
	}
	return sum
}

// money wants an order to come to what the shop says, less what went back.
func money(t *testing.T, name string, o *commerce.Order, rec *record) {
	t.Helper()
	lines, tax := sumOfLines(o), decimal.Zero
	for _, l := range o.Lines {
		for _, x := range l.Taxes {
			tax = tax.Add(x.Amount.Amount)
		}
	}
	if !o.PricesIncludeTax {
		lines = lines.Add(tax)
	}
	cent := decimal.New(1, -commerce.Digits(o.Currency))
	slack := cent.Mul(decimal.NewFromInt(int64(1 + len(o.Lines)*(1+len(o.Refunds)))))
	require.True(t, lines.Sub(o.Total.Amount).Abs().LessThanOrEqual(slack), "%s: lines %s, total %s", name, lines, o.Total)
	require.True(t, tax.Sub(o.TotalTax.Amount).Abs().LessThanOrEqual(slack), "%s: tax of lines %s, of all %s", name, tax, o.TotalTax)
	back := decimal.Zero
	for _, r := range o.Refunds {
		back = back.Add(r.Amount.Amount)
	}
	want := rec.Total.Sub(back)
	require.True(t, o.Total.Amount.Sub(beyond(o)).Equal(want), "%s: %s less %s beyond it, and the shop has %s left", name, o.Total, beyond(o), want)
}

// Whatever happens to an order, the mapped one has the pieces and the money that the
// shop's ledger has.
func TestLivesEndWithTheMoneyAndThePiecesOfTheLedger(t *testing.T) {
	taxed := 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 11))
		store := woocommercetest.New(woocommercetest.Options{BasicOverHTTP: true, Old: seed%5 == 0, RoundAtSubtotal: seed%3 == 0})
		life := woocommercetest.NewLife(r, store)
		for range 1 + r.IntN(7) {
			life.GoesOn()
			now := life.Now()
			if now.Gone {
				break
			}
			o, rec := mappedFrom(t, store, life.ID)
			name := fmt.Sprintf("seed %d: %s", seed, life)
			money(t, name, o, rec)
			if now.Cancelled {
				require.True(t, o.Cancelled(), name)
				continue
			}
			require.True(t, o.Total.Amount.Sub(beyond(o)).Equal(now.Total.Sub(now.Given)), "%s: %s and not %s", name, o.Total, now.Total)
			told, tax := decimal.Zero, o.TotalTax.Amount // what of it is told for a line
			for _, r := range o.Refunds {
				for _, b := range r.Beyond {
					told, tax = told.Add(b.Amount.Amount), tax.Sub(b.Tax.Amount)
					if !o.PricesIncludeTax {
						told = told.Add(b.Tax.Amount)
					}
				}
			}
			if told.Equal(beyond(o)) && now.Given.IsZero() {
				taxed++
				off := tax.Sub(now.Tax).Abs()
				require.True(t, off.LessThanOrEqual(decimal.New(int64(2*len(o.Refunds)), -2)), "%s: tax %s and not %s", name, tax, now.Tax)
			}
			paid := decimal.Zero
			for _, p := range o.Payments {
				if p.Kind == "refund" {
					p.Amount.Amount = p.Amount.Amount.Neg()
				}
				paid = paid.Add(p.Amount.Amount)
			}
			require.True(t, paid.Equal(now.Paid), "%s: paid %s and not %s", name, paid, now.Paid)
			require.Len(t, o.Payments, now.Moves, name)
			if now.Status == "refunded" && now.Paid.IsZero() {
				require.True(t, o.TotalTax.IsZero(), "%s: a tax of %s is left", name, o.TotalTax)
				for _, x := range o.Taxes {
					require.True(t, x.Amount.IsZero(), "%s: %s of %s is left", name, x.Amount, x.Title)
				}
			}
			if now.Status == "refunded" {
				continue // what is refunded by status alone has no lines there
			}
			for _, of := range now.Lines {
				for _, l := range o.Lines {
					if l.ID == of.ID {
						require.EqualValues(t, of.Quantity, l.Quantity.IntPart(), name)
					}
				}
			}
		}
	}
	require.Greater(t, taxed, 100)
}

// What a buyer of a completed order kept of a refund is still with him when the order is
// put into the bin.
func TestWhatWasKeptStaysKeptInTheBin(t *testing.T) {
	store := woocommercetest.New(woocommercetest.Options{BasicOverHTTP: true})
	id := store.AddOrder(woocommercetest.Order{Status: "processing", PaymentMethod: "stripe", Lines: []woocommercetest.Line{woocommercetest.LineOf(woocommercetest.Catalogue()[0], 2)}})
	require.NoError(t, store.Complete(id))
	_, err := store.RefundWith(id, woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: 0, Quantity: 1}}, KeepStock: true})
	require.NoError(t, err)
	restock := func() string {
		o, _ := mappedFrom(t, store, id)
		return o.Refunds[0].Lines[0].Restock
	}
	require.Equal(t, commerce.RestockNone, restock())
	require.NoError(t, store.TrashOrder(id))
	require.Equal(t, commerce.RestockNone, restock())
}
