package odootest

import "github.com/shopspring/decimal"

func productFields(ed *edition) []*field {
	kinds := []string{"consu", "Consumable", "service", "Service", "product", "Storable Product"}
	kind := sel("type", "Product Type", kinds...).calc(func(_ *env, r *record) any { return r.get("detailed_type") })
	storable := col("boolean", "is_storable", "Track Inventory").def(false)
	if ed.major >= 19 {
		kind = sel("type", "Product Type", "consu", "Goods", "service", "Service", "combo", "Combo").must().def("consu")
	}
	fields := []*field{
		col("char", "name", "Name").must(),
		col("char", "default_code", "Internal Reference").index(),
		col("char", "barcode", "Barcode").index(),
		sel("detailed_type", "Product Type", kinds...).def("consu"),
		kind,
		sel("invoice_policy", "Invoicing Policy", "order", "Ordered quantities", "delivery", "Delivered quantities").def("order"),
		col("float", "list_price", "Sales Price").prec("Product Price").def(one),
		col("float", "standard_price", "Cost").prec("Product Price").def(decimal.Zero),
		rel("many2one", "uom_id", "Unit of Measure", "uom.uom").must().defFn(func(e *env) any { return e.first("uom.uom") }),
		rel("many2many", "taxes_id", "Customer Taxes", "account.tax").defFn(defaultTaxes),
		rel("many2one", "company_id", "Company", "res.company"),
		col("float", "weight", "Weight"),
		col("boolean", "sale_ok", "Can be Sold").def(true),
		col("boolean", "active", "Active").def(true),
	}
	if ed.major >= 19 {
		fields = append(fields, storable)
	}
	return fields
}

// isService says whether a product needs no delivery.
func isService(r *record) bool {
	return r.str("detailed_type") == "service" || r.str("type") == "service"
}

func productModels(add declare, ed *edition) {
	m := add("uom.uom", "Product Unit of Measure",
		col("char", "name", "Unit of Measure").must(),
		col("float", "rounding", "Rounding Precision").def(decimal.New(1, -2)),
		col("boolean", "active", "Active").def(true))
	m.order = "name"
	m = add("product.template", "Product", productFields(ed)...)
	m.order, m.display = "name", productName
	m = add("product.product", "Product Variant", append(productFields(ed),
		rel("many2one", "product_tmpl_id", "Product Template", "product.template").must())...)
	m.order, m.display = "default_code, name, id", productName
	m.search = []string{"default_code", "barcode", "name"}
	m.prepare, m.after = withTemplate, syncTemplate
	m = add("product.pricelist", "Pricelist",
		col("char", "name", "Pricelist Name").must(),
		rel("many2one", "currency_id", "Currency", "res.currency").must().defFn(companyCurrency),
		rel("many2one", "company_id", "Company", "res.company"),
		sel("discount_policy", "Discount Policy", "with_discount", "Discount included in the price",
			"without_discount", "Show public price & discount to the customer").def("with_discount"),
		col("integer", "sequence", "Sequence").def(int64(16)),
		col("boolean", "active", "Active").def(true))
	m.order = "sequence, id"
	m.display = func(e *env, r *record) string {
		if c := e.related(r, "currency_id"); c != nil {
			return r.str("name") + " (" + c.str("name") + ")"
		}
		return r.str("name")
	}
}

func (e *env) first(model string) any {
	if ids := e.table(model).ids; len(ids) > 0 {
		return ids[0]
	}
	return nil
}

func companyCurrency(e *env) any {
	if c := e.browse("res.company", e.company()); c != nil {
		return c.num("currency_id")
	}
	return nil
}

// defaultTaxes is the company's default sale tax.
func defaultTaxes(e *env) any {
	if c := e.browse("res.company", e.company()); c != nil && c.num("account_sale_tax_id") != 0 {
		return []int64{c.num("account_sale_tax_id")}
	}
	return nil
}

func productName(_ *env, r *record) string {
	if code := r.str("default_code"); code != "" {
		return "[" + code + "] " + r.str("name")
	}
	return r.str("name")
}

// withTemplate makes the template that a variant cannot be without.
func withTemplate(e *env, r *record, _ map[string]bool) error {
	if r.get("product_tmpl_id") != nil || r.get("name") == nil {
		return nil
	}
	t := e.make("product.template", map[string]any{"name": r.str("name")})
	r.put("product_tmpl_id", t.id)
	return nil
}

// syncTemplate keeps the template of a single variant equal to it.
func syncTemplate(e *env, rs []*record, _ map[string]bool, _ bool) error {
	for _, r := range rs {
		t := e.related(r, "product_tmpl_id")
		for _, f := range []string{"name", "default_code", "list_price", "detailed_type", "type", "is_storable", "uom_id", "taxes_id", "active"} {
			if f := t.m.fields[f]; f != nil && f.stored() {
				e.set(t, f.name, r.get(f.name))
			}
		}
	}
	return nil
}

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
		rel("many2many", "children_tax_ids", "Children Taxes", "account.tax"),
		o2m("invoice_repartition_line_ids", "Distribution for Invoices", "account.tax.repartition.line", "tax_id"),
		col("boolean", "active", "Active").def(true),
	)
	m.add(included...)
	m.order = "sequence, id"
	m.after = defaultRepartition
	add("account.tax.repartition.line", "Tax Repartition Line",
		rel("many2one", "tax_id", "Tax", "account.tax").must().index().owned(),
		sel("repartition_type", "Based On", "base", "Base", "tax", "of tax").must().def("tax"),
		col("float", "factor_percent", "%").must().def(hundred),
		rel("many2one", "account_id", "Account", "account.account").defFn(taxAccount),
	)
	add("account.account", "Account", col("char", "code", "Code"), col("char", "name", "Account Name").must())
}

// taxAccount is where a chart of accounts would book a new tax.
func taxAccount(e *env) any {
	if ids := e.s.tables["account.account"].ids; len(ids) > 0 {
		return ids[0]
	}
	return nil
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

// defaultRepartition gives a new tax its one line of 100 %.
func defaultRepartition(e *env, rs []*record, _ map[string]bool, created bool) error {
	for _, r := range rs {
		if created && r.str("amount_type") != "group" && len(e.children(r, "invoice_repartition_line_ids")) == 0 {
			e.make("account.tax.repartition.line", map[string]any{"tax_id": r.id})
		}
	}
	return nil
}
