package erp_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// place is an Odoo in memory or a real one, looked at from outside by an
// administrator. A real one is named by ODOO_URL, ODOO_DB, ODOO_USER and
// ODOO_PASSWORD, with ODOO_ADMIN and ODOO_ADMIN_PASSWORD for the look; what is
// made there bears the prefix of the run.
type place struct {
	*testing.T
	*erp.Books
	admin  *odooclient.Client
	memory *odootest.Server // nil: a real one
	cfg    config.Odoo      // of the gateway's user
	shop   config.Shop
	run    string
	number int64
	began  int64 // where the numbers began
}

// everywhere runs the test on each Odoo that is at hand.
func everywhere(t *testing.T, test func(p *place)) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprintf("%d in memory", version), func(t *testing.T) {
			s := odootest.Start(t, odootest.Options{Version: version})
			cfg := s.Config()
			cfg.User, cfg.Password = "admin", config.NewSecret("admin")
			test(open(t, s, s.Config(), cfg))
		})
	}
	if os.Getenv("ODOO_URL") == "" {
		return
	}
	t.Run("real", func(t *testing.T) {
		cfg := config.Odoo{URL: os.Getenv("ODOO_URL"), Database: os.Getenv("ODOO_DB"), User: os.Getenv("ODOO_USER"),
			Password: config.NewSecret(os.Getenv("ODOO_PASSWORD")), Connections: 2, Timeout: 2 * time.Minute}
		admin := cfg
		admin.User, admin.Password = os.Getenv("ODOO_ADMIN"), config.NewSecret(os.Getenv("ODOO_ADMIN_PASSWORD"))
		test(open(t, nil, cfg, admin))
	})
}

func open(t *testing.T, memory *odootest.Server, cfg, admin config.Odoo) *place {
	p := &place{T: t, memory: memory, cfg: cfg, run: fmt.Sprintf("e%d", time.Now().UnixNano()/1000), number: time.Now().UnixNano() / 1000}
	p.began = p.number
	client := func(c config.Odoo) *odooclient.Client {
		out := odooclient.New(c, odooclient.Options{Transport: wire(memory)})
		t.Cleanup(out.Close)
		return out
	}
	p.Books, p.admin = erp.New(client(cfg), erp.Options{}), client(admin)
	p.shop = shopOf("fi")
	p.shop.Books.Products.Shipping = "ERP-POST"
	p.shop.Books.Pricelists = map[string]string{"EUR": "EUR"} // a real one may have several
	for sku, kind := range map[string]string{"ERP-MUG": "consu", "ERP-POST": "service"} {
		if p.count("product.product", []any{"default_code", "=", sku}) == 0 {
			p.call("product.product", "create", map[string]any{"vals_list": []any{map[string]any{"name": sku, "default_code": sku, "type": kind}}})
		}
	}
	if p.count("account.tax", []any{"amount", "=", 25.5}, []any{"price_include", "=", true}, []any{"type_tax_use", "=", "sale"}) == 0 {
		require.NotNil(t, memory, "a real Odoo needs an included sales tax of 25.5 %")
		memory.AddTax("25.5% G", "25.5", true, "")
	}
	if lists := p.rows("product.pricelist", []string{"name"}, []any{"currency_id.name", "=", "EUR"}); len(lists) > 1 {
		p.shop.Books.Pricelists = map[string]string{"EUR": lists[0].Str("name")}
	}
	return p
}

// wire is the way to an Odoo: to one in memory without a network, nil to a real one.
func wire(memory *odootest.Server) http.RoundTripper {
	if memory == nil {
		return nil
	}
	return memory.Direct()
}

func (p *place) call(model, method string, args map[string]any) {
	p.Helper()
	var result any
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: model, Method: method, Args: args}, &result))
}

func (p *place) count(model string, domain ...[]any) int {
	p.Helper()
	terms := []any{}
	for _, d := range domain {
		terms = append(terms, d)
	}
	var n int
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: model, Method: "search_count", Args: map[string]any{"domain": terms}}, &n))
	return n
}

func (p *place) rows(model string, fields []string, domain ...[]any) []odooclient.Row {
	p.Helper()
	terms := []any{}
	for _, d := range domain {
		terms = append(terms, d)
	}
	var rows []odooclient.Row
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: model, Method: "search_read",
		Args: map[string]any{"domain": terms, "fields": fields}}, &rows))
	return rows
}

// order is one nobody had before.
func (p *place) order() *commerce.Order {
	p.number++
	o := anna(0)
	o.Ref.ID, o.Number = fmt.Sprint(p.number), fmt.Sprintf("#ERP-%d", p.number)
	o.Lines[0].ID, o.Lines[1].ID, o.Lines[0].SKU = o.Ref.ID+"1", o.Ref.ID+"2", "ERP-MUG"
	o.Customer.Email, o.Customer.ID = p.run+"@example.com", p.run
	return o
}

func (p *place) book(o *commerce.Order, last erp.Applied) erp.Outcome {
	p.Helper()
	out, err := p.Order(p.Context(), p.shop, o, last, yes)
	require.NoError(p, err)
	return out
}

// outgoing counts what Odoo sends or is about to send to people.
func (p *place) outgoing() map[string]int {
	p.Helper()
	out := map[string]int{}
	for _, model := range []string{"mail.mail", "sms.sms", "mail.notification"} {
		var n int
		err := p.admin.Call(p.Context(), odooclient.Request{Model: model, Method: "search_count", Args: map[string]any{"domain": []any{}}}, &n)
		if odooclient.KindOf(err) != odooclient.NoModel {
			require.NoError(p, err)
			out[model] = n
		}
	}
	if p.memory != nil {
		out["sent"] = p.memory.MailsSent()
	}
	return out
}

// No mail and no SMS leaves Odoo because of us, though people follow the order.
func TestNobodyIsWrittenToBecauseOfUs(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		before := p.outgoing()
		require.NotEmpty(p, before)
		p.shop.Books.Draft = new(true)
		out := p.book(o, erp.Applied{})
		require.Equal(p, "created", out.Action)
		partner, _ := p.rows("sale.order", []string{"partner_id"}, []any{"id", "=", out.OdooID})[0].Ref("partner_id")
		if p.memory == nil { // the one in memory has no followers
			var done any
			require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "sale.order", Method: "message_subscribe",
				IDs: []int64{out.OdooID}, Args: map[string]any{"partner_ids": []int64{partner}}}, &done))
			require.Equal(p, 1, p.count("mail.followers", []any{"res_model", "=", "sale.order"}, []any{"res_id", "=", out.OdooID}, []any{"partner_id", "=", partner}))
		}
		p.shop.Books.Draft = new(false)
		require.Equal(p, "confirmed", p.book(o, erp.Applied{}).Action)
		last := applied(o, out)
		mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
		o.Lines[0].SKU = "ERP-MUG"
		require.Equal(p, "updated", p.book(o, last).Action)
		last = applied(o, out)
		o.CancelledAt = time.Now()
		require.Equal(p, "cancelled", p.book(o, last).Action)
		require.Equal(p, before, p.outgoing())
	})
}

// An order with our number that is not ours is parked, and never doubled.
func TestAnOrderThatIsAlreadyThereIsNeverDoubled(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		buyer := p.rows("res.partner", []string{"name"})[0].ID()
		p.call("sale.order", "create", map[string]any{"vals_list": []any{map[string]any{"partner_id": buyer, "client_order_ref": o.Number}}})
		_, err := p.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
		require.Equal(p, commerce.Exists, commerce.ReasonOf(err))
		require.ErrorContains(p, err, "already there")
		p.shop.Mode = ""
		_, err = p.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
		require.Equal(p, commerce.Exists, commerce.ReasonOf(err), "observing says so too")
		require.Equal(p, 1, p.count("sale.order", []any{"client_order_ref", "=", o.Number}))
	})
}

func TestPeopleReadTheirWordsBesideTheOrder(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		o.Note, o.PurchaseOrder, o.Locale, o.URL = "Ring <b>twice</b> & wait\n<script>alert(1)</script>", "PO 7", "en-US", "https://admin.example.com/orders/1?a=1&b=2"
		o.Attributes = []commerce.Property{{Name: "Gift text", Value: "Hyvää joulua <3"}}
		o.Gateways, o.Financial = []string{"klarna"}, "paid"
		warehouse := p.rows("stock.warehouse", []string{"name"})[0]
		p.shop.Books.Warehouses = map[string]string{"68": warehouse.Str("name")}
		o.Location = "68"
		out := p.book(o, erp.Applied{})
		order := p.rows("sale.order", []string{"partner_id", "warehouse_id"}, []any{"id", "=", out.OdooID})[0]
		at, _ := order.Ref("warehouse_id")
		require.Equal(p, warehouse.ID(), at)
		partner, _ := order.Ref("partner_id")
		require.Equal(p, "en_US", p.rows("res.partner", []string{"lang"}, []any{"id", "=", partner})[0].Str("lang"))

		notes := p.notes(out.OdooID)
		require.Len(p, notes, 1)
		require.True(p, notes[0].Bool("is_internal"))
		body := notes[0].Str("body")
		for _, want := range []string{`href="https://admin.example.com/orders/1?a=1&amp;b=2"`, "fi " + o.Number, "Ring &lt;b&gt;twice&lt;/b&gt; &amp; wait<br",
			"&lt;script&gt;alert(1)&lt;/script&gt;", "Gift text:</b> Hyvää joulua &lt;3", "PO 7", "klarna (paid)"} {
			require.Contains(p, body, want)
		}
		require.NotContains(p, body, "<script")

		last := applied(o, out)
		o.Note, o.PurchaseOrder, o.Gateways, o.Tags = "Another", "PO 8", []string{"cash"}, []string{"vip"}
		require.Equal(p, "unchanged", p.book(o, last).Action)
		require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action)
		require.Equal(p, notes, p.notes(out.OdooID), "words alone rewrite nothing")
	})
}

func (p *place) notes(order int64) []odooclient.Row {
	return p.rows("mail.message", []string{"body", "is_internal", "subtype_id"}, []any{"model", "=", "sale.order"}, []any{"res_id", "=", order}, []any{"body", "ilike", "fi #ERP"})
}

// With nothing remembered, an order whose number and source people changed is met
// only when a new one is refused; it is neither doubled nor left waiting.
func TestAnOrderThatPeopleRenamedIsFoundAgain(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		out := p.book(o, erp.Applied{})
		_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "sale.order", Fields: []string{".id", "client_order_ref", "origin"}},
			[][]any{{fmt.Sprint(out.OdooID), "by hand " + o.Number, "by hand"}})
		require.NoError(p, err)
		again := p.book(o, erp.Applied{})
		require.Equal(p, "unchanged", again.Action)
		require.Equal(p, out.OdooID, again.OdooID)
		require.Equal(p, 1, p.count("sale.order", []any{"client_order_ref", "ilike", o.Number}))
	})
}

// A shop that is not live is planned and shown, and nothing is written.
func TestAShopThatObservesWritesNothing(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Mode = "observe"
		o := p.order()
		partners, orders := p.count("res.partner"), p.count("sale.order")
		out := p.book(o, erp.Applied{})
		require.Equal(p, "observed", out.Action)
		require.Zero(p, out.Writes)
		text := strings.Join(out.Plan, "\n")
		require.Contains(p, text, "create quotation "+o.Number)
		require.Contains(p, text, "line 2 × ERP-MUG at 12.55")
		require.NotContains(p, text, "@")
		if p.memory != nil { // others may be at work in a real one
			require.Equal(p, []int{partners, orders}, []int{p.count("res.partner"), p.count("sale.order")})
		}
		require.Zero(p, p.count("sale.order", []any{"client_order_ref", "=", o.Number}))
		require.Zero(p, p.count("res.partner", []any{"email", "=", o.Customer.Email}))

		p.shop.Mode = config.Live
		out = p.book(o, erp.Applied{})
		require.Equal(p, "created", out.Action)
		last := applied(o, out)
		o.CancelledAt = time.Now()
		p.shop.Mode = "observe"
		observed := p.book(o, last)
		require.Equal(p, []string{fmt.Sprintf("cancel %s (%s)", out.OdooName, o.Number)}, observed.Plan)
		require.Equal(p, "sale", p.rows("sale.order", []string{"state"}, []any{"id", "=", out.OdooID})[0].Str("state"))
	})
}
