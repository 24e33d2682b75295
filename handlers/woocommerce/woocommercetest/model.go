package woocommercetest

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Order is the state of one order. The fields are what a merchant or buyer decides;
// price derives every amount from them.
type Order struct {
	ID       int64  // 0: the store gives one
	Number   string // "": the id
	Status   string // pending
	Currency string // the store's

	// CreatedVia is checkout, store-api (the block checkout), admin, rest-api or what a
	// plugin says.
	CreatedVia        string
	Customer          int64 // 0: a guest
	Billing, Shipping Address
	Note              string
	// PaymentMethod is the gateway's slug, PaymentTitle what buyers read.
	PaymentMethod, PaymentTitle, TransactionID string

	// PricesIncludeTax says how Line.Price and fixed coupons are written, RoundAtSubtotal
	// that taxes are rounded over the order and not on each line.
	PricesIncludeTax, RoundAtSubtotal bool
	Lines                             []Line
	ShippingLines                     []ShippingLine
	Fees                              []Fee
	Coupons                           []Coupon
	Refunds                           []Refund

	Meta  []Meta
	Extra map[string]any // what plugins put on the order's top level

	CreatedAt, UpdatedAt time.Time
	PaidAt, CompletedAt  time.Time // date_paid and date_completed; zero: null

	used    []Coupon // the coupons as they fell on the lines
	before  string   // the status that a trashed order had
	reduced bool     // its goods were taken out of the stock
	removed []int64
	totals  totals
}

// Address is where goods or the bill go. Only the billing address has an e-mail.
type Address struct {
	First, Last, Company, Street, Street2, City, Zip, State, Country, Phone, Email string
}

// Meta is one entry of meta_data: Value is whatever JSON can hold.
type Meta struct {
	ID    int64
	Key   string
	Value any
}

// Line is one line of products.
type Line struct {
	ID        int64 // 0: the store gives one
	Product   int64
	Variation int64  // 0: a simple product
	SKU       string // of a product that is gone: ""
	Name      string // as WooCommerce keeps it, with HTML entities
	Quantity  int
	Price     decimal.Decimal // of one, as the shop writes prices
	Taxes     []TaxRate
	Meta      []Meta

	restocked int // pieces that refunds put back into the stock
	// What coupons took off it when they were used, of so many pieces.
	off    decimal.Decimal
	offFor int
	priced
}

// ShippingLine is one way of shipping; its cost is net of tax always.
type ShippingLine struct {
	ID            int64 // 0: the store gives one
	Method, Title string
	Cost          decimal.Decimal
	Taxes         []TaxRate

	priced
}

// Fee is an amount that is neither goods nor shipping, net of tax always. A negative
// one is a discount: its tax is spread over the goods' rates.
type Fee struct {
	ID     int64 // 0: the store gives one
	Name   string
	Amount decimal.Decimal
	Taxes  []TaxRate // of a negative fee: none says that it is not taxable

	priced
}

// Coupon is a coupon as it was used.
type Coupon struct {
	ID           int64 // 0: the store gives one
	Code         string
	Kind         string // percent, fixed_cart or fixed_product
	Amount       decimal.Decimal
	FreeShipping bool

	discount, tax decimal.Decimal
}

// TaxRate is a row of the shop's tax table.
type TaxRate struct {
	ID       int64
	Label    string
	Percent  decimal.Decimal
	Compound bool
}

// Customer is somebody with an account.
type Customer struct {
	ID                 int64  // 0: the store gives one
	Role               string // customer; subscriber, shop_manager and what plugins have
	First, Last, Email string
	Billing, Shipping  Address
	CreatedAt          time.Time
	UpdatedAt          time.Time // zero: it never was
	Paying             bool      // an order was completed
	Meta               []Meta
}

// priced is what the arithmetic gave for one line: before and after coupons, net of
// tax, with up to six decimals.
type priced struct {
	subtotal, total          decimal.Decimal
	subtotalTaxes, taxes     []taxAmount
	subtotalTaxSum, taxSum   decimal.Decimal // as the line tells them
	discounted, undiscounted decimal.Decimal // as the shop writes prices
}

type taxAmount struct {
	TaxRate
	amount decimal.Decimal
}

type totals struct {
	discount, discountTax decimal.Decimal
	shipping, shippingTax decimal.Decimal
	cartTax               decimal.Decimal
	total, tax            decimal.Decimal
	rates                 []rateTotal
}

type rateTotal struct {
	TaxRate
	cart, shipping decimal.Decimal
}

// clone is a copy that shares nothing that changes.
func (o *Order) clone() *Order {
	c := *o
	c.Lines = slices.Clone(o.Lines)
	c.ShippingLines = slices.Clone(o.ShippingLines)
	c.Fees = slices.Clone(o.Fees)
	c.Coupons = slices.Clone(o.Coupons)
	c.Refunds = slices.Clone(o.Refunds)
	c.Meta = slices.Clone(o.Meta)
	c.Extra = maps.Clone(o.Extra)
	c.removed = slices.Clone(o.removed)
	return &c
}
