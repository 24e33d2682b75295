package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

func productFields(ed *edition) []*field {
	kinds := []string{"consu", "Consumable", "service", "Service", "product", "Storable Product"}
	kind := sel("type", "Product Type", kinds...).calc(func(_ *env, r *record) any { return r.get("detailed_type") }).
		sets(func(put func(string, any), v any) { put("detailed_type", v) })
	tracked := col("boolean", "is_storable", "Track Inventory").def(false)
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
		fields = append(fields, tracked)
	}
	return append(fields, quantityFields()...)
}

// isService says whether a product needs no delivery.
func isService(r *record) bool {
	return r.str("detailed_type") == "service" || r.str("type") == "service"
}

// drop takes a field away again that similar models have.
func (m *model) drop(name string) {
	delete(m.fields, name)
	m.list = slices.DeleteFunc(m.list, func(f *field) bool { return f.name == name })
}

func productModels(add declare, ed *edition) {
	m := add("uom.uom", "Product Unit of Measure",
		col("char", "name", "Unit of Measure").must(),
		col("float", "rounding", "Rounding Precision").def(decimal.New(1, -2)),
		col("boolean", "active", "Active").def(true))
	m.order = "name"
	m = add("product.template", "Product", append(productFields(ed),
		o2m("product_variant_ids", "Products", "product.product", "product_tmpl_id"),
		rel("many2one", "product_variant_id", "Product", "product.product").calc(firstVariant),
		col("integer", "product_variant_count", "# Product Variants").calc(func(e *env, r *record) any {
			return int64(len(e.children(r, "product_variant_ids")))
		}))...)
	m.drop("free_qty") // only variants say what is free
	m.order, m.display, m.after = "name", productName, afterTemplate
	m = add("product.product", "Product Variant", append(productFields(ed),
		rel("many2one", "product_tmpl_id", "Product Template", "product.template").must().index().owned())...)
	m.order, m.display = "default_code, name, id", productName
	m.search = []string{"default_code", "barcode", "name"}
	m.prepare, m.after = withTemplate, afterVariant
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
