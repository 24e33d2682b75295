package parity_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// Where Solve finds nothing with lines alone, no price and no discount would have
// done either: all of them are tried.
func TestWithoutAdjustmentsNothingIsOverlooked(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 28))
	none := 0
	for _, c := range allCells() {
		for range 12 {
			s := shop{r, c, dec("0.01"), 40_00}
			o := s.orderOf(1)
			o.Lines[0].Quantity = decimal.NewFromInt(1)
			a := s.arithmetic()
			var e *parity.NoSolution
			if _, err := a.Solve(o, parity.Options{}); !errors.As(err, &e) {
				continue
			}
			none++
			tax := o.Lines[0].Taxes[0].Tax
			about := o.Total
			for cents := int64(-60); cents <= 60; cents++ {
				price := about.Add(decimal.New(cents, -2))
				for discount := int64(0); discount <= 40; discount += 1 {
					row := parity.Row{Quantity: decimal.NewFromInt(1), Price: price, Discount: decimal.New(discount*discount, -2), Taxes: []parity.Tax{tax}}
					got := a.Predict([]parity.Row{row})
					require.False(t, !got.Uncertain && got.Total.Equal(o.Total) && got.Tax.Equal(o.Taxes[tax.ID]), "%s: %v would have done for %v", c, row, o)
				}
			}
		}
	}
	require.Greater(t, none, 10)
	t.Logf("%d orders without a solution", none)
}

// Where Solve finds nothing with adjustments, a search through every pair of taxed
// rows to 0.60 and every residual within the bound finds nothing.
func TestWithAdjustmentsNothingIsOverlooked(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 96))
	none := 0
	for _, c := range allCells() {
		if !c.global {
			continue
		}
		for range 60 {
			s := shop{r, c, dec("0.01"), 90_00}
			o := s.orderOf(3)
			for i := range o.Lines { // one rate
				o.Lines[i].Taxes[0].Tax = o.Lines[0].Taxes[0].Tax
			}
			tax := o.Lines[0].Taxes[0].Tax
			sum := decimal.Zero
			for _, t := range o.Taxes {
				sum = sum.Add(t)
			}
			o.Taxes = map[int64]decimal.Decimal{tax.ID: sum}
			a, opt := s.arithmetic(), parity.Options{Adjust: true, MaxResidual: dec("0.01")}
			var e *parity.NoSolution
			if _, err := a.Solve(o, opt); !errors.As(err, &e) || e.Taxes[tax.ID].Abs().GreaterThan(dec("0.03")) {
				continue
			}
			if none++; none > 6 {
				break
			}
			var rows []parity.Row
			for _, l := range o.Lines {
				net := l.Total
				switch {
				case o.Included && !tax.Included:
					net = net.Sub(l.Taxes[0].Amount)
				case !o.Included && tax.Included:
					net = net.Add(l.Taxes[0].Amount)
				}
				rows = append(rows, parity.Row{Quantity: decimal.NewFromInt(1), Price: net.Round(2), Taxes: []parity.Tax{tax}})
			}
			for x := int64(-60); x <= 60; x++ {
				for y := x; y <= 60; y += 7 {
					extra := []parity.Row{{Quantity: decimal.NewFromInt(1), Price: decimal.New(x, -2), Taxes: []parity.Tax{tax}},
						{Quantity: decimal.NewFromInt(1), Price: decimal.New(y, -2), Taxes: []parity.Tax{tax}}}
					got := a.Predict(append(extra, rows...))
					rest := o.Total.Sub(got.Total).Abs()
					require.False(t, got.ByTax[tax.ID].Equal(sum) && rest.LessThanOrEqual(opt.MaxResidual), "%s: %d and %d would have done for %v", c, x, y, o)
				}
			}
		}
	}
	require.Positive(t, none)
	t.Logf("%d orders without a solution", none)
}

func TestEveryRefusalNamesItsRemedy(t *testing.T) {
	a := euro(17, false)
	huge := decimal.New(1, 1_000_000)
	for _, c := range []struct {
		name   string
		change func(a *parity.Arithmetic, o *parity.Order, opt *parity.Options)
		reason parity.Reason
	}{
		{"a total that is no sum of the lines", func(_ *parity.Arithmetic, o *parity.Order, _ *parity.Options) { o.Total = dec("99") }, parity.Unreachable},
		{"a tax that no line has", func(_ *parity.Arithmetic, o *parity.Order, _ *parity.Options) { o.Taxes[77] = dec("0.01") }, parity.Unreachable},
		{"a quantity with three decimals", func(_ *parity.Arithmetic, o *parity.Order, _ *parity.Options) { o.Lines[0].Quantity = dec("0.125") }, parity.NeedsQuantity},
		{"a price that needs three decimals", func(a *parity.Arithmetic, o *parity.Order, opt *parity.Options) {
			a.Unit, a.Discount, *opt = dec("0.001"), 0, parity.Options{}
			o.Lines[0].Total, o.Lines[0].List, o.Total, o.Taxes = dec("10000.001"), dec("10000.001"), dec("12100.001"), amounts(21, "2100.000")
		}, parity.NeedsPrice},
		{"a cent too much without a rounding row", func(_ *parity.Arithmetic, o *parity.Order, opt *parity.Options) {
			o.Total, *opt = o.Total.Add(dec("0.01")), parity.Options{}
		}, parity.NeedsAdjustment},
		{"a cent too much without tax", func(_ *parity.Arithmetic, o *parity.Order, opt *parity.Options) {
			*o = parity.Order{Lines: []parity.Line{line("1", "10.00", "10.00")}, Total: dec("10.01")}
			*opt = parity.Options{}
		}, parity.NeedsResidual},
		{"a huge number", func(_ *parity.Arithmetic, o *parity.Order, _ *parity.Options) { o.Total = huge }, parity.OutOfRange},
		{"a huge number on a line", func(_ *parity.Arithmetic, o *parity.Order, _ *parity.Options) { o.Lines[0].List = huge }, parity.OutOfRange},
		{"a tax that takes everything", func(_ *parity.Arithmetic, o *parity.Order, _ *parity.Options) {
			o.Lines[0].Taxes[0].Tax.Amount = dec("-100")
		}, parity.OutOfRange},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := parity.Order{Lines: []parity.Line{line("1", "10.00", "10.00", levy(vat21, "2.10"))}, Total: dec("12.10"), Taxes: amounts(21, "2.10")}
			opt, a := parity.Options{Adjust: true, MaxResidual: dec("0.05")}, a
			c.change(&a, &o, &opt)
			_, err := a.Solve(o, opt)
			var e *parity.NoSolution
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.reason, e.Reason, err)
			require.NotEmpty(t, e.Error())
		})
	}
}

// The same order gives the same rows, or a rerun would write.
func TestTheSameOrderGivesTheSameRows(t *testing.T) {
	for n, c := range allCells() {
		s := shop{rand.New(rand.NewPCG(uint64(n), 5)), c, dec("0.01"), 900_00}
		for range 30 {
			o := s.order()
			opt := parity.Options{Adjust: true, MaxResidual: dec("0.20")}
			first, err := s.arithmetic().Solve(o, opt)
			require.NoError(t, err)
			for range 3 {
				again, err := s.arithmetic().Solve(o, opt)
				require.NoError(t, err)
				require.True(t, reflect.DeepEqual(first, again), "%v and %v", first, again)
			}
		}
	}
}
