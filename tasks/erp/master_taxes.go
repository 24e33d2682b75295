package erp

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// readTaxes reads the taxes on sales, the parts of groups among them, and how each
// is shared out. Who may not read the shares computes with whole taxes.
func (m *master) readTaxes(ctx context.Context, c odoo, all *errgroup.Group, taxes, shares *[]odooclient.Row) {
	search := func(into *[]odooclient.Row, model string, domain []any, fields ...string) error {
		return c.Call(ctx, odooclient.Request{Model: model, Method: "search_read",
			Args: map[string]any{"domain": domain, "fields": fields}}, into)
	}
	all.Go(func() error {
		return search(taxes, "account.tax", []any{[]any{"type_tax_use", "in", []string{"sale", "none"}}}, "name", "amount", "amount_type",
			"type_tax_use", "price_include", "include_base_amount", "is_base_affected", "sequence", "children_tax_ids", "tax_group_id",
			"country_id", "company_id")
	})
	all.Go(func() error {
		return optional(search(shares, "account.tax.repartition.line",
			[]any{[]any{"document_type", "=", "invoice"}, []any{"repartition_type", "=", "tax"}}, "tax_id", "factor_percent"))
	})
}

// levies puts the taxes together.
func (m *master) levies(taxes, shares []odooclient.Row) {
	codes := map[int64]string{}
	for code, id := range m.Countries {
		codes[id] = code
	}
	factors := map[int64][]decimal.Decimal{}
	for _, r := range shares {
		id, _ := r.Ref("tax_id")
		factors[id] = append(factors[id], r.Dec("factor_percent").Round(6).Shift(-2))
	}
	byID := map[int64]tax{}
	for _, r := range taxes {
		country, _ := r.Ref("country_id")
		owner, _ := r.Ref("company_id")
		group, _ := r.Ref("tax_group_id")
		byID[r.ID()] = tax{ID: r.ID(), Name: r.Str("name"), Rate: r.Dec("amount").Round(4), Kind: parity.Kind(r.Str("amount_type")),
			Included: r.Bool("price_include"), Country: codes[country], Company: owner, Group: group,
			RaisesBase: r.Bool("include_base_amount"), Affected: r.Bool("is_base_affected"), Sequence: int(r.Int("sequence")), Shares: factors[r.ID()]}
	}
	for _, r := range taxes {
		if r.Str("type_tax_use") != "sale" {
			continue
		}
		t := byID[r.ID()]
		for _, id := range r.IDs("children_tax_ids") {
			if c, ok := byID[id]; ok {
				t.Children = append(t.Children, c)
			}
		}
		slices.SortStableFunc(t.Children, func(a, b tax) int { return a.Sequence - b.Sequence })
		m.Taxes = append(m.Taxes, t)
	}
}
