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

// searches are the fields that hold a key, each with a value to look for.
func (k key) searches(n names) [][2]string {
	switch k.Kind {
	case "email":
		return [][2]string{{"email_normalized", k.Value}}
	case "reference":
		return [][2]string{{"ref", k.Value}}
	case "name":
		return [][2]string{{"name", k.Value}}
	case "parent":
		return [][2]string{{"parent_id", k.Value}}
	case "id":
		return [][2]string{{"id", k.Value}}
	}
	all := [][2]string{{k.Kind, k.Value}}
	if k.Typed != k.Value {
		all = append(all, [2]string{k.Kind, k.Typed})
	}
	if k.Kind == "phone" && n.PhoneSanitized != "" && strings.HasPrefix(k.Value, "+") {
		all = append(all, [2]string{n.PhoneSanitized, k.Value})
	}
	return all
}

// partners are the contacts of the shop's company that have the key, oldest first.
// Every look-up of people goes through here: those of one moment share calls, and
// an order that is alone asks for all forms of a key at once.
func (r reader) partners(ctx context.Context, k key) ([]person, error) {
	var rows []odooclient.Row
	searches := k.searches(r.Names)
	if len(searches) > 1 && r.alone {
		var domain []any
		for i, s := range searches {
			if i > 0 {
				domain = append([]any{"|"}, domain...)
			}
			domain = append(domain, []any{s[0], "=", s[1]})
		}
		err := r.odoo.Call(ctx, odooclient.Request{Model: "res.partner", Method: "search_read", Context: r.context(),
			Args: map[string]any{"domain": domain, "fields": r.partnerFields(), "order": "id"}}, &rows)
		return r.candidates(k, rows), err
	}
	found := make([][]odooclient.Row, len(searches))
	err := each(ctx, searches, func(ctx context.Context, i int) (err error) {
		found[i], err = r.odoo.Find(ctx, odooclient.Query{Model: "res.partner", Field: searches[i][0], Fields: r.partnerFields(),
			Context: r.context()}, searches[i][1])
		return err
	})
	return r.candidates(k, slices.Concat(found...)), err
}

// candidates are the partners of the rows, each once. Of those with a key only
// contacts of the shop's company count, and no addresses.
func (s settings) candidates(k key, rows []odooclient.Row) []person {
	var all []person
	for _, row := range rows {
		owner, _ := row.Ref("company_id")
		p := s.partnerOf(row)
		twice := slices.ContainsFunc(all, func(q person) bool { return q.ID == p.ID })
		if twice || owner != 0 && owner != s.Company.ID || k.Kind != "parent" && !p.contact() || k.Kind == "name" && p.Parent != 0 {
			continue
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b person) int { return cmp.Compare(a.ID, b.ID) })
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
