package parity

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func formsOf(unit string, price, discount, quantity int32) *forms {
	return &forms{newBook(Arithmetic{Version: 17, Unit: dec(unit), Price: price, Discount: discount, Quantity: quantity}), maxSteps}
}

func TestTheFirstFormThatHitsIsTaken(t *testing.T) {
	for _, c := range []struct {
		name, unit string
		q, list, t string
		discounted bool
		form       Form
		rows       int
		first, pct string
	}{
		{"the shop's own price", "0.01", "2", "12.55", "25.10", false, Plain, 1, "12.55", "0"},
		{"a percentage of the shop's price", "0.01", "2", "12.55", "22.59", true, Discount, 1, "12.55", "10"},
		{"everything off", "0.01", "2", "12.55", "0", true, Discount, 1, "12.55", "100"},
		{"free without a discount named", "0.01", "1", "5.00", "0", false, Net, 1, "0", "0"},
		{"dearer than listed", "0.01", "2", "10.00", "21.00", false, Net, 1, "10.5", "0"},
		{"a price with more decimals than Odoo keeps", "0.01", "1000", "0.0125", "12.50", false, Pair, 1, "0.02", "37.5"},
		{"yen", "1", "3", "400", "1000", true, Discount, 1, "400", "16.67"},
		{"three decimals of currency, two of price", "0.001", "1", "10.125", "10.125", false, Pair, 1, "10.13", "0.05"},
		{"large total over many pieces", "0.01", "9973", "51.00", "500003.01", true, Split, 2, "50.13", "0"},
		{"money back", "0.01", "1", "-5.00", "-5.00", false, Plain, 1, "-5", "0"},
		{"pieces back", "0.01", "-2", "12.55", "-22.59", true, Discount, 1, "12.55", "10"},
		{"nothing of nothing", "0.01", "0", "5.00", "0", false, Plain, 1, "5", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := formsOf(c.unit, 2, 2, 2)
			rows, form := f.represent(dec(c.q), dec(c.list), c.discounted, dec(c.t))
			require.Equal(t, c.form, form)
			require.Len(t, rows, c.rows)
			require.Equal(t, c.first, rows[0].Price.String())
			require.Equal(t, c.pct, rows[0].Discount.String())
			requireSum(t, f, rows, dec(c.q), dec(c.t))
		})
	}
}

func requireSum(t *testing.T, f *forms, rows []Row, q, want decimal.Decimal) {
	t.Helper()
	var total, quantity decimal.Decimal
	for _, r := range rows {
		x := f.money.round(r.exact())
		total, quantity = total.Add(x), quantity.Add(r.Quantity)
		require.False(t, f.nearTie(r, r.exact(), x), "%v is near a tie", r)
		kept := f.stored(r)
		require.True(t, kept.Price.Equal(r.Price) && kept.Discount.Equal(r.Discount) && kept.Quantity.Equal(r.Quantity), "%v is kept as %v", r, kept)
		require.False(t, r.Discount.GreaterThan(hundred) || r.Discount.IsNegative(), "discount %s", r.Discount)
	}
	require.True(t, total.Equal(want), "got %s want %s of %v", total, want, rows)
	require.True(t, quantity.Equal(q), "got %s pieces want %s", quantity, q)
}

func TestATieThatFloatsMayBreakIsNotTaken(t *testing.T) {
	f := formsOf("0.01", 2, 2, 2)
	// 0.50 less 1 % is 0.495, which floats may round either way.
	half := Row{Quantity: dec("1"), Price: dec("0.5"), Discount: dec("1")}
	require.False(t, f.hits(half, dec("0.50")))
	require.False(t, f.hits(half, dec("0.49")))
	require.True(t, f.hits(Row{Quantity: dec("1"), Price: dec("0.6"), Discount: dec("10")}, dec("0.54")))
	// Without a discount the product is exact in floats as far as it matters.
	require.True(t, f.hits(Row{Quantity: dec("0.5"), Price: dec("0.01")}, dec("0.01")))
	a := f.Arithmetic
	require.True(t, a.Predict([]Row{half}).Uncertain)
	a.Version = 19
	require.False(t, a.Predict([]Row{half}).Uncertain)
	// The shop took 1 % off 0.50: the discount form lies on the tie, another is used.
	a.Version = 17
	o := Order{Lines: []Line{{Quantity: one, List: dec("0.5"), Total: dec("0.50"), Discounted: true}}, Total: dec("0.50")}
	for _, total := range []string{"0.50", "0.49"} {
		o.Total, o.Lines[0].Total = dec(total), dec(total)
		got, err := a.Solve(o, Options{})
		require.NoError(t, err)
		require.False(t, got.Totals.Uncertain)
		require.True(t, got.Totals.Total.Equal(dec(total)))
	}
}

// Every total that a shop can ask for is hit to the last decimal, whatever the
// currency, the quantity and the discounts.
func TestEveryLineHitsItsTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 19))
	currencies := []struct {
		forms *forms
		most  int64 // the largest price, in the currency's smallest amount
	}{
		{formsOf("0.01", 2, 2, 2), 1_000_00}, {formsOf("0.01", 2, 2, 2), 30_00}, {formsOf("1", 2, 2, 2), 50_000}, {formsOf("0.001", 3, 2, 3), 100_000},
		{formsOf("0.001", 2, 2, 2), 60_000}, {formsOf("0.05", 2, 2, 2), 4_000}, {formsOf("0.01", 6, 4, 3), 1_000_00},
	}
	found := map[Form]int{}
	for range 6_000 {
		c := currencies[r.IntN(len(currencies))]
		f := c.forms
		f.steps = maxSteps
		q := decimal.NewFromInt(1 + r.Int64N(12))
		if r.IntN(10) == 0 {
			q = decimal.New(1+r.Int64N(999), -2)
		}
		list := f.money.amount(1 + r.Int64N(c.most))
		full := f.money.round(list.Mul(q))
		want, discounted := full, r.IntN(2) == 0
		if discounted && full.IsPositive() {
			want = full.Sub(f.money.amount(r.Int64N(f.money.units(full) + 1)))
		}
		rows, form := f.represent(q, list, discounted, want)
		require.NotEmpty(t, rows, "%s x %s = %s", q, list, want)
		requireSum(t, f, rows, q, want)
		found[form]++
	}
	t.Log(found)
	for _, form := range []Form{Plain, Discount, Net, Pair} {
		require.NotZero(t, found[form], form)
	}
}

func TestRoundingIsHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct{ unit, x, want string }{
		{"0.01", "1.005", "1.01"}, {"0.01", "-1.005", "-1.01"}, {"0.01", "1.0049", "1"}, {"1", "0.5", "1"}, {"1", "-0.5", "-1"},
		{"0.05", "1.024", "1"}, {"0.05", "1.025", "1.05"}, {"0.05", "-1.025", "-1.05"}, {"0.001", "2.0055", "2.006"}, {"5", "7.5", "10"}, {"10", "4.99", "0"},
	} {
		r := newRounder(dec(c.unit))
		require.Equal(t, c.want, r.round(dec(c.x)).String(), "%s to %s", c.x, c.unit)
		require.Equal(t, c.want, r.quotient(dec(c.x).Mul(dec("7")), dec("7")).String(), "%s to %s", c.x, c.unit)
		require.Equal(t, c.want, r.amount(r.units(dec(c.want))).String())
	}
	// A sum of thirds is what it is meant to be.
	third := quotient(dec("0.01"), dec("3"))
	require.Equal(t, "0.01", newRounder(dec("0.01")).round(third.Div(two).Add(third)).String())
}
