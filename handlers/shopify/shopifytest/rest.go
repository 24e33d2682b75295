package shopifytest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// object is one JSON object; encoding/json writes its keys in order, so equal
// states give equal bytes.
type object = map[string]any

// rest is the order as orders/* deliveries carry it.
func (s *Store) rest(o *Order) object {
	t := o.totals
	body := object{
		"id": o.ID, "admin_graphql_api_id": gid("Order", o.ID), "app_id": 580111,
		"name": o.name(), "number": o.Number - 1000, "order_number": o.Number,
		"confirmed": true, "test": o.Test, "token": "tok" + strconv.FormatInt(o.ID, 36),
		"created_at": stamp(o.CreatedAt), "processed_at": stamp(o.CreatedAt), "updated_at": stamp(o.UpdatedAt),
		"cancelled_at": nil, "cancel_reason": nil, "closed_at": nil,
		"currency": s.currency(o, shopSide), "presentment_currency": s.currency(o, presentmentSide),
		"customer_locale": null(o.Locale), "source_name": cmp.Or(o.Source, "web"),
		"email": o.Email, "contact_email": null(o.Email), "phone": null(o.Phone),
		"note": null(o.Note), "note_attributes": restProperties(o.Attributes), "po_number": null(o.PONumber), "tags": strings.Join(o.Tags, ", "),
		"financial_status": strings.ToLower(o.financial()), "fulfillment_status": restFulfilment(o.fulfilment()),
		"taxes_included": o.TaxesIncluded, "tax_exempt": false, "duties_included": false, "estimated_taxes": false,
		"payment_gateway_names": []string{o.Gateway},
		"total_tip_received":    money(t.tip[shopSide]), "total_outstanding": money(o.outstanding()[shopSide]), "total_weight": 0,
		"current_total_additional_fees_set": nil, "current_total_duties_set": nil, // of those that were not charged so
		"tax_lines": s.restTaxes(o, t.taxes), "line_items": s.restLines(o), "shipping_lines": s.restShipping(o),
		"discount_applications": o.restApplications(), "discount_codes": o.restCodes(),
		"fulfillments": o.restFulfillments(), "refunds": s.restRefunds(o), "returns": o.restReturns(), "line_item_groups": []object{},
	}
	if !o.CancelledAt.IsZero() {
		body["cancelled_at"], body["cancel_reason"] = stamp(o.CancelledAt), "customer"
	}
	for key, b := range map[string]Bag{
		"total_line_items_price": t.lines, "total_discounts": t.discounts, "subtotal_price": t.subtotal,
		"total_tax": t.tax, "total_price": t.total, "current_subtotal_price": t.currentSubtotal,
		"current_total_discounts": t.currentDiscounts, "current_total_tax": t.currentTax, "current_total_price": t.currentSum,
	} {
		body[key], body[key+"_set"] = money(b[shopSide]), s.set(o, b)
	}
	body["total_shipping_price_set"] = s.set(o, t.shipping)
	if !o.Fees.IsZero() {
		body["current_total_additional_fees_set"] = s.set(o, t.fees)
	}
	if !o.Duties.IsZero() {
		body["current_total_duties_set"] = s.set(o, t.duties)
	}
	// A store without a known buyer leaves these out.
	if o.Customer != nil {
		body["customer"] = o.Customer.rest()
	}
	if o.Billing != nil {
		body["billing_address"] = o.Billing.rest()
	}
	if o.Shipping != nil {
		body["shipping_address"] = o.Shipping.rest()
	}
	return body
}

func gid(kind string, id int64) string {
	return "gid://shopify/" + kind + "/" + strconv.FormatInt(id, 10)
}

// stamp writes a time the way bodies do: with the store's offset, in seconds.
func stamp(t time.Time) string {
	return t.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339)
}

func money(d decimal.Decimal) string { return d.StringFixed(2) }

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Store) set(o *Order, b Bag) object {
	return object{
		"shop_money":        object{"amount": money(b[shopSide]), "currency_code": s.currency(o, shopSide)},
		"presentment_money": object{"amount": money(b[presentmentSide]), "currency_code": s.currency(o, presentmentSide)},
	}
}

func restFulfilment(word string) any {
	switch word {
	case "FULFILLED":
		return "fulfilled"
	case "PARTIALLY_FULFILLED":
		return "partial"
	}
	return nil
}

func (c *Customer) rest() object {
	return object{"id": c.ID, "admin_graphql_api_id": gid("Customer", c.ID), "first_name": c.First, "last_name": c.Last,
		"email": null(c.Email), "phone": null(c.Phone), "state": cmp.Or(c.State, "disabled"), "note": nil, "tax_exempt": false}
}

func (a *Address) rest() object {
	return object{"first_name": a.First, "last_name": a.Last, "name": strings.TrimSpace(a.First + " " + a.Last),
		"company": null(a.Company), "address1": a.Street, "address2": null(a.Street2), "city": a.City, "zip": a.Zip,
		"province": nil, "province_code": null(a.Province), "country": nil, "country_code": a.Country,
		"phone": null(a.Phone), "latitude": nil, "longitude": nil}
}

func (s *Store) restLines(o *Order) []object {
	out := make([]object, 0, len(o.Lines))
	for i := range o.Lines {
		l := &o.Lines[i]
		var bundle, variant any
		if l.Bundle > 0 {
			bundle = o.Bundles[l.Bundle-1].ID
		}
		if l.Variant != 0 {
			variant = l.Variant
		}
		out = append(out, object{
			"sales_line_item_group_id": bundle, "variant_id": variant,
			"id": l.ID, "admin_graphql_api_id": gid("LineItem", l.ID), "name": l.Title, "title": l.Title,
			"sku": null(l.SKU), "quantity": l.Quantity, "current_quantity": l.Current, "fulfillable_quantity": o.unshipped(l),
			"price": money(l.unit[shopSide]), "price_set": s.set(o, l.unit), "gift_card": l.GiftCard,
			"requires_shipping": l.needsShipping(), "taxable": l.taxable(), "total_discount": "0.00",
			"product_exists": l.SKU != "", "properties": restProperties(l.Properties), "variant_title": nil, "vendor": "Demo",
			"tax_lines": s.restTaxes(o, l.taxes), "discount_allocations": s.restAllocations(o, l.allocations), "duties": []object{},
		})
	}
	return out
}

func restProperties(list [][2]string) []object {
	out := []object{}
	for _, p := range list {
		out = append(out, object{"name": p[0], "value": p[1]})
	}
	return out
}

func (l *Line) needsShipping() bool { return !l.GiftCard && !l.Tip }
func (l *Line) taxable() bool       { return !l.GiftCard && !l.Tip }

func (s *Store) restShipping(o *Order) []object {
	out := make([]object, 0, len(o.ShippingLines))
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		out = append(out, object{
			"id": l.ID, "code": null(l.Code), "title": l.Title, "source": "shopify", "is_removed": l.Removed,
			"price": money(l.unit[shopSide]), "price_set": s.set(o, l.unit),
			"discounted_price": money(l.discounted[shopSide]), "discounted_price_set": s.set(o, l.discounted),
			"current_discounted_price_set": s.set(o, l.current),
			"tax_lines":                    s.restTaxes(o, l.taxes), "discount_allocations": s.restAllocations(o, l.allocations),
		})
	}
	return out
}

func (s *Store) restTaxes(o *Order, taxes []taxAmount) []object {
	out := make([]object, 0, len(taxes))
	for _, t := range taxes {
		rate, _ := t.Rate.Float64() // rates are JSON numbers
		out = append(out, object{"title": t.Title, "rate": rate, "price": money(t.amount[shopSide]),
			"price_set": s.set(o, t.amount), "channel_liable": false})
	}
	return out
}

func (s *Store) restAllocations(o *Order, list []allocation) []object {
	out := make([]object, 0, len(list))
	for _, a := range list {
		out = append(out, object{"amount": money(a.amount[shopSide]), "amount_set": s.set(o, a.amount), "discount_application_index": a.discount})
	}
	return out
}

func (o *Order) restApplications() []object {
	out := make([]object, 0, len(o.Discounts))
	for _, d := range o.Discounts {
		app := object{"type": d.Kind, "value": d.Fixed.StringFixed(1), "value_type": "fixed_amount",
			"target_type": "line_item", "allocation_method": "each", "target_selection": "all"}
		if !d.Percent.IsZero() {
			app["value"], app["value_type"] = d.Percent.StringFixed(1), "percentage"
		}
		if d.Shipping {
			app["target_type"] = "shipping_line"
		}
		if d.Across {
			app["allocation_method"] = "across"
		}
		if len(d.Only) > 0 {
			app["target_selection"] = "entitled"
		}
		if d.Kind == "discount_code" {
			app["code"] = d.Title
		} else {
			app["title"] = d.Title
		}
		out = append(out, app)
	}
	return out
}

func (o *Order) restCodes() []object {
	out := []object{}
	for i, d := range o.Discounts {
		if d.Kind != "discount_code" {
			continue
		}
		var sum decimal.Decimal
		for _, l := range o.Lines {
			for _, a := range l.allocations {
				if a.discount == i {
					sum = sum.Add(a.amount[shopSide])
				}
			}
		}
		out = append(out, object{"code": d.Title, "amount": money(sum), "type": "percentage"})
	}
	return out
}

func sortedKeys(m map[int64]int) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
