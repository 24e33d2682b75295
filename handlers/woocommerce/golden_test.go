package woocommerce

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenOrders shows each of our orders as the neutral one that it becomes.
// tasks/erp books them.
func TestGoldenOrders(t *testing.T) {
	for name, f := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			o := f.mapped(t)
			addsUp(t, o)
			golden(t, name+".json", o)
			payload, err := testDecoder().Decode(f.Order)
			if f.Refunds != nil {
				golden(t, filepath.Join("before", name+".json"), f.before(t))
				require.ErrorIs(t, err, handlers.ErrPartial, "a payload does not tell what refunds are about")
				return
			}
			require.NoError(t, err)
			require.Equal(t, o, payload)
			require.Equal(t, o.Digest(), payload.Digest())
		})
	}
}

// before is the order as it was when it was placed and paid.
func (f fixture) before(t *testing.T) *commerce.Order {
	t.Helper()
	rec, err := recordOf(f.Order)
	require.NoError(t, err)
	rec.Status, rec.Refunds, rec.Modified, rec.Completed = "processing", nil, rec.Created, stamp{}
	for _, l := range *rec.LineItems {
		clear(l.Meta)
	}
	o, err := testDecoder().order(rec, nil)
	require.NoError(t, err)
	addsUp(t, o)
	return o
}

// addsUp wants the lines to come to the order's totals: to the cent, and the tax of
// each rate but for what rounding line by line moves.
func addsUp(t *testing.T, o *commerce.Order) {
	t.Helper()
	total, cent := decimal.Zero, decimal.New(1, -commerce.Digits(o.Currency))
	rates := map[string]decimal.Decimal{}
	for _, l := range o.Lines {
		total = total.Add(l.Total.Amount)
		off := l.UnitPrice.Amount.Mul(l.Quantity).Sub(l.Total.Amount)
		for _, d := range l.Discounts {
			off = off.Sub(d.Amount.Amount)
		}
		require.True(t, off.Abs().LessThan(cent), "line %s: price × quantity less discounts misses its total by %s", l.ID, off)
		for _, tax := range l.Taxes {
			rates[tax.Title+tax.Rate.String()] = rates[tax.Title+tax.Rate.String()].Add(tax.Amount.Amount)
		}
	}
	if !o.PricesIncludeTax {
		total = total.Add(o.TotalTax.Amount)
	}
	require.Equal(t, o.Total.Amount.String(), total.String(), "the lines come to the total")
	sum := decimal.Zero
	for _, tax := range o.Taxes {
		sum = sum.Add(tax.Amount.Amount)
		diff := tax.Amount.Amount.Sub(rates[tax.Title+tax.Rate.String()]).Abs()
		require.True(t, diff.LessThanOrEqual(cent.Mul(decimal.NewFromInt(int64(len(o.Lines))))), "%s %s: the lines miss it by %s", tax.Title, tax.Rate, diff)
	}
	require.True(t, sum.Equal(o.TotalTax.Amount), "the rates come to %s of %s", sum, o.TotalTax)
}

func golden(t *testing.T, name string, value any) {
	got, err := json.MarshalIndent(value, "", " ")
	require.NoError(t, err)
	got = append(got, '\n')
	path := filepath.Join("testdata", "golden", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with -update")
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
