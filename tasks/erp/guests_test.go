package erp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// visitor is an order of somebody without an account, who has it sent to another street.
func visitor(n int) *commerce.Order {
	o := anna(n)
	o.Customer.ID = ""
	o.Shipping = &commerce.Address{FirstName: "Anna", LastName: "Virtanen", Street: "Ågatan 2", City: "Turku", Zip: "20100", Country: "FI"}
	return o
}

func TestTheAddressOfAGuestIsTheOneThatTheSettingsSay(t *testing.T) {
	const billing, shipping, none = "Mannerheimintie 1", "Ågatan 2", ""
	for _, c := range []struct {
		guests, main              string
		customer, goods, invoices string // streets
		own                       string // whose address is the customer's: goods, invoices, none
	}{
		{"own", "billing", billing, shipping, billing, "invoices"},
		{"own", "shipping", shipping, shipping, billing, "goods"},
		{"archived", "billing", billing, shipping, billing, "invoices"},
		{"archived", "shipping", shipping, shipping, billing, "goods"},
		{"shared", "billing", none, shipping, billing, ""},
		{"shared", "shipping", none, shipping, billing, ""},
	} {
		for _, version := range []int{17, 19} {
			t.Run(fmt.Sprintf("%s guests with %s in %d", c.guests, c.main, version), func(t *testing.T) {
				w := worldOf(t, odootest.Options{Version: version})
				w.shop.Books.Customers = config.Customers{Guests: c.guests, Guest: "Web guest", MainAddress: c.main}
				w.book(visitor(1))
				h := w.equal(visitor(1))
				require.Equal(t, []string{c.customer, c.goods, c.invoices}, []string{h.Buyer.Street, h.ShipTo.Street, h.InvoiceTo.Street})
				require.Equal(t, c.own == "goods", h.Shipping == h.Partner)
				require.Equal(t, c.own == "invoices", h.Invoice == h.Partner)
				require.Equal(t, c.guests != "archived", h.Buyer.Active)
				for _, at := range []odootest.Partner{h.ShipTo, h.InvoiceTo} {
					require.True(t, at.ID == h.Partner || at.Parent == h.Partner, "every address is the customer's or under him")
				}
				if c.guests == "shared" {
					require.Equal(t, "Web guest", h.Buyer.Name)
					require.Empty(t, h.Buyer.Email)
					require.Equal(t, []string{"Anna Virtanen", "anna@example.com", "Anna Virtanen", "anna@example.com"},
						[]string{h.ShipTo.Name, h.ShipTo.Email, h.InvoiceTo.Name, h.InvoiceTo.Email})
				}

				// The next order of the same guest, and the same one once more.
				made := len(w.odoo.Partners())
				w.book(visitor(2))
				again := w.equal(visitor(2))
				require.Equal(t, c.guests != "archived", again.Partner == h.Partner)
				require.Equal(t, c.guests != "archived", again.Invoice == h.Invoice && again.Shipping == h.Shipping)
				require.Equal(t, c.guests != "archived", len(w.odoo.Partners()) == made)
				require.Equal(t, "unchanged", w.book(visitor(2)).Action)
			})
		}
	}
}

// What goes to somebody else at the customer's own address bears his name all the same.
func TestAParcelForSomebodyElseBearsHisName(t *testing.T) {
	w := newWorld(t)
	w.shop.Books.Customers.MainAddress = "shipping"
	o := visitor(1)
	o.Shipping.FirstName, o.Shipping.LastName = "Bo", "Ek"
	w.book(o)
	h := w.equal(o)
	require.Equal(t, []string{"Anna Virtanen", "Ågatan 2"}, []string{h.Buyer.Name, h.Buyer.Street})
	require.Equal(t, []string{"Bo Ek", "Ågatan 2"}, []string{h.ShipTo.Name, h.ShipTo.Street})
	require.Equal(t, h.Partner, h.ShipTo.Parent)
}

func TestGuestsWithoutAnEmailAddressAreNobodyElse(t *testing.T) {
	for _, guests := range []string{"own", "shared"} {
		w := newWorld(t)
		w.shop.Books.Customers = config.Customers{Guests: guests, Guest: "Web guest"}
		of := func(n int, street string) *commerce.Order {
			o := visitor(n)
			o.Customer.Email, o.Billing.Street, o.Shipping = "", street, nil
			return o
		}
		one, two := of(1, "Road 1"), of(2, "Road 2")
		w.book(one)
		w.book(two)
		a, b := w.equal(one), w.equal(two)
		require.Equal(t, guests == "shared", a.Partner == b.Partner)
		require.NotEqual(t, a.Invoice, b.Invoice)
		require.Equal(t, []string{"Road 1", "Road 2"}, []string{a.InvoiceTo.Street, b.InvoiceTo.Street})
	}
}
