package erp

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/odooclient"
)

// person is a partner that Odoo has.
type person struct {
	ID, Parent int64
	Company    bool   // a company, no person
	Kind       string // Odoo's type: contact, delivery, invoice, other
	Email      string // normalised
	VAT, Ref   string
	Sanitized  string // the phone number as Odoo normalises it
	Ours       bool   // its external id is the one that the buyer would get
	place

	row odooclient.Row // see reader.more
}

// head reports whether the partner stands for itself and not for somebody above it.
func (p person) head() bool { return p.Company || p.Parent == 0 }

// contact reports whether the partner may be somebody: addresses are nobody.
func (p person) contact() bool { return p.Kind == "" || p.Kind == "contact" }

// below are the contacts and addresses of a partner.
func (r reader) below(ctx context.Context, id int64) ([]person, error) {
	return r.partners(ctx, key{Kind: "parent", Value: itoa(id)})
}

// partnerFields are what is read of a partner.
func (s settings) partnerFields() []string {
	all := []string{"name", "parent_id", "company_id", "is_company", "type", "email_normalized", "vat", "ref",
		"street", "street2", "zip", "city", "state_id", "country_id", "phone"}
	if s.Names.PhoneSanitized != "" {
		all = append(all, s.Names.PhoneSanitized)
	}
	return all
}

// fields are those that hold the key: the second as people typed it, or as Odoo
// normalises it by itself.
func (k key) fields(n names) (field, or string, value, other string) {
	switch {
	case k.Kind == "vat":
		return "vat", "vat", k.Value, k.Typed
	case k.Kind == "phone" && n.PhoneSanitized != "" && strings.HasPrefix(k.Value, "+"):
		return "phone", n.PhoneSanitized, k.Typed, k.Value
	case k.Kind == "phone":
		return "phone", "phone", k.Typed, k.Value
	}
	return map[string]string{"email": "email_normalized", "reference": "ref", "parent": "parent_id"}[k.Kind], "", k.Value, ""
}

// partners are the contacts of the shop's company that have the key, oldest first.
// Every look-up of people goes through here, and costs one call that all orders of
// the moment share.
func (r reader) partners(ctx context.Context, k key) ([]person, error) {
	if found, ok := r.known.get(personKey{r.Company.ID, k}); ok {
		return slices.Clone(found), nil
	}
	field, or, value, other := k.fields(r.Names)
	rows, err := r.odoo.FindEither(ctx, odooclient.Query{Model: "res.partner", Field: cmp.Or(field, k.Kind), Or: or, Fields: append(r.partnerFields(), r.more...),
		Context: r.context()}, value, other)
	found := r.candidates(k, rows)
	for i, p := range found {
		if at := slices.IndexFunc(rows, func(row odooclient.Row) bool { return row.ID() == p.ID }); r.more != nil {
			found[i].row = rows[at]
		}
	}
	if err == nil && (len(found) == 1 || len(found) > 0 && k.Kind == "parent") {
		r.known.put(personKey{r.Company.ID, k}, slices.Clone(found))
	}
	return found, err
}

// personKey is what people are remembered by.
type personKey struct {
	company int64
	key     key
}

// candidates are the partners of the rows. Of those with a key only
// contacts of the shop's company count, and no addresses.
func (s settings) candidates(k key, rows []odooclient.Row) []person {
	var all []person
	for _, row := range rows {
		owner, _ := row.Ref("company_id")
		p := s.partnerOf(row)
		if owner != 0 && owner != s.Company.ID || k.Kind != "parent" && !p.contact() || k.Kind == "name" && p.Parent != 0 {
			continue
		}
		all = append(all, p)
	}
	return all
}

func (s settings) partnerOf(row odooclient.Row) person {
	p := person{ID: row.ID(), Company: row.Bool("is_company"), Kind: row.Str("type"), Email: row.Str("email_normalized"),
		VAT: row.Str("vat"), Ref: row.Str("ref"), Sanitized: row.Str(s.Names.PhoneSanitized),
		place: place{Name: row.Str("name"), Street: row.Str("street"), Street2: row.Str("street2"),
			Zip: row.Str("zip"), City: row.Str("city"), Phone: row.Str("phone")}}
	p.Parent, _ = row.Ref("parent_id")
	p.State, _ = row.Ref("state_id")
	p.Country, _ = row.Ref("country_id")
	return p
}
