package erp

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func eurGrid() grid { return grid{Amount: dec("0.01"), Price: 2, Discount: 2, Quantity: 2} }

func TestTheFirstFormThatHitsIsTaken(t *testing.T) {
	kwd := grid{Amount: dec("0.001"), Price: 2, Discount: 2, Quantity: 2}
	for _, c := range []struct {
		name       string
		grid       grid
		q, list, t string
		discounted bool
		form       string
		rows       int
		first, pct string
	}{
		{"the shop's own price", eurGrid(), "2", "12.55", "25.10", false, formPlain, 1, "12.55", "0"},
		{"a percentage of the shop's price", eurGrid(), "2", "12.55", "22.59", true, formDiscount, 1, "12.55", "10"},
		{"everything off", eurGrid(), "2", "12.55", "0", true, formDiscount, 1, "12.55", "100"},
		{"free without a discount named", eurGrid(), "1", "5.00", "0", false, formNet, 1, "0", "0"},
		{"dearer than listed", eurGrid(), "2", "10.00", "21.00", false, formNet, 1, "10.5", "0"},
		{"a price with more decimals than Odoo keeps", eurGrid(), "1000", "0.0125", "12.50", false, formPair, 1, "0.02", "37.5"},
		{"yen", grid{Amount: dec("1"), Price: 2, Discount: 2, Quantity: 2}, "3", "400", "1000", true, formDiscount, 1, "400", "16.67"},
		{"three decimals of currency, two of price", kwd, "1", "10.125", "10.125", false, formPair, 1, "10.13", "0.05"},
		{"large total over many pieces", eurGrid(), "9973", "51.00", "500003.01", true, formSplit, 2, "50.13", "0"},
		{"money back", eurGrid(), "1", "-5.00", "-5.00", false, formPlain, 1, "-5", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, form := c.grid.represent(dec(c.q), dec(c.list), c.discounted, dec(c.t))
			require.Equal(t, c.form, form)
			require.Len(t, rows, c.rows)
			require.Equal(t, c.first, rows[0].Price.String())
			require.Equal(t, c.pct, rows[0].Discount.String())
			requireSum(t, c.grid, rows, dec(c.q), dec(c.t))
		})
	}
}

func requireSum(t *testing.T, g grid, rows []row, q, want decimal.Decimal) {
	t.Helper()
	var total, quantity decimal.Decimal
	for _, r := range rows {
		total, quantity = total.Add(g.total(r)), quantity.Add(r.Quantity)
		require.True(t, r.Price.Equal(r.Price.Round(g.Price)), "price %s", r.Price)
		require.True(t, r.Discount.Equal(r.Discount.Round(g.Discount)), "discount %s", r.Discount)
		require.True(t, r.Quantity.Equal(r.Quantity.Round(g.Quantity)), "quantity %s", r.Quantity)
		require.False(t, r.Discount.GreaterThan(hundred) || r.Discount.IsNegative(), "discount %s", r.Discount)
	}
	require.True(t, total.Equal(want), "got %s want %s of %v", total, want, rows)
	require.True(t, quantity.Equal(q), "got %s pieces want %s", quantity, q)
}

func TestATieThatFloatsMayBreakIsNotTaken(t *testing.T) {
	g := eurGrid()
	// 0.50 less 1 % is 0.495, which floats may round either way.
	require.False(t, g.hits(row{dec("1"), dec("0.5"), dec("1")}, dec("0.50")))
	require.False(t, g.hits(row{dec("1"), dec("0.5"), dec("1")}, dec("0.49")))
	require.True(t, g.hits(row{dec("1"), dec("0.6"), dec("10")}, dec("0.54")))
}

// Every total that a shop can ask for is hit to the last decimal, whatever the
// currency, the quantity and the discounts.
func TestEveryLineHitsItsTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 19))
	currencies := []struct {
		grid grid
		most int64 // the largest price, in the currency's smallest amount
	}{
		{eurGrid(), 1_000_00}, {eurGrid(), 30_00}, {grid{dec("1"), 2, 2, 2}, 50_000}, {grid{dec("0.001"), 3, 2, 3}, 100_000},
		{grid{dec("0.001"), 2, 2, 2}, 60_000}, {grid{dec("0.05"), 2, 2, 2}, 4_000}, {grid{dec("0.01"), 6, 4, 3}, 1_000_00},
	}
	forms := map[string]int{}
	for range 20_000 {
		c := currencies[r.IntN(len(currencies))]
		q := decimal.NewFromInt(1 + r.Int64N(12))
		if r.IntN(10) == 0 {
			q = decimal.New(1+r.Int64N(999), -2)
		}
		list := c.grid.Amount.Mul(decimal.NewFromInt(1 + r.Int64N(c.most)))
		full := c.grid.round(list.Mul(q))
		t0, discounted := full, r.IntN(2) == 0
		if discounted && full.IsPositive() {
			steps := full.Div(c.grid.Amount).IntPart()
			t0 = full.Sub(c.grid.Amount.Mul(decimal.NewFromInt(r.Int64N(steps + 1))))
		}
		rows, form := c.grid.represent(q, list, discounted, t0)
		require.NotEmpty(t, rows, "%s x %s = %s on %v", q, list, t0, c.grid)
		requireSum(t, c.grid, rows, q, t0)
		forms[form]++
	}
	t.Log(forms)
	for _, form := range []string{formPlain, formDiscount, formNet, formPair} {
		require.NotZero(t, forms[form], form)
	}
}
