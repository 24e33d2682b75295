package tasks

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestAContactGetsAnAccountOnceAndItsEchoDoesNothing(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.ends(anna, Done, "created")
	a := r.account()
	require.Equal(t, []string{"anna@example.com", "Anna Liisa", "Virtanen"}, []string{a.Email, a.First, a.Last})
	require.Equal(t, woocommercetest.Address{First: "Anna Liisa", Last: "Virtanen", Street: "Laskukatu 2", City: "Turku", Zip: "20100", Country: "FI",
		Phone: "+358 40 1234567", Email: "anna@example.com"}, a.Billing)
	require.Equal(t, woocommercetest.Address{First: "Anna", Last: "delivery", Street: "Varastokatu 3", City: "Turku", Zip: "20100", Country: "FI"}, a.Shipping)
	require.NotContains(t, fmt.Sprint(a), "Salakatu", "addresses of other kinds are nobody's business")
	require.NotContains(t, fmt.Sprint(a), "Muukatu")
	rec := r.customerRecord(strconv.FormatInt(a.ID, 10))
	require.Equal(t, []any{Done, "pushed", anna}, []any{rec.Outcome, rec.Reason, rec.OdooID})
	require.NotEmpty(t, rec.Digest)
	require.Nil(t, r.recordOf(contactRef("fi", anna)).Sent, "what is over is not remembered")

	r.echoes()
	r.ends(anna, Done, "unchanged")
	require.Equal(t, a, r.account())
	require.Equal(t, []string{"anna@example.com"}, r.woo.Greeted())

	// All that was remembered is lost, and it is the same account again.
	r.forgetsLeases()
	r.ends(anna, Done, "unchanged")
	require.Equal(t, a, r.account())
	require.NoError(t, r.woo.UpdateCustomer(a.ID, func(*woocommercetest.Customer) {}))
	r.echoes()
	r.nothingPersonal()
}

func TestAnAccountThatIsThereIsFilledAndNotWrittenOver(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	id := r.woo.AddCustomer(woocommercetest.Customer{First: "Anna Liisa", Last: "VIRTANEN", Email: "ANNA@example.com", Role: "subscriber",
		Billing: woocommercetest.Address{Street: "Muualla 9", City: "Oulu", Zip: "90100", Country: "FI"}})
	e := r.ends(anna, Done, "updated")
	a := r.account()
	require.Equal(t, []string{"+358 40 1234567", "Varastokatu 3", "Muualla 9", "VIRTANEN", "ANNA@example.com"}, []string{a.Billing.Phone, a.Shipping.Street, a.Billing.Street, a.Last, a.Email})
	require.Equal(t, fmt.Sprintf("account %d keeps its billing address: it is not known whether the shop's or Odoo's is newer: make both equal by hand", id), e.Detail)
	require.Empty(t, r.woo.Greeted())
	updated := a.UpdatedAt
	r.ends(anna, Done, "unchanged")
	require.Equal(t, updated, r.account().UpdatedAt)
	r.nothingPersonal()
}

func TestWhatBothSidesChangedSinceIsWeighedPartByPart(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.ends(anna, Done, "created")
	r.echoes()
	id := r.account().ID
	// Odoo has another phone number and name, the shop another address for invoices, and
	// both another one for deliveries.
	r.odoo.Set("res.partner", anna, odootest.Values{"phone": "+358 50 7654321", "name": "Anna Liisa Uusi"})
	r.odoo.Set("res.partner", r.odoo.ID("res.partner", "street", "Varastokatu 3"), odootest.Values{"street": "Odoonkatu 6"})
	require.NoError(t, r.woo.UpdateCustomer(id, func(c *woocommercetest.Customer) {
		c.Billing.Street, c.Shipping.Street = "Kaupankatu 7", "Kaupankatu 8"
	}))
	e := r.ends(anna, Done, "updated")
	a := r.account()
	require.Equal(t, []string{"+358 50 7654321", "Uusi", "Uusi", "Kaupankatu 7", "Kaupankatu 8"}, []string{a.Billing.Phone, a.Last, a.Billing.Last, a.Billing.Street, a.Shipping.Street})
	require.Equal(t, fmt.Sprintf("account %d keeps its billing address: it was changed in the shop since; account %d keeps its shipping address: it was changed in the shop and in Odoo since", id, id), e.Detail)

	// What the shop changed is still its import's to bring.
	news, err := r.woo.News()
	require.NoError(t, err)
	require.Equal(t, Done, r.deliver(news[len(news)-1]).State)
	var streets []string
	for _, p := range r.odoo.Partners() {
		if p.Parent == anna && (p.Type == "invoice" || p.Type == "delivery") {
			streets = append(streets, p.Street)
		}
	}
	require.ElementsMatch(t, []string{"Laskukatu 2", "Odoonkatu 6", "Kaupankatu 7", "Kaupankatu 8"}, streets)
	r.nothingPersonal()
}

func TestACompanyIsOneInTheShop(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	id := r.odoo.AddPartner(map[string]any{"name": "Virtanen Oy", "is_company": true, "email": "info@virtanen.example", "street": "Tehtaankatu 1", "city": "Turku",
		"zip": "20100", "country_id": r.odoo.ID("res.country", "code", "FI")})
	r.ends(id, Done, "created")
	a := r.account()
	require.Equal(t, []string{"", "", "Virtanen Oy", "Tehtaankatu 1"}, []string{a.First + a.Last, a.Billing.First + a.Billing.Last, a.Billing.Company, a.Billing.Street})
	r.echoes()
	r.ends(id, Done, "unchanged")
}

func TestWhoGetsNoAccountIsToldWhyAndWhatWouldHelp(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	add := func(more map[string]any) int64 {
		all := map[string]any{"name": "Virtanen", "email": fmt.Sprintf("v%d@example.com", len(r.odoo.Partners()))}
		for k, v := range more {
			all[k] = v
		}
		return r.odoo.AddPartner(all)
	}
	above, twin := add(nil), add(map[string]any{"email": "twin@example.com"})
	for name, tt := range map[string]struct {
		id          int64
		why, remedy string
	}{
		"nobody":           {424242, "is not in Odoo", "name the ids of contacts"},
		"archived":         {add(map[string]any{"active": false}), "is archived in Odoo", "unarchive it"},
		"a child":          {add(map[string]any{"parent_id": above}), fmt.Sprintf("is a contact or an address of contact %d", above), fmt.Sprintf("push contact %d", above)},
		"an address":       {add(map[string]any{"type": "other"}), "is an address and nobody's contact", "make it a contact"},
		"no e-mail":        {add(map[string]any{"email": false}), "has no e-mail address", "enter it in Odoo"},
		"none":             {add(map[string]any{"email": "ask Virtanen"}), "has an e-mail address that is none, or several", "enter one in Odoo"},
		"a marketplace's":  {add(map[string]any{"email": "x1@marketplace.amazon.de"}), "that a marketplace made for an order", "the person's own"},
		"the second of it": {add(map[string]any{"email": "twin@example.com"}), fmt.Sprintf("is that of contact %d", twin), fmt.Sprintf("push contact %d", twin)},
	} {
		e := r.push(tt.id)
		require.Equal(t, Skipped, e.State, name)
		require.Contains(t, e.Reason, tt.why, name)
		require.Contains(t, e.Remedy, tt.remedy, name)
	}
	require.Empty(t, r.woo.Customers())
	r.woo.AddCustomer(woocommercetest.Customer{Role: "shop_manager", Email: "boss@example.com"})
	e := r.ends(add(map[string]any{"email": "boss@example.com"}), Skipped, "ignored")
	require.Contains(t, e.Detail, "works on the site")
	r.opt.Shops["fi"].Config.Books.Customers.Match = []string{"phone"}
	e = r.push(add(nil))
	require.Contains(t, e.Reason, "would not find it, and make another contact")
	require.Contains(t, e.Remedy, "have customers.match of shop fi list email")
	require.Empty(t, r.woo.Greeted())
	r.nothingPersonal()
}

func TestNobodyIsMailedAsLongAsNoSettingSaysSo(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.opt.Shops["fi"].Config.WriteBack.Accounts = ""
	e := r.push(anna)
	require.Contains(t, e.Reason, "write_back.accounts is known")
	require.Contains(t, e.Remedy, "set write_back.accounts of shop fi to all; WooCommerce makes the password, and mails the person")
	require.Empty(t, r.woo.Customers())
	r.woo.AddCustomer(woocommercetest.Customer{Email: "anna@example.com"})
	r.ends(anna, Done, "updated")
	require.Equal(t, "Virtanen", r.account().Last)
	require.Empty(t, r.woo.Greeted())
}

func TestAShopThatIsObservedShowsItsPlanAlone(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.opt.Shops["fi"].Config.Mode = "observe"
	require.Equal(t, "make an account with name, phone, billing address, shipping address", r.ends(anna, Skipped, "observed").Detail)
	require.Empty(t, r.woo.Customers())
	id := r.woo.AddCustomer(woocommercetest.Customer{Email: "anna@example.com"})
	require.Equal(t, fmt.Sprintf("write name, phone, billing address, shipping address of account %d", id), r.ends(anna, Skipped, "observed").Detail)
	require.Empty(t, r.account().Last)
	require.Empty(t, r.customerRecord(strconv.FormatInt(id, 10)).Marks)
}

// A person may say whose account it is: then addresses say nothing.
func TestABoundAccountIsTheContacts(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	id := r.woo.AddCustomer(woocommercetest.Customer{Email: "private@example.com"})
	tie := func(account string, contact int64) {
		require.NoError(t, NewTies(r.rdb).Tie(t.Context(), "fi", map[erp.Tie]int64{{Kind: erp.TieCustomer, ID: account}: contact}))
	}
	tie(strconv.FormatInt(id, 10), anna)
	require.Equal(t, fmt.Sprintf("account %d keeps its e-mail address: its owner logs in by it", id), r.ends(anna, Done, "updated").Detail)
	require.Equal(t, []string{"private@example.com", "Virtanen"}, []string{r.account().Email, r.account().Last})
	tie("4711", anna)
	require.Contains(t, r.ends(anna, Parked, "invalid").Detail, "are bound to the contact")
	tie(strconv.FormatInt(id, 10), 0)
	require.Contains(t, r.ends(anna, Parked, "invalid").Detail, "bound to account 4711 by odoogate bind, and the shop has no such account any more")
	tie("4711", 0)
	// The account is known by what was remembered, though it has another address.
	r.ends(anna, Done, "unchanged")
	other := r.odoo.AddPartner(map[string]any{"name": "Bo Ek", "email": "private@example.com"})
	require.Contains(t, r.push(other).Reason, fmt.Sprintf("is that of contact %d", anna))
}

// Whatever exchange is lost, before the shop has it or on the way back, there is one
// account in the end, and it holds what Odoo says.
func TestACutAtAnyExchangeLeavesOneAccount(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	made := 0
	for _, after := range []bool{false, true} {
		for n := int64(1); ; n++ {
			email := fmt.Sprintf("buyer%d@example.com", made)
			id := r.odoo.AddPartner(map[string]any{"name": "Anna Virtanen", "email": email, "phone": "1000001"})
			made++
			hit := r.cutting(&cut{at: n, after: after}, func() { r.push(id) })
			r.odoo.Set("res.partner", id, odootest.Values{"phone": "1000002"})
			hit = r.cutting(&cut{at: n, after: after}, func() { r.push(id) }) || hit
			all := r.woo.Customers()
			require.Len(t, all, made, "call %d, after %v", n, after)
			require.Equal(t, []string{email, "1000002"}, []string{all[made-1].Email, all[made-1].Billing.Phone}, "call %d, after %v", n, after)
			if !hit {
				require.Greater(t, n, int64(3))
				break
			}
		}
	}
	require.Len(t, r.woo.Greeted(), made)
	r.echoes()
}

// cutting loses one call to the shop of what is done meanwhile, if there are so many.
func (r *pushRig) cutting(c *cut, do func()) (hit bool) {
	r.cut.Store(c)
	defer r.cut.Store(nil)
	do()
	return c.called.Load() >= c.at
}
