package config

import (
	"maps"
	"slices"
)

// Books is how orders stand in Odoo. Records are named as Odoo's forms show them.
// An empty key says nothing: a farther one holds, and where none says anything
// the default in brackets, or Odoo's own choice.
type Books struct {
	// Company is the name of the company; empty: the user's own.
	Company string `yaml:"company"`
	// Prefix stands before the shop's order number in the order's own name; empty:
	// Odoo numbers its orders. No two shops may have the same.
	Prefix string `yaml:"prefix" validate:"max=16"`
	// Warehouse is the one that orders leave from. Warehouses maps a location of
	// the shop, by id or name, to another. Location is the place inside the
	// warehouse that goods are taken from; empty: its stock.
	Warehouse  string            `yaml:"warehouse"`
	Warehouses map[string]string `yaml:"warehouses" validate:"dive,required"`
	Location   string            `yaml:"location"`
	// PickingPolicy is direct (each product as soon as it is there) or one (all at once).
	PickingPolicy string `yaml:"picking_policy" validate:"omitempty,oneof=direct one"`
	// Carrier is the delivery method, Carriers maps a shipping method of the shop,
	// by code or title, to another. UnknownCarrier says what becomes of a method
	// that the map does not have: default (Carrier) or park (default).
	Carrier        string            `yaml:"carrier"`
	Carriers       map[string]string `yaml:"carriers" validate:"dive,required"`
	UnknownCarrier string            `yaml:"unknown_carrier" validate:"omitempty,oneof=default park"`
	// Team is the sales team, Salesperson the name or login of a user, PaymentTerm
	// the payment terms, FiscalPosition the fiscal position.
	Team           string `yaml:"team"`
	Salesperson    string `yaml:"salesperson"`
	PaymentTerm    string `yaml:"payment_term"`
	FiscalPosition string `yaml:"fiscal_position"`
	// Language is that of new contacts; empty: the buyer's own, where it is installed.
	Language string `yaml:"language"`
	// Pricelists is currency code → pricelist name. A currency that is not here
	// uses the company's one pricelist of that currency.
	Pricelists map[string]string `yaml:"pricelists" validate:"dive,keys,iso4217,endkeys,required"`
	// Taxes map a shop's tax to Odoo's, where the rate alone does not say which.
	// Rules of a nearer place are asked first.
	Taxes []TaxRule `yaml:"taxes" validate:"dive" nearest:"first"`
	// Products and Customers say how both are found, and what becomes of others.
	Products  Products  `yaml:"products"`
	Customers Customers `yaml:"customers"`
	// Fields fill fields of Odoo with values that plugins of the shop keep with an
	// order. Of those that fill one field the first with a value does, and those of a
	// nearer place are asked first.
	Fields []FieldRule `yaml:"fields" validate:"dive" nearest:"first"`
	// TimeZone is where the days of invoices and payments begin (UTC).
	TimeZone string `yaml:"time_zone" validate:"omitempty,timezone"`
	// InvoiceJournal is the journal of invoices and credit notes; empty: as Odoo decides.
	InvoiceJournal string   `yaml:"invoice_journal"`
	Payments       Payments `yaml:"payments"`
	// Draft leaves orders as quotations (false).
	Draft *bool `yaml:"draft"`
	// EditableUntil is how long an edit in the shop changes the order in Odoo: until
	// it is confirmed, until anything is shipped, until anything is invoiced, until
	// all is delivered, or always. Later edits are parked (delivered).
	EditableUntil string `yaml:"editable_until" validate:"omitempty,oneof=confirmed shipped invoiced delivered always"`
	// PartialCancel says whether a confirmed order gets smaller where the shop
	// cancelled or refunded a part of it; without it such an order is parked (true).
	PartialCancel *bool   `yaml:"partial_cancel"`
	Refunds       Refunds `yaml:"refunds"`
	Returns       Returns `yaml:"returns"`
}

// CancelsParts reports whether a part of a confirmed order can be cancelled.
func (b Books) CancelsParts() bool { return b.PartialCancel == nil || *b.PartialCancel }

// Refunds says how money is credited that no goods or shipping came back for.
type Refunds struct {
	// AmountTax is the tax of such an amount: order (the order's own taxes, each by
	// its share, as the price is lowered) or none (order).
	AmountTax string `yaml:"amount_tax" validate:"omitempty,oneof=order none"`
}

// Returns says where goods go that come back.
type Returns struct {
	// Locations is the shop's place, by its id or name → a location in Odoo. Goods of
	// other places go back to where they left from.
	Locations map[string]string `yaml:"locations" validate:"dive,required"`
	// Expect makes an incoming transfer of a return that is under way (true).
	Expect *bool `yaml:"expect"`
}

// Expects reports whether returns under way get a transfer that waits for them.
func (r Returns) Expects() bool { return r.Expect == nil || *r.Expect }

// Quotations reports whether orders are left unconfirmed.
func (b Books) Quotations() bool { return b.Draft != nil && *b.Draft }

// TaxRule maps one tax of a shop to a tax in Odoo. Empty fields match anything.
type TaxRule struct {
	Rate    string `yaml:"rate" validate:"required,percent"` // percent, for example "25.5"
	Country string `yaml:"country" validate:"omitempty,iso3166_1_alpha2"`
	// Region is the code of a state or province, Title what the shop calls the tax.
	Region   string `yaml:"region"`
	Title    string `yaml:"title"`
	Included *bool  `yaml:"included"`
	// Kind is the kind of line: product, shipping, gift_card, tip, fee, duty, gift_wrap.
	Kind string `yaml:"kind" validate:"omitempty,oneof=product shipping gift_card tip fee duty gift_wrap"`
	Tax  string `yaml:"tax" validate:"required"` // the tax's name in Odoo
}

// Products says on which products the lines of an order are booked, by their
// internal references.
type Products struct {
	// Match is by what a line's product is found, in this order: sku, barcode, or
	// the name of a field of product.product (sku, barcode).
	Match []string `yaml:"match" validate:"unique,dive,field"`
	// Bind maps a product of the shop, by the id of its variant or by its SKU, to
	// an internal reference. It comes before everything else.
	Bind map[string]string `yaml:"bind" validate:"dive,required"`
	// Unknown says what becomes of a line whose product Odoo does not have: park,
	// placeholder (booked on Placeholder) or create (park).
	Unknown     string `yaml:"unknown" validate:"omitempty,oneof=park placeholder create"`
	Placeholder string `yaml:"placeholder"`
	// Bundles says how a bundle is booked whose parts the shop tells: kit (the
	// bundle alone, its parts are Odoo's business), explode (the parts alone, each
	// at its share of the price) or service (the bundle with the price and the
	// parts at none) (explode).
	Bundles string `yaml:"bundles" validate:"omitempty,oneof=kit explode service"`
	// Shipping is a service; without it the carrier's own product is taken.
	// GiftCard is for gift cards sold, a liability and no sale.
	Shipping string `yaml:"shipping"`
	GiftCard string `yaml:"gift_card"`
	Tip      string `yaml:"tip"`
	Fee      string `yaml:"fee"`
	Duty     string `yaml:"duty"`
	GiftWrap string `yaml:"gift_wrap"`
	// Rounding is a service for cents that no line can carry. RoundingMost is how
	// many of the currency's smallest units may stand on it without tax (20).
	Rounding     string `yaml:"rounding"`
	RoundingMost *int   `yaml:"rounding_most" validate:"omitempty,min=0,max=1000"`
	// Refund is a service for what is credited beside the goods: amounts, fees that
	// are kept, goods that the buyer keeps.
	Refund string `yaml:"refund"`
}

// Customers says who the buyer of an order is in Odoo.
type Customers struct {
	// Match is by what a buyer is found, in this order: vat (a buyer with a number is
	// a company), email, phone, reference (the contact's reference is the shop's
	// customer id) (vat, email).
	Match []string `yaml:"match" validate:"unique,dive,oneof=vat email phone reference"`
	// Duplicates says who is taken of several contacts that match: oldest or park (oldest).
	Duplicates string `yaml:"duplicates" validate:"omitempty,oneof=oldest park"`
	// Guests says how buyers without an account and a VAT number stand in Odoo: own
	// (a contact of their own), shared (all under the one contact named Guest) or
	// archived (an archived contact for each order) (own).
	Guests string `yaml:"guests" validate:"omitempty,oneof=own shared archived"`
	Guest  string `yaml:"guest"`
	// Accounts says what becomes of what a shop tells of its customers' accounts: orders
	// (nothing, buyers come with their orders), known (contacts that are there follow
	// their account) or all (every account is a contact) (known).
	Accounts string `yaml:"accounts" validate:"omitempty,oneof=orders known all"`
	// MainAddress is the address of a new contact itself: billing or shipping (billing).
	MainAddress string `yaml:"main_address" validate:"omitempty,oneof=billing shipping"`
	// VATAttributes are the names of what a buyer gives with an order that hold a
	// VAT number, where the shop has no field for it.
	VATAttributes []string `yaml:"vat_attributes" validate:"dive,required"`
	// Aliases are domains of e-mail addresses that stand for an order and not for a
	// person, beside those of the known marketplaces.
	Aliases []string `yaml:"aliases" validate:"dive,fqdn"`
}

// FieldRule fills one field of Odoo.
type FieldRule struct {
	// From is the name under which the shop keeps the value, compared without case
	// and spaces.
	From string `yaml:"from" validate:"required"`
	// On is order (a field of sale.order) or customer (one of res.partner, on contacts
	// that are made, and on those that follow an account).
	On string `yaml:"on" validate:"required,oneof=order customer"`
	// Field is the field's technical name.
	Field string `yaml:"field" validate:"required,technical"`
}

// The words of FieldRule.On.
const (
	OnOrder    = "order"
	OnCustomer = "customer"
)

// Payments says where in Odoo money is booked. Payment methods are named as the
// shop calls them, compared without case and spaces.
type Payments struct {
	// Journals is payment method → bank or cash journal, Methods payment method →
	// the payment method in that journal (its first inbound one).
	Journals map[string]string `yaml:"journals" validate:"dive,required"`
	Methods  map[string]string `yaml:"methods" validate:"dive,required"`
	// Open are payment methods whose money is not registered here, such as cash on
	// delivery, which the carrier settles.
	Open []string `yaml:"open" validate:"dive,required"`
}

// Journal is the journal of a payment method, "" for none.
func (p Payments) Journal(method string) string { return named(p.Journals, method) }

// Method is the payment method in that journal, "" for its first one.
func (p Payments) Method(method string) string { return named(p.Methods, method) }

// StaysOpen reports whether money of a payment method is not registered here.
func (p Payments) StaysOpen(method string) bool {
	return slices.ContainsFunc(p.Open, func(o string) bool { return SameWord(o, method) })
}

func named(table map[string]string, word string) string {
	for _, k := range slices.Sorted(maps.Keys(table)) {
		if SameWord(k, word) {
			return table[k]
		}
	}
	return ""
}
