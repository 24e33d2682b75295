package erp

import (
	"context"
	"slices"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// productFields are what is read of a product.
func productFields() []string { return []string{"default_code", "active", "company_id"} }

// products reads the products of the SKUs, archived ones too. The orders of one
// moment share the calls; an order that is alone asks for all its products at once.
func (r reader) products(ctx context.Context, skus []string) (map[string][]product, error) {
	if r.alone {
		return r.allProducts(ctx, skus)
	}
	all := make([][]odooclient.Row, len(skus))
	q := odooclient.Query{Model: "product.product", Field: "default_code", Fields: productFields(), Context: r.withArchived()}
	err := each(ctx, skus, func(ctx context.Context, i int) (err error) {
		all[i], err = r.odoo.Find(ctx, q, skus[i])
		return err
	})
	return productsOf(slices.Concat(all...)), err
}

// allProducts reads the products of many SKUs in one call.
func (r reader) allProducts(ctx context.Context, skus []string) (map[string][]product, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	var rows []odooclient.Row
	err := r.odoo.Call(ctx, odooclient.Request{Model: "product.product", Method: "search_read", Context: r.withArchived(),
		Args: map[string]any{"domain": []any{[]any{"default_code", "in", skus}}, "fields": productFields()}}, &rows)
	return productsOf(rows), err
}

func (r reader) withArchived() map[string]any {
	c := r.context()
	c["active_test"] = false
	return c
}

func productsOf(rows []odooclient.Row) map[string][]product {
	found := map[string][]product{}
	for _, row := range rows {
		sku := row.Str("default_code")
		owner, _ := row.Ref("company_id")
		found[sku] = append(found[sku], product{ID: row.ID(), SKU: sku, Archived: !row.Bool("active"), Company: owner})
	}
	return found
}

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
