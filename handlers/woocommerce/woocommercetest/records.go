package woocommercetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// escaped is how the block checkout keeps texts.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// version is what the shop runs.
func (s *Store) version() string {
	if s.opts.Old {
		return "7.9.0"
	}
	return "11.0.1"
}

// order is an order as the API and the webhooks tell it.
func (s *Store) order(o *Order) object {
	t, id := o.totals, strconv.FormatInt(o.ID, 10)
	text := func(v string) string { return v }
	if o.CreatedVia == "store-api" {
		text = escaped.Replace
	}
	out := object{
		"id": o.ID, "parent_id": 0, "number": o.Number, "order_key": "wc_order_" + id, "created_via": o.CreatedVia,
		"version": s.version(), "status": o.Status, "currency": o.Currency, "currency_symbol": symbol(o.Currency),
		"discount_total": money(t.discount), "discount_tax": money(t.discountTax), "shipping_total": money(t.shipping), "shipping_tax": money(t.shippingTax),
		"cart_tax": money(t.cartTax), "total": money(t.total), "total_tax": money(t.tax), "prices_include_tax": o.PricesIncludeTax,
		"customer_id": o.Customer, "customer_ip_address": "203.0.113.9", "customer_user_agent": "Mozilla/5.0 (example)", "customer_note": text(o.Note),
		"billing": o.Billing.tell(text, true), "shipping": o.Shipping.tell(text, false),
		"payment_method": o.PaymentMethod, "payment_method_title": o.PaymentTitle, "transaction_id": o.TransactionID, "cart_hash": "",
		"meta_data": tellMeta(o.Meta, o.ID*100, false), "line_items": s.lines(o), "tax_lines": o.taxLines(), "shipping_lines": s.shippingLines(o),
		"fee_lines": o.feeLines(), "coupon_lines": s.couponLines(o), "refunds": s.refundList(o),
		"payment_url": fmt.Sprintf("%s/checkout/order-pay/%s/?pay_for_order=true&key=wc_order_%s", s.opts.Home, id, id),
		"is_editable": slices.Contains([]string{"pending", "on-hold", "auto-draft"}, o.Status), "needs_processing": len(o.Lines) > 0,
		"needs_payment": slices.Contains([]string{"pending", "failed"}, o.Status) && t.total.IsPositive(),
	}
	s.stamp(out, "date_created", o.CreatedAt)
	s.stamp(out, "date_modified", o.UpdatedAt)
	s.stamp(out, "date_paid", o.PaidAt)
	s.stamp(out, "date_completed", o.CompletedAt)
	links := s.links("orders", id)
	if o.Customer != 0 {
		links["customer"] = []object{{"href": fmt.Sprintf("%s/wp-json/wc/v3/customers/%d", s.opts.Home, o.Customer)}}
	}
	out["_links"] = links
	for key, value := range o.Extra {
		out[key] = value
	}
	return out
}

func symbol(currency string) string {
	switch currency {
	case "EUR":
		return "€"
	case "USD":
		return "$"
	}
	return currency
}

func (a Address) tell(text func(string) string, billing bool) object {
	out := object{"first_name": text(a.First), "last_name": text(a.Last), "company": text(a.Company), "address_1": text(a.Street), "address_2": text(a.Street2),
		"city": text(a.City), "state": a.State, "postcode": a.Zip, "country": a.Country, "phone": a.Phone}
	if billing {
		out["email"] = a.Email
	}
	return out
}

// tellMeta are entries of meta_data; those of lines have a form for people.
func tellMeta(all []Meta, first int64, ofLine bool) []object {
	out := make([]object, 0, len(all))
	for i, m := range all {
		id := m.ID
		if id == 0 {
			id = first + int64(i)
		}
		one := object{"id": id, "key": m.Key, "value": m.Value}
		if ofLine {
			one["display_key"], one["display_value"] = strings.TrimPrefix(m.Key, "pa_"), m.Value
		}
		out = append(out, one)
	}
	return out
}

func (s *Store) lines(o *Order) []object {
	out := make([]object, 0, len(o.Lines))
	for i := range o.Lines {
		l := &o.Lines[i]
		one := s.item(l)
		one["quantity"], one["price"] = l.Quantity, l.total.Div(decimal.NewFromInt(int64(l.Quantity))).InexactFloat64()
		one["subtotal"], one["subtotal_tax"] = money(l.subtotal), money(l.subtotalTaxSum)
		one["total"], one["total_tax"] = money(l.total), money(l.taxSum)
		one["taxes"], one["meta_data"] = tellTaxes(l.taxes, l.subtotalTaxes), append(tellMeta(l.Meta, l.ID*10, true), tellMeta(o.stock(l), l.ID*10+8, true)...)
		out = append(out, one)
	}
	return out
}

// stock is what WooCommerce notes on a line: how many pieces are out of the stock, and
// how many refunds put back.
func (o *Order) stock(l *Line) []Meta {
	var out []Meta
	if o.reduced {
		out = append(out, Meta{Key: "_reduced_stock", Value: strconv.Itoa(l.Quantity - l.restocked)})
	}
	if l.restocked > 0 {
		out = append(out, Meta{Key: "_restock_refunded_items", Value: strconv.Itoa(l.restocked)})
	}
	return out
}

// item is what a line of an order and that of a refund tell alike.
func (s *Store) item(l *Line) object {
	one := object{"id": l.ID, "name": l.Name, "product_id": l.Product, "variation_id": l.Variation, "tax_class": "", "sku": l.SKU, "parent_name": nil,
		"image": object{"id": "", "src": ""}}
	if len(l.Taxes) > 0 && l.Taxes[0].ID == reducedRate().ID {
		one["tax_class"] = "reduced-rate"
	}
	switch {
	case l.Product == 0: // it is gone
		one["sku"], one["image"] = nil, object{"id": 0, "src": ""}
	case l.Variation != 0:
		one["parent_name"], _, _ = strings.Cut(l.Name, " &ndash; ")
		one["image"] = object{"id": strconv.FormatInt(l.Variation+300, 10), "src": s.opts.Home + "/wp-content/uploads/t.jpg"}
	}
	if !s.opts.Old {
		one["global_unique_id"] = ""
	}
	return one
}

// tellTaxes are a line's taxes by rate, unrounded.
func tellTaxes(taxes, before []taxAmount) []object {
	out := make([]object, 0, len(taxes))
	for i, t := range taxes {
		one := object{"id": t.ID, "total": exact(t.amount), "subtotal": ""}
		if i < len(before) {
			one["subtotal"] = exact(before[i].amount)
		}
		out = append(out, one)
	}
	return out
}

func (o *Order) taxLines() []object {
	out := make([]object, 0, len(o.totals.rates))
	for i, r := range o.totals.rates {
		out = append(out, object{"id": 1_000_000 + o.ID*10 + int64(i), "rate_code": fmt.Sprintf("FI-%s-%d", strings.ToUpper(r.Label), r.ID), "rate_id": r.ID,
			"label": r.Label, "compound": r.Compound, "tax_total": money(r.cart), "shipping_tax_total": money(r.shipping),
			"rate_percent": r.Percent.InexactFloat64(), "meta_data": []object{}})
	}
	return out
}

func (s *Store) shippingLines(o *Order) []object {
	out := make([]object, 0, len(o.ShippingLines))
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		one := object{"id": l.ID, "method_title": l.Title, "method_id": l.Method, "instance_id": "1", "total": money(l.total), "total_tax": money(l.taxSum),
			"taxes": tellTaxes(l.taxes, nil), "meta_data": tellMeta(o.parcel(), l.ID*10, true)}
		if !s.opts.Old {
			one["tax_status"] = "taxable"
		}
		out = append(out, one)
	}
	return out
}

// parcel is what WooCommerce writes to a way of shipping.
func (o *Order) parcel() []Meta {
	var items []string
	for _, l := range o.Lines {
		items = append(items, fmt.Sprintf("%s &times; %d", l.Name, l.Quantity))
	}
	return []Meta{{Key: "Items", Value: strings.Join(items, ", ")}}
}

func (o *Order) feeLines() []object {
	out := make([]object, 0, len(o.Fees))
	for i := range o.Fees {
		l := &o.Fees[i]
		status := "taxable"
		if len(l.Taxes) == 0 {
			status = "none"
		}
		out = append(out, object{"id": l.ID, "name": l.Name, "tax_class": "", "tax_status": status, "amount": exact(l.Amount), "total": money(l.total),
			"total_tax": money(l.taxSum), "taxes": tellTaxes(l.taxes, nil), "meta_data": []object{}})
	}
	return out
}

func (s *Store) couponLines(o *Order) []object {
	out := make([]object, 0, len(o.Coupons))
	for i := range o.Coupons {
		c := &o.Coupons[i]
		one := object{"id": c.ID, "code": c.Code, "discount": exact(c.discount), "discount_tax": exact(c.tax)}
		if s.opts.Old {
			data := object{"code": c.Code, "amount": exact(c.Amount), "discount_type": c.Kind, "free_shipping": c.FreeShipping, "meta_data": []object{}, "date_expires": nil}
			one["meta_data"] = tellMeta([]Meta{{Key: "coupon_data", Value: data}}, c.ID*10, true)
		} else {
			info := fmt.Sprintf(`[%d,"%s","%s",%s]`, c.ID, c.Code, c.Kind, exact(c.Amount))
			one["meta_data"] = tellMeta([]Meta{{Key: "coupon_info", Value: info}}, c.ID*10, true)
			one["discount_type"], one["nominal_amount"], one["free_shipping"] = c.Kind, c.Amount.InexactFloat64(), c.FreeShipping
		}
		out = append(out, one)
	}
	return out
}
