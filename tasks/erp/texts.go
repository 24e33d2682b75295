package erp

import (
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// texts is every text of the order that reaches Odoo, in one. What the database
// refuses in it must be found before the order shares a call with others, for
// Odoo fails such a call as a whole.
func texts(o *commerce.Order) string {
	var b strings.Builder
	add := func(all ...string) {
		for _, s := range all {
			b.WriteString(s)
		}
	}
	add(o.Locale, o.Number, o.Ref.ID, o.Currency)
	c := o.Customer
	add(c.ID, c.Email, c.FirstName, c.LastName, c.Company, c.Phone, c.VAT)
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a != nil {
			add(a.FirstName, a.LastName, a.Company, a.Street, a.Street2, a.City, a.Zip, a.Phone)
		}
	}
	for _, l := range o.Lines {
		add(l.SKU, l.Code, l.Title, l.VariantID, l.Barcode)
		for _, p := range l.Properties {
			add(p.Name, p.Value)
		}
		for _, d := range l.Discounts {
			add(d.Title)
		}
	}
	for _, p := range o.Payments {
		add(p.ID, p.Gateway)
	}
	for _, r := range o.Refunds {
		add(r.ID)
	}
	return b.String()
}
