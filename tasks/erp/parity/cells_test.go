package parity_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// requireEqual is the promise of Solve: Odoo's own arithmetic of the rows gives the
// shop's total and its tax per tax, and nothing stands near a tie.
func requireEqual(t testing.TB, a parity.Arithmetic, o parity.Order, opt parity.Options, s parity.Solution) {
	t.Helper()
	rows := s.Rows()
	got := a.Predict(rows)
	require.True(t, got.Total.Equal(roundTo(o.Total, a.Unit)), "total %s, want %s", got.Total, o.Total)
	require.False(t, got.Uncertain)
	for id, want := range o.Taxes {
		require.True(t, got.ByTax[id].Equal(roundTo(want, a.Unit)), "tax %d is %s, want %s", id, got.ByTax[id], want)
	}
	require.Equal(t, fmt.Sprint(got), fmt.Sprint(s.Totals))
	require.Len(t, s.Lines, len(o.Lines))
	for i, l := range s.Lines {
		var q decimal.Decimal
		for _, r := range l.Rows {
			q = q.Add(r.Quantity)
		}
		require.True(t, q.Equal(o.Lines[i].Quantity), "line %d: %s pieces, want %s", i, q, o.Lines[i].Quantity)
	}
	for _, r := range rows {
		require.True(t, r.Price.Equal(r.Price.Round(a.Price)), "price %s", r.Price)
		require.True(t, r.Discount.Equal(r.Discount.Round(a.Discount)), "discount %s", r.Discount)
		require.True(t, r.Quantity.Equal(r.Quantity.Round(a.Quantity)), "quantity %s", r.Quantity)
		require.False(t, r.Discount.IsNegative() || r.Discount.GreaterThan(decimal.NewFromInt(100)), "discount %s", r.Discount)
	}
	if !opt.Adjust {
		require.Empty(t, s.Adjustments)
	}
	if s.Residual != nil {
		require.Empty(t, s.Residual.Taxes)
		x := a.Predict([]parity.Row{*s.Residual}).Total.Abs()
		require.False(t, x.GreaterThan(opt.MaxResidual), "residual %s", x)
	}
}

// ordersPerCell times 32 cells.
const ordersPerCell = 150

// Whatever the shop's mode, Odoo's mode, and where each of them rounds: every order
// in the ordinary range has rows that are equal.
func TestEveryOrdinaryOrderIsEqualInEveryCell(t *testing.T) {
	currencies := []struct {
		unit string
		most int64
	}{{"0.01", 500_00}, {"0.01", 5_000_00}, {"0.01", 50_000_00}, {"1", 5_000_00}, {"0.001", 1_000_00}, {"0.05", 500_00}}
	for n, c := range allCells() {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(n), 1719))
			parked, solved, alone, rows, residuals := 0, 0, 0, 0, 0
			largest := decimal.Zero
			var took time.Duration
			for i := range ordersPerCell {
				cur := currencies[i%len(currencies)]
				s := shop{r, c, dec(cur.unit), cur.most}
				o := s.order()
				opt := parity.Options{Adjust: true, MaxResidual: s.unit.Mul(decimal.NewFromInt(20))}
				start := time.Now()
				found, err := s.arithmetic().Solve(o, opt)
				took += time.Since(start)
				if err != nil {
					parked++
					require.GreaterOrEqual(t, cur.most, int64(50_000_00), "%v of %s: %+v", err, cur.unit, o)
					continue
				}
				solved++
				requireEqual(t, s.arithmetic(), o, opt, found)
				if len(found.Adjustments) == 0 && found.Residual == nil {
					alone++
				}
				rows += len(found.Adjustments)
				if found.Residual != nil {
					residuals++
					largest = decimal.Max(largest, found.Residual.Price.Abs().Div(s.unit))
				}
			}
			t.Logf("%s: %d solved (%d by lines alone, %d adjustment rows, %d residuals to %s units), %d parked, %s each",
				c, solved, alone, rows, residuals, largest, parked, (took / ordersPerCell).Round(time.Microsecond))
		})
	}
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
