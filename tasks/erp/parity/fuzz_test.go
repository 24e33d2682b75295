package parity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// FuzzSolve feeds numbers that no shop has. Whatever they are, the answer comes
// soon, and is equal to the order or a NoSolution.
func FuzzSolve(f *testing.F) {
	f.Add("1", "10.00", "10.00", "21", "2.10", "12.10", uint8(0), int32(2))
	f.Add("-3", "0.01", "8.26446281", "25.5", "-1e9", "99999999999999", uint8(7), int32(0))
	f.Add("0", "1e300000", "0e-400000", "-99.999999", "0.0000000000001", "1e14", uint8(255), int32(9))
	f.Add("0.33", "1e14", "3.3e13", "999", "1e14", "-1e14", uint8(19), int32(6))
	f.Fuzz(func(t *testing.T, q, list, total, rate, tax, sum string, bits uint8, digits int32) {
		number := func(s string) decimal.Decimal {
			if len(s) > 60 {
				return decimal.Zero
			}
			d, err := decimal.NewFromString(s)
			if err != nil {
				return decimal.Zero
			}
			return d
		}
		kinds := []parity.Kind{parity.Percent, parity.Fixed, parity.Division, parity.Group}
		first := parity.Tax{ID: 1, Kind: kinds[bits&3], Amount: number(rate), Included: bits&4 > 0, RaisesBase: bits&8 > 0, Affected: true}
		second := parity.Tax{ID: 2, Kind: parity.Percent, Amount: number(tax), Affected: bits&16 > 0, Sequence: 1}
		if first.Kind == parity.Group {
			first.Children = []parity.Tax{{ID: 3, Kind: parity.Percent, Amount: number(rate)}}
		}
		a := parity.Arithmetic{Version: 17 + int(bits&2), Global: bits&32 > 0, Unit: number(strings.TrimLeft(tax, "-")), Price: digits, Discount: 2, Quantity: 2}
		if bits&64 > 0 {
			a.Unit = decimal.New(1, -2)
		}
		o := parity.Order{Included: bits&128 > 0, Total: number(sum), Taxes: map[int64]decimal.Decimal{1: number(tax), 2: number(total)}}
		for range 3 {
			o.Lines = append(o.Lines, parity.Line{Quantity: number(q), List: number(list), Total: number(total), Discounted: bits&1 > 0,
				Taxes: []parity.Levy{{Tax: first, Rate: number(rate), Amount: number(tax)}, {Tax: second, Rate: number(tax), Amount: number(tax)}}})
		}
		opt := parity.Options{Adjust: bits&4 > 0, MaxResidual: number(tax)}
		start := time.Now()
		found, err := a.Solve(o, opt)
		if took := time.Since(start); took > 30*time.Second {
			t.Fatalf("took %s", took)
		}
		var none *parity.NoSolution
		if err != nil && !errors.As(err, &none) {
			t.Fatal(err)
		}
		if err == nil && !a.Predict(found.Rows()).Total.Equal(found.Totals.Total) {
			t.Fatal(found)
		}
	})
}
