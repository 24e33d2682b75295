package erp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// company makes the order that of a company nobody had before.
func (p *place) company(o *commerce.Order) *commerce.Order {
	o.Customer.Company, o.Billing.Company = "Kuppi "+p.run, "Kuppi "+p.run
	o.Customer.VAT = p.vat()
	return o
}

// vat is a valid number of Finland as people type it.
func (p *place) vat() string {
	for n := p.began % 9_000_000; ; n++ {
		digits, sum := fmt.Sprintf("%07d", n), 0
		for i, weight := range []int{7, 9, 10, 5, 8, 4, 2} {
			sum += int(digits[i]-'0') * weight
		}
		if rest := sum % 11; rest != 1 {
			return fmt.Sprintf("FI %s-%d", digits, (11-rest)%11)
		}
	}
}

func TestACompanyIsFoundByItsVATNumberAndItsPeopleStandUnderIt(t *testing.T) {
	everywhere(t, func(p *place) {
		first := p.partnersOf(p.book(p.company(p.order()), erp.Applied{}))
		require.Equal(p, "Anna Virtanen", first.buyer.Str("name"))
		require.Equal(p, first.buyer, first.delivery)
		require.Equal(p, "Kuppi "+p.run, first.invoice.Str("name"))
		require.True(p, first.invoice.Bool("is_company"))
		require.Equal(p, strings.NewReplacer(" ", "", "-", "").Replace(p.vat()), first.invoice.Str("vat"))
		require.Equal(p, first.invoice.ID(), parentOf(first.buyer))
		require.Equal(p, "Mannerheimintie 1", first.invoice.Str("street"))

		before := p.people()
		o := p.company(p.order())
		o.Customer.VAT, o.Customer.Email = strings.ToLower(p.vat()), strings.ToUpper(o.Customer.Email)
		require.Equal(p, first, p.partnersOf(p.book(o, erp.Applied{})))
		require.Equal(p, before, p.people())

		o = p.goElsewhere(p.company(p.order()))
		o.Customer.Email, o.Customer.FirstName, o.Billing.FirstName = "bo."+p.run+"@example.com", "Bo", "Bo"
		third := p.partnersOf(p.book(o, erp.Applied{}))
		require.Equal(p, first.invoice, third.invoice)
		require.Equal(p, "Bo Virtanen", third.buyer.Str("name"))
		require.Equal(p, first.invoice.ID(), parentOf(third.buyer))
		require.Equal(p, first.invoice.ID(), parentOf(third.delivery), "all of the company share its addresses")
		require.Equal(p, first.invoice, p.partner(first.invoice.ID()), "nothing of the company is written")
	})
}

// People typed the number as they like it, or not at all.
func TestACompanyThatPeopleMadeIsTakenAsItIs(t *testing.T) {
	everywhere(t, func(p *place) {
		typed := p.makePartner(map[string]any{"name": "Typed " + p.run, "is_company": true, "vat": p.vat(), "lang": false})
		before := p.partner(typed)
		out := p.partnersOf(p.book(p.company(p.order()), erp.Applied{}))
		require.Equal(p, typed, parentOf(out.buyer))
		require.Equal(p, typed, parentOf(out.invoice), "the company has no address of its own")
		require.Equal(p, "Mannerheimintie 1", out.invoice.Str("street"))
		require.Equal(p, before, p.partner(typed))

		p.run, p.began = p.run+"b", p.began+77
		bare := p.makePartner(map[string]any{"name": "Bare " + p.run, "is_company": true, "street": "Mannerheimintie 1", "zip": "00100", "city": "Helsinki",
			"country_id": p.rows("res.country", []string{"code"}, []any{"code", "=", "FI"})[0].ID()})
		person := p.makePartner(map[string]any{"name": "Anna " + p.run, "parent_id": bare, "email": p.run + "@Example.com"})
		o := p.company(p.order())
		out = p.partnersOf(p.book(o, erp.Applied{}))
		require.Equal(p, person, out.buyer.ID(), "met through its person")
		require.Equal(p, bare, out.invoice.ID())
		require.Empty(p, out.invoice.Str("vat"))
	})
}

func TestAPrivateBuyerStaysPrivateWhenHeAlsoBuysForACompany(t *testing.T) {
	everywhere(t, func(p *place) {
		private := p.partnersOf(p.book(p.order(), erp.Applied{}))
		company := p.partnersOf(p.book(p.company(p.order()), erp.Applied{}))
		require.NotEqual(p, private.buyer.ID(), company.buyer.ID())
		require.Equal(p, private.buyer, p.partner(private.buyer.ID()), "not moved")
		require.Equal(p, private, p.partnersOf(p.book(p.order(), erp.Applied{})))
		require.Equal(p, company, p.partnersOf(p.book(p.company(p.order()), erp.Applied{})))
	})
}

func TestAVATNumberThatOdooRefusesParksTheOrderUntilItIsCorrected(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.company(p.order())
		o.Customer.VAT = "FI12345670"
		if p.count("ir.module.module", []any{"name", "=", "base_vat"}, []any{"state", "=", "installed"}) == 0 {
			require.Equal(p, "created", p.book(o, erp.Applied{}).Action, "an Odoo without base_vat takes any")
			return
		}
		before := p.people()
		_, err := p.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
		require.Equal(p, commerce.Invalid, commerce.ReasonOf(err))
		require.ErrorContains(p, err, "refuses the buyer's VAT number")
		require.NotContains(p, err.Error(), "2345670")
		require.Equal(p, before, p.people(), "nothing is written")
		o.Customer.VAT = "FI12345671"
		require.Equal(p, "created", p.book(o, erp.Applied{}).Action)
	})
}
