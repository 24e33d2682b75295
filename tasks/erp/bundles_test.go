package erp

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestWhatIsSpreadIsNeitherMoreNorLess(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 6))
	for range 5000 {
		digits := []int32{0, 2, 3}[rng.IntN(3)]
		sum := decimal.New(rng.Int64N(2_000_000)-500_000, -digits)
		weights := make([]decimal.Decimal, 1+rng.IntN(7))
		for i := range weights {
			weights[i] = decimal.New(rng.Int64N(50_000), -2)
		}
		weights[rng.IntN(len(weights))] = decimal.New(1+rng.Int64N(50_000), -2)
		parts := spread(sum, weights, digits)
		all := decimal.Sum(decimal.Zero, weights...)
		require.True(t, decimal.Sum(decimal.Zero, parts...).Equal(sum), "%s by %v is %v", sum, weights, parts)
		for i, p := range parts {
			require.True(t, p.Equal(p.Round(digits)), "%s has more than %d decimals", p, digits)
			away := sum.Mul(weights[i]).DivRound(all, 12).Sub(p).Abs()
			require.True(t, away.LessThan(decimal.New(1, -digits)), "%s of %s by %v is %s", weights[i], sum, weights, p)
		}
	}
	require.Equal(t, []string{"3.34", "3.33", "3.33"}, texted(spread(dec("10"), []decimal.Decimal{dec("1"), dec("1"), dec("1")}, 2)), "the first of equals")
	require.Equal(t, []string{"0.0125", "0"}, texted(spread(dec("0.0125"), []decimal.Decimal{dec("1"), dec("0")}, 2)), "nor is what no coin is left over")
}

func texted(list []decimal.Decimal) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = d.String()
	}
	return out
}

// randomBundle is a bundle whose own price, parts' prices and taxes are anything.
func randomBundle(rng *rand.Rand, currency string) *commerce.Order {
	digits := commerce.Digits(currency)
	cash := func(most int64) commerce.Money {
		return commerce.Money{Amount: decimal.New(rng.Int64N(most), -digits), Currency: currency}
	}
	o := &commerce.Order{Currency: currency, PricesIncludeTax: true}
	line := func(id string, priced bool) commerce.Line {
		l := commerce.Line{ID: id, Kind: commerce.LineProduct, SKU: id, Quantity: decimal.NewFromInt(1 + rng.Int64N(5)), UnitPrice: cash(9000), Total: commerce.Money{Currency: currency}}
		if !priced {
			return l
		}
		l.Total = cash(50_000)
		l.Taxes = []commerce.Tax{{Title: "VAT", Rate: dec("25.5"), Amount: cash(10_000)}}
		for n := range rng.IntN(3) {
			l.Discounts = append(l.Discounts, commerce.Discount{Title: fmt.Sprint("D", n), Amount: cash(5_000)})
		}
		l.UnitPrice.Amount = listed(l).DivRound(l.Quantity, 8)
		return l
	}
	parent := line("9", rng.IntN(4) > 0)
	parent.Kind = commerce.LineBundle
	o.Lines = append(o.Lines, parent)
	for i := range 1 + rng.IntN(6) {
		part := line(fmt.Sprint(i), rng.IntN(3) == 0)
		part.Bundle = "9"
		if rng.IntN(5) == 0 && part.Total.IsZero() {
			part.UnitPrice.Amount = decimal.Zero
		}
		o.Lines = append(o.Lines, part)
	}
	return o
}

// amounts are what an order's lines cost together.
func amounts(lines []commerce.Line) string {
	var total, tax, off decimal.Decimal
	for _, l := range lines {
		if l.Quantity.IsZero() {
			continue
		}
		total = total.Add(l.Total.Amount)
		for _, t := range l.Taxes {
			tax = tax.Add(t.Amount.Amount)
		}
		for _, d := range l.Discounts {
			off = off.Add(d.Amount.Amount)
		}
	}
	return fmt.Sprintf("%s with %s tax and %s off", total, tax, off)
}

func TestABundleCostsTheSameHoweverItIsBooked(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for n := range 3000 {
		o := randomBundle(rng, []string{"EUR", "JPY", "KWD"}[n%3])
		before := amounts(o.Lines)
		for _, policy := range []string{bundleExplode, bundleKit, bundleService} {
			s := books()
			s.Books.Products.Bundles = policy
			entries, _ := s.entries(o)
			lines := make([]commerce.Line, len(entries))
			for i, e := range entries {
				lines[i] = e.Line
				exact := e.UnitPrice.Amount.Mul(e.Quantity).Sub(listed(e.Line)).Abs()
				require.True(t, exact.LessThan(dec("0.000001")) || e.Total.IsZero(), "%s: price, quantity and total of %+v", policy, e.Line)
			}
			require.Equal(t, before, amounts(lines), "%s: %+v", policy, o.Lines)
			switch policy {
			case bundleExplode:
				require.Len(t, lines, len(o.Lines)-1)
			case bundleKit:
				require.Len(t, lines, 1)
			case bundleService:
				require.Len(t, lines, len(o.Lines))
				require.Equal(t, before, amounts(lines[:1]))
			}
		}
		require.Equal(t, before, amounts(o.Lines), "the order itself is not changed")
	}
}

func TestBundlesThatPointAtEachOtherEnd(t *testing.T) {
	o := order()
	a, b := box("1", "5", "5", "", ""), box("1", "5", "5", "", "")
	b.ID, a.Bundle, b.Bundle = "10", "10", "9"
	o.Lines = []commerce.Line{a, b, partOf("1", "MUG", "1", "1", "1", "", "")}
	s := books()
	entries, _ := s.entries(o)
	require.NotEmpty(t, entries)
}
