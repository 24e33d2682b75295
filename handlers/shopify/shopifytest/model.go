package shopifytest

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Bag is one amount in the store's currency and in the buyer's.
type Bag [2]decimal.Decimal

// The sides of a Bag.
const (
	shopSide        = 0
	presentmentSide = 1
)

func (b Bag) add(o Bag) Bag { return Bag{b[0].Add(o[0]), b[1].Add(o[1])} }
func (b Bag) sub(o Bag) Bag { return Bag{b[0].Sub(o[0]), b[1].Sub(o[1])} }

func (b Bag) min(o Bag) Bag { return Bag{decimal.Min(b[0], o[0]), decimal.Min(b[1], o[1])} }
func (b Bag) max(o Bag) Bag { return Bag{decimal.Max(b[0], o[0]), decimal.Max(b[1], o[1])} }

// times multiplies both sides with a quantity.
func (b Bag) times(n int) Bag {
	q := decimal.NewFromInt(int64(n))
	return Bag{b[0].Mul(q), b[1].Mul(q)}
}

// Order is the state of one order. The fields are what a merchant or buyer
// decides; price derives every amount from them.
type Order struct {
	ID     int64 // 0: the store gives one
	Number int   // 0: the store gives one

	Email, Phone      string
	Customer          *Customer // nil: nobody known, as at a till
	Billing, Shipping *Address
	// Presentment is the buyer's currency, "" the store's own; Rate turns the
	// store's amounts into it.
	Presentment   string
	Rate          decimal.Decimal
	TaxesIncluded bool
	Lines         []Line
	Bundles       []Bundle
	ShippingLines []ShippingLine
	Discounts     []Discount
	// Fees and Duties are charges of which a store tells only the sum.
	Fees, Duties         decimal.Decimal
	feesWere, dutiesWere decimal.Decimal // at the checkout

	Note, Locale, Source string
	PONumber             string
	Attributes           [][2]string
	Test                 bool
	// Location is where the order leaves from; AtTill says that it was sold there.
	Location             Location
	AtTill               bool
	Tags                 []string
	CreatedAt, UpdatedAt time.Time
	CancelledAt          time.Time
	// Gateway is what the buyer chose; Manual ones are settled by a person.
	Gateway string
	Manual  bool

	Transactions []Transaction
	Fulfillments []Fulfillment
	Refunds      []Refund
	Returns      []Return
	RiskLevel    string // NONE, LOW, MEDIUM, HIGH

	totals totals
	news   []occasion // what the present change did
}

// Location is a place of the store; the zero value is none.
type Location struct {
	ID   int64
	Name string
}

// Customer is a customer's record; guests have one with State "disabled".
type Customer struct {
	ID                        int64
	First, Last, Email, Phone string
	State                     string
}

// Address is where goods or the bill go.
type Address struct {
	First, Last, Company, Street, Street2, City, Zip, Province, Country, Phone string
}

// Bundle is what several lines were bought as: their prices are its price.
type Bundle struct {
	ID         int64 // 0: the store gives one
	Variant    int64
	SKU, Title string
	Quantity   int
}

// Line is one line. Current is what is left of Quantity after edits. Variant is
// what was bought, 0 for a line that was made up; Bundle is the place of its bundle
// among the order's, counted from 1.
type Line struct {
	ID                int64 // 0: the store gives one
	SKU, Title        string
	Variant           int64
	Barcode           string
	Bundle            int
	Quantity, Current int
	Price             decimal.Decimal // in the store's currency
	Taxes             []TaxRate
	GiftCard, Tip     bool
	Properties        [][2]string
	Added             bool // after checkout: discounts do not fall on it

	priced
}

// ShippingLine is one way of shipping with its price.
type ShippingLine struct {
	ID          int64 // 0: the store gives one
	Code, Title string
	Price       decimal.Decimal
	Taxes       []TaxRate
	Removed     bool

	priced
}

// TaxRate is one tax, for example {"ALV", 0.255}.
type TaxRate struct {
	Title string
	Rate  decimal.Decimal
}

// Discount is one discount as it was given.
type Discount struct {
	Kind  string // discount_code, automatic, manual
	Title string // the code, or the title
	// Percent or Fixed (store's currency) says how much.
	Percent, Fixed decimal.Decimal
	// Across spreads one amount over all lines; else it is taken from each.
	Across bool
	// Shipping takes it from the shipping lines.
	Shipping bool
	// Only names the lines by their place; none: all.
	Only []int
}

// Transaction is a movement at a payment gateway.
type Transaction struct {
	ID           int64
	Kind, Status string
	Amount       Bag
	At           time.Time
	Refund       int64 // that it pays, 0 for none
}

// Fulfillment is a parcel.
type Fulfillment struct {
	ID                int64
	Company, Tracking string
	At                time.Time
	Lines             map[int64]int
}

// priced is what the arithmetic gave for one line.
type priced struct {
	unit        Bag
	allocations []allocation
	taxes       []taxAmount
	discounted  Bag // for Quantity
	tax         Bag // for Quantity
	current     Bag // for Current
	currentTax  Bag
}

type allocation struct {
	discount int
	amount   Bag
}

type taxAmount struct {
	TaxRate
	amount Bag
}

type totals struct {
	lines, discounts, subtotal, shipping, tax, total          Bag // as at checkout
	currentDiscounts, currentSubtotal, currentTax, currentSum Bag
	currentShipping                                           Bag
	taxes                                                     []taxAmount
	tip, fees, duties                                         Bag
}

// clone is a copy that shares nothing that changes.
func (o *Order) clone() *Order {
	c := *o
	c.Lines = slices.Clone(o.Lines)
	c.ShippingLines = slices.Clone(o.ShippingLines)
	c.Discounts = slices.Clone(o.Discounts)
	c.Bundles = slices.Clone(o.Bundles)
	c.Tags = slices.Clone(o.Tags)
	c.Transactions = slices.Clone(o.Transactions)
	c.Fulfillments = slices.Clone(o.Fulfillments)
	c.Refunds = slices.Clone(o.Refunds)
	c.Returns = slices.Clone(o.Returns)
	for _, p := range []**Address{&c.Billing, &c.Shipping} {
		if *p != nil {
			a := **p
			*p = &a
		}
	}
	if o.Customer != nil {
		cc := *o.Customer
		c.Customer = &cc
	}
	return &c
}
