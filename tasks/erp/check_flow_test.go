package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// flowing is the place's shop with a workflow that goes all the way and one that
// leaves everything to people.
func (p *place) flowing() config.Shop {
	shop := p.shop
	shop.Workflows = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true), Deliver: "shipped"}, {Name: "by hand", Confirm: new(false)}, {Name: "spare"}}
	shop.Rules = []config.Rule{{Name: "paid", When: config.When{Financial: []string{"paid"}}, Workflow: "online"}}
	shop.Workflow = "by hand"
	shop.Books.Payments.Journals = map[string]string{"Shopify Payments": "Bank"}
	shop.Books.Payments.Open = []string{"Cash on Delivery"}
	return shop
}

func (p *place) checked(shop config.Shop, levels ...commerce.Level) []string {
	p.Helper()
	return saidOf(p.T, p.Check(p.Context(), []config.Shop{shop}), levels...)
}

func TestWorkflowsAreListedWithTheirSteps(t *testing.T) {
	everywhere(t, func(p *place) {
		shop := p.flowing()
		shop.Risk = config.Risk{Hold: []string{"high", "medium"}, Tag: "Fraud?"}
		said := p.checked(shop, commerce.OK)
		require.Subset(p, said, []string{
			`ok: workflow "online" (of rule "paid"): confirm it; validate deliveries of what was shipped elsewhere; post its invoice, dated the day of the order; register its payments`,
			`ok: workflow "by hand" (of all the rest): leave it a quotation`,
			`ok: workflow "spare" (nothing chooses it): confirm it`,
			`ok: orders of the risk high, medium stay quotations, with the tag "Fraud?", until somebody releases them`,
			"ok: money of these payment methods is not registered: Cash on Delivery",
		})
		p.notSaid(p.checked(shop, commerce.Problem, commerce.Warning), "journal", "method", "risk")
	})
}

// notSaid fails where a finding holds one of the words.
func (p *place) notSaid(found []string, words ...string) {
	p.Helper()
	for _, f := range found {
		for _, w := range words {
			require.NotContains(p, f, w)
		}
	}
}

func TestWhatWorkflowsNameIsLookedUp(t *testing.T) {
	everywhere(t, func(p *place) {
		shop := p.flowing()
		shop.Books.InvoiceJournal = "Webshop sales"
		shop.Books.Payments = config.Payments{Journals: map[string]string{"klarna": "Klarna", "paypal": "Bank", "cash on delivery": "Bank"},
			Methods: map[string]string{"paypal": "Wire", "swish": "Manual"}, Open: []string{"Cash on Delivery"}}
		shop.Risk = config.Risk{Hold: []string{"high"}, Responsible: "Nobody"}
		found := p.Check(p.Context(), []config.Shop{shop})
		company := p.rows("res.company", []string{"name"}, []any{"id", "=", 1})[0].Str("name")
		require.Subset(p, graveOf(p.T, found), []string{
			`problem: Odoo has no sales journal named "Webshop sales" for company ` + company,
			`problem: Odoo has no bank or cash journal named "Klarna" for company ` + company,
			`problem: the journal "Bank" has no inbound payment method named "Wire"`,
			`problem: Odoo has no user named "Nobody" for company ` + company,
			`warning: books.payments.methods names "Manual" for "swish", which has no journal`,
			`warning: books.payments.open keeps "cash on delivery" open, and books.payments.journals names "Bank" for it`,
		})
		remedies := map[string]bool{}
		for _, f := range found {
			remedies[f.Remedy] = true
		}
		require.Contains(p, remedies, "create that user in Odoo, or correct risk.responsible of shop fi")

		shop.Books.Payments = config.Payments{}
		require.Contains(p, p.checked(shop, commerce.Warning),
			"warning: a workflow registers payments, and books.payments names no journal: orders that were paid are parked once they are invoiced")
		shop.Workflows[0].Pay = nil
		p.notSaid(p.checked(shop, commerce.Warning), "names no journal")
	})
}

func TestProductsThatMakeOrdersWaitAreCounted(t *testing.T) {
	everywhere(t, func(p *place) {
		const text = "ok: products that are invoiced by delivered quantities: "
		before := p.checked(p.flowing(), commerce.OK)
		id := p.rows("product.product", []string{"invoice_policy"}, []any{"default_code", "=", "ERP-MUG"})[0].ID()
		p.write("product.product", id, map[string]any{"invoice_policy": "delivery"})
		defer p.write("product.product", id, map[string]any{"invoice_policy": "order"})
		if p.memory != nil {
			p.notSaid(before, text)
			require.Contains(p, p.checked(p.flowing(), commerce.OK), text+"1; orders with one wait for their delivery before they are invoiced and paid")
		}
		quiet := p.flowing()
		quiet.Workflows[0] = config.Workflow{Name: "online"}
		p.notSaid(p.checked(quiet, commerce.OK), text)
	})
}

func TestClosedBooksAreTold(t *testing.T) {
	everywhere(t, func(p *place) {
		p.notSaid(p.checked(p.flowing(), commerce.OK), "are closed up to")
		lock := func(day string) {
			_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "res.company", Fields: []string{".id", "fiscalyear_lock_date"}}, [][]any{{"1", day}})
			require.NoError(p, err)
		}
		lock("2020-12-31")
		defer lock("")
		company := p.rows("res.company", []string{"name"}, []any{"id", "=", 1})[0].Str("name")
		require.Contains(p, p.checked(p.flowing(), commerce.OK), `ok: the books of company "`+company+`" are closed up to 2020-12-31: invoices of earlier days are dated 2021-01-01`)
	})
}
