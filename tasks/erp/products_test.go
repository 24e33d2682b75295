package erp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// made gives Odoo a product of this run; more are further fields.
func (p *place) made(sku string, more map[string]any) string {
	p.Helper()
	sku = p.run + "-" + sku
	vals := map[string]any{"name": "The " + sku, "default_code": sku}
	for k, v := range more {
		vals[k] = v
	}
	p.call("product.product", "create", map[string]any{"vals_list": []any{vals}})
	return sku
}

// service are the fields of a service in either version.
func (p *place) service() map[string]any {
	fields, err := p.admin.Fields(p.Context(), "product.product")
	require.NoError(p, err)
	return map[string]any{fields.First("detailed_type", "type"): "service"}
}

// skus are the internal references on an order's lines with their quantities and prices.
func (p *place) skus(order int64) []string {
	p.Helper()
	var out []string
	for _, l := range p.rows("sale.order.line", []string{"product_id", "product_uom_qty", "price_unit", "name"}, []any{"order_id", "=", order}) {
		id, _ := l.Ref("product_id")
		product := p.rows("product.product", []string{"default_code"}, []any{"id", "=", id}, []any{"active", "in", []any{true, false}})[0]
		out = append(out, strings.TrimPrefix(product.Str("default_code"), p.run+"-")+" × "+l.Dec("product_uom_qty").String()+" at "+l.Dec("price_unit").Round(2).String())
	}
	return out
}

func (p *place) fails(o *commerce.Order, want commerce.Reason) *commerce.Error {
	p.Helper()
	_, err := p.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
	var e *commerce.Error
	require.ErrorAs(p, err, &e)
	require.Equal(p, want, e.Reason, e.Error())
	return e
}

func TestAProductIsFoundInEachWayThatTheSettingsName(t *testing.T) {
	everywhere(t, func(p *place) {
		sku := p.made("A", map[string]any{"barcode": p.run + "640"})
		old := p.made("OLD", map[string]any{"active": false})
		for _, c := range []struct {
			name   string
			set    config.Products
			change func(*commerce.Line)
			want   string
			notice string
		}{
			{name: "SKU", change: func(l *commerce.Line) { l.SKU = sku }},
			{name: "barcode", change: func(l *commerce.Line) { l.SKU, l.Barcode = "X"+p.run, p.run+"640" }},
			{name: "the SKU is the barcode", change: func(l *commerce.Line) { l.SKU = p.run + "640" }},
			{name: "barcode alone", set: config.Products{Match: []string{"barcode"}}, change: func(l *commerce.Line) { l.SKU, l.Barcode = "", p.run+"640" }},
			{name: "a field of products", set: config.Products{Match: []string{"sku", "name"}}, change: func(l *commerce.Line) { l.SKU = "The " + sku }},
			{name: "bound by its SKU", set: config.Products{Bind: map[string]string{"ERP-MUG": sku}}, change: func(*commerce.Line) {}},
			{name: "bound by its variant", set: config.Products{Bind: map[string]string{"44": sku}}, change: func(l *commerce.Line) { l.VariantID = "44" }},
			{name: "archived", change: func(l *commerce.Line) { l.SKU = old }, want: "OLD × 2 at 12.55", notice: "the product " + old + " is archived in Odoo"},
		} {
			p.Run(c.name, func(*testing.T) {
				o := p.order()
				c.change(&o.Lines[0])
				p.shop.Books.Products = c.set
				p.shop.Books.Products.Shipping = "ERP-POST"
				out := p.book(o, erp.Applied{})
				if c.want == "" {
					c.want = "A × 2 at 12.55"
				}
				require.Equal(p, []string{c.want, "ERP-POST × 1 at 4.9"}, p.skus(out.OdooID))
				require.Equal(p, c.notice, strings.Join(out.Notices, "; "))
				require.Equal(p, "30", out.Total.Amount.String())
				require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action)
			})
		}
	})
}

func TestANeedForAProductIsMetInEachWay(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		o.Lines[0].SKU, o.Lines[0].Barcode = "S"+p.run, "B"+p.run
		e := p.fails(o, commerce.Missing)
		require.Equal(p, []string{"sku/fi/S" + p.run, "barcode/fi/B" + p.run}, e.Needs)
		require.Empty(p, p.met(e.Needs))
		sku := p.made("A", map[string]any{"barcode": "B" + p.run})
		require.Equal(p, e.Needs[1:], p.met(e.Needs))
		p.book(o, erp.Applied{})

		o = p.order()
		o.Lines[0].SKU = "Z" + p.run
		needs := p.fails(o, commerce.Missing).Needs
		p.shop.Books.Products.Bind = map[string]string{"Z" + p.run: sku}
		require.Equal(p, needs, p.met(needs))
		p.book(o, erp.Applied{})

		o = p.order()
		p.shop.Books.Products.Match = []string{"x_none"}
		needs = p.fails(o, commerce.Missing).Needs
		require.Equal(p, []string{"field/fi/x_none"}, needs)
		require.Empty(p, p.met(needs))
		p.shop.Books.Products.Match = nil
		require.Equal(p, needs, p.met(needs))
		p.book(o, erp.Applied{})

		o = p.order()
		o.Lines[1].Kind = commerce.LineTip
		needs = p.fails(o, commerce.Missing).Needs
		require.Equal(p, []string{"setting/fi/products.tip"}, needs)
		p.shop.Books.Products.Tip = "T" + p.run
		needs = p.fails(o, commerce.Missing).Needs
		require.Equal(p, []string{"product/fi/T" + p.run}, needs)
		require.Empty(p, p.met(needs))
		p.call("product.product", "create", map[string]any{"vals_list": []any{map[string]any{"name": "Tip", "default_code": "T" + p.run}}})
		require.Equal(p, needs, p.met(needs))
		p.book(o, erp.Applied{})
	})
}

func (p *place) met(needs []string) []string {
	p.Helper()
	got, err := p.Met(p.Context(), p.shop, needs)
	require.NoError(p, err)
	return got
}

func TestABundleIsBookedAsTheSettingsSay(t *testing.T) {
	everywhere(t, func(p *place) {
		p.made("A", nil)
		p.made("B", nil)
		p.made("BOX", p.service())
		for policy, want := range map[string][]string{
			"kit":     {"BOX × 2 at 12.55", "ERP-POST × 1 at 4.9"},
			"explode": {"A × 2 at 7.53", "B × 4 at 2.51", "ERP-POST × 1 at 4.9"},
			"service": {"BOX × 2 at 12.55", "A × 2 at 0", "B × 4 at 0", "ERP-POST × 1 at 4.9"},
		} {
			p.Run(policy, func(*testing.T) {
				p.shop.Books.Products.Bundles = policy
				for _, onParent := range []bool{true, false} {
					out := p.book(p.box(onParent), erp.Applied{})
					require.Equal(p, want, p.skus(out.OdooID), "the whole price on the bundle: %t", onParent)
					require.Equal(p, "30", out.Total.Amount.String())
				}
			})
		}
	})
}

// box is an order of two boxes at 12.55, each of one A and two B.
func (p *place) box(onParent bool) *commerce.Order {
	o := p.order()
	id := o.Ref.ID
	box, a, b := item(id+"3", p.run+"-BOX", "2", "12.55", "25.10", "5.10"), item(id+"4", p.run+"-A", "2", "7.53", "15.06", "3.06"), item(id+"5", p.run+"-B", "4", "2.51", "10.04", "2.04")
	box.Kind, a.Bundle, b.Bundle = commerce.LineBundle, box.ID, box.ID
	if onParent {
		a.Total, b.Total, a.Taxes, b.Taxes = euro("0"), euro("0"), nil, nil
	} else {
		box.Total, box.UnitPrice, box.Taxes = euro("0"), euro("0"), nil
	}
	o.Lines = []commerce.Line{box, a, b, o.Lines[1]}
	return o
}

// The taxes of the parts, rounded one by one, need not come to that of the bundle.
func TestABundleWhosePriceDividesBadlyIsBookedEqual(t *testing.T) {
	everywhere(t, func(p *place) {
		p.made("A", nil)
		p.made("B", nil)
		p.shop.Books.Products.Rounding = p.made("CENTS", p.service())
		o := p.box(true)
		o.Lines[0].Total, o.Lines[0].UnitPrice, o.Lines[0].Taxes[0].Amount = euro("30.00"), euro("15.00"), euro("6.10")
		o.Total, o.TotalTax = euro("34.90"), euro("7.10")
		out := p.book(o, erp.Applied{})
		require.Equal(p, "34.9", out.Total.Amount.String())
		p.Log(p.skus(out.OdooID))
		require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action)
	})
}

func TestLinesThatAreNoGoodsStandOnProductsOfTheirOwn(t *testing.T) {
	everywhere(t, func(p *place) {
		for _, set := range []struct {
			sku string
			to  *string
		}{{"CARD", &p.shop.Books.Products.GiftCard}, {"TIP", &p.shop.Books.Products.Tip}, {"FEE", &p.shop.Books.Products.Fee},
			{"DUTY", &p.shop.Books.Products.Duty}, {"WRAP", &p.shop.Books.Products.GiftWrap}} {
			*set.to = p.made(set.sku, p.service())
		}
		o := p.order()
		for i, kind := range []commerce.LineKind{commerce.LineGiftCard, commerce.LineTip, commerce.LineFee, commerce.LineDuty, commerce.LineGiftWrap} {
			l := item(o.Ref.ID+"7"+string(rune('0'+i)), "", "1", "5.00", "5.00", "0")
			l.Kind, l.Title, l.Taxes = kind, "A "+string(kind), nil
			o.Lines = append(o.Lines, l)
			o.Total.Amount = o.Total.Amount.Add(dec("5"))
		}
		out := p.book(o, erp.Applied{})
		require.Equal(p, []string{"ERP-MUG × 2 at 12.55", "ERP-POST × 1 at 4.9", "CARD × 1 at 5", "TIP × 1 at 5", "FEE × 1 at 5", "DUTY × 1 at 5", "WRAP × 1 at 5"}, p.skus(out.OdooID))
		require.Equal(p, "55", out.Total.Amount.String())
	})
}

func TestShippingStandsOnTheDeliveryMethodsProduct(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Products.Shipping = ""
		carrier := p.rows("delivery.carrier", []string{"name", "product_id"})[0]
		p.shop.Books.Carrier = carrier.Str("name")
		out := p.book(p.order(), erp.Applied{})
		id, _ := carrier.Ref("product_id")
		require.Equal(p, 1, p.count("sale.order.line", []any{"order_id", "=", out.OdooID}, []any{"product_id", "=", id}))
	})
}

func TestHostileTextIsBookedClean(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		o.Lines[0].Title = "\x1b[31m\u202eMug\r\n<script>alert(1)</script>" + strings.Repeat(" שלום", 20_000)
		o.Lines[0].Properties = []commerce.Property{{Name: "Engraving", Value: "two\nlines\x07"}}
		out := p.book(o, erp.Applied{})
		line := p.rows("sale.order.line", []string{"name"}, []any{"order_id", "=", out.OdooID}, []any{"price_unit", "=", 12.55})[0]
		require.True(p, strings.HasPrefix(line.Str("name"), "[31mMug <script>alert(1)</script> שלום"), line.Str("name")[:60])
		require.True(p, strings.HasSuffix(line.Str("name"), "…\nEngraving: two\nlines"))
		require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action)
	})
}

// An order is booked as a whole or not at all, however long it is.
func TestAVeryLongOrderIsBookedWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	for n := range 1500 {
		w.long(o, n)
	}
	require.Equal(t, "created", w.book(o).Action)
	require.Len(t, w.equal(o).Lines, 1502)

	o = anna(2)
	for n := range 10_000 {
		w.long(o, n)
	}
	calls := w.odoo.CallCount()
	e := w.fails(o, erp.Applied{}, commerce.TooLarge)
	require.Contains(t, e.Detail, "the order has 10002 lines, and more than 2000 are not booked")
	require.LessOrEqual(t, w.odoo.CallCount()-calls, 3, "nothing is asked about its products")
	require.Len(t, w.odoo.Orders(), 1)
}

// long adds one more line to an order.
func (w *world) long(o *commerce.Order, n int) {
	o.Lines = append(o.Lines, item(fmt.Sprintf("%s9%05d", o.Ref.ID, n), []string{"MUG", "TEE"}[n%2], "1", "12.55", "12.55", "2.55"))
	o.Total.Amount, o.TotalTax.Amount = o.Total.Amount.Add(dec("12.55")), o.TotalTax.Amount.Add(dec("2.55"))
}
