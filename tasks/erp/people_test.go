package erp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// kuppi makes Anna buy for her company.
func kuppi(o *commerce.Order) {
	o.Customer.Company, o.Customer.VAT, o.Billing.Company = "Kuppi Oy", "fi 1234567-1", "Kuppi Oy"
}

func guest(o *commerce.Order) { o.Customer.ID = "" }

func sharedGuests(s *settings) {
	s.Books.Customers.Guests, s.Books.Customers.Guest = "shared", "Web guest"
}

// peopleCases are the plans that differ in people only.
func peopleCases() []planCase {
	elsewhere := commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Drottninggatan 2", City: "Turku", Zip: "20100", Country: "FI"}
	away := func(o *commerce.Order) { o.Shipping = &elsewhere }
	seat := place{Name: "Kuppi Oy", Street: "Mannerheimintie 1", City: "Helsinki", Zip: "00100", Country: 70}
	known := func(o *commerce.Order, h *have, _ settings) {
		desk := seat
		desk.Name = "Anna V."
		h.Company = &person{ID: 600, Company: true, VAT: "FI12345671", place: seat}
		h.Buyer = &person{ID: 601, Parent: 600, VAT: "FI12345671", Email: "anna@example.com", place: desk}
		h.Children = []person{*h.Buyer}
	}
	also := func(all ...func(*commerce.Order)) func(*commerce.Order) {
		return func(o *commerce.Order) {
			for _, f := range all {
				f(o)
			}
		}
	}
	return []planCase{
		{name: "company by VAT number", order: kuppi},
		{name: "company by VAT number of a guest where guests share a contact", order: also(kuppi, guest), books: sharedGuests},
		{name: "company that is known with its person", order: kuppi, have: known},
		{name: "company that is known and goods that go elsewhere", order: also(kuppi, away), have: known},
		{name: "company that is known and a new person of it", order: kuppi, have: func(o *commerce.Order, h *have, s settings) {
			known(o, h, s)
			h.Buyer, h.Children = nil, nil
		}},
		{name: "company that is known without an address", order: kuppi, have: func(o *commerce.Order, h *have, s settings) {
			known(o, h, s)
			h.Company.place = place{Name: "Kuppi Oy"}
			h.Buyer.place = place{Name: "Anna V."}
		}},
		{name: "company whose invoice goes elsewhere", order: func(o *commerce.Order) {
			kuppi(o)
			other := elsewhere
			other.Company, o.Billing = "Kuppi Oy", &other
		}, have: known},
		{name: "company that orders itself", order: func(o *commerce.Order) {
			kuppi(o)
			o.Customer.FirstName, o.Customer.LastName = "", ""
			for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
				a.FirstName, a.LastName = "", ""
			}
		}},
		{name: "sole trader with a VAT number among the attributes", order: func(o *commerce.Order) {
			o.Attributes = []commerce.Property{{Name: "vat number ", Value: "-"}, {Name: "VAT number", Value: "DE 129 273 398"}}
		}, books: func(s *settings) { s.Books.Customers.VATAttributes = []string{"VAT Number"} }},
		{name: "VAT number that is not matched by", order: kuppi, books: func(s *settings) { s.Books.Customers.Match = []string{"email"} }},
		{name: "marketplace buyer with a customer id", order: func(o *commerce.Order) { o.Customer.Email = "x1@marketplace.amazon.co.uk" }},
		{name: "marketplace buyer without a customer id", order: func(o *commerce.Order) {
			o.Customer.ID, o.Customer.Email = "", "x1@members.ebay.de"
		}},
		{name: "buyer behind a domain that is an alias", order: func(o *commerce.Order) { o.Customer.Email = "x1@a.relay.example" },
			books: func(s *settings) { s.Books.Customers.Aliases = []string{"Relay.example"} }},
		{name: "buyer whose e-mail is none", order: func(o *commerce.Order) { o.Customer.Email = "none" }},
		{name: "buyer by phone", order: func(o *commerce.Order) { o.Customer.Email = "" },
			books: func(s *settings) { s.Books.Customers.Match = []string{"email", "phone"} }},
		{name: "buyer by reference", books: func(s *settings) { s.Books.Customers.Match = []string{"reference", "email"} }},
		{name: "guest with an address", order: guest},
		{name: "guest under a shared contact", order: also(guest, away), books: sharedGuests},
		{name: "guest under a shared contact that is there", order: guest, books: sharedGuests, have: func(_ *commerce.Order, h *have, _ settings) {
			h.Buyer = &person{ID: 700, place: place{Name: "Web guest"}}
		}},
		{name: "guest under a shared contact without an address", books: sharedGuests, order: func(o *commerce.Order) {
			guest(o)
			o.Billing, o.Shipping = nil, nil
		}},
		{name: "guest archived", order: also(guest, away), books: func(s *settings) { s.Books.Customers.Guests = "archived" }},
		{name: "several buyers with one e-mail", books: func(s *settings) { s.Books.Customers.Duplicates = "park" },
			have: func(_ *commerce.Order, h *have, s settings) {
				h.Buyer, h.Twins = s.one(key{Kind: "email"}, []person{{ID: 501}, {ID: 502}})
			}},
		{name: "several shared guests", order: guest, books: sharedGuests, have: func(_ *commerce.Order, h *have, s settings) {
			h.Buyer, h.Twins = s.one(key{Kind: "name"}, []person{{ID: 501}, {ID: 502}})
		}},
		{name: "main address is that of the goods", order: away, books: func(s *settings) { s.Books.Customers.MainAddress = "shipping" }},
		{name: "known buyer without an address", order: away, have: func(_ *commerce.Order, h *have, _ settings) {
			h.Buyer = &person{ID: 501, place: place{Name: "Anna Virtanen"}}
		}},
		{name: "language of the books", order: func(o *commerce.Order) { o.Locale = "fi" }, books: func(s *settings) { s.Books.Language = "de_CH" }},
		{name: "language that is not installed", books: func(s *settings) { s.Books.Language = "sv_SE" }},
		{name: "channel that the configuration does not speak of", books: func(s *settings) { s.Strange = "tiktok" }},
		{name: "region that Odoo does not know", order: func(o *commerce.Order) {
			o.Billing.State, o.Shipping.State = "a village", "18"
		}},
	}
}

func TestKeysAreWhatTheyMean(t *testing.T) {
	for text, want := range map[string]string{"FI 1234567-1": "FI12345671", "fi12345671": "FI12345671", "CHE-123.456.788 TVA": "CHE123456788TVA",
		"-": "", "n/a": "", "none given": "", "NL123456789B01": "NL123456789B01", "FI\x0012345671": "FI12345671"} {
		require.Equal(t, want, normalVAT(text), "%q", text)
	}
	for text, want := range map[string]string{"+358 40 123 4567": "+358401234567", "00358-401234567": "+358401234567", "040 123 4567": "0401234567",
		"": "", "-": "", "123": "", "(09) 123456": "09123456"} {
		require.Equal(t, want, normalPhone(text), "%q", text)
	}
	s, o := books(), order()
	s.Books.Customers.Aliases = []string{"relay.example.com"}
	for mail, want := range map[string]bool{" Anna@Example.com ": true, "none": false, "a@b": false, "@example.com": false, "a@relay.example.com": false,
		"a@x.Relay.example.com": false, "a@notrelay.example.com": true, "a@marketplace.amazon.com.br": false, "a@amazon.com": true, "a@members.ebay.co.uk": false,
		"abc+1f@allegromail.pl": false, "a@us.notification.mirakl.net": false, "a@verkopen.bol.com": false, "a b@example.com": false} {
		o.Customer.Email = mail
		require.Equal(t, want, s.emailKey(o).Value != "", mail)
	}
}

func TestABuyersExternalIDIsNamedAfterWhatTellsHimApart(t *testing.T) {
	s := books()
	for _, c := range []struct {
		match string
		order func(o *commerce.Order)
		want  string
	}{
		{"vat email", nil, "odoogate.c1_mail_"},
		{"email phone", nil, "odoogate.c1_mail_"},
		{"phone email", nil, "odoogate.c1_phone_"},
		{"reference email", nil, "odoogate.fi_customer_77"},
		{"phone", func(o *commerce.Order) { o.Customer.Phone = "" }, "odoogate.fi_customer_77"},
		{"vat email", func(o *commerce.Order) { o.Customer = commerce.Party{} }, "odoogate.fi_order_5001_partner"},
		{"vat email", kuppi, "odoogate.c1_vat_" + hash("FI12345671") + "_mail_"},
		{"vat", kuppi, "odoogate.c1_vat_" + hash("FI12345671") + "_fi_customer_77"},
		{"vat", func(o *commerce.Order) { kuppi(o); guest(o) }, "odoogate.c1_vat_" + hash("FI12345671") + "_fi_order_5001_partner"},
	} {
		o := order()
		if c.order != nil {
			c.order(o)
		}
		s.Books.Customers.Match = strings.Fields(c.match)
		require.Contains(t, s.identity(o).Buyer, c.want, c.match)
	}
}

func TestContactsThatStoppedBeingAlikeLetTheOrderRun(t *testing.T) {
	s := books()
	_, twins := s.one(key{Kind: "name"}, []person{{ID: 7, place: place{Name: "Web guest"}}, {ID: 9, place: place{Name: "Web guest"}}})
	require.Equal(t, "partner/fi/name/7+9", twins.need)
	n, ok := parseNeed(twins.need)
	require.True(t, ok)
	require.False(t, n.settled(map[int64]person{7: {place: place{Name: "Web guest"}}, 9: {place: place{Name: "Web guest"}}}))
	require.True(t, n.settled(map[int64]person{7: {place: place{Name: "Web guest"}}, 9: {place: place{Name: "Other"}}}))
	require.True(t, n.settled(map[int64]person{9: {place: place{Name: "Web guest"}}}))
	for _, text := range []string{"partner/fi/email/", "partner/fi/email/7+x", "partner/fi/email", "partner/fi/shoe/7+8"} {
		_, ok := parseNeed(text)
		require.False(t, ok, text)
	}
}
