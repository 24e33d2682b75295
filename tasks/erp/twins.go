package erp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/odooclient"
)

// choose is the one of those who have the key. Of several it asks which is ours.
func (r reader) choose(ctx context.Context, k key, found []person, xid string) (*person, *gap, error) {
	if len(found) > 1 && r.Books.Customers.Duplicates != "park" {
		err := each(ctx, found, func(ctx context.Context, i int) error {
			name, err := r.odoo.ExternalID(ctx, "res.partner", found[i].ID)
			found[i].Ours = name == xid
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	p, twins := r.one(k, found)
	return p, twins, nil
}

// one is the one of several: ours, else a company or somebody who is nobody's
// contact, else the oldest; or nobody, where a person must decide.
func (s settings) one(k key, found []person) (*person, *gap) {
	switch {
	case len(found) == 0:
		return nil, nil
	case len(found) > 1 && (s.Books.Customers.Duplicates == "park" || k.Kind == "name"):
		return nil, s.twins(k, found)
	}
	rank := func(p person) int {
		switch {
		case p.Ours:
			return 0
		case k.Kind == "vat" && !p.Company, k.Kind != "vat" && p.Parent != 0:
			return 2
		}
		return 1
	}
	best := slices.MinFunc(found, func(a, b person) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a.ID, b.ID)) })
	return &best, nil
}

// shared are the words for what several contacts have in common.
func (k key) shared() string {
	return map[string]string{"vat": "the buyer's VAT number", "email": "the buyer's e-mail address", "phone": "the buyer's phone number",
		"reference": "the buyer's reference", "name": "the name of customers.guest"}[k.Kind]
}

// twins tells of several contacts where one is wanted. The need names them by
// their ids, so that it can be tested without what they have in common.
func (s settings) twins(k key, found []person) *gap {
	const most = 20
	ids := make([]string, 0, len(found))
	for _, p := range found {
		ids = append(ids, itoa(p.ID))
	}
	if len(ids) > most {
		ids = ids[:most]
	}
	g := gap{need: strings.Join([]string{"partner", s.Shop, k.Kind, strings.Join(ids, "+")}, "/"),
		detail: fmt.Sprintf("Odoo has %d contacts with %s: ids %s", len(found), k.shared(), strings.Join(ids, ", ")),
		remedy: "merge them in Odoo or archive all but one; the order then runs again by itself"}
	if k.Kind != "name" {
		g.remedy += fmt.Sprintf("; or set customers.duplicates of shop %s to oldest", s.Shop)
	}
	return &g
}

// byID reads contacts that are not archived by their ids, in one call.
func (r reader) byID(ctx context.Context, ids []int64) (map[int64]person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []odooclient.Row
	err := r.odoo.Call(ctx, odooclient.Request{Model: "res.partner", Method: "search_read", Context: r.context(),
		Args: map[string]any{"domain": []any{[]any{"id", "in", ids}}, "fields": r.partnerFields()}}, &rows)
	all := map[int64]person{}
	for _, row := range rows {
		all[row.ID()] = r.partnerOf(row)
	}
	return all, err
}

// settled reports whether no two of the contacts have any more what they had in
// common.
func (n need) settled(people map[int64]person) bool {
	seen := map[string]bool{}
	for _, id := range n.Twins {
		p, ok := people[id]
		if !ok {
			continue
		}
		value := map[string]string{"vat": normalVAT(p.VAT), "email": p.Email, "phone": cmp.Or(p.Sanitized, normalPhone(p.Phone)),
			"reference": p.Ref, "name": p.Name}[n.Of.Kind]
		if value != "" && seen[value] {
			return false
		}
		seen[value] = true
	}
	return true
}
