package shopify

import "time"

// The answers about what becomes of an order after it was placed.

type apiRefund struct {
	ID          ident                         `json:"id"`
	ProcessedAt time.Time                     `json:"processedAt"`
	Lines       connection[apiRefundLine]     `json:"refundLineItems"`
	Shipping    connection[apiRefundShipping] `json:"refundShippingLines"`
	Money       connection[apiTransaction]    `json:"transactions"`
	Adjusted    connection[apiAdjustment]     `json:"orderAdjustments"`
}

// bare refunds are those of which only the id was asked.
func (r *apiRefund) bare() bool { return r.ProcessedAt.IsZero() }

// more reports whether a list of the refund goes on.
func (r *apiRefund) more() bool {
	return r.Lines.PageInfo.HasNextPage || r.Shipping.PageInfo.HasNextPage || r.Money.PageInfo.HasNextPage || r.Adjusted.PageInfo.HasNextPage
}

// apiAdjustment is a difference between the lines of a refund and its money.
type apiAdjustment struct {
	Reason string `json:"reason"`
}

type apiRefundLine struct {
	Quantity int64   `json:"quantity"`
	Restock  string  `json:"restockType"`
	Location named   `json:"location"`
	Subtotal *apiBag `json:"subtotalSet"`
	Tax      *apiBag `json:"totalTaxSet"`
	Line     named   `json:"lineItem"`
}

type apiRefundShipping struct {
	Line     named   `json:"shippingLine"`
	Subtotal *apiBag `json:"subtotalAmountSet"`
	Tax      *apiBag `json:"taxAmountSet"`
}

type apiReturn struct {
	ID       ident                     `json:"id"`
	Status   string                    `json:"status"`
	Order    named                     `json:"order"`
	Lines    connection[apiReturnLine] `json:"returnLineItems"`
	Exchange connection[apiExchange]   `json:"exchangeLineItems"`
	Refunds  connection[named]         `json:"refunds"`
	Reverse  connection[apiReverse]    `json:"reverseFulfillmentOrders"`
}

// more reports whether a list of the return goes on.
func (r *apiReturn) more() bool {
	return r.Lines.PageInfo.HasNextPage || r.Exchange.PageInfo.HasNextPage || r.Refunds.PageInfo.HasNextPage || r.Reverse.PageInfo.HasNextPage
}

// apiReturnLine is empty for goods that the store knows no order line of.
type apiReturnLine struct {
	Quantity  int64              `json:"quantity"`
	Fulfilled apiFulfillmentLine `json:"fulfillmentLineItem"`
}

type apiExchange struct {
	Lines []named `json:"lineItems"`
}

// apiReverse is the work that a return makes: goods come in, and something
// becomes of them.
type apiReverse struct {
	ID    ident                      `json:"id"`
	Order named                      `json:"order"`
	Lines connection[apiReverseLine] `json:"lineItems"`
}

type apiReverseLine struct {
	Fulfilled    apiFulfillmentLine `json:"fulfillmentLineItem"`
	Dispositions []struct {
		Type     string `json:"type"`
		Quantity int64  `json:"quantity"`
		Location named  `json:"location"`
	} `json:"dispositions"`
}

// apiParcel is goods on their way back.
type apiParcel struct {
	Reverse apiReverse `json:"reverseFulfillmentOrder"`
}
