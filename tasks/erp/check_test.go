package erp_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// saidOf are the findings of these levels, as "level: text".
func saidOf(t *testing.T, found []commerce.Finding, levels ...commerce.Level) []string {
	t.Helper()
	var out []string
	for _, f := range found {
		if f.Level != commerce.OK {
			require.NotEmpty(t, f.Remedy, "%q has no remedy", f.Text)
		}
		for _, l := range levels {
			if f.Level == l {
				out = append(out, string(f.Level)+": "+f.Text)
			}
		}
	}
	return out
}

func graveOf(t *testing.T, found []commerce.Finding) []string {
	t.Helper()
	return saidOf(t, found, commerce.Warning, commerce.Problem)
}

func TestAnOdooThatIsSetUpHasNothingToMend(t *testing.T) {
	for version, want := range map[int][]string{
		17: {
			"ok: Odoo 17.0-20240709 answers (Community, over jsonrpc)",
			"ok: booked in company \"My Company\" (EUR), which rounds taxes per line",
		},
		19: {
			"ok: Odoo 19.0 answers (Community, over json2)",
			"ok: booked in company \"My Company\" (EUR), which rounds taxes globally",
		},
	} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			w := worldOf(t, odootest.Options{Version: version})
			cfg := w.odoo.Config()
			if version == 19 {
				cfg.Password = config.NewSecret(w.odoo.APIKey(cfg.User))
			}
			found := w.open(cfg).Check(t.Context(), []config.Shop{w.shop})
			require.Empty(t, graveOf(t, found))
			want = []string{want[0],
				"ok: the clocks agree",
				`ok: the login of user "api" works`,
				"ok: the user has the groups Sales / User: All Documents; Contact Creation; Invoicing / Billing; Inventory / User",
				"ok: apps that concern orders: Sales, Inventory, Delivery",
				want[1],
				`ok: shipping is booked on the service "SHIP"`,
			}
			if diff := cmp.Diff(want, saidOf(t, found, commerce.OK)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			require.Equal(t, "odoo", found[0].Part)
			require.Equal(t, "shop fi", found[len(found)-1].Part)
		})
	}
}

func TestAnOdooThatCannotBeUsedIsToldInOneSentence(t *testing.T) {
	w := newWorld(t)
	for _, tc := range []struct {
		name   string
		change func(*config.Odoo)
		want   string
	}{
		{"away", func(o *config.Odoo) { o.URL = "http://127.0.0.1:1" }, "problem: Odoo cannot be reached"},
		{"wrong password", func(o *config.Odoo) { o.Password = config.NewSecret("nonsense") }, "problem: Odoo refuses the login"},
		{"wrong database", func(o *config.Odoo) { o.Database = "nonsense" }, "problem: Odoo does not know the database"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := w.odoo.Config()
			tc.change(&cfg)
			found := graveOf(t, w.open(cfg).Check(t.Context(), []config.Shop{w.shop}))
			require.Len(t, found, 1)
			require.Contains(t, found[0], tc.want)
		})
	}
}

func TestTheUserOfTheGatewayIsJudged(t *testing.T) {
	w := newWorld(t)
	cfg := w.odoo.Config()
	cfg.User, cfg.Password = "admin", config.NewSecret("admin")
	admin := odooclient.New(cfg, odooclient.Options{})
	t.Cleanup(admin.Close)
	uid, err := admin.UID(t.Context())
	require.NoError(t, err)
	require.NoError(t, admin.Call(t.Context(), odooclient.Request{Model: "res.users", Method: "write", IDs: []int64{uid},
		Args: map[string]any{"vals": map[string]any{"email": false}}}, nil))
	require.Equal(t, []string{
		`problem: the user "admin" has no e-mail address: posting invoices, payments and returns fails without one`,
		"warning: the user may change Odoo's settings, which odoogate never does",
	}, graveOf(t, w.open(cfg).Check(t.Context(), []config.Shop{w.shop})))

	cfg.User, cfg.Password = "low", config.NewSecret("low")
	found := graveOf(t, w.open(cfg).Check(t.Context(), []config.Shop{w.shop}))
	require.Contains(t, found, `problem: the user lacks the group "Sales / User: All Documents": orders of other people cannot be read or changed`)
	require.Contains(t, found, `problem: the user lacks the group "Contact Creation": buyers cannot be created, and contacts do not follow accounts`)
	require.Contains(t, found, `problem: the user lacks the group "Invoicing / Billing": taxes, invoices and payments are closed`)
	require.Contains(t, found, `problem: the user lacks the group "Inventory / User": stock and deliveries are closed`)
}

func TestWhatTheSettingsNameIsLookedUp(t *testing.T) {
	yes, no := true, false
	for _, tc := range []struct {
		name  string
		seed  func(*odootest.Server)
		books config.Books
		want  []string
	}{
		{name: "an unknown company", books: config.Books{Company: "Nobody Inc"},
			want: []string{`problem: Odoo shows its user no company named "Nobody Inc"`}},
		{name: "no shipping product", books: config.Books{Products: config.Products{Shipping: ""}},
			want: []string{"warning: no shipping product is named: orders with shipping are parked"}},
		{name: "an unknown shipping product", books: config.Books{Products: config.Products{Shipping: "FREIGHT"}},
			want: []string{"problem: Odoo has no product with internal reference FREIGHT, which books.products.shipping of shop fi names"}},
		{name: "special products, a placeholder and bindings", seed: func(o *odootest.Server) {
			id := o.AddProduct("OLD", "Old", dec("1"))
			o.Set("product.product", id, odootest.Values{"active": false})
		}, books: config.Books{Products: config.Products{Shipping: "SHIP", Fee: "MUG", Tip: "TIP", GiftCard: "MUG", Placeholder: "OLD", Rounding: "SHIP",
			Bind: map[string]string{"44": "GONE", "45": "MUG"}}}, want: []string{
			`problem: the fee product "MUG" is no service: Odoo would want to deliver it`,
			`warning: the product "OLD", which books.products.placeholder names, is archived`,
			"problem: Odoo has no product with internal reference TIP, which books.products.tip of shop fi names",
			"problem: Odoo has no product with internal reference GONE, which books.products.bind of shop fi names",
		}},
		{name: "matching by a field that is not there, and products that may not be made",
			books: config.Books{Products: config.Products{Shipping: "SHIP", Match: []string{"sku", "x_sku"}, Unknown: "create"}}, want: []string{
				`problem: products.match of shop fi names "x_sku", which is no text field of products in Odoo`,
				`problem: the user lacks the group "Sales / Administrator": books.products.unknown of shop fi is create, and no product can be made`,
			}},
		{name: "shipping on the delivery methods' products", books: config.Books{Carrier: "Standard delivery"}},
		{name: "a storable shipping product", books: config.Books{Products: config.Products{Shipping: "MUG"}},
			want: []string{`problem: the shipping product "MUG" is no service: Odoo would want to deliver it`}},
		{name: "a pricelist in a currency that has none", books: config.Books{Products: config.Products{Shipping: "SHIP"}, Pricelists: map[string]string{"SEK": "Webshop", "EUR": "EUR"}},
			want: []string{`problem: Odoo has 0 active pricelists named "Webshop" in SEK for company My Company`}},
		{name: "an inactive currency", books: config.Books{Products: config.Products{Shipping: "SHIP"}, Pricelists: map[string]string{"THB": "Baht"}},
			want: []string{"problem: the currency THB is not active in Odoo", `problem: Odoo has 0 active pricelists named "Baht" in THB for company My Company`}},
		{name: "a rule for an unknown tax", books: config.Books{Products: config.Products{Shipping: "SHIP"}, Taxes: []config.TaxRule{{Rate: "24", Tax: "VAT 24"}}},
			want: []string{`problem: books.taxes of shop fi names the tax "VAT 24", and Odoo has 0 active sales taxes of that name in company My Company`}},
		{name: "a rule that leads to another rate", books: config.Books{Products: config.Products{Shipping: "SHIP"}, Taxes: []config.TaxRule{{Rate: "24", Tax: "25.5% G"}}},
			want: []string{`warning: the rule for 24 % leads to the tax "25.5% G", which is 25.5 %`}},
		{name: "a rule for prices with tax that leads to a tax on top",
			books: config.Books{Products: config.Products{Shipping: "SHIP"}, Taxes: []config.TaxRule{{Rate: "25.5", Included: &yes, Tax: "25.5%"}, {Rate: "25.5", Included: &no, Tax: "25.5%"}}},
			want:  []string{`warning: the rule for 25.5 % in the price leads to the tax "25.5%", which Odoo puts on top: some orders only fit with cents moved between lines`}},
		{name: "two taxes of one rate", seed: func(o *odootest.Server) { o.AddTax("25.5% services", "25.5", true, "") }, books: config.Books{Products: config.Products{Shipping: "SHIP"}},
			want: []string{`warning: Odoo has several sales taxes of one rate: 25.5 % ("25.5% G", "25.5% services"); orders with it are parked`}},
		{name: "a tax without an account", seed: func(o *odootest.Server) {
			o.AddTaxDef(odootest.TaxDef{Name: "14%", Amount: "14", Included: true, NoAccount: true})
		}, books: config.Books{Products: config.Products{Shipping: "SHIP"}},
			want: []string{`warning: taxes without an account: "14%"; their amount lands on the income account, and an invoice may differ from its order by a cent`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			if tc.seed != nil {
				tc.seed(w.odoo)
			}
			w.shop.Books = tc.books
			found := graveOf(t, w.books.Check(t.Context(), []config.Shop{w.shop}))
			if diff := cmp.Diff(tc.want, found); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATaxWithoutATwinIsAdvisedOn(t *testing.T) {
	w := newWorld(t)
	w.odoo.AddTax("14%", "14", false, "")
	found := w.books.Check(t.Context(), []config.Shop{w.shop})
	require.Empty(t, graveOf(t, found))
	require.Contains(t, saidOf(t, found, commerce.OK), "ok: taxes that Odoo has only on top of the price: 14 %")
}

func TestACheckReadsOnly(t *testing.T) {
	w := newWorld(t)
	w.books.Check(t.Context(), []config.Shop{w.shop})
	w.books.CheckNeeds(t.Context(), w.shop, []string{"currency/fi/EUR"})
	for call, n := range w.odoo.Calls() {
		require.NotRegexp(t, `\.(create|write|unlink|load|action_.*|button_.*)$`, call, "called %d times", n)
	}
}

func TestNeedsThatOdooLacksAreProblems(t *testing.T) {
	w := newWorld(t)
	found := w.books.CheckNeeds(t.Context(), w.shop, []string{"currency/fi/EUR", "pricelist/fi/EUR", "currency/fi/THB", "pricelist/fi/SEK"})
	require.Equal(t, []string{
		"problem: the currency THB is not active in Odoo",
		"problem: Odoo has no pricelist in SEK for company My Company",
	}, graveOf(t, found))
}

func TestNamesOfWarehousesTeamsAndTermsAreChecked(t *testing.T) {
	w := newWorld(t)
	w.shop.Mode = "observe"
	w.shop.Books.Warehouse, w.shop.Books.Warehouses = "My Company", map[string]string{"68": "Oulu"}
	w.shop.Books.Team, w.shop.Books.PaymentTerm = "Nobody", "Never"
	found := w.books.Check(t.Context(), []config.Shop{w.shop})
	require.Subset(t, graveOf(t, found), []string{
		`problem: Odoo has no warehouse named "Oulu" for company My Company`,
		`problem: Odoo has no sales team named "Nobody" for company My Company`,
		`problem: Odoo has no payment terms named "Never" for company My Company`,
	})
	require.Contains(t, saidOf(t, found, commerce.OK), "ok: observes: orders are planned and shown, and nothing is written until mode is live")
}

func TestALanguageThatIsNotInstalledIsFound(t *testing.T) {
	w := newWorld(t)
	w.shop.Books.Language = "sv_SE"
	require.Contains(t, graveOf(t, w.books.Check(t.Context(), []config.Shop{w.shop})), "problem: the language sv_SE is not installed in Odoo")
	e := w.fails(anna(1), erp.Applied{}, commerce.Missing)
	require.Equal(t, []string{"language/fi/sv_SE"}, e.Needs)
	require.Empty(t, w.met(e.Needs...))
	w.shop.Books.Language = "en_US"
	require.Equal(t, []string{"language/fi/en_US"}, w.met("language/fi/en_US"))
	w.book(anna(1))
	require.Equal(t, "en_US", buyers(w, "anna@example.com")[0].Lang)
}
