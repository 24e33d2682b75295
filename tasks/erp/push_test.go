package erp_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// pushable is a contact that people made, with an address for invoices under it.
func (p *place) pushable() int64 {
	p.number++
	add := func(more map[string]any) int64 {
		all := map[string]any{"street": "Kotikatu 1", "zip": "00100", "city": "Helsinki", "country_id": p.rows("res.country", []string{"code"}, []any{"code", "=", "FI"})[0].ID()}
		for k, v := range more {
			all[k] = v
		}
		var ids []int64
		require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "res.partner", Method: "create", Args: map[string]any{"vals_list": []any{all}}}, &ids))
		return ids[0]
	}
	id := add(map[string]any{"name": "Anna Liisa Virtanen", "email": fmt.Sprintf("P%d@example.com", p.number), "phone": "+358 40 1234567"})
	add(map[string]any{"parent_id": id, "type": "invoice", "street": "Laskukatu 2"})
	add(map[string]any{"parent_id": id, "type": "other", "street": "Salakatu 4"})
	return id
}

// had is the account that the shop made of a push, as it is read back.
func had(w commerce.CustomerWrite, id int64) *commerce.Customer {
	c := &commerce.Customer{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: strconv.FormatInt(id, 10)}}
	bill := *w.Billing
	bill.FirstName, bill.LastName, bill.Phone, bill.Company = w.FirstName, w.LastName, w.Phone, w.Company
	c.Party = commerce.Party{ID: c.Ref.ID, Email: w.Email, FirstName: w.FirstName, LastName: w.LastName, Phone: w.Phone, Company: w.Company}
	c.Billing, c.Shipping = &bill, w.Shipping
	return c
}

func TestAnAccountThatWasMadeOfAContactIsBroughtToThatContactAndChangesNothing(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers.Accounts = "all"
		id := p.pushable()
		k, err := p.Contact(p.Context(), p.shop, id)
		require.NoError(p, err)
		require.Empty(p, k.Skip)
		why, _, err := p.Meets(p.Context(), k, nil, erp.CustomerApplied{})
		require.NoError(p, err)
		require.Empty(p, why)
		plan := k.New()
		require.Equal(p, []string{"name", "phone", "billing address"}, plan.Parts)
		require.Equal(p, commerce.CustomerWrite{Email: k.Email(), FirstName: "Anna Liisa", LastName: "Virtanen", Phone: "+358 40 1234567",
			Billing: &commerce.Address{Street: "Laskukatu 2", Zip: "00100", City: "Helsinki", Country: "FI"}}, plan.Write)
		require.Nil(p, plan.Write.Shipping)

		c := had(plan.Write, p.number)
		marks, whole := k.Agreed(c, erp.CustomerApplied{})
		require.True(p, whole)
		require.True(p, k.Plan(c, erp.CustomerApplied{}, nil).Write.Empty())
		people := p.people()
		for name, a := range map[string]*account{
			"what was agreed is remembered": {Customer: c, last: erp.CustomerApplied{OdooID: id, Fields: marks}},
			"nothing is":                    {Customer: c},
		} {
			remembered := a.last.Fields != nil
			out := p.tellAccount(a)
			require.Equal(p, []any{"unchanged", id}, []any{out.Action, out.OdooID}, name)
			require.Equal(p, people, p.people(), name)
			if remembered {
				require.Empty(p, out.Notices, "people changed nothing")
			}
		}
		require.Equal(p, id, p.partnersOf(p.book(p.orderOf(c), erp.Applied{})).buyer.ID(), "an order of it finds the contact")
	})
}

// Each row is what the account has otherwise than the contact, what is remembered, and
// what becomes of it.
func TestWhatIsWrittenToAnAccount(t *testing.T) {
	s := odootest.Start(t, odootest.Options{Version: 17})
	p := open(t, s, s.Config(), s.ConfigOf("admin"))
	id := p.pushable()
	k, err := p.Contact(p.Context(), p.shop, id)
	require.NoError(t, err)
	equal := had(k.New().Write, 7)
	agreed, _ := k.Agreed(equal, erp.CustomerApplied{})
	// of are the marks of an account that holds what c does.
	of := func(change func(c *commerce.Customer)) map[string]string {
		c := had(k.New().Write, 7)
		change(c)
		marks := map[string]string{}
		for part, mark := range agreed {
			marks[part] = mark
		}
		for part, mark := range k.MarksOf(c) {
			marks[part] = mark
		}
		return marks
	}
	phone := func(text string) func(c *commerce.Customer) {
		return func(c *commerce.Customer) { c.Phone, c.Billing.Phone = text, text }
	}
	street := func(text string) func(c *commerce.Customer) {
		return func(c *commerce.Customer) { c.Billing.Street = text }
	}
	same := func(*commerce.Customer) {}
	for name, tt := range map[string]struct {
		shop  func(c *commerce.Customer)
		was   func(c *commerce.Customer) // nil: nothing is remembered
		sent  map[string]string
		parts []string
		says  string
	}{
		"equal":                            {shop: same, was: same},
		"equal, and nothing is remembered": {shop: same},
		"another spelling": {shop: func(c *commerce.Customer) {
			c.LastName, c.Billing.LastName, c.Billing.City = "VIRTANEN", "VIRTANEN", "helsinki"
		}},
		"the number in another form":   {shop: phone("+358401234567")},
		"the shop has none":            {shop: phone(""), parts: []string{"phone"}},
		"neither had one":              {shop: phone(""), was: phone(""), parts: []string{"phone"}},
		"its owner took it away":       {shop: phone(""), was: same, says: "phone: it was changed in the shop since"},
		"Odoo changed":                 {shop: phone("1000001"), was: phone("1000001"), parts: []string{"phone"}},
		"the shop changed":             {shop: phone("1000001"), was: same, says: "phone: it was changed in the shop since"},
		"both changed":                 {shop: phone("1000001"), was: phone("1000002"), says: "phone: it was changed in the shop and in Odoo since"},
		"nobody knows":                 {shop: phone("1000001"), says: "phone: it is not known"},
		"Odoo changed the address":     {shop: street("Muu 1"), was: street("Muu 1"), parts: []string{"billing address"}},
		"the shop changed the address": {shop: street("Muu 1"), was: same, says: "billing address: it was changed in the shop since"},
		"one part each":                {shop: func(c *commerce.Customer) { phone("1000001")(c); street("Muu 1")(c) }, was: phone("1000001"), parts: []string{"phone"}, says: "billing address: it was changed in the shop since"},
		"an address for deliveries of its own": {shop: func(c *commerce.Customer) {
			c.Shipping = &commerce.Address{Street: "Oma 1", City: "Oulu", Country: "FI"}
		}, was: same},
		"a name and company that Odoo knows not of": {shop: func(c *commerce.Customer) { c.Company, c.Billing.Company = "Oy", "Oy" }},
		"it was sent, and the run broke off":        {shop: phone("1000001"), sent: map[string]string{"phone": "x " + k.SentOf(had(k.New().Write, 7), phone("1000001"))}, parts: []string{"phone"}},
	} {
		c := had(k.New().Write, 7)
		tt.shop(c)
		last := erp.CustomerApplied{OdooID: id}
		if tt.was != nil {
			last.Fields = of(tt.was)
		}
		plan := k.Plan(c, last, tt.sent)
		require.Equal(t, tt.parts, plan.Parts, name)
		if tt.says == "" {
			require.Empty(t, plan.Notices, name)
			continue
		}
		require.Len(t, plan.Notices, 1, name)
		require.Contains(t, plan.Notices[0], "account 7 keeps its "+tt.says, name)
	}
}

// An import that remembers nothing takes a contact that an account made, and nobody
// changed since, for what the shop had. What was pushed of the addresses below it is not
// its own.
func TestAnAddressThatWasPushedDoesNotBecomeTheContactsOwn(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers.Accounts = "all"
		first := &account{Customer: p.registered()}
		id := p.tellAccount(first).OdooID
		p.call("res.partner", "create", map[string]any{"vals_list": []any{map[string]any{"parent_id": id, "type": "invoice", "street": "Laskukatu 2", "zip": "00100",
			"city": "Helsinki", "country_id": p.partner(id)["country_id"].([]any)[0]}}})
		k, err := p.Contact(p.Context(), p.shop, id)
		require.NoError(p, err)
		require.Equal(p, "Laskukatu 2", k.New().Write.Billing.Street)
		people := p.people()
		p.tellAccount(&account{Customer: had(k.New().Write, p.number+1)})
		require.Equal(p, "Mannerheimintie 1", p.partner(id).Str("street"))
		require.Equal(p, people, p.people())
	})
}
