package shopifytest

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// node is one object of the Admin API with all the fields that it has. Values
// are scalars, nil, *node or []*node; the executor picks and pages.
type node struct {
	kind   string
	fields object
}

// node is the order as the Admin API tells it.
func (s *Store) node(o *Order) *node {
	t := o.totals
	f := object{
		"id": gid("Order", o.ID), "legacyResourceId": o.ID, "name": o.name(), "sourceName": orDefault(o.Source, "web"),
		"customerLocale": null(o.Locale), "note": null(o.Note), "tags": tags(o.Tags), "test": o.Test,
		"poNumber": null(o.PONumber), "customAttributes": attributes(o.Attributes), "paymentGatewayNames": []string{o.Gateway},
		"currencyCode": s.currency(o, shopSide), "presentmentCurrencyCode": s.currency(o, presentmentSide),
		"taxesIncluded": o.TaxesIncluded, "createdAt": utc(o.CreatedAt), "processedAt": utc(o.CreatedAt), "updatedAt": utc(o.UpdatedAt),
		"cancelledAt": nil, "displayFinancialStatus": o.financial(), "displayFulfillmentStatus": o.fulfilment(),
		"email": null(o.Email), "phone": null(o.Phone), "customer": o.Customer.node(),
		"billingAddress": o.Billing.node(), "shippingAddress": o.Shipping.node(),
		"totalPriceSet": s.bag(o, t.total), "totalTaxSet": s.bag(o, t.tax),
		"currentTotalPriceSet": s.bag(o, t.currentSum), "currentSubtotalPriceSet": s.bag(o, t.currentSubtotal),
		"currentTotalTaxSet": s.bag(o, t.currentTax), "currentTotalAdditionalFeesSet": s.charge(o, t.fees), "currentTotalDutiesSet": s.charge(o, t.duties),
		"originalTotalAdditionalFeesSet": s.charge(o, o.both(o.feesWere)), "originalTotalDutiesSet": s.charge(o, o.both(o.dutiesWere)),
		"totalTipReceivedSet": s.bag(o, t.tip),
		"lineItems":           s.lineNodes(o), "shippingLines": s.shippingNodes(o), "transactions": s.transactionNodes(o),
		"fulfillments": o.fulfillmentNodes(), "refunds": s.refundNodes(o), "risk": o.riskNode(),
		"totalOutstandingSet": s.bag(o, o.outstanding()), "returnStatus": o.returnStatus(), "returns": o.returnNodes(),
		"retailLocation": nil, "fulfillmentOrders": []*node{},
	}
	if l := o.Location; l.ID != 0 {
		at := &node{"Location", object{"id": gid("Location", l.ID), "name": l.Name}}
		if o.AtTill {
			f["retailLocation"] = at
		} else {
			f["fulfillmentOrders"] = []*node{{"FulfillmentOrder", object{"id": gid("FulfillmentOrder", o.ID),
				"assignedLocation": &node{"FulfillmentOrderAssignedLocation", object{"name": l.Name, "location": at}}}}}
		}
	}
	if !o.CancelledAt.IsZero() {
		f["cancelledAt"] = utc(o.CancelledAt)
	}
	return &node{"Order", f}
}

// charge is null for an order that was not charged so.
func (s *Store) charge(o *Order, b Bag) any {
	if b[shopSide].IsZero() {
		return nil
	}
	return s.bag(o, b)
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func tags(list []string) []string { return append([]string{}, list...) }

func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (s *Store) bag(o *Order, b Bag) *node {
	one := func(side int) *node {
		return &node{"MoneyV2", object{"amount": plainAmount(b[side]), "currencyCode": s.currency(o, side)}}
	}
	return &node{"MoneyBag", object{"shopMoney": one(shopSide), "presentmentMoney": one(presentmentSide)}}
}

// plainAmount is how the API writes a Decimal: "5.9", "10.0".
func plainAmount(d decimal.Decimal) string {
	if text := d.String(); strings.Contains(text, ".") {
		return text
	}
	return d.StringFixed(1)
}

func (c *Customer) node() *node {
	if c == nil {
		return nil
	}
	f := object{"id": gid("Customer", c.ID), "firstName": null(c.First), "lastName": null(c.Last),
		"defaultEmailAddress": nil, "defaultPhoneNumber": nil}
	if c.Email != "" {
		f["defaultEmailAddress"] = &node{"CustomerEmailAddress", object{"emailAddress": c.Email}}
	}
	if c.Phone != "" {
		f["defaultPhoneNumber"] = &node{"CustomerPhoneNumber", object{"phoneNumber": c.Phone}}
	}
	return &node{"Customer", f}
}

func (a *Address) node() *node {
	if a == nil {
		return nil
	}
	return &node{"MailingAddress", object{"firstName": null(a.First), "lastName": null(a.Last), "name": null(strings.TrimSpace(a.First + " " + a.Last)),
		"company": null(a.Company), "address1": null(a.Street), "address2": null(a.Street2), "city": null(a.City), "zip": null(a.Zip),
		"provinceCode": null(a.Province), "countryCodeV2": null(a.Country), "phone": null(a.Phone)}}
}

func (s *Store) lineNodes(o *Order) []*node {
	out := make([]*node, 0, len(o.Lines))
	for i := range o.Lines {
		out = append(out, s.lineNode(o, &o.Lines[i]))
	}
	return out
}

func attributes(list [][2]string) []*node {
	out := []*node{}
	for _, p := range list {
		out = append(out, &node{"Attribute", object{"key": p[0], "value": p[1]}})
	}
	return out
}

func (s *Store) lineNode(o *Order, l *Line) *node {
	var bundle, variant *node
	if l.Bundle > 0 {
		bundle = o.Bundles[l.Bundle-1].node()
	}
	if l.Variant != 0 {
		variant = &node{"ProductVariant", object{"id": gid("ProductVariant", l.Variant), "barcode": null(l.Barcode)}}
	}
	return &node{"LineItem", object{
		"lineItemGroup": bundle, "variant": variant,
		"id": gid("LineItem", l.ID), "sku": null(l.SKU), "name": l.Title, "title": l.Title,
		"quantity": l.Quantity, "currentQuantity": l.Current, "isGiftCard": l.GiftCard,
		"requiresShipping": l.needsShipping(), "taxable": l.taxable(), "originalUnitPriceSet": s.bag(o, l.unit),
		"discountAllocations": s.allocationNodes(o, l.allocations), "taxLines": s.taxNodes(o, l.taxes), "customAttributes": attributes(l.Properties),
	}}
}

func (b Bundle) node() *node {
	f := object{"id": gid("LineItemGroup", b.ID), "title": b.Title, "quantity": b.Quantity, "variantId": nil, "variantSku": null(b.SKU)}
	if b.Variant != 0 {
		f["variantId"] = gid("ProductVariant", b.Variant)
	}
	return &node{"LineItemGroup", f}
}

func (s *Store) shippingNodes(o *Order) []*node {
	out := []*node{}
	for i := range o.ShippingLines {
		if l := &o.ShippingLines[i]; !l.Removed { // includeRemovals is not answered
			out = append(out, s.shippingNode(o, l))
		}
	}
	return out
}

func (s *Store) shippingNode(o *Order, l *ShippingLine) *node {
	return &node{"ShippingLine", object{
		"id": gid("ShippingLine", l.ID), "code": null(l.Code), "title": l.Title, "isRemoved": l.Removed,
		"originalPriceSet": s.bag(o, l.unit), "discountedPriceSet": s.bag(o, l.discounted), "currentDiscountedPriceSet": s.bag(o, l.current),
		"discountAllocations": s.allocationNodes(o, l.allocations), "taxLines": s.taxNodes(o, l.taxes),
	}}
}

func (s *Store) taxNodes(o *Order, taxes []taxAmount) []*node {
	out := []*node{}
	for _, t := range taxes {
		out = append(out, &node{"TaxLine", object{"title": t.Title, "rate": t.Rate.InexactFloat64(),
			"ratePercentage": t.Rate.Shift(2).InexactFloat64(), "priceSet": s.bag(o, t.amount)}})
	}
	return out
}

func (s *Store) allocationNodes(o *Order, list []allocation) []*node {
	kinds := map[string]string{"discount_code": "DiscountCodeApplication", "automatic": "AutomaticDiscountApplication", "manual": "ManualDiscountApplication"}
	out := []*node{}
	for _, a := range list {
		d := o.Discounts[a.discount]
		app := object{"index": a.discount, "title": d.Title, "description": nil}
		if d.Kind == "discount_code" {
			app = object{"index": a.discount, "code": d.Title}
		}
		out = append(out, &node{"DiscountAllocation", object{
			"allocatedAmountSet": s.bag(o, a.amount), "discountApplication": &node{kinds[d.Kind], app}}})
	}
	return out
}

func (s *Store) transactionNodes(o *Order) []*node {
	out := []*node{}
	for _, t := range o.Transactions {
		out = append(out, s.transactionNode(o, t))
	}
	return out
}

func (s *Store) transactionNode(o *Order, t Transaction) *node {
	return &node{"OrderTransaction", object{"id": gid("OrderTransaction", t.ID), "gateway": null(o.Gateway),
		"formattedGateway": null(o.Gateway), "kind": t.Kind, "status": t.Status, "manualPaymentGateway": o.Manual,
		"createdAt": utc(t.At), "processedAt": utc(t.At), "amountSet": s.bag(o, t.Amount)}}
}

func (o *Order) riskNode() *node {
	advice := map[string]string{"HIGH": "CANCEL", "MEDIUM": "INVESTIGATE", "LOW": "ACCEPT", "NONE": "NONE"}[o.RiskLevel]
	return &node{"OrderRiskSummary", object{"recommendation": advice,
		"assessments": []*node{{"OrderRiskAssessment", object{"riskLevel": o.RiskLevel}}}}}
}
