package commerce

import (
	"time"

	"github.com/shopspring/decimal"
)

// Order is the state of one order as the shop tells it, in one currency. All
// amounts are in Currency; times are UTC.
type Order struct {
	Ref      Ref
	Number   string // what people call it, for example "#1001"
	Channel  string // where it was sold: web, pos, a marketplace …
	URL      string // the order in the shop's own administration
	Currency string
	Locale   string // the buyer's language, for example "fi" or "de-DE"
	Note     string
	Tags     []string
	Test     bool
	Draft    bool // staff wrote it in the shop, no buyer at a checkout

	PurchaseOrder string     // the buyer's own number for it
	Attributes    []Property // what the buyer gave with the order: gift text, wishes
	// Location is the shop's id of the place that the order is sold at or leaves
	// from, LocationName what people call it; empty where nobody asked for it.
	Location     string
	LocationName string

	CreatedAt   time.Time
	UpdatedAt   time.Time
	CancelledAt time.Time // zero when it is not cancelled

	Financial  string   // the platform's own word: paid, pending, refunded …
	Paid       bool     // nothing of it is owed any more
	Gateways   []string // the payment methods, as the shop calls them
	Fulfilment string   // the platform's own word: fulfilled, partial …; empty: nothing shipped

	Customer Party
	Billing  *Address
	Shipping *Address

	// PricesIncludeTax says whether Line.UnitPrice, Discounts and Total hold the tax.
	PricesIncludeTax bool
	Lines            []Line
	// Taxes are the taxes of the whole order, one entry per title and rate.
	Taxes    []Tax
	Total    Money // what the buyer owes, tax and shipping included
	TotalTax Money
	// GivenInTotal says that the order's own sums surely hold what refunds gave beyond
	// their lines: they differ from those of the lines by rounding alone.
	GivenInTotal bool `json:",omitempty"`

	Payments  []Payment
	Shipments []Shipment
	Refunds   []Refund
	Returns   []Return
	Risk      Risk
	// Outstanding is what the buyer owes yet, as the shop reckons it; negative: what
	// he is owed. nil: the shop does not tell.
	Outstanding *Money `json:",omitempty"`
	// Meta are the values that the configuration asks for (config.Shop.MetaNames) of
	// those that the shop and its plugins keep with the order, in the shop's order and
	// nothing else of them: they are for fields of Odoo and are shown to nobody. Text is
	// as it is, a number or boolean as JSON writes it; what is neither is left out.
	Meta []Property `json:",omitempty"`
}

// Cancelled reports whether the shop cancelled the order.
func (o *Order) Cancelled() bool { return !o.CancelledAt.IsZero() }

// LineKind says what a line is.
type LineKind string

// The kinds of lines.
const (
	LineProduct  LineKind = "product"
	LineShipping LineKind = "shipping"
	LineGiftCard LineKind = "gift_card"
	LineTip      LineKind = "tip"
	LineFee      LineKind = "fee"
	LineDuty     LineKind = "duty"
	LineGiftWrap LineKind = "gift_wrap"
	// LineBundle is a bundle as it was bought; lines that name it are its parts.
	// Where the shop allocates the price to the parts it has none of its own, else
	// the parts have none, and both may have some: the sum is what the bundle costs.
	LineBundle LineKind = "bundle"
	// LineRefund is what is given back of another line, or of the order: its quantity
	// is negative. No shop tells such lines; they are how an order stands in the books.
	LineRefund LineKind = "refund"
)

// Line is one line of an order at its present quantity (after edits): 0 for one that
// was removed or given back whole, which costs nothing and tells what it was.
type Line struct {
	ID       string // no other line of its kind has it in the whole shop; empty: none
	Kind     LineKind
	SKU      string
	Code     string // shipping: the method's code
	Title    string
	Quantity decimal.Decimal
	// UnitPrice is the price of one before discounts.
	UnitPrice Money
	Discounts []Discount
	// Total is quantity × unit price less discounts, rounded by the shop.
	Total Money
	Taxes []Tax
	// NeedsShipping is false for services and downloads.
	NeedsShipping bool
	Properties    []Property
	// VariantID is the shop's id of what was bought, Barcode its EAN or the like;
	// both empty where the shop was not asked for them.
	VariantID string `json:",omitempty"`
	Barcode   string `json:",omitempty"`
	// Bundle is the ID of the bundle that the line is a part of.
	Bundle string `json:",omitempty"`
}

// Discount is the part of one discount that fell on one line.
type Discount struct {
	Title  string // the code, or the title of an automatic one
	Amount Money  // positive, for the whole line
}

// Tax is one tax on a line, or its sum over the order.
type Tax struct {
	Title  string
	Rate   decimal.Decimal // percent: 25.5
	Amount Money
}

// Property is a name and value that the buyer or a plugin gave with a line or an order.
type Property struct{ Name, Value string }

// Party is who bought. ID is the shop's customer id, empty for a guest.
type Party struct {
	ID        string
	Email     string
	Phone     string
	FirstName string
	LastName  string
	Company   string
	VAT       string
}

// Address is where goods or the invoice go.
type Address struct {
	FirstName string
	LastName  string
	Company   string
	Street    string
	Street2   string
	City      string
	Zip       string
	// State is the code of the region (CA, ON …), Country ISO 3166 alpha-2.
	State   string
	Country string
	Phone   string
}

// Payment is one transaction at a payment gateway.
type Payment struct {
	ID      string
	Gateway string
	Kind    string // sale, capture, authorization, refund, void
	Status  string // success, pending, failure, error
	Amount  Money
	At      time.Time
	Manual  bool // settled by a person: cash on delivery, bank transfer
}

// Shipment is one fulfilment.
type Shipment struct {
	ID       string
	Status   string
	Carrier  string
	Tracking []string
	At       time.Time
	Lines    map[string]decimal.Decimal // line id → quantity
}

// Refund is what was given back, or is no longer owed: goods, money, or both. Its
// lines are what the order has less of for it; they say nothing of the money.
type Refund struct {
	ID string
	At time.Time
	// Amount is the money that went back, Pending what is on its way: the sums of
	// its transactions. A refund without any lowers what is owed.
	Amount, Pending Money
	// Apart says that money and lines differ only because they come apart: lines that
	// were taken out before the money goes back, or the money for such ones.
	Apart    bool `json:",omitempty"`
	Lines    []RefundLine
	Shipping []RefundShipping
	// Beyond is how the shop divides what the money is more than lines and shipping, or
	// less (negative), once for a line at most. What it does not tell is divided by the
	// taxes of the order.
	Beyond []RefundBeyond `json:",omitempty"`
	// Return is the id of the return that it settles, empty for none.
	Return string `json:",omitempty"`
}

// RefundLine is the part of a line that a refund is about.
type RefundLine struct {
	LineID   string
	Quantity decimal.Decimal
	// Restock is what becomes of the goods: cancel (they had not left), return (they
	// came back, to Location), no_restock or legacy_restock.
	Restock  string
	Location string `json:",omitempty"` // the shop's id of a place; empty: not told
	Amount   Money  // holds the tax where the order's prices do
	Tax      Money
}

// The words of RefundLine.Restock.
const (
	RestockCancel = "cancel"
	RestockReturn = "return"
	RestockNone   = "no_restock"
	RestockLegacy = "legacy_restock"
)

// RefundShipping is the part of a shipping line, or of one for fees or duties, that a
// refund is about.
type RefundShipping struct {
	LineID string
	Amount Money // holds the tax where the order's prices do
	Tax    Money
}

// RefundBeyond is money for a line of goods of which nothing is taken out for it, as
// for a scratch, or (negative) what was kept of the price of those that were.
type RefundBeyond struct {
	LineID string
	Amount Money // holds the tax where the order's prices do
	Tax    Money
}

// Return is goods that the buyer sends back. It is apart from the money: a refund
// may come before it, after it, or never.
type Return struct {
	ID     string
	Status string // requested, open, closed, declined, cancelled
	Lines  []ReturnLine
	// Received is what was found of them and put back on the shelf, where the shop
	// tells it here and not on the refund's lines.
	Received []Received
	// Exchange are the ids of lines that the buyer gets instead.
	Exchange []string
}

// The words of Return.Status.
const (
	ReturnRequested = "requested"
	ReturnOpen      = "open"
	ReturnClosed    = "closed"
	ReturnDeclined  = "declined"
	ReturnCancelled = "cancelled"
)

// ReturnLine is how much of a line is sent back.
type ReturnLine struct {
	LineID   string
	Quantity decimal.Decimal
}

// Received is how much of a line came back to a place of the shop.
type Received struct {
	LineID   string
	Quantity decimal.Decimal
	Location string
}

// Risk is the platform's word on fraud: its highest level and what it advises.
type Risk struct {
	Level          string // high, medium, low, none, pending
	Recommendation string
}
