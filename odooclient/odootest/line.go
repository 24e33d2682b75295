package odootest

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// prepareLine fills a new line from its product.
func prepareLine(e *env, r *record, given map[string]bool) error {
	order := e.related(r, "order_id")
	if order == nil {
		return valueError("Expected singleton: sale.order()")
	}
	for _, f := range []string{"company_id", "currency_id", "state"} {
		r.put(f, order.get(f))
	}
	r.put("order_partner_id", order.get("partner_id"))
	if r.str("display_type") != "" {
		r.put("product_uom_qty", decimal.Zero) // whatever was given
		if !given["price_unit"] {
			r.put("price_unit", decimal.Zero)
		}
		return nil
	}
	e.fromProduct(order, r, func(f string) bool { return !given[f] }, func(f string, v any) { r.put(f, v) })
	return nil
}

// fromProduct derives the fields of a line that depend on product and quantity
// and that the caller wants derived.
func (e *env) fromProduct(order, r *record, want func(string) bool, put func(string, any)) {
	product := e.related(r, "product_id")
	if want("price_unit") {
		price := decimal.Zero
		if product != nil {
			price = e.listPrice(order, product)
		}
		put("price_unit", price)
	}
	if want("tax_id") {
		var taxes []int64
		if product != nil {
			taxes = slices.DeleteFunc(slices.Clone(product.ids("taxes_id")), func(id int64) bool {
				t := e.browse("account.tax", id)
				return t == nil || t.num("company_id") != order.num("company_id")
			})
			taxes = e.mapTaxes(order, taxes)
		}
		put("tax_id", taxes)
	}
	if product == nil {
		return
	}
	if want("name") {
		put("name", e.displayName(product))
	}
	if want("product_uom") {
		put("product_uom", product.get("uom_id"))
	}
}

// listPrice is the product's price in the order's currency.
func (e *env) listPrice(order, product *record) decimal.Decimal {
	price := product.dec("list_price")
	company := e.related(order, "company_id")
	if company == nil || company.num("currency_id") == order.num("currency_id") {
		return price
	}
	from, to := e.related(company, "currency_id"), e.related(order, "currency_id")
	if from == nil || to == nil || from.dec("rate").IsZero() {
		return price
	}
	price = roundTo(price.Mul(to.dec("rate")).DivRound(from.dec("rate"), divDigits), to.dec("rounding"))
	return e.round(product.m.fields["list_price"], price)
}

// protected are the line fields a locked order refuses.
var protected = []string{"product_id", "name", "price_unit", "product_uom", "product_uom_qty", "tax_id", "analytic_distribution"}

// beforeLine refuses changes of a locked order and of the kind of a line.
func beforeLine(e *env, rs []*record, vals map[string]any) error {
	for _, r := range rs {
		if v, ok := vals["display_type"]; ok && truthy(v) != (r.str("display_type") != "") {
			return userError("You cannot change the type of a sale order line. Instead you should delete the current line and create a new line of the proper type.")
		}
		if v, ok := vals["product_id"]; ok && r.m.edition.major >= 19 && !e.productFree(r) {
			if id, _ := toInt(v); id != r.num("product_id") {
				return userError("You cannot modify the product of this order line.")
			}
		}
		if labels := e.locked(r, vals); len(labels) > 0 {
			return userError("It is forbidden to modify the following fields in a locked order:\n%s", strings.Join(labels, "\n"))
		}
		if err := e.belowDelivered(r, vals); err != nil {
			return err
		}
		e.requantified(r, vals)
	}
	return nil
}

// belowDelivered refuses a quantity of less than the customer already has.
func (e *env) belowDelivered(r *record, vals map[string]any) error {
	v, given := vals["product_uom_qty"]
	if !given || r.str("state") != "sale" || deliveredBy(e, r) != "stock_move" || r.dec("qty_delivered").IsZero() {
		return nil
	}
	if now, _ := toDecimal(v); e.round(r.m.fields["product_uom_qty"], now).LessThan(r.dec("qty_delivered")) {
		return userError("The ordered quantity of a sale order line cannot be decreased below the amount already delivered. Instead, create a return in your inventory.")
	}
	return nil
}

// locked are the labels of what a locked order protects, by the fields' names.
func (e *env) locked(r *record, vals map[string]any) (labels []string) {
	order := e.related(r, "order_id")
	if order == nil || !order.flag("locked") {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(vals)) {
		if f := r.m.field(name); slices.Contains(protected, f.key) {
			labels = append(labels, f.label)
		}
	}
	return labels
}

// productFree says whether a line's product may still be changed in 19: not when
// a delivery is under way or the order is cancelled. 17 lets it pass in silence.
func (e *env) productFree(r *record) bool {
	if r.str("state") == "cancel" || r.dec("qty_invoiced").IsPositive() || r.dec("qty_delivered").IsPositive() {
		return false
	}
	return !slices.ContainsFunc(e.children(r, "move_ids"), func(m *record) bool { return m.str("state") != "cancel" })
}

// afterLine derives again what a write changed. The trap of the real one is
// here too: quantity or product without a price resets the price.
func afterLine(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		order := e.related(r, "order_id")
		if order == nil {
			continue
		}
		if !created && r.str("display_type") == "" {
			want := func(f string) bool {
				switch f {
				case "price_unit":
					return !given[f] && (given["product_id"] || given["product_uom_qty"] || given["product_uom"]) && r.dec("qty_invoiced").Sign() <= 0
				case "tax_id", "name":
					return !given[f] && given["product_id"]
				}
				return !given[f] && r.get(f) == nil
			}
			e.fromProduct(order, r, want, func(f string, v any) { e.set(r, f, v) })
		}
		if err := checkLine(r); err != nil {
			return err
		}
		if err := e.sameCompany(r, "tax_id", "product_id"); err != nil {
			return err
		}
		e.amounts(order, r)
		if order.str("state") == "sale" && r.str("display_type") == "" && (created || given["product_uom_qty"]) {
			e.deliver(order, r)
		}
		e.totals(order)
	}
	return nil
}

// checkLine is the pair of check constraints on a line.
func checkLine(r *record) error {
	if r.str("display_type") == "" {
		// 19 takes a line of text without a product, and asks for one on confirming.
		if r.m.edition.major < 19 && (r.get("product_id") == nil || r.get("product_uom") == nil) {
			return checkFailed(r.m, "accountable_required_fields", "Missing required fields on accountable sale order line.")
		}
		return nil
	}
	if r.get("product_id") != nil || r.get("product_uom") != nil || !r.dec("price_unit").IsZero() || !r.dec("product_uom_qty").IsZero() {
		return checkFailed(r.m, "non_accountable_null_fields", "Forbidden values on non-accountable sale order line")
	}
	return nil
}
