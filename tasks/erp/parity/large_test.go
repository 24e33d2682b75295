package parity_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// A wholesale order takes about a second at most.
func TestTenThousandLines(t *testing.T) {
	for n, c := range allCells() {
		if n%10 != 3 {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			s := shop{rand.New(rand.NewPCG(uint64(n), 10_000)), c, dec("0.01"), 500_00}
			o := s.orderOf(10_000)
			opt := parity.Options{Adjust: true, MaxResidual: dec("2")}
			start := time.Now()
			found, err := s.arithmetic().Solve(o, opt)
			took := time.Since(start)
			require.Less(t, took, time.Minute)
			if none := (*parity.NoSolution)(nil); errors.As(err, &none) {
				// Ten thousand roundings of the shop move the tax by more than rows can.
				require.True(t, c.shopRoundsLine && c.global, "%v", err)
				t.Logf("%v, %s", err, took.Round(time.Millisecond))
				return
			}
			requireEqual(t, s.arithmetic(), o, opt, found)
			t.Logf("%d adjustment rows, residual %v, %s", len(found.Adjustments), found.Residual != nil, took.Round(time.Millisecond))
		})
	}
}

// Orders of hundreds of lines are solved as small ones are.
func TestHundredsOfLines(t *testing.T) {
	for n, c := range allCells() {
		t.Run(c.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(n), 77))
			for _, lines := range []int{20, 60, 200} {
				s := shop{r, c, dec("0.01"), 500_00}
				o := s.orderOf(lines)
				opt := parity.Options{Adjust: true, MaxResidual: decimal.New(int64(20+lines), -2)}
				found, err := s.arithmetic().Solve(o, opt)
				require.NoError(t, err)
				requireEqual(t, s.arithmetic(), o, opt, found)
			}
		})
	}
}

func BenchmarkPredict(b *testing.B) {
	for _, c := range []cell{{version: 17}, {version: 17, odooIncluded: true}, {version: 19, odooIncluded: true, global: true}} {
		b.Run(c.String(), func(b *testing.B) {
			var rows []parity.Row
			for _, rate := range rates[:3] {
				rows = append(rows, parity.Row{Quantity: dec("3"), Price: dec("12.55"), Discount: dec("10"), Taxes: []parity.Tax{c.tax(rate)}})
			}
			a := shop{cell: c, unit: dec("0.01")}.arithmetic()
			b.ReportAllocs()
			for b.Loop() {
				if a.Predict(rows).Total.IsZero() {
					b.Fatal("nothing")
				}
			}
		})
	}
}

func BenchmarkSolve(b *testing.B) {
	for _, c := range []cell{
		{version: 17, shopIncluded: true, odooIncluded: true, shopRoundsLine: true},
		{version: 17, shopIncluded: true},
		{version: 19, shopIncluded: true, global: true, shopRoundsLine: true},
	} {
		b.Run(c.String(), func(b *testing.B) {
			s := shop{rand.New(rand.NewPCG(1, 2)), c, dec("0.01"), 500_00}
			orders := make([]parity.Order, 64)
			for i := range orders {
				orders[i] = s.orderOf(3)
			}
			a, opt, n := s.arithmetic(), parity.Options{Adjust: true, MaxResidual: decimal.New(2, -1)}, 0
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Solve(orders[n%len(orders)], opt); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
