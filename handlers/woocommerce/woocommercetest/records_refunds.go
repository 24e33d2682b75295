package woocommercetest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// refundList is what an order tells of its refunds, the newest first: no lines.
func (s *Store) refundList(o *Order) []object {
	out := make([]object, 0, len(o.Refunds))
	for _, r := range slices.Backward(o.Refunds) {
		one := object{"id": r.ID, "reason": r.Reason, "total": money(r.Amount.Neg())}
		if !s.opts.Old {
			one["total_tax"] = money(r.tax().Neg())
		}
		out = append(out, one)
	}
	return out
}

func (r *Refund) tax() decimal.Decimal {
	sum := decimal.Zero
	for _, p := range r.Parts {
		sum = sum.Add(sumOf(p.taxes))
	}
	return sum
}

// refund is a refund with its lines, which are negative.
func (s *Store) refund(o *Order, r *Refund) object {
	out := object{"id": r.ID, "amount": money(r.Amount), "reason": r.Reason, "refunded_by": 1, "refunded_payment": r.ByGateway, "meta_data": []object{}}
	lines, shipping, fees := []object{}, []object{}, []object{}
	for _, p := range r.Parts {
		switch p.Kind {
		case partLine:
			lines = append(lines, s.refundedLine(o, p))
		case partShipping:
			shipping = append(shipping, s.refundedShipping(o, p))
		case partFee:
			fees = append(fees, o.refundedFee(p))
		}
	}
	out["line_items"], out["shipping_lines"], out["fee_lines"], out["tax_lines"] = lines, shipping, fees, r.taxLines()
	s.stamp(out, "date_created", r.At)
	links := s.links(fmt.Sprintf("orders/%d/refunds", o.ID), strconv.FormatInt(r.ID, 10))
	links["up"] = []object{{"href": fmt.Sprintf("%s/wp-json/wc/v3/orders/%d", s.opts.Home, o.ID)}}
	out["_links"] = links
	return out
}

// amounts puts what a part comes to into its line, and what it is of.
func (p RefundedPart) amounts(into object) object {
	var taxes []taxAmount
	for _, t := range p.taxes {
		taxes = append(taxes, taxAmount{t.TaxRate, t.amount.Neg()})
	}
	into["id"], into["total"], into["total_tax"] = p.ID, money(p.total.Neg()), money(sumOf(taxes))
	into["taxes"] = tellTaxes(taxes, nil)
	into["meta_data"] = tellMeta([]Meta{{Key: "_refunded_item_id", Value: strconv.FormatInt(p.Line, 10)}}, p.ID*10, true)
	return into
}

func (s *Store) refundedLine(o *Order, p RefundedPart) object {
	one := object{}
	if i := slices.IndexFunc(o.Lines, func(l Line) bool { return l.ID == p.Line }); i >= 0 {
		one = s.item(&o.Lines[i])
	}
	one = p.amounts(one)
	one["subtotal"], one["subtotal_tax"] = one["total"], one["total_tax"]
	for _, t := range one["taxes"].([]object) {
		t["subtotal"] = t["total"]
	}
	one["quantity"], one["price"] = -p.Quantity, 0.0
	if p.Quantity != 0 {
		one["price"] = p.total.Div(decimal.NewFromInt(int64(p.Quantity))).InexactFloat64()
	}
	return one
}

func (s *Store) refundedShipping(o *Order, p RefundedPart) object {
	one := object{"instance_id": ""}
	if i := slices.IndexFunc(o.ShippingLines, func(l ShippingLine) bool { return l.ID == p.Line }); i >= 0 {
		one["method_title"], one["method_id"] = o.ShippingLines[i].Title, o.ShippingLines[i].Method
	}
	if !s.opts.Old {
		one["tax_status"] = "taxable"
	}
	return p.amounts(one)
}

func (o *Order) refundedFee(p RefundedPart) object {
	one := object{"tax_class": "", "tax_status": "taxable", "amount": money(p.total.Neg())}
	if i := slices.IndexFunc(o.Fees, func(l Fee) bool { return l.ID == p.Line }); i >= 0 {
		one["name"] = o.Fees[i].Name
	}
	return p.amounts(one)
}

func (r *Refund) taxLines() []object {
	goods, shipping := []taxAmount{}, []taxAmount{}
	for _, p := range r.Parts {
		for _, t := range p.taxes {
			t.amount = t.amount.Neg()
			if p.Kind == partShipping {
				shipping, goods = merge(shipping, t), merge(goods, taxAmount{TaxRate: t.TaxRate})
			} else {
				goods = merge(goods, t)
			}
		}
	}
	out := []object{}
	for i, t := range goods {
		of := decimal.Zero
		if at := slices.IndexFunc(shipping, func(s taxAmount) bool { return s.ID == t.ID }); at >= 0 {
			of = shipping[at].amount
		}
		out = append(out, object{"id": 2_000_000 + r.ID*10 + int64(i), "rate_code": fmt.Sprintf("FI-%s-%d", t.Label, t.ID), "rate_id": t.ID, "label": t.Label,
			"compound": t.Compound, "tax_total": money(t.amount), "shipping_tax_total": money(of), "rate_percent": t.Percent.InexactFloat64(), "meta_data": []object{}})
	}
	return out
}
