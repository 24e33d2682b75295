package erp_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// registered is an account of whoever bought with p.order.
func (p *place) registered() *commerce.Customer {
	p.number++
	home := commerce.Address{FirstName: "Anna", LastName: "Virtanen", Street: "Mannerheimintie 1", City: "Helsinki", Zip: "00100", Country: "FI"}
	goods := home
	c := &commerce.Customer{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: fmt.Sprint(p.number)}, Billing: &home, Shipping: &goods}
	c.Party = commerce.Party{ID: c.Ref.ID, Email: fmt.Sprintf("a%d@example.com", p.number), FirstName: "Anna", LastName: "Virtanen", Phone: "+358 40 1234567"}
	return c
}

// orderOf is an order of an account.
func (p *place) orderOf(c *commerce.Customer) *commerce.Order {
	o := p.order()
	o.Customer, o.Billing, o.Shipping = c.Party, c.Billing, c.Shipping
	return o
}

// account is an account with what is remembered of it.
type account struct {
	*commerce.Customer
	last erp.CustomerApplied
}

// tellAccount brings an account and remembers it.
func (p *place) tellAccount(a *account) erp.CustomerOutcome {
	p.Helper()
	out, err := p.Customer(p.Context(), p.shop, a.Customer, a.last, yes)
	require.NoError(p, err)
	if out.Fields != nil {
		a.last = erp.CustomerApplied{OdooID: out.OdooID, Fields: out.Fields}
	}
	p.nothingPersonal(a.Customer, out)
	return out
}

// begins notes of the account that a run is about to write.
func (a *account) begins(_ context.Context, tries []string) error {
	a.last.Begun, a.last.Tried = true, append(a.last.Tried, tries...)
	return nil
}

// nothingPersonal wants none of the account's values in what is told or remembered.
func (p *place) nothingPersonal(c *commerce.Customer, out erp.CustomerOutcome) {
	p.Helper()
	all := strings.ToLower(strings.Join(append(append([]string{out.Reason, out.OdooName, fmt.Sprint(out.Fields)}, out.Plan...), out.Notices...), "\n"))
	for _, word := range []string{c.Email, c.Phone, c.FirstName, c.LastName, c.Company, c.VAT, c.Billing.Street, c.Billing.City} {
		if word != "" {
			require.NotContains(p, all, strings.ToLower(word))
		}
	}
}

// bought makes the account's contact with an order of it, and lets the account be known.
func (p *place) bought(c *commerce.Customer) *account {
	p.Helper()
	p.book(p.orderOf(c), erp.Applied{})
	a := &account{Customer: c}
	out := p.tellAccount(a)
	require.Equal(p, "unchanged", out.Action, out.Notices)
	require.Zero(p, out.Writes)
	require.Empty(p, out.Notices)
	return a
}

func (p *place) moves(a *account, street string) {
	home := *a.Billing
	home.Street, home.LastName, home.Company = street, a.LastName, a.Company
	a.Billing, a.Shipping = &home, &home
}

func (p *place) contactHas(id int64, name, phone, street string) {
	p.Helper()
	now := p.partner(id)
	require.Equal(p, []string{name, phone, street}, []string{now.Str("name"), now.Str("phone"), now.Str("street")})
}

func (p *place) childrenOf(id int64) []odooclient.Row {
	return p.rows("res.partner", []string{"name", "type", "street", "active"}, []any{"parent_id", "=", id})
}

func TestAnAccountWithoutAContactWaitsForItsFirstOrder(t *testing.T) {
	everywhere(t, func(p *place) {
		a := &account{Customer: p.registered()}
		out := p.tellAccount(a)
		require.Equal(p, "skipped", out.Action)
		require.Contains(p, out.Reason, "no contact yet")
		require.Nil(p, out.Fields)
		p.shop.Books.Customers.Accounts = "orders"
		out = p.tellAccount(a)
		require.Equal(p, "skipped", out.Action)
		require.Contains(p, out.Reason, "customers.accounts is orders")
		require.Zero(p, p.count("res.partner", []any{"email", "=", a.Email}))
	})
}

func TestEveryAccountIsAContactWhereThatIsSet(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers.Accounts = "all"
		p.shop.Books.Fields = []config.FieldRule{{From: "_site", On: "customer", Field: "website"}}
		c := p.registered()
		c.Shipping = &commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Ågatan 2", City: "Turku", Zip: "20100", Country: "FI"}
		c.Meta = []commerce.Property{{Name: "_site", Value: "https://example.com"}}
		a := &account{Customer: c}

		p.shop.Mode = "observe"
		out := p.tellAccount(a)
		require.Equal(p, "observed", out.Action)
		require.Equal(p, []string{`customer: a new contact, with the field website from "_site"`, "delivery address: a new contact", "invoice address: the customer's own"}, out.Plan)
		require.Zero(p, p.count("res.partner", []any{"email", "=", c.Email}))

		p.shop.Mode = config.Live
		out = p.tellAccount(a)
		require.Equal(p, "created", out.Action)
		made := p.partner(out.OdooID)
		require.Equal(p, []string{"Anna Virtanen", c.Email, c.Phone, "Mannerheimintie 1", "00100", "Helsinki"}, []string{made.Str("name"), made.Str("email"),
			made.Str("phone"), made.Str("street"), made.Str("zip"), made.Str("city")})
		require.Equal(p, "https://example.com", p.rows("res.partner", []string{"website"}, []any{"id", "=", out.OdooID})[0].Str("website"))
		kids := p.childrenOf(out.OdooID)
		require.Len(p, kids, 1)
		require.Equal(p, []string{"Bo Ek", "delivery", "Ågatan 2"}, []string{kids[0].Str("name"), kids[0].Str("type"), kids[0].Str("street")})

		people := p.people()
		require.Equal(p, "unchanged", p.tellAccount(a).Action)
		who := p.partnersOf(p.book(p.orderOf(c), erp.Applied{}))
		require.Equal(p, out.OdooID, who.buyer.ID(), "the order finds what the account made")
		require.Equal(p, kids[0].ID(), who.delivery.ID())
		require.Equal(p, people, p.people())
	})
}

func TestWhatTheShopChangesArrivesAndWhatPeopleChangedStays(t *testing.T) {
	everywhere(t, func(p *place) {
		a := p.bought(p.registered())
		id := a.last.OdooID
		a.LastName, a.Phone = "Uusi", "+358 50 7654321"
		p.ship(id)
		p.moves(a, "Aleksanterinkatu 2")
		out := p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, 1, out.Writes)
		require.Empty(p, out.Notices)
		p.contactHas(id, "Anna Uusi", "+358 50 7654321", "Aleksanterinkatu 2")
		require.Empty(p, p.childrenOf(id), "no address beside its own")
		require.Equal(p, "unchanged", p.tellAccount(a).Action)

		p.change(id, map[string]any{"phone": "by hand", "street": "By hand 1"})
		require.Equal(p, "unchanged", p.tellAccount(a).Action)
		a.LastName, a.Phone = "Uudempi", "+358 50 1111111"
		p.moves(a, "Bulevardi 3")
		out = p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its address, phone: it was changed in Odoo, or it is not known who changed it", id)}, out.Notices)
		p.contactHas(id, "Anna Uudempi", "by hand", "By hand 1")
		kids := p.childrenOf(id)
		require.Len(p, kids, 1)
		require.Equal(p, "Bulevardi 3", kids[0].Str("street"), "what is not written over comes beside it")
		again := p.tellAccount(a)
		require.Equal(p, "unchanged", again.Action)
		require.Empty(p, again.Notices, "a notice is told once")

		p.change(id, map[string]any{"phone": "+358 50 1111111"})
		a.Phone = ""
		require.Equal(p, "updated", p.tellAccount(a).Action)
		require.Empty(p, p.partner(id).Str("phone"), "what came from the shop goes with it")
		p.change(id, map[string]any{"phone": "by hand"})
		a.Phone = "+358 1"
		require.Equal(p, "unchanged", p.tellAccount(a).Action)
		a.Phone = ""
		require.Equal(p, "unchanged", p.tellAccount(a).Action)
		require.Equal(p, "by hand", p.partner(id).Str("phone"), "and what people wrote does not")
	})
}

// ship delivers all orders of a contact, so that its address is free to change.
func (p *place) ship(id int64) {
	p.Helper()
	for _, o := range p.rows("sale.order", []string{"picking_ids"}, []any{"partner_id", "=", id}) {
		for _, picking := range o.IDs("picking_ids") {
			for _, m := range p.rows("stock.move", []string{"product_uom_qty"}, []any{"picking_id", "=", picking}) {
				p.write("stock.move", m.ID(), map[string]any{"quantity": m.Dec("product_uom_qty").InexactFloat64(), "picked": true})
			}
			require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: "stock.picking", Method: "button_validate",
				Context: map[string]any{"skip_sms": true}}, picking)) // else it asks about the customer's phone and does nothing
		}
	}
}

func TestGoodsOnTheirWayKeepTheirAddress(t *testing.T) {
	everywhere(t, func(p *place) {
		a := p.bought(p.registered())
		id := a.last.OdooID
		p.moves(a, "Aleksanterinkatu 2")
		out := p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its address: an order is yet to be delivered there, which says so", id)}, out.Notices)
		require.Equal(p, "Mannerheimintie 1", p.partner(id).Str("street"))
		kids := p.childrenOf(id)
		require.Len(p, kids, 1, "the next order has it")
		p.ship(id)
		require.Equal(p, "updated", p.tellAccount(a).Action)
		require.Equal(p, "Aleksanterinkatu 2", p.partner(id).Str("street"))
		require.Equal(p, "unchanged", p.tellAccount(a).Action)
	})
}

func TestAContactThatNobodyTouchedIsAsGoodAsRemembered(t *testing.T) {
	everywhere(t, func(p *place) {
		c := p.registered()
		id := p.partnersOf(p.book(p.orderOf(c), erp.Applied{})).buyer.ID()
		c.Phone, c.LastName = "+358 50 7654321", "Uusi"
		a := &account{Customer: c}
		out := p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, "Anna Uusi", p.partner(id).Str("name"))

		nameless := p.registered()
		nameless.FirstName, nameless.LastName = "", ""
		for _, a := range []*commerce.Address{nameless.Billing, nameless.Shipping} {
			a.FirstName, a.LastName = "", ""
		}
		id = p.partnersOf(p.book(p.orderOf(nameless), erp.Applied{})).buyer.ID()
		require.Equal(p, nameless.Email, p.partner(id).Str("name"))
		nameless.FirstName, nameless.LastName = "Anna", "Virtanen"
		require.Equal(p, "updated", p.tellAccount(&account{Customer: nameless}).Action)
		require.Equal(p, "Anna Virtanen", p.partner(id).Str("name"))

		other := p.registered()
		there := p.makePartner(map[string]any{"name": "By hand " + p.run, "email": other.Email, "phone": "by hand"})
		out = p.tellAccount(&account{Customer: other})
		require.Equal(p, there, out.OdooID)
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its name, phone: it was changed in Odoo, or it is not known who changed it", there)}, out.Notices)
		now := p.partner(there)
		require.Equal(p, []string{"By hand " + p.run, "by hand", "Mannerheimintie 1"}, []string{now.Str("name"), now.Str("phone"), now.Str("street")}, "what is empty is filled")
	})
}

// Several accounts may have one e-mail address for their orders, or one company: the first
// look at one of them is no reason to write over what another brought.
func TestAnAccountDoesNotWriteOverWhatAnotherBrought(t *testing.T) {
	everywhere(t, func(p *place) {
		a := p.bought(p.registered())
		p.ship(a.last.OdooID)
		before := p.partner(a.last.OdooID)
		b := p.registered()
		b.Email, b.FirstName, b.LastName, b.Phone = a.Email, "Bo", "Ek", "+358 50 7654321"
		b.Billing = &commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Aleksanterinkatu 2", City: "Turku", Zip: "20100", Country: "FI"}
		b.Shipping = b.Billing
		out := p.tellAccount(&account{Customer: b})
		require.Equal(p, a.last.OdooID, out.OdooID)
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its address, name, phone: it was changed in Odoo, or it is not known who changed it", out.OdooID)}, out.Notices)
		require.Equal(p, before.Str("name"), p.partner(out.OdooID).Str("name"))
		home := p.registered() // of one household
		home.Email, home.FirstName = a.Email, "Bo"
		home.Billing.FirstName, home.Phone = "Bo", "+358 50 7654321"
		out = p.tellAccount(&account{Customer: home})
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its name, phone: it was changed in Odoo, or it is not known who changed it", a.last.OdooID)}, out.Notices)
		home.Phone = a.Phone // and of one telephone
		out = p.tellAccount(&account{Customer: home})
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its name: it was changed in Odoo, or it is not known who changed it", a.last.OdooID)}, out.Notices)
		require.Equal(p, before, p.partner(a.last.OdooID))
		a.Phone = "+358 40 1111111"
		require.Equal(p, "updated", p.tellAccount(a).Action, "it follows its own account still")

		c := p.bought(p.firm(p.registered()))
		firm := parentOf(p.partner(c.last.OdooID))
		p.ship(c.last.OdooID)
		d := p.registered()
		d.FirstName, d.Company, d.VAT = "Bo", c.Company, c.VAT
		branch := *c.Billing
		branch.FirstName, branch.Street = "Bo", "Aleksanterinkatu 2"
		d.Billing, d.Shipping = &branch, &branch
		p.book(p.orderOf(d), erp.Applied{})
		out = p.tellAccount(&account{Customer: d})
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its address: it was changed in Odoo, or it is not known who changed it", firm)}, out.Notices)
		require.Equal(p, "Mannerheimintie 1", p.partner(firm).Str("street"))
		p.moves(c, "Bulevardi 3")
		require.Equal(p, "updated", p.tellAccount(c).Action)
		require.Equal(p, "Bulevardi 3", p.partner(firm).Str("street"))
	})
}

func TestAnEmailAddressThatAnotherContactHasIsNotTaken(t *testing.T) {
	everywhere(t, func(p *place) {
		a, b := p.bought(p.registered()), p.bought(p.registered())
		require.NotEqual(p, a.last.OdooID, b.last.OdooID, "of one name and two e-mail addresses")
		was := a.Email
		a.Email = b.Email
		out := p.tellAccount(a)
		require.Equal(p, "unchanged", out.Action)
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its e-mail address: another contact has the one that the account has now", a.last.OdooID)}, out.Notices)
		require.Equal(p, was, p.partner(a.last.OdooID).Str("email"))
		p.change(b.last.OdooID, map[string]any{"email": "gone." + b.Email})
		require.Equal(p, "updated", p.tellAccount(a).Action, "it is tried again")
		require.Equal(p, a.Email, p.partner(a.last.OdooID).Str("email"))
	})
}

func TestContactsThatMayNotBeWrittenAreLeftWithAReason(t *testing.T) {
	everywhere(t, func(p *place) {
		a := p.bought(p.registered())
		p.change(a.last.OdooID, map[string]any{"active": false})
		a.Phone = "+358 9"
		out := p.tellAccount(a)
		require.Equal(p, "skipped", out.Action)
		require.Equal(p, fmt.Sprintf("contact %d is archived in Odoo", a.last.OdooID), out.Reason)
		require.False(p, p.partner(a.last.OdooID).Bool("active"))

		staff := p.rows("res.users", []string{"partner_id"}, []any{"login", "=", "admin"})[0]
		partner, _ := staff.Ref("partner_id")
		a.last.OdooID = partner
		out = p.tellAccount(a)
		require.Equal(p, "skipped", out.Action)
		require.Contains(p, out.Reason, "is of a user of Odoo")
	})
}

func (p *place) firm(c *commerce.Customer) *commerce.Customer {
	c.Company, c.VAT = "Kuppi "+p.run+" "+c.Ref.ID, p.vat()+c.Ref.ID[len(c.Ref.ID)-4:]
	home := *c.Billing
	home.Company = c.Company
	c.Billing, c.Shipping = &home, &home
	return c
}

func TestACompanyThatWeMadeFollowsItsAccount(t *testing.T) {
	everywhere(t, func(p *place) {
		c := p.firm(p.registered())
		a := p.bought(c)
		person := p.partner(a.last.OdooID)
		firm := parentOf(person)
		require.NotZero(p, firm)
		p.ship(person.ID())
		a.Company, a.Phone, a.LastName = a.Company+" Ab", "+358 50 7654321", "Uusi"
		p.moves(a, "Aleksanterinkatu 2")
		a.VAT = "FI7654321" + a.Ref.ID[len(a.Ref.ID)-3:]
		out := p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, 2, out.Writes)
		require.Empty(p, out.Notices)
		now, above := p.partner(person.ID()), p.partner(firm)
		require.Equal(p, []string{"Anna Uusi", "+358 50 7654321"}, []string{now.Str("name"), now.Str("phone")})
		require.Equal(p, []string{a.Company, "Aleksanterinkatu 2", a.VAT}, []string{above.Str("name"), above.Str("street"), above.Str("vat")})
		require.Empty(p, above.Str("phone"))
		require.Equal(p, "unchanged", p.tellAccount(a).Action)
		who := p.partnersOf(p.book(p.orderOf(c), erp.Applied{}))
		require.Equal(p, person.ID(), who.buyer.ID())
		require.Equal(p, firm, who.invoice.ID())

		p.makePartner(map[string]any{"name": "Colleague " + p.run, "parent_id": firm})
		a.VAT = "FI0000001" + a.Ref.ID[len(a.Ref.ID)-3:]
		out = p.tellAccount(a)
		require.Equal(p, "unchanged", out.Action)
		require.Contains(p, strings.Join(out.Notices, ""), "keeps its VAT number: others belong to the company too")
	})
}

func TestACompanyThatWasThereIsLeftAlone(t *testing.T) {
	everywhere(t, func(p *place) {
		c := p.firm(p.registered())
		firm := p.makePartner(map[string]any{"name": "Verified " + p.run, "is_company": true, "vat": c.VAT, "street": "Mannerheimintie 1", "zip": "00100",
			"city": "Helsinki"})
		p.book(p.orderOf(c), erp.Applied{})
		a := &account{Customer: c}
		first := p.tellAccount(a)
		before := p.partner(firm)
		require.Equal(p, firm, parentOf(p.partner(first.OdooID)))
		a.Company, a.LastName = "Toinen "+p.run, "Uusi"
		p.moves(a, "Aleksanterinkatu 2")
		out := p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, before, p.partner(firm))
		require.Equal(p, "Anna Uusi", p.partner(first.OdooID).Str("name"))
		require.Contains(p, strings.Join(out.Notices, ""), fmt.Sprintf("contact %d keeps its address, company name: an order or an account did not make it", firm))
	})
}

// A look that changes nothing, in calls.
func TestAnAccountCostsFewCalls(t *testing.T) {
	everywhere(t, func(p *place) {
		if p.memory == nil {
			return // others may be at work there
		}
		a, firm := p.bought(p.registered()), p.bought(p.firm(p.registered()))
		cost := func(a *account) int {
			before := p.memory.CallCount()
			require.Zero(p, p.tellAccount(a).Writes)
			return p.memory.CallCount() - before
		}
		require.Equal(p, 1, cost(a))
		require.Equal(p, 1, cost(firm))
		fresh := &account{Customer: a.Customer}
		require.Equal(p, 1, cost(fresh), "the first look at one who bought")
		p.change(a.last.OdooID, map[string]any{"phone": "+358 50 7654321"})
		a.Phone = "+358 50 7654321"
		require.Equal(p, 1, cost(a), "people were first")
	})
}

func TestAnAccountIsNotWrittenOnceAnotherRunHasIt(t *testing.T) {
	everywhere(t, func(p *place) {
		a := p.bought(p.registered())
		a.Phone = "+358 50 7654321"
		lost := fmt.Errorf("lost")
		_, err := p.Customer(p.Context(), p.shop, a.Customer, a.last, func(context.Context) error { return lost })
		require.Equal(p, lost, err)
		begun := 0
		a.last.Begins = func(context.Context, []string) error { begun++; return nil }
		require.Equal(p, "updated", p.tellAccount(a).Action)
		require.Equal(p, 1, begun)
	})
}
