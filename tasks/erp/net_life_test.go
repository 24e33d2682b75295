package erp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// net is the order as a shop tells it whose prices hold no tax.
func net(o *commerce.Order) *commerce.Order {
	o.PricesIncludeTax = false
	for i := range o.Lines {
		l := &o.Lines[i]
		for _, x := range l.Taxes {
			l.Total.Amount = l.Total.Amount.Sub(x.Amount.Amount)
		}
		if l.Quantity.IsPositive() {
			l.UnitPrice.Amount = l.Total.Amount.DivRound(l.Quantity, 8)
		}
	}
	for i := range o.Refunds {
		r := &o.Refunds[i]
		r.Lines, r.Shipping = slices.Clone(r.Lines), slices.Clone(r.Shipping)
		for n := range r.Lines {
			r.Lines[n].Amount.Amount = r.Lines[n].Amount.Amount.Sub(r.Lines[n].Tax.Amount)
		}
		for n := range r.Shipping {
			r.Shipping[n].Amount.Amount = r.Shipping[n].Amount.Amount.Sub(r.Shipping[n].Tax.Amount)
		}
	}
	return o
}

// atNetPrices is an Odoo in memory whose prices hold no tax, for a shop that books all of it.
func atNetPrices(t *testing.T, version int) *place {
	t.Helper()
	s := odootest.Start(t, odootest.Options{Version: version})
	p := open(t, s, s.Config(), s.ConfigOf("admin"))
	for _, tax := range p.rows("account.tax", []string{"name"}, []any{"amount", "=", 25.5}) {
		p.write("account.tax", tax.ID(), map[string]any{"active": false})
	}
	s.AddTax("14% N", "14", false, "")
	s.AddTax("25.5% N", "25.5", false, "")
	p.online()
	p.shop.Import.Fulfilled, p.shop.Books.EditableUntil = "import", "always"
	p.shop.Books.Products.Refund, p.shop.Books.Products.Rounding = "ERP-POST", "ERP-POST"
	return p
}

// Prices without tax need rows for cents, which come and go with edits: no credit note
// is made for such a row alone while there is something to invoice.
func TestALifeAtPricesWithoutTaxEndsAsTheShopSays(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			p := atNetPrices(t, version)
			seeds := []uint64{50_009, 50_028, 50_034, 50_046, 50_053}
			for seed := range uint64(20) {
				seeds = append(seeds, seed)
			}
			for _, seed := range seeds {
				p.within(fmt.Sprint(seed), func(p *place) {
					life, told := p.lived(seed)
					p.Cleanup(func() {
						if p.Failed() {
							p.Log(strings.Join(life.said, "\n"))
						}
					})
					var last erp.Applied
					for _, o := range told {
						p.toldOf(net(o), &last)
					}
					p.judge(life, told)
				})
			}
		})
	}
}
