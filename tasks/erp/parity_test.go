package erp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// shopOrders makes orders as a shop computes them: rounded per line, with code,
// automatic and order discounts spread over the lines, and taxes per line.
type shopOrders struct{ *rand.Rand }

func (r shopOrders) order(n int) *commerce.Order {
	currency := []string{"EUR", "USD", "JPY"}[r.IntN(3)]
	digits := commerce.Digits(currency)
	o := &commerce.Order{
		Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fmt.Sprint(n)}, Number: fmt.Sprintf("#P%d", n), Currency: currency,
		CreatedAt:        time.Date(2026, 11, 20, 10, n%60, 0, 0, time.UTC),
		Customer:         commerce.Party{Email: fmt.Sprintf("buyer%d@example.com", r.IntN(20)), FirstName: "Buyer"},
		Billing:          &commerce.Address{LastName: "Buyer", Street: fmt.Sprint("Road ", r.IntN(3)), City: "Oulu", Country: "FI"},
		PricesIncludeTax: r.IntN(2) == 0,
	}
	var total, tax decimal.Decimal
	for i := range 1 + r.IntN(5) {
		l := r.line(o, fmt.Sprint(n*100+i), digits)
		o.Lines = append(o.Lines, l)
		total = total.Add(l.Total.Amount)
		for _, t := range l.Taxes {
			tax = tax.Add(t.Amount.Amount)
		}
	}
	if !o.PricesIncludeTax {
		total = total.Add(tax)
	}
	o.Total, o.TotalTax = commerce.Money{Amount: total, Currency: currency}, commerce.Money{Amount: tax, Currency: currency}
	return o
}

func (r shopOrders) line(o *commerce.Order, id string, digits int32) commerce.Line {
	money := func(d decimal.Decimal) commerce.Money { return commerce.Money{Amount: d, Currency: o.Currency} }
	l := commerce.Line{ID: id, Kind: commerce.LineProduct, SKU: []string{"MUG", "TEE"}[r.IntN(2)], Title: "Thing"}
	if r.IntN(5) == 0 {
		l.Kind, l.SKU = commerce.LineShipping, ""
	}
	l.Quantity = decimal.NewFromInt(1 + r.Int64N(7))
	l.UnitPrice = money(decimal.New(r.Int64N(40_000), -digits))
	full := l.UnitPrice.Amount.Mul(l.Quantity)
	if r.IntN(2) == 0 && full.IsPositive() {
		off := full.Mul(decimal.New(r.Int64N(101), -2)).Round(digits)
		l.Discounts = []commerce.Discount{{Title: "CODE", Amount: money(off)}}
		full = full.Sub(off)
	}
	l.Total = money(full)
	if r.IntN(8) > 0 {
		rate := dec([]string{"25.5", "14", "10"}[r.IntN(3)])
		amount := full.Mul(rate).Shift(-2)
		if o.PricesIncludeTax {
			amount = full.Sub(full.Mul(decimal.NewFromInt(100)).DivRound(rate.Add(decimal.NewFromInt(100)), 12))
			// As Odoo and shops round it: the net first, the tax is the rest.
			amount = full.Sub(full.Sub(amount).Round(digits))
		}
		l.Taxes = []commerce.Tax{{Title: "VAT", Rate: rate, Amount: money(amount.Round(digits))}}
	}
	return l
}

// Orders of a shop that rounds per line, in an Odoo that rounds per line and has
// each tax with and without, are all equal in total and in tax.
func TestOrdersOfAShopAreEqualInOdoo(t *testing.T) {
	w := newWorld(t)
	for _, rate := range []string{"14", "10"} {
		w.odoo.AddTax(rate+"%", rate, false, "")
		w.odoo.AddTax(rate+"% G", rate, true, "")
	}
	w.odoo.AddPricelist("JPY", "JPY")
	r := shopOrders{rand.New(rand.NewPCG(3, 14))}
	orders := make([]*commerce.Order, 200)
	for i := range orders {
		orders[i] = r.order(i + 1)
	}
	errs := make([]error, len(orders))
	var all sync.WaitGroup
	for i, o := range orders {
		all.Go(func() { _, errs[i] = w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	held := map[string]odootest.Order{}
	for _, h := range w.odoo.Orders() {
		held[h.Ref] = h
	}
	require.Len(t, held, len(orders))
	for _, o := range orders {
		h := held[o.Number]
		require.True(t, h.Total.Equal(o.Total.Amount) && h.Tax.Equal(o.TotalTax.Amount), "%s: %s tax %s is %s tax %s", o.Ref, o.Total, o.TotalTax, h.Total, h.Tax)
		require.Equal(t, "sale", h.State)
	}
	require.Len(t, buyers(w, "buyer7@example.com"), 1)
	calls := w.odoo.CallCount()
	for i, o := range orders {
		all.Go(func() {
			out, err := w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes)
			if errs[i] = err; err == nil && out.Action != "unchanged" {
				errs[i] = fmt.Errorf("%s: %s", o.Ref, out.Action)
			}
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	t.Logf("%d calls to see that 200 orders are unchanged", w.odoo.CallCount()-calls)
}
