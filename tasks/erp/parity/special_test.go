package parity_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp/parity"
)

func line(q, list, total string, levies ...parity.Levy) parity.Line {
	l := parity.Line{Quantity: dec(q), List: dec(list), Total: dec(total), Taxes: levies}
	l.Discounted = !l.Quantity.Mul(l.List).Equal(l.Total)
	return l
}

func amounts(pairs ...any) map[int64]decimal.Decimal {
	m := map[int64]decimal.Decimal{}
	for i := 0; i < len(pairs); i += 2 {
		m[int64(pairs[i].(int))] = dec(pairs[i+1].(string))
	}
	return m
}

var (
	vat21    = parity.Tax{ID: 21, Kind: parity.Percent, Amount: dec("21"), Affected: true, Sequence: 1}
	vat21In  = parity.Tax{ID: 121, Kind: parity.Percent, Amount: dec("21"), Included: true, Affected: true, Sequence: 1}
	gst      = parity.Tax{ID: 5, Kind: parity.Percent, Amount: dec("5"), Affected: true, Sequence: 1}
	qst      = parity.Tax{ID: 9, Kind: parity.Percent, Amount: dec("9.975"), Affected: true, Sequence: 2}
	both     = parity.Tax{ID: 59, Kind: parity.Group, Children: []parity.Tax{gst, qst}}
	reverse  = parity.Tax{ID: 22, Kind: parity.Percent, Amount: dec("21"), Shares: []decimal.Decimal{dec("1"), dec("-1")}, Affected: true}
	levied10 = parity.Tax{ID: 10, Kind: parity.Percent, Amount: dec("10"), RaisesBase: true, Affected: true, Sequence: 1}
	onTop5   = parity.Tax{ID: 11, Kind: parity.Percent, Amount: dec("5"), Affected: true, Sequence: 2}
	deposit  = parity.Tax{ID: 37, Kind: parity.Fixed, Amount: dec("0.37"), Affected: true, Sequence: 0}
)

func levy(t parity.Tax, amount string) parity.Levy {
	return parity.Levy{Tax: t, Rate: t.Amount, Amount: dec(amount)}
}

func euro(version int, global bool) parity.Arithmetic {
	return parity.Arithmetic{Version: version, Global: global, Unit: dec("0.01"), CompanyUnit: dec("0.01"), Price: 2, Discount: 2, Quantity: 2}
}

// Each row is an order that once took a rule of its own. It is solved by its lines
// alone, in both versions and both methods.
func TestSpecialOrders(t *testing.T) {
	for _, c := range []struct {
		name  string
		order parity.Order
		unit  string
		forms []parity.Form
	}{
		{"a free gift", parity.Order{Lines: []parity.Line{line("1", "5.00", "0", levy(vat21, "0")), line("1", "10.00", "10.00", levy(vat21, "2.10"))},
			Total: dec("12.10"), Taxes: amounts(21, "2.10")}, "0.01", []parity.Form{parity.Discount, parity.Plain}},
		{"an order that is free", parity.Order{Lines: []parity.Line{line("3", "5.00", "0", levy(vat21, "0"))}}, "0.01", []parity.Form{parity.Discount}},
		{"half a metre", parity.Order{Lines: []parity.Line{line("0.5", "12.50", "6.25", levy(vat21, "1.31"))},
			Total: dec("7.56"), Taxes: amounts(21, "1.31")}, "0.01", []parity.Form{parity.Plain}},
		{"money back", parity.Order{Lines: []parity.Line{line("2", "-5.00", "-10.00", levy(vat21, "-2.10"))},
			Total: dec("-12.10"), Taxes: amounts(21, "-2.10")}, "0.01", []parity.Form{parity.Plain}},
		{"pieces back", parity.Order{Lines: []parity.Line{line("-2", "5.00", "-10.00", levy(vat21, "-2.10"))},
			Total: dec("-12.10"), Taxes: amounts(21, "-2.10")}, "0.01", []parity.Form{parity.Plain}},
		{"yen", parity.Order{Included: true, Lines: []parity.Line{line("3", "400", "1000", levy(vat21In, "174"))},
			Total: dec("1000"), Taxes: amounts(121, "174")}, "1", []parity.Form{parity.Discount}},
		{"dinar with three decimals", parity.Order{Lines: []parity.Line{line("1", "10.125", "10.125", levy(vat21, "2.126"))},
			Total: dec("12.251"), Taxes: amounts(21, "2.126")}, "0.001", []parity.Form{parity.Pair}},
		{"a currency of five cents", parity.Order{Included: true, Lines: []parity.Line{line("3", "4.35", "13.05", levy(vat21In, "2.25"))},
			Total: dec("13.05"), Taxes: amounts(121, "2.25")}, "0.05", []parity.Form{parity.Plain}},
		{"no tax at all", parity.Order{Lines: []parity.Line{line("3", "3.34", "10.00")}, Total: dec("10.00")}, "0.01", []parity.Form{parity.Discount}},
		{"reverse charge", parity.Order{Lines: []parity.Line{line("2", "9.99", "19.98", levy(reverse, "0"))}, Total: dec("19.98")}, "0.01", []parity.Form{parity.Plain}},
		{"two taxes on a line", parity.Order{Lines: []parity.Line{line("1", "19.99", "19.99", levy(gst, "1.00"), levy(qst, "1.99"))},
			Total: dec("22.98"), Taxes: amounts(5, "1.00", 9, "1.99")}, "0.01", []parity.Form{parity.Plain}},
		{"a tax on a tax", parity.Order{Lines: []parity.Line{line("1", "100.00", "100.00", levy(levied10, "10.00"), levy(onTop5, "5.50"))},
			Total: dec("115.50"), Taxes: amounts(10, "10.00", 11, "5.50")}, "0.01", []parity.Form{parity.Plain}},
		{"a group by its own amount", parity.Order{Lines: []parity.Line{line("1", "19.99", "19.99", levy(both, "2.99"))},
			Total: dec("22.98"), Taxes: amounts(59, "2.99")}, "0.01", []parity.Form{parity.Plain}},
		{"a group by its children", parity.Order{Lines: []parity.Line{line("1", "19.99", "19.99", levy(both, "2.99"))},
			Total: dec("22.98"), Taxes: amounts(5, "1.00", 9, "1.99")}, "0.01", []parity.Form{parity.Plain}},
		{"a group and one of its children", parity.Order{Lines: []parity.Line{line("1", "19.99", "19.99", levy(both, "2.99"))},
			Total: dec("22.98"), Taxes: amounts(59, "2.99", 9, "1.99")}, "0.01", []parity.Form{parity.Plain}},
		{"a deposit on each piece", parity.Order{Lines: []parity.Line{line("6", "2.00", "12.00", levy(deposit, "2.22"), levy(vat21, "2.52"))},
			Total: dec("16.74"), Taxes: amounts(37, "2.22", 21, "2.52")}, "0.01", []parity.Form{parity.Plain}},
		{"net totals with eight decimals", parity.Order{Lines: []parity.Line{line("1", "8.26446281", "8.26446281", levy(vat21, "1.73553719")), line("1", "8.26446281", "8.26446281", levy(vat21, "1.73553719"))},
			Total: dec("20.00"), Taxes: amounts(21, "3.47")}, "0.01", []parity.Form{parity.Net, parity.Net}},
		{"a shop without tax in its prices, an Odoo with", parity.Order{Lines: []parity.Line{line("2", "10.00", "20.00", levy(vat21In, "4.20"))},
			Total: dec("24.20"), Taxes: amounts(121, "4.20")}, "0.01", []parity.Form{parity.Plain}},
		{"a shop with tax in its prices, an Odoo without", parity.Order{Included: true, Lines: []parity.Line{line("2", "12.10", "24.20", levy(vat21, "4.20"))},
			Total: dec("24.20"), Taxes: amounts(21, "4.20")}, "0.01", []parity.Form{parity.Plain}},
	} {
		for _, version := range []int{17, 19} {
			for _, global := range []bool{false, true} {
				t.Run(c.name, func(t *testing.T) {
					a := euro(version, global)
					a.Unit = dec(c.unit)
					got, err := a.Solve(c.order, parity.Options{})
					require.NoError(t, err)
					requireEqual(t, a, c.order, parity.Options{}, got)
					for i, l := range got.Lines {
						require.Equal(t, c.forms[i], l.Form)
					}
				})
			}
		}
	}
}

// 17 that rounds globally cuts the order's tax to the cents of the company; the
// invoice is right again. Both are told.
func TestTheOrdersTaxInTheCompanysCents(t *testing.T) {
	a := euro(17, true)
	a.Unit = dec("1")
	rate := parity.Tax{ID: 8, Kind: parity.Percent, Amount: dec("8.875"), Affected: true}
	got := a.Predict([]parity.Row{{Quantity: dec("1"), Price: dec("107"), Taxes: []parity.Tax{rate}}})
	require.Equal(t, "9 10", got.Tax.String()+" "+got.OrderTax.String())
	require.Equal(t, "9", got.ByTax[8].String())
	o := parity.Order{Lines: []parity.Line{line("1", "107", "107", levy(rate, "9"))}, Total: dec("116"), Taxes: amounts(8, "9")}
	found, err := a.Solve(o, parity.Options{})
	require.NoError(t, err)
	require.Equal(t, "116 10", found.Totals.Total.String()+" "+found.Totals.OrderTax.String())
}

// What a missing cent needs, one remedy after the other.
func TestANetOdooBesideAGrossShop(t *testing.T) {
	// 9.99 has no net amount of two decimals whose tax at 21 % leads back to it.
	o := parity.Order{Included: true, Lines: []parity.Line{line("1", "9.99", "9.99", levy(vat21, "1.73"))}, Total: dec("9.99"), Taxes: amounts(21, "1.73")}
	none := parity.Options{}
	cents := func(n int64) decimal.Decimal { return decimal.New(n, -2) }
	for _, global := range []bool{false, true} {
		a := euro(17, global)
		_, err := a.Solve(o, none)
		require.NoError(t, err, "8.26 + 1.73 is 9.99")
	}
	o.Lines[0].Total, o.Lines[0].List, o.Total = dec("9.98"), dec("9.98"), dec("9.98")
	o.Taxes = amounts(21, "1.74")
	o.Lines[0].Taxes[0].Amount = dec("1.74")
	for _, c := range []struct {
		global bool
		opt    parity.Options
		reason parity.Reason
		extra  int
		rest   bool
	}{
		{false, none, parity.NeedsAdjustment, 0, false},
		{false, parity.Options{Adjust: true}, "", 1, false},
		{true, none, parity.NeedsBoth, 0, false},
		{true, parity.Options{Adjust: true}, parity.NeedsResidual, 0, false},
		{true, parity.Options{MaxResidual: cents(5)}, parity.NeedsAdjustment, 0, false},
		{true, parity.Options{Adjust: true, MaxResidual: cents(5)}, "", 1, true},
	} {
		a := euro(17, c.global)
		got, err := a.Solve(o, c.opt)
		if c.reason != "" {
			var e *parity.NoSolution
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.reason, e.Reason, "%v %+v", c.global, c.opt)
			require.NotEmpty(t, e.Taxes)
			continue
		}
		require.NoError(t, err)
		requireEqual(t, a, o, c.opt, got)
		require.Len(t, got.Adjustments, c.extra)
		require.Equal(t, c.rest, got.Residual != nil)
	}
}

// Rules of 17 that no stored answer shows, worked out by hand from its description.
func TestRulesOfSeventeenWithoutAnAnswer(t *testing.T) {
	fixed := func(id int64, amount string) parity.Tax {
		return parity.Tax{ID: id, Kind: parity.Fixed, Amount: dec(amount), Included: true, Affected: true, Sequence: int(id)}
	}
	row := func(price string, taxes ...parity.Tax) parity.Row {
		return parity.Row{Quantity: dec("1"), Price: dec(price), Taxes: taxes}
	}
	last := vat21In
	last.Sequence = 9
	t.Run("the first of two included fixed taxes replaces the second", func(t *testing.T) {
		got := euro(17, false).Predict([]parity.Row{row("12.35", fixed(1, "0.25"), fixed(2, "0.10"), last)})
		require.Equal(t, "10", got.Untaxed.String())
	})
	t.Run("an included tax after an excluded one that raises its base has no goal", func(t *testing.T) {
		got := euro(17, false).Predict([]parity.Row{row("121.00", levied10, last)})
		require.Equal(t, "100 10 23.1", got.Untaxed.String()+" "+got.ByTax[10].String()+" "+got.ByTax[121].String())
	})
	t.Run("globally, a tax that another follows on is summed apart", func(t *testing.T) {
		rows := []parity.Row{row("0.05", levied10, onTop5), row("0.05", levied10)}
		require.Equal(t, "0.02", euro(17, true).Predict(rows).ByTax[10].String())
		require.Equal(t, "0.01", euro(19, true).Predict(rows).ByTax[10].String())
	})
	t.Run("a share that rounding loses goes to the first repartition line", func(t *testing.T) {
		halves := vat21
		halves.Shares = []decimal.Decimal{dec("0.5"), dec("0.5")}
		require.Equal(t, "0.21", euro(17, false).Predict([]parity.Row{row("1.00", halves)}).Tax.String())
	})
}
