package erp

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// flows looks at what the shop's workflows do and need in Odoo.
func (c *inspection) flows(ctx context.Context, shop config.Shop, layers []settings) error {
	for _, w := range shop.Workflows {
		c.f.OK("workflow %q (%s): %s", w.Name, chosenBy(shop, w.Name), strings.Join(w.Steps(), "; "))
	}
	c.risk(shop, layers[0])
	if !slices.ContainsFunc(shop.Workflows, config.Workflow.Invoices) {
		return nil
	}
	c.closed(layers[0])
	for _, s := range layers {
		c.gap(second(s.named("invoice_journal", s.Books.InvoiceJournal)))
	}
	if layers[0].Books.Products.Refund == "" {
		c.warn(fmt.Sprintf("set books.products.refund of shop %s to the internal reference of a service product", shop.ID),
			"refunds of an amount, less a fee, or of goods that the buyer keeps will be parked: no product is named for them")
	}
	if err := c.delivered(ctx, layers[0]); err != nil {
		return err
	}
	if !slices.ContainsFunc(shop.Workflows, config.Workflow.Pays) {
		return nil
	}
	return c.payments(ctx, layers)
}

// chosenBy says where a workflow is chosen.
func chosenBy(shop config.Shop, name string) string {
	var out []string
	for _, r := range shop.Rules {
		if r.Workflow == name {
			out = append(out, fmt.Sprintf("of rule %q", r.Name))
		}
	}
	if shop.Workflow == name {
		out = append(out, "of all the rest")
	}
	return cmp.Or(strings.Join(out, ", "), "nothing chooses it")
}

func (c *inspection) risk(shop config.Shop, s settings) {
	if len(shop.Risk.Hold) == 0 {
		return
	}
	c.f.OK("orders of the risk %s stay quotations, with the tag %q, until somebody releases them", strings.Join(shop.Risk.Hold, ", "), cmp.Or(shop.Risk.Tag, "Risk"))
	if _, g := s.named("salesperson", shop.Risk.Responsible); g != nil {
		g.remedy = fmt.Sprintf("create that user in Odoo, or correct risk.responsible of shop %s", shop.ID)
		c.gap(g)
	}
}

// closed tells of the period in which nothing can be invoiced any more.
func (c *inspection) closed(s settings) {
	if s.Company.Locked.IsZero() {
		return
	}
	c.f.OK("the books of company %q are closed up to %s: invoices of earlier days are dated %s", s.Company.Name,
		s.Company.Locked.Format(time.DateOnly), s.Company.Locked.AddDate(0, 0, 1).Format(time.DateOnly))
}

// delivered counts the products that make an order wait for its delivery before it
// can be invoiced.
func (c *inspection) delivered(ctx context.Context, s settings) error {
	if s.ProductFields["invoice_policy"] == "" {
		return nil
	}
	var n int
	err := c.odoo.Call(ctx, odooclient.Request{Model: "product.product", Method: "search_count", Context: s.context(), Args: map[string]any{
		"domain": []any{[]any{"invoice_policy", "=", "delivery"}, []any{"sale_ok", "=", true}}}}, &n)
	if err != nil || n == 0 {
		return err
	}
	c.f.OK("products that are invoiced by delivered quantities: %d; orders with one wait for their delivery before they are invoiced and paid", n)
	c.f.List[len(c.f.List)-1].Remedy = "change their invoicing policy to ordered quantities in Odoo if orders shall be invoiced at once"
	return nil
}

// payments judges the journals and methods that money is registered in.
func (c *inspection) payments(ctx context.Context, layers []settings) error {
	if !slices.ContainsFunc(layers, func(s settings) bool { return len(s.Books.Payments.Journals) > 0 }) {
		c.warn("name a bank or cash journal for each payment method under books.payments.journals of shop "+layers[0].Shop,
			"a workflow registers payments, and books.payments names no journal: orders that were paid are parked once they are invoiced")
	}
	accounts, err := c.outstanding(ctx, layers[0])
	if err != nil {
		return err
	}
	for _, s := range layers {
		p := s.Books.Payments
		for _, gateway := range slices.Sorted(maps.Keys(p.Journals)) {
			c.journal(s, gateway, accounts)
		}
		for _, gateway := range slices.Sorted(maps.Keys(p.Methods)) {
			if p.Journal(gateway) == "" {
				c.warn("name its journal under books.payments.journals, or remove it",
					"books.payments.methods names %q for %q, which has no journal", p.Methods[gateway], gateway)
			}
		}
		if len(p.Open) > 0 {
			c.once("money of these payment methods is not registered: %s", strings.Join(p.Open, ", "))
		}
	}
	return nil
}

// journal judges where the money of one payment method of the shop is registered.
func (c *inspection) journal(s settings, gateway string, accounts outstanding) {
	name := s.Books.Payments.Journals[gateway]
	if s.Books.Payments.StaysOpen(gateway) {
		c.warn("remove it from one of them", "books.payments.open keeps %q open, and books.payments.journals names %q for it", gateway, name)
		return
	}
	id, g := s.named("journal", name)
	if c.gap(g); g != nil || id == 0 {
		return
	}
	method, g := s.methodOf(payment{Payment: commerce.Payment{Gateway: gateway}, Journal: id})
	if c.gap(g); g != nil || method == 0 || !accounts.read || accounts.of[method] {
		return
	}
	at := slices.IndexFunc(s.Methods, func(k known) bool { return k.ID == method })
	switch remedy := fmt.Sprintf("enter an outstanding receipts account on the incoming payment method %q of that journal in Odoo", s.Methods[at].Name); {
	case s.Version <= 17 && !accounts.company:
		c.gap(&gap{remedy: remedy + ", or one for the company",
			detail: fmt.Sprintf("neither the payment method of the journal %q nor company %q has an outstanding receipts account: Odoo refuses payments there", name, s.Company.Name)})
	case s.Version > 17 && accounts.accounting:
		c.warn(remedy, "the payment method of the journal %q has no outstanding account: with Odoo's Accounting app its payments make no entry, and no invoice is settled", name)
	}
}

// outstanding says which inbound payment methods have an account of their own for
// what is received and not yet on the bank statement. Without one, 17 takes the
// company's; later versions take that of the chart of accounts, unless the
// Accounting app (of Enterprise) is there: then the payment makes no entry.
type outstanding struct {
	read       bool
	of         map[int64]bool
	company    bool
	accounting bool
}

func (c *inspection) outstanding(ctx context.Context, s settings) (out outstanding, err error) {
	const model, account, ofCompany = "account.payment.method.line", "payment_account_id", "account_journal_payment_debit_account_id"
	fields, err := c.odoo.Fields(ctx, model)
	if err := optional(err); err != nil {
		return out, err
	}
	if fields.First(account) == "" {
		return out, nil
	}
	var rows []odooclient.Row
	err = c.odoo.Call(ctx, odooclient.Request{Model: model, Method: "search_read", Context: s.context(),
		Args: map[string]any{"domain": []any{}, "fields": []string{account}}}, &rows)
	if err != nil {
		return out, optional(err)
	}
	out.read, out.of = true, map[int64]bool{}
	for _, r := range rows {
		id, _ := r.Ref(account)
		out.of[r.ID()] = id != 0
	}
	version, err := c.odoo.Version(ctx)
	if err != nil {
		return out, err
	}
	out.accounting = strings.Contains(version.Text, "+e")
	company, err := c.odoo.Fields(ctx, "res.company")
	if err != nil || company.First(ofCompany) == "" {
		out.company = true // it cannot be told
		return out, err
	}
	if err := c.odoo.Call(ctx, odooclient.Request{Model: "res.company", Method: "read", IDs: []int64{s.Company.ID},
		Args: map[string]any{"fields": []string{ofCompany}}}, &rows); err != nil {
		return out, err
	}
	if len(rows) > 0 {
		id, _ := rows[0].Ref(ofCompany)
		out.company = id != 0
	}
	return out, nil
}
