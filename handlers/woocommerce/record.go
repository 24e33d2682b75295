package woocommerce

import "encoding/json"

// record is an order as payloads and the REST API (v3) tell it. All amounts are net
// of tax; PricesIncludeTax says how the shop's own prices are.
type record struct {
	ID               ident  `json:"id"`
	Number           text   `json:"number"`
	Status           string `json:"status"`
	Currency         string `json:"currency"`
	PricesIncludeTax *bool  `json:"prices_include_tax"`
	Created          stamp  `json:"date_created_gmt"`
	Modified         stamp  `json:"date_modified_gmt"`
	Paid             stamp  `json:"date_paid_gmt"`
	Completed        stamp  `json:"date_completed_gmt"`
	CreatedVia       string `json:"created_via"`
	CustomerID       ident  `json:"customer_id"`
	CustomerNote     text   `json:"customer_note"`
	PaymentMethod    text   `json:"payment_method"`
	TransactionID    text   `json:"transaction_id"`
	// NeedsProcessing is false where all of it is downloads; nil: not told.
	NeedsProcessing *bool `json:"needs_processing"`

	Total    amount `json:"total"`
	TotalTax amount `json:"total_tax"`

	Billing  address `json:"billing"`
	Shipping address `json:"shipping"`

	Meta          metas         `json:"meta_data"`
	LineItems     *[]recordLine `json:"line_items"`
	ShippingLines []recordLine  `json:"shipping_lines"`
	FeeLines      []recordLine  `json:"fee_lines"`
	TaxLines      []taxLine     `json:"tax_lines"`
	CouponLines   []couponLine  `json:"coupon_lines"`
	// Refunds are only named here: what they are about is told by /refunds alone.
	Refunds []struct {
		ID ident `json:"id"`
	} `json:"refunds"`
}

// address is empty where every field is.
type address struct {
	FirstName text `json:"first_name"`
	LastName  text `json:"last_name"`
	Company   text `json:"company"`
	Address1  text `json:"address_1"`
	Address2  text `json:"address_2"`
	City      text `json:"city"`
	State     text `json:"state"`
	Postcode  text `json:"postcode"`
	Country   text `json:"country"`
	Email     text `json:"email"`
	Phone     text `json:"phone"`
}

// recordLine is a line of goods, shipping or fees, and what a refund takes off one:
// there quantities and amounts are negative.
type recordLine struct {
	ID          ident     `json:"id"`
	Name        text      `json:"name"`
	ProductID   ident     `json:"product_id"`
	VariationID ident     `json:"variation_id"`
	Quantity    amount    `json:"quantity"`
	Subtotal    amount    `json:"subtotal"`
	Total       amount    `json:"total"`
	Price       amount    `json:"price"` // of one, net, after coupons: an unrounded float
	Taxes       []lineTax `json:"taxes"`
	Meta        metas     `json:"meta_data"`
	SKU         text      `json:"sku"`
	GTIN        text      `json:"global_unique_id"`
	// of shipping
	MethodTitle text `json:"method_title"`
	MethodID    text `json:"method_id"`
	InstanceID  text `json:"instance_id"`
}

// lineTax is the tax of one rate on a line, not rounded where the shop rounds at the
// end. Without either amount the rate does not hold for the line.
type lineTax struct {
	RateID   ident  `json:"id"`
	Total    amount `json:"total"`
	Subtotal amount `json:"subtotal"`
}

// taxLine is one rate of the order and its sums, rounded by the shop.
type taxLine struct {
	RateID      ident  `json:"rate_id"`
	RateCode    string `json:"rate_code"`
	Label       text   `json:"label"`
	Compound    bool   `json:"compound"`
	RatePercent amount `json:"rate_percent"` // not told by old shops
	Tax         amount `json:"tax_total"`
	ShippingTax amount `json:"shipping_tax_total"`
}

type couponLine struct {
	Code     text   `json:"code"`
	Discount amount `json:"discount"`
}

// refund is one of an order's refunds. Amount is positive and holds the tax; its
// lines have negative quantities and amounts. Old shops tell no shipping and fees.
type refund struct {
	ID            ident        `json:"id"`
	ParentID      ident        `json:"parent_id"`
	Created       stamp        `json:"date_created_gmt"`
	Amount        amount       `json:"amount"`
	LineItems     []recordLine `json:"line_items"`
	ShippingLines []recordLine `json:"shipping_lines"`
	FeeLines      []recordLine `json:"fee_lines"`
}

// of is the id of the order's line that a refund's line is about.
func (l *recordLine) of() ident {
	if id := l.Meta.get("_refunded_item_id"); isDigits(id) {
		return ident(id)
	}
	return ""
}

// recordOf reads one order; refundsOf the refunds of one. Errors quote nothing.
func recordOf(raw []byte) (*record, error) {
	var rec record
	if err := json.Unmarshal(raw, &rec); err != nil {
		return nil, plain(err)
	}
	return &rec, nil
}

func refundsOf(raw []byte) ([]refund, error) {
	var list []refund
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, plain(err)
	}
	return list, nil
}
