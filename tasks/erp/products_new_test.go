package erp_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// A product that Odoo lacks is made by a user who may, once, and is people's own
// from then on.
func TestAnUnknownProductIsMadeOnce(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Products.Unknown = "create"
		sku := "N" + p.run
		unknown := func() *commerce.Order {
			o := p.order()
			o.Lines[0].SKU, o.Lines[0].Title, o.Lines[0].Barcode, o.Lines[0].NeedsShipping = sku, "New <thing>", "B"+p.run, true
			return o
		}
		o := unknown()
		e := p.fails(o, commerce.Denied)
		require.Regexp(p, `give that user the group "(Sales / Administrator|Products / Create)"`, e.Remedy)
		require.Zero(p, p.count("sale.order", []any{"client_order_ref", "=", o.Number}))
		require.Zero(p, p.count("res.partner", []any{"email", "=", o.Customer.Email}), "nothing half")

		p.Books = erp.New(p.admin, erp.Options{})
		orders := []*commerce.Order{o, unknown(), unknown(), unknown()}
		var all sync.WaitGroup
		outs, errs := make([]erp.Outcome, len(orders)), make([]error, len(orders))
		for i, o := range orders {
			all.Go(func() { outs[i], errs[i] = p.Order(p.Context(), p.shop, o, erp.Applied{}, yes) })
		}
		all.Wait()
		for i := range orders {
			require.NoError(p, errs[i])
			require.Equal(p, []string{sku + " × 2 at 12.55", "ERP-POST × 1 at 4.9"}, p.skus(outs[i].OdooID))
		}
		require.Contains(p, notices(outs), "the product "+sku+" was not in Odoo and is made: complete it there")
		fields := []string{"name", "barcode", "list_price", "type", "sale_ok", "taxes_id"}
		found := p.rows("product.product", fields, []any{"default_code", "=", sku})
		require.Len(p, found, 1, "one for all")
		require.Equal(p, "New <thing>", found[0].Str("name"))
		require.Equal(p, "B"+p.run, found[0].Str("barcode"))
		require.Equal(p, "12.55", found[0].Dec("list_price").Round(2).String())
		require.NotEqual(p, "service", found[0].Str("type"))
		require.Len(p, found[0].IDs("taxes_id"), 1)

		p.write("product.product", found[0].ID(), map[string]any{"name": "By people", "default_code": "R" + p.run, "barcode": false, "list_price": 9})
		out := p.book(unknown(), erp.Applied{})
		require.Equal(p, []string{"R" + p.run + " × 2 at 12.55", "ERP-POST × 1 at 4.9"}, p.skus(out.OdooID), "it is found again under any name")
		require.Empty(p, out.Notices)
		require.Equal(p, "By people", p.rows("product.product", fields, []any{"id", "=", found[0].ID()})[0].Str("name"))
	})
}

func notices(outs []erp.Outcome) (all []string) {
	for _, out := range outs {
		all = append(all, out.Notices...)
	}
	return all
}

func (p *place) write(model string, id int64, vals map[string]any) {
	p.Helper()
	var done any
	name := "vals"
	if v, err := p.admin.Version(p.Context()); err == nil && p.memory == nil && v.Major < 19 && strings.HasPrefix(model, "sale.order") {
		name = "values" // real orders name it so
	}
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: model, Method: "write", IDs: []int64{id}, Args: map[string]any{name: vals}}, &done))
}

func TestAnUnknownProductStandsOnThePlaceholder(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Products.Unknown, p.shop.Books.Products.Placeholder = "placeholder", p.made("ANY", nil)
		o := p.order()
		o.Lines[0].SKU = "U" + p.run
		out := p.book(o, erp.Applied{})
		require.Equal(p, []string{"ANY × 2 at 12.55", "ERP-POST × 1 at 4.9"}, p.skus(out.OdooID))
		require.Equal(p, []string{"U" + p.run + " is not in Odoo and stands on the product " + p.run + "-ANY"}, out.Notices)
		require.Equal(p, 1, p.count("sale.order.line", []any{"order_id", "=", out.OdooID}, []any{"name", "=", "A MUG [U" + p.run + "]"}))
		require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action)
	})
}

// What finding products costs: a call of its own for each further way that had to
// be tried, whatever the number of products.
func TestProductsAreAskedForInFewCalls(t *testing.T) {
	w := newWorld(t)
	w.odoo.AddProduct("PEN", "Pen", dec("1"), odootest.Values{"barcode": "6400000000017"})
	w.book(anna(0))
	cfg := w.odoo.Config()
	cfg.User, cfg.Password = "admin", config.NewSecret("admin")
	w.books = w.open(cfg) // who may make products
	w.book(anna(1))
	n := 10
	for _, c := range []struct {
		name        string
		set         config.Products
		skus        []string
		search, xid int
	}{
		{"an ordinary order", config.Products{}, []string{"MUG", "TEE", "PEN"}, 1, 0},
		{"one bound", config.Products{Bind: map[string]string{"A": "MUG", "B": "TEE"}}, []string{"A", "B"}, 1, 0},
		{"some by their barcodes", config.Products{}, []string{"MUG", "6400000000017"}, 2, 0},
		{"one on the placeholder", config.Products{Unknown: "placeholder", Placeholder: "PEN"}, []string{"MUG", "U"}, 3, 0},
		{"one that is made", config.Products{Unknown: "create"}, []string{"MUG", "N"}, 2, 1},
		{"and again", config.Products{Unknown: "create"}, []string{"MUG", "N"}, 1, 0},
	} {
		o := anna(n)
		n++
		for i, sku := range c.skus[1:] {
			o.Lines = append(o.Lines, item(fmt.Sprint(o.Ref.ID, 7, i), sku, "1", "12.55", "12.55", "2.55"))
			o.Total.Amount, o.TotalTax.Amount = o.Total.Amount.Add(dec("12.55")), o.TotalTax.Amount.Add(dec("2.55"))
		}
		o.Lines[0].SKU = c.skus[0]
		w.shop.Books.Products = c.set
		w.shop.Books.Products.Shipping = "SHIP"
		w.books.Refresh() // what the case before found is remembered else
		_, err := w.books.Met(t.Context(), w.shop, []string{"pricelist/fi/EUR"})
		require.NoError(t, err)
		before := w.odoo.Calls()
		w.book(o)
		after := w.odoo.Calls()
		spent := func(call string) int { return after[call] - before[call] }
		require.Equal(t, c.search, spent("product.product.search_read"), c.name)
		require.LessOrEqual(t, spent("ir.model.data.check_object_reference"), c.xid, c.name)
	}
}
