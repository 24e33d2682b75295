package erp

import (
	"context"
	"slices"

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
