package erp_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// partners are what an order stands on.
type partners struct{ buyer, invoice, delivery odooclient.Row }

func (p *place) partnersOf(out erp.Outcome) partners {
	p.Helper()
	fields := []string{"partner_id", "partner_invoice_id", "partner_shipping_id"}
	order := p.rows("sale.order", fields, []any{"id", "=", out.OdooID})[0]
	var found [3]odooclient.Row
	for i, f := range fields {
		id, _ := order.Ref(f)
		found[i] = p.partner(id)
	}
	return partners{found[0], found[1], found[2]}
}

func (p *place) partner(id int64) odooclient.Row {
	p.Helper()
	row, ok, err := p.admin.Get(p.Context(), odooclient.Query{Model: "res.partner", Fields: []string{"name", "parent_id", "type", "is_company", "vat", "email",
		"phone", "street", "street2", "zip", "city", "state_id", "country_id", "lang", "ref", "active", "company_name", "company_id"}}, id)
	require.NoError(p, err)
	require.True(p, ok)
	return row
}

func (p *place) makePartner(vals map[string]any) int64 {
	p.Helper()
	var ids any
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "res.partner", Method: "create", Args: map[string]any{"vals_list": []any{vals}}}, &ids))
	rows := p.rows("res.partner", []string{"id"}, []any{"name", "=", vals["name"]})
	require.NotEmpty(p, rows)
	return rows[len(rows)-1].ID()
}

func (p *place) change(id int64, vals map[string]any) {
	p.Helper()
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "res.partner", Method: "write", IDs: []int64{id},
		Args: map[string]any{"vals": vals}}, nil))
}

func (p *place) people() int {
	return p.count("res.partner", []any{"active", "in", []any{true, false}})
}

func (p *place) goElsewhere(o *commerce.Order) *commerce.Order {
	o.Shipping = &commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Ågatan 2", City: "Turku", Zip: "20100", Country: "FI"}
	return o
}

func parentOf(r odooclient.Row) int64 {
	id, _ := r.Ref("parent_id")
	return id
}

// Odoo copies the address of a first child to a parent that has none. Not because
// of us.
func TestAContactThatIsThereIsNeverWritten(t *testing.T) {
	everywhere(t, func(p *place) {
		id := p.makePartner(map[string]any{"name": "Verified " + p.run, "email": strings.ToUpper(p.run) + "@example.com", "vat": "FI99"})
		before := p.partner(id)
		o := p.goElsewhere(p.order())
		o.Locale = "en"
		out := p.partnersOf(p.book(o, erp.Applied{}))
		require.Equal(p, id, out.buyer.ID())
		require.Equal(p, id, parentOf(out.delivery))
		require.Equal(p, "Ågatan 2", out.delivery.Str("street"))
		require.Equal(p, before, p.partner(id))
		people := p.people()
		require.Equal(p, out, p.partnersOf(p.book(p.goElsewhere(p.order()), erp.Applied{})))
		require.Equal(p, people, p.people())
	})
}

func TestGuestsShareOneContactAndKeepAllOfTheirs(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers = config.Customers{Guests: "shared", Guest: "Web guest " + p.run}
		for i, made := range []string{"by us", "by people"} {
			if made == "by people" {
				p.shop.Books.Customers.Guest += " 2"
				p.makePartner(map[string]any{"name": p.shop.Books.Customers.Guest})
			}
			of := func(mail string) *commerce.Order {
				o := p.order()
				o.Customer.ID, o.Customer.Email, o.Customer.Phone = "", fmt.Sprintf("%s%d.%s", mail, i, o.Customer.Email), "+358401234567"
				return o
			}
			first := p.partnersOf(p.book(of("a"), erp.Applied{}))
			require.Equal(p, p.shop.Books.Customers.Guest, first.buyer.Str("name"))
			require.Empty(p, first.buyer.Str("street"))
			require.Equal(p, first.delivery, first.invoice)
			require.Equal(p, first.buyer.ID(), parentOf(first.delivery))
			require.Equal(p, []string{"Anna Virtanen", of("a").Customer.Email, "+358401234567", "Mannerheimintie 1"},
				[]string{first.delivery.Str("name"), first.delivery.Str("email"), first.delivery.Str("phone"), first.delivery.Str("street")}, made)
			before := p.people()
			require.Equal(p, first, p.partnersOf(p.book(of("a"), erp.Applied{})))
			require.Equal(p, before, p.people())
			other := p.partnersOf(p.book(of("b"), erp.Applied{}))
			require.Equal(p, first.buyer, other.buyer)
			require.NotEqual(p, first.delivery.ID(), other.delivery.ID(), "another e-mail is another guest")
		}
		o := p.order()
		o.Customer.Email = "a1." + o.Customer.Email
		require.NotEqual(p, "delivery", p.partnersOf(p.book(o, erp.Applied{})).buyer.Str("type"), "a customer is no guest's address")
	})
}

func TestAnArchivedGuestIsInNoListAndOnHisOrderAlone(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers.Guests = "archived"
		var seen []int64
		for range 2 {
			o := p.goElsewhere(p.order())
			o.Customer.ID = ""
			out := p.book(o, erp.Applied{})
			require.Equal(p, "created", out.Action)
			require.Equal(p, "sale", p.rows("sale.order", []string{"state"}, []any{"id", "=", out.OdooID})[0].Str("state"))
			who := p.partnersOf(out)
			require.False(p, who.buyer.Bool("active"))
			require.False(p, who.delivery.Bool("active"))
			require.Equal(p, who.buyer.ID(), parentOf(who.delivery))
			require.NotContains(p, seen, who.buyer.ID())
			seen = append(seen, who.buyer.ID())
			before := p.people()
			require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action)
			require.Equal(p, before, p.people())
		}
	})
}

func TestContactsThatAreAlikeParkTheOrderUntilOneIsLeft(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers.Duplicates = "park"
		o := p.order()
		older := p.makePartner(map[string]any{"name": "Older " + p.run, "email": o.Customer.Email})
		newer := p.makePartner(map[string]any{"name": "Newer " + p.run, "email": o.Customer.Email})
		_, err := p.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
		require.Equal(p, commerce.Missing, commerce.ReasonOf(err))
		require.ErrorContains(p, err, fmt.Sprintf("2 contacts with the buyer's e-mail address: ids %d, %d", older, newer))
		require.NotContains(p, err.Error(), "@")
		needs := []string{fmt.Sprintf("partner/fi/email/%d+%d", older, newer)}
		met := func() []string {
			got, err := p.Met(p.Context(), p.shop, needs)
			require.NoError(p, err)
			return got
		}
		require.Empty(p, met())
		p.change(older, map[string]any{"active": false})
		require.Equal(p, needs, met())
		require.Equal(p, newer, p.partnersOf(p.book(o, erp.Applied{})).buyer.ID())
		p.change(older, map[string]any{"active": true})
		p.shop.Books.Customers.Duplicates = ""
		p.Refresh() // who was found alone is remembered for a minute
		require.Equal(p, older, p.partnersOf(p.book(p.order(), erp.Applied{})).buyer.ID(), "the oldest")
	})
}

func TestBuyersAreFoundByPhoneAndByReferenceWhereThatIsSet(t *testing.T) {
	everywhere(t, func(p *place) {
		number := p.run[len(p.run)-6:]
		by := p.makePartner(map[string]any{"name": "Phone " + p.run, "phone": "+358401" + number})
		p.shop.Books.Customers.Match = []string{"email", "phone", "reference"}
		o := p.order()
		o.Customer.Phone = "00358 (40) 1" + number
		require.Equal(p, by, p.partnersOf(p.book(o, erp.Applied{})).buyer.ID(), "by phone")

		o = p.order()
		o.Customer.Phone, o.Customer.Email = "", "other."+o.Customer.Email
		first := p.partnersOf(p.book(o, erp.Applied{})).buyer
		require.Equal(p, o.Customer.ID, first.Str("ref"), "what is made can be found")
		o = p.order()
		o.Customer.Phone, o.Customer.Email = "", "third."+o.Customer.Email
		require.Equal(p, first, p.partnersOf(p.book(o, erp.Applied{})).buyer, "by reference")
	})
}

// An Odoo user with a time zone of his own changes no date.
func TestDatesAreThoseOfTheShopWhateverZoneOdoosUserHas(t *testing.T) {
	everywhere(t, func(p *place) {
		if p.memory != nil {
			uid := p.rows("res.users", []string{"login"}, []any{"login", "=", p.memory.Config().User})[0].ID()
			p.memory.Set("res.users", uid, odootest.Values{"tz": "Europe/Helsinki"})
		}
		p.shop.Books.Draft = new(true)
		o := p.order()
		out := p.book(o, erp.Applied{})
		date := func() time.Time {
			return p.rows("sale.order", []string{"date_order"}, []any{"id", "=", out.OdooID})[0].Time("date_order")
		}
		require.Equal(p, o.CreatedAt, date())
		p.shop.Books.Draft = new(false)
		require.Equal(p, "confirmed", p.book(o, erp.Applied{}).Action)
		require.Equal(p, o.CreatedAt, date())
	})
}

// Many first orders of few people at one moment, from two shops, make each person,
// company and address once; the same orders again make nothing.
func TestOrdersAtOneMomentMakeEveryoneOnce(t *testing.T) {
	everywhere(t, func(p *place) {
		mails := []string{"anna.%s@example.com", "Bo.%s@Example.com", "BO.%s@example.com", "x.%s@marketplace.amazon.de"}
		var orders []*commerce.Order
		for i := range 40 {
			o := p.order()
			o.Ref.Shop = []string{"fi", "fj"}[i%2]
			o.Customer.Email = fmt.Sprintf(mails[i%len(mails)], p.run)
			o.Customer.ID = fmt.Sprintf("%s%d", p.run, i%len(mails)) // of the marketplace's buyers, two
			if i%3 == 0 {
				p.company(o)
				if i%2 == 0 {
					o.Customer.VAT = strings.ReplaceAll(strings.ToLower(p.vat()), " ", "")
				}
			}
			if i%5 == 0 {
				p.goElsewhere(o)
			}
			orders = append(orders, o)
		}
		before, free := p.people(), 0
		run := func() {
			var all sync.WaitGroup
			errs := make([]error, len(orders))
			for i, o := range orders {
				all.Go(func() {
					shop := p.shop
					shop.ID = o.Ref.Shop
					_, errs[i] = p.Order(p.Context(), shop, o, erp.Applied{}, yes)
				})
			}
			all.Wait()
			for _, err := range errs {
				require.NoError(p, err)
			}
		}
		run()
		made, ofCompany := map[string]map[int64]bool{}, map[int64]bool{}
		for _, o := range orders {
			row := p.rows("sale.order", []string{"partner_id", "partner_invoice_id", "partner_shipping_id"}, []any{"client_order_ref", "=", o.Number})
			require.Len(p, row, 1)
			buyer, _ := row[0].Ref("partner_id")
			who := strings.ToLower(o.Customer.Email)
			if strings.Contains(who, "amazon") {
				who = o.Ref.Shop + o.Customer.ID
			}
			if o.Customer.VAT != "" {
				who += " at the company"
				require.NotZero(p, parentOf(p.partner(buyer)))
				ofCompany[buyer] = true
			}
			if made[who] == nil {
				made[who] = map[int64]bool{}
			}
			made[who][buyer] = true
		}
		for who, buyers := range made {
			if !strings.HasSuffix(who, " at the company") {
				// Whom an order for the company made a moment before is found by an own one too.
				maps.DeleteFunc(buyers, func(id int64, _ bool) bool { return ofCompany[id] })
			}
			require.LessOrEqual(p, len(buyers), 1, "%s is there twice: %v", who, made)
		}
		require.Equal(p, 1, p.count("res.partner", []any{"name", "=", "Kuppi " + p.run}))
		if p.memory != nil {
			free = p.people()
			require.Greater(p, free, before)
			for _, o := range orders { // once more, each as an order of its own
				o.Ref.ID, o.Number = o.Ref.ID+"0", o.Number+"0"
				for i := range o.Lines {
					o.Lines[i].ID += "0"
				}
			}
			run()
			require.Equal(p, free, p.people())
		}
	})
}
