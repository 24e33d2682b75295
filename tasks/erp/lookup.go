package erp

import (
	"context"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// buyer finds who has the buyer's e-mail. Buyers without one, and buyers whose
// e-mail was changed in Odoo, are found by the external id when they are loaded.
func (r reader) buyer(ctx context.Context, o *commerce.Order) (*person, error) {
	mail := email(o)
	if mail == "" {
		return nil, nil
	}
	people, err := r.partners(ctx, "email_normalized", mail)
	if err != nil || len(people) < 2 {
		return pick(people), err
	}
	err = each(ctx, people, func(ctx context.Context, i int) error {
		xid, err := r.odoo.ExternalID(ctx, "res.partner", people[i].ID)
		people[i].Ours = xid == buyerXID(o, r.Company.ID)
		return err
	})
	return pick(people), err
}

func (r reader) partners(ctx context.Context, field, value string) ([]person, error) {
	rows, err := r.odoo.Find(ctx, odooclient.Query{Model: "res.partner", Field: field, Context: r.context(),
		Fields: []string{"name", "parent_id", "company_id", "street", "street2", "zip", "city", "state_id", "country_id", "phone"}}, value)
	if err != nil {
		return nil, err
	}
	var people []person
	for _, row := range rows {
		if owner, _ := row.Ref("company_id"); owner != 0 && owner != r.Company.ID {
			continue
		}
		p := person{ID: row.ID(), place: place{Name: row.Str("name"), Street: row.Str("street"), Street2: row.Str("street2"),
			Zip: row.Str("zip"), City: row.Str("city"), Phone: row.Str("phone")}}
		p.Parent, _ = row.Ref("parent_id")
		p.State, _ = row.Ref("state_id")
		p.Country, _ = row.Ref("country_id")
		people = append(people, p)
	}
	return people, nil
}
