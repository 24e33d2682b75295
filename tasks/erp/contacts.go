package erp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// people makes the partners that are not there yet, parents first.
func (w *writer) people(ctx context.Context, all *people) error {
	if all.Company != nil {
		if err := w.contact(ctx, all.Company, 0); err != nil {
			return err
		}
		if err := w.contact(ctx, &all.Buyer, all.Company.ID); err != nil {
			return err
		}
	} else if err := w.contact(ctx, &all.Buyer, 0); err != nil {
		return err
	}
	for _, c := range []*contact{all.Delivery, all.Invoice} {
		if c == nil {
			continue
		}
		if err := w.contact(ctx, c, all.root().ID); err != nil {
			return err
		}
	}
	return nil
}

// contact makes one partner under its external id. Odoo itself keeps a record that
// has the id already as it is: that is what noupdate with mode "update" means, and
// it settles both a second order of a new buyer at the same moment and a partner
// whose e-mail people changed.
func (w *writer) contact(ctx context.Context, c *contact, parent int64) error {
	if c.ID != 0 {
		return nil
	}
	above := parent
	if c.Apart {
		above = 0
	}
	var id int64
	err := w.softly(&c.Fields, func() (err error) {
		columns, row := w.contactRow(c, above)
		more := onlyNew()
		if slices.ContainsFunc(c.Fields, func(f filled) bool { return w.Columns[partnerModel][f.Field].Type == "datetime" }) {
			more["tz"] = "UTC" // else times are of the zone of Odoo's user
		}
		id, err = w.loadIn(ctx, "res.partner", columns, [][]any{row}, more)
		return err
	})
	if err == nil && c.Apart {
		_, err = w.loadIn(ctx, "res.partner", []string{"id", "parent_id/.id"}, [][]any{{c.XID, ref(parent)}}, nil)
	}
	if err != nil {
		return w.refusesVAT(c, err)
	}
	c.ID = id
	return nil
}

// contactRow is the contact's row with its columns. A person under a company is
// sent without an address: Odoo gives him the company's.
func (w *writer) contactRow(c *contact, parent int64) (columns []string, row []any) {
	add := func(column string, value any) { columns, row = append(columns, column), append(row, value) }
	add("id", c.XID)
	add("name", c.Name)
	add("type", c.Kind)
	if parent == 0 || c.Kind != "contact" {
		add("street", c.Street)
		add("street2", c.Street2)
		add("zip", c.Zip)
		add("city", c.City)
		add("state_id/.id", ref(c.State))
		add("country_id/.id", ref(c.Country))
	}
	add("phone", c.Phone)
	if parent != 0 {
		add("parent_id/.id", ref(parent))
	}
	if c.Kind == "contact" || c.Email != "" {
		add("email", c.Email)
	}
	if c.Legal {
		add("is_company", "1")
		if c.VAT != "" {
			add("vat", c.VAT)
		}
	} else if c.Kind == "contact" && parent == 0 && w.Names.CompanyName != "" {
		add(w.Names.CompanyName, c.Company)
	}
	if c.Lang != "" {
		add(w.Names.PartnerLang, c.Lang)
	}
	if c.Ref != "" {
		add("ref", c.Ref)
	}
	if c.Archived {
		add("active", "0")
	}
	for _, f := range c.Fields {
		add(f.column(), f.Value)
		if w.Columns[partnerModel][f.Field].Type == "datetime" && !slices.Contains(columns, "tz") {
			add("tz", "") // else the contact gets the zone that its times are told in
		}
	}
	return columns, row
}

// refusesVAT puts Odoo's refusal of a VAT number in words that quote nothing. The
// company is made before everything else, so nothing was written then.
func (w *writer) refusesVAT(c *contact, err error) error {
	var row *odooclient.RowError
	if c.VAT == "" || !errors.As(err, &row) {
		return err
	}
	if !aboutVAT(row, c.VAT) {
		return err
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: w.order.Ref,
		Detail: "Odoo refuses the buyer's VAT number as invalid",
		Remedy: fmt.Sprintf("correct it in the shop, or take vat out of customers.match of shop %s, which makes such buyers persons; then replay the order", w.Shop)}
}

// aboutVAT reports whether Odoo refuses a row for its VAT number: the check names no
// field and quotes the number in a form of its own.
func aboutVAT(row *odooclient.RowError, number string) bool {
	digits := slices.MaxFunc(digitRuns(number), func(a, b string) int { return len(a) - len(b) })
	return row.Field == "vat" || strings.Contains(normalText(row.Message), digits)
}

// digitRuns are the stretches of digits; a VAT number has one at least.
func digitRuns(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
