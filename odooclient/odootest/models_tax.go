package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

func taxModels(add declare, ed *edition) {
	included := []*field{col("boolean", "price_include", "Included in Price").def(false)}
	if ed.major >= 19 {
		included = []*field{
			col("boolean", "price_include", "Price Include").calc(priceInclude),
			sel("price_include_override", "Included in Price", "tax_included", "Tax Included", "tax_excluded", "Tax Excluded"),
		}
	}
	m := add("account.tax", "Tax",
		col("char", "name", "Tax Name").must(),
		sel("type_tax_use", "Tax Type", "sale", "Sales", "purchase", "Purchases", "none", "None").must().def("sale"),
		sel("amount_type", "Tax Computation", "group", "Group of Taxes", "fixed", "Fixed", "percent", "Percentage of Price",
			"division", "Percentage of Price Tax Included").must().def("percent"),
		col("float", "amount", "Amount").must().def(decimal.Zero),
		col("boolean", "include_base_amount", "Affect Base of Subsequent Taxes").def(false),
		col("boolean", "is_base_affected", "Base Affected by Previous Taxes").def(true),
		col("integer", "sequence", "Sequence").must().def(int64(1)),
		col("char", "description", "Description"),
		col("char", "invoice_label", "Label on Invoices"),
		rel("many2one", "company_id", "Company", "res.company").must().defFn(func(e *env) any { return e.company() }),
		rel("many2one", "country_id", "Country", "res.country").defFn(fiscalCountry),
		rel("many2one", "tax_group_id", "Tax Group", "account.tax.group").must(),
		rel("many2many", "children_tax_ids", "Children Taxes", "account.tax"),
		o2m("invoice_repartition_line_ids", "Distribution for Invoices", "account.tax.repartition.line", "tax_id").where("document_type", "invoice"),
		o2m("refund_repartition_line_ids", "Distribution for Refund Invoices", "account.tax.repartition.line", "tax_id").where("document_type", "refund"),
		col("boolean", "active", "Active").def(true),
	)
	m.add(included...)
	if ed.major >= 19 {
		m.add(rel("many2many", "original_tax_ids", "Replaces", "account.tax"),
			rel("many2many", "fiscal_position_ids", "Fiscal Positions", "account.fiscal.position").calc(taxPositions))
	}
	m.order = "sequence, id"
	m.prepare, m.after = withTaxGroup, defaultRepartition
	m = add("account.tax.repartition.line", "Tax Repartition Line",
		rel("many2one", "tax_id", "Tax", "account.tax").index().owned(),
		sel("document_type", "Related to", "invoice", "Invoice", "refund", "Refund").must(),
		sel("repartition_type", "Based On", "base", "Base", "tax", "of tax").must().def("tax"),
		col("float", "factor_percent", "%").must().def(hundred),
		col("float", "factor", "Factor Ratio").calc(func(_ *env, r *record) any { return r.dec("factor_percent").Div(hundred) }),
		col("integer", "sequence", "Sequence").def(int64(1)),
		rel("many2one", "account_id", "Account", "account.account"),
	)
	m.order = "document_type, repartition_type, sequence, id"
	m = add("account.tax.group", "Tax Group",
		col("char", "name", "Name").must(),
		col("integer", "sequence", "Sequence").def(int64(10)),
		rel("many2one", "company_id", "Company", "res.company").must().defFn(func(e *env) any { return e.company() }),
		rel("many2one", "country_id", "Country", "res.country").defFn(fiscalCountry),
		col("char", "preceding_subtotal", "Preceding Subtotal"),
	)
	m.order = "sequence, id"
	if ed.major >= 19 {
		m.add(col("char", "pos_receipt_label", "PoS receipt label"))
	}
}

// priceInclude is the tax's own word, else the company's.
func priceInclude(e *env, r *record) any {
	word := r.str("price_include_override")
	if c := e.related(r, "company_id"); word == "" && c != nil {
		word = c.str("account_price_include")
	}
	return word == "tax_included"
}

// inPrice says whether a tax is part of the price.
func (e *env) inPrice(r *record) bool {
	if r.m.edition.major >= 19 {
		return priceInclude(e, r) == true
	}
	return r.flag("price_include")
}

func fiscalCountry(e *env) any {
	if c := e.browse("res.company", e.company()); c != nil {
		return c.get("account_fiscal_country_id")
	}
	return nil
}

// withTaxGroup gives a tax the first group of its company and country, which in
// a new chart of accounts is the same for every rate.
func withTaxGroup(e *env, r *record, _ map[string]bool) error {
	if r.get("tax_group_id") != nil {
		return nil
	}
	t := e.table("account.tax.group")
	groups := make([]*record, 0, len(t.ids))
	for _, id := range t.ids {
		groups = append(groups, t.rows[id])
	}
	slices.SortFunc(groups, byGroup)
	for _, country := range []int64{r.num("country_id"), 0} {
		for _, g := range groups {
			if g.num("company_id") == r.num("company_id") && g.num("country_id") == country {
				r.put("tax_group_id", g.id)
				return nil
			}
		}
	}
	return nil
}

// defaultRepartition gives a new tax the two lines of a whole: its base and 100 %
// of it, for invoices and for refunds.
func defaultRepartition(e *env, rs []*record, _ map[string]bool, created bool) error {
	for _, r := range rs {
		for _, kind := range []string{"invoice", "refund"} {
			if created && len(e.children(r, kind+"_repartition_line_ids")) == 0 {
				for _, part := range []string{"base", "tax"} {
					e.make("account.tax.repartition.line", map[string]any{"tax_id": r.id, "document_type": kind, "repartition_type": part})
				}
			}
		}
	}
	return nil
}

// taxPositions are the fiscal positions that a tax of 19 belongs to.
func taxPositions(e *env, r *record) any {
	out := []int64{}
	t := e.table("account.fiscal.position")
	for _, id := range t.ids {
		if slices.Contains(t.rows[id].ids("tax_ids"), r.id) {
			out = append(out, id)
		}
	}
	return out
}
