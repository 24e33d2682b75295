package odootest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// parityFile holds orders that a real server was given and what it answered.
type parityFile struct {
	Taxes map[string]parityTax `json:"taxes"`
	Cases []parityCase         `json:"cases"`
}

type parityTax struct {
	Type        string   `json:"type"`
	Amount      string   `json:"amount"`
	Include     bool     `json:"price_include"`
	RaisesBase  bool     `json:"include_base_amount"`
	Affected    bool     `json:"is_base_affected"`
	Sequence    int      `json:"sequence"`
	Children    []string `json:"children"`
	Repartition []string `json:"repartition"`
}

type parityCase struct {
	Odoo     int    `json:"odoo"`
	Method   string `json:"method"`
	Currency string `json:"currency"`
	Lines    []struct {
		Qty, Price, Disc string
		Taxes            []string
	} `json:"lines"`
	Order      struct{ Untaxed, Tax, Total string }        `json:"order"`
	LineTotals [][3]string                                 `json:"line_totals"`
	TaxTotals  map[string]string                           `json:"tax_totals"`
	Invoice    *struct{ Type, Untaxed, Tax, Total string } `json:"invoice"`
}

func readParity(t testing.TB) parityFile {
	t.Helper()
	raw, err := os.ReadFile("testdata/parity-cases.json")
	require.NoError(t, err)
	var f parityFile
	require.NoError(t, json.Unmarshal(raw, &f))
	require.NotEmpty(t, f.Cases)
	return f
}

// parityServer is a company in dollars with the taxes and pricelists of the
// recorded orders.
func parityServer(t testing.TB, f parityFile, version int, rounding string) (s *Server, taxes, lists map[string]int64, product int64) {
	t.Helper()
	s = Start(t, Options{Version: version, Rounding: rounding})
	s.seeding(func(e *env) int64 {
		require.NoError(t, e.write(s.models["res.company"], []*record{e.browse("res.company", 1)},
			map[string]any{"currency_id": e.code("res.currency", "name", "USD")}))
		return 0
	})
	taxes, lists = map[string]int64{}, map[string]int64{}
	var add func(key string)
	add = func(key string) {
		d := f.Taxes[key]
		var children []int64
		for _, c := range d.Children {
			if taxes[c] == 0 {
				add(c)
			}
			children = append(children, taxes[c])
		}
		if taxes[key] != 0 {
			return
		}
		taxes[key] = s.AddTaxDef(TaxDef{
			Name: key, Kind: d.Type, Amount: d.Amount, Included: d.Include, RaisesBase: d.RaisesBase, NotRaised: !d.Affected,
			Sequence: d.Sequence, Children: children, Repartition: d.Repartition, Group: s.AddTaxGroup(key),
		})
	}
	for key := range f.Taxes {
		add(key)
	}
	for _, c := range []string{"USD", "EUR", "CHF", "JPY", "KWD", "BHD"} {
		lists[c] = s.AddPricelist("parity "+c, c)
	}
	return s, taxes, lists, s.AddProduct("PARITY", "Parity", decimal.NewFromInt(10))
}

func TestEveryRecordedOrderGetsTheRealServersTotals(t *testing.T) {
	f := readParity(t)
	for _, tt := range []struct {
		version  int
		rounding string
		orders   int
	}{
		{17, "round_per_line", 254}, {17, "round_globally", 254}, {19, "round_per_line", 100}, {19, "round_globally", 100},
	} {
		t.Run(fmt.Sprint(tt.version, " ", tt.rounding), func(t *testing.T) {
			s, taxes, lists, product := parityServer(t, f, tt.version, tt.rounding)
			tax := s.models["sale.order.line"].fields["tax_id"].name
			c := newClient(t, s, "api", "api")
			partner := s.AddPartner(map[string]any{"name": "Buyer"})
			done := 0
			for n, want := range f.Cases {
				if want.Odoo != tt.version || want.Method != tt.rounding {
					continue
				}
				var lines []any
				for _, l := range want.Lines {
					ids := []any{}
					for _, k := range l.Taxes {
						ids = append(ids, taxes[k])
					}
					lines = append(lines, []any{0, 0, map[string]any{
						"product_id": product, "product_uom_qty": json.Number(l.Qty), "price_unit": json.Number(l.Price),
						"discount": json.Number(l.Disc), tax: []any{[]any{6, 0, ids}},
					}})
				}
				id := c.must("sale.order", "create", map[string]any{"partner_id": partner, "pricelist_id": lists[want.Currency], "order_line": lines})
				o, _ := s.Order(toInt64(t, id))
				require.Equal(t, want.Currency, o.Currency)
				if got, expected := figures(o), want.figures(); got != expected {
					t.Errorf("case %d %s %s %+v\n got %s\nwant %s", n, want.Method, want.Currency, want.Lines, got, expected)
				}
				totals := c.must("sale.order", "read", id, []any{"tax_totals"}).([]any)[0].(map[string]any)["tax_totals"]
				if diff := cmp.Diff(want.TaxTotals, shownTaxes(t, totals, places(o.Currency))); diff != "" {
					t.Errorf("case %d %s %s: tax_totals (-real +ours)\n%s", n, want.Method, want.Currency, diff)
				}
				done++
			}
			require.Equal(t, tt.orders, done, "orders of the file")
		})
	}
}

// shownTaxes are the amounts by group of either version's tax_totals, and holds
// the summary to its own sums.
func shownTaxes(t *testing.T, totals any, places int32) map[string]string {
	t.Helper()
	raw, err := json.Marshal(totals)
	require.NoError(t, err)
	var shown struct {
		Untaxed17 *decimal.Decimal `json:"amount_untaxed"`
		Total17   decimal.Decimal  `json:"amount_total"`
		Groups17  map[string][]struct {
			Name   string          `json:"tax_group_name"`
			Amount decimal.Decimal `json:"tax_group_amount"`
		} `json:"groups_by_subtotal"`
		Untaxed19 decimal.Decimal `json:"base_amount_currency"`
		Total19   decimal.Decimal `json:"total_amount_currency"`
		Subtotals []struct {
			Groups []struct {
				Name   string          `json:"group_name"`
				Amount decimal.Decimal `json:"tax_amount_currency"`
			} `json:"tax_groups"`
		} `json:"subtotals"`
	}
	require.NoError(t, json.Unmarshal(raw, &shown))
	out, sum := map[string]string{}, decimal.Zero
	for _, groups := range shown.Groups17 {
		for _, g := range groups {
			out[g.Name], sum = g.Amount.StringFixed(places), sum.Add(g.Amount)
		}
	}
	for _, s := range shown.Subtotals {
		for _, g := range s.Groups {
			out[g.Name], sum = g.Amount.StringFixed(places), sum.Add(g.Amount)
		}
	}
	untaxed, total := shown.Untaxed19, shown.Total19
	if shown.Untaxed17 != nil {
		untaxed, total = *shown.Untaxed17, shown.Total17
	}
	require.Equal(t, total.StringFixed(places), untaxed.Add(sum).StringFixed(places), "%s", raw)
	return out
}

// places are the decimals of a currency.
func places(currency string) int32 {
	switch currency {
	case "JPY":
		return 0
	case "KWD", "BHD":
		return 3
	}
	return 2
}

func figures(o Order) string {
	var b strings.Builder
	p := places(o.Currency)
	fmt.Fprintf(&b, "%s %s %s", o.Untaxed.StringFixed(p), o.Tax.StringFixed(p), o.Total.StringFixed(p))
	for _, l := range o.Lines {
		fmt.Fprintf(&b, " [%s %s %s]", l.Subtotal.StringFixed(p), l.Tax.StringFixed(p), l.Total.StringFixed(p))
	}
	return b.String()
}

func (c parityCase) figures() string {
	out := c.Order.Untaxed + " " + c.Order.Tax + " " + c.Order.Total
	for _, l := range c.LineTotals {
		out += " [" + strings.Join(l[:], " ") + "]"
	}
	return out
}
