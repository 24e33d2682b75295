package shopify

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// tally reads the amounts of one answer and keeps the first error.
type tally struct {
	currency string
	err      error
}

// may reads an amount that is zero when the answer has null.
func (t *tally) may(b *apiBag) decimal.Decimal {
	if b == nil || !b.Money.Amount.valid {
		return decimal.Zero
	}
	if b.Money.Currency != t.currency && t.err == nil {
		t.err = foreign(b.Money.Currency, t.currency)
	}
	return b.Money.Amount.Decimal
}

// must reads an amount that the API never leaves out.
func (t *tally) must(b *apiBag) decimal.Decimal {
	if (b == nil || !b.Money.Amount.valid) && t.err == nil {
		t.err = errors.New("an amount is missing")
	}
	return t.may(b)
}

func (t *tally) money(b *apiBag) commerce.Money {
	return commerce.Money{Amount: t.may(b), Currency: t.currency}
}

// record brings an answer into the words it shares with webhook bodies.
func (o *apiOrder) record(presentment bool) (*record, error) {
	t := &tally{currency: o.Currency}
	if presentment {
		t.currency = o.PresentmentCurrency
	}
	if !isCurrency(t.currency) {
		t.err = errCurrency
	}
	rec := &record{
		id: string(o.ID), name: o.Name, channel: o.SourceName, locale: o.Locale, note: o.Note,
		currency: t.currency, tags: o.Tags, test: o.Test, included: o.TaxesIncluded,
		created: o.CreatedAt, updated: o.UpdatedAt, cancelled: o.CancelledAt,
		financial: o.Financial, fulfilment: fulfilmentWord(o.Fulfilment), phone: o.Phone, email: o.Email,
		billing: o.Billing.neutral(), shipping: o.Shipping.neutral(), po: o.PONumber, gateways: o.Gateways,
		attributes: properties(o.Attributes),
		total:      t.must(o.Total), tax: t.must(o.Tax), fees: t.may(o.Fees), duties: t.may(o.Duties),
		feesWere: t.may(o.FeesWere), dutiesWere: t.may(o.DutiesWere),
		tip: o.Tip.Shop.Amount.Decimal, risk: o.risk(),
	}
	if c := o.Customer; c != nil {
		rec.customer = person{string(c.ID), c.FirstName, c.LastName, c.Email.Address, c.Phone.Number}
	}
	for _, l := range o.LineItems.Nodes {
		rec.items = append(rec.items, t.line(l))
		if g := l.Group; g != nil {
			rec.groups = append(rec.groups, group{id: string(g.ID), sku: g.SKU, variant: string(g.Variant), title: g.Title, quantity: decimal.NewFromInt(g.Quantity)})
		}
	}
	for _, s := range o.ShippingLines.Nodes {
		rec.shippings = append(rec.shippings, t.shipping(s))
	}
	for _, p := range o.Transactions {
		rec.payments = append(rec.payments, t.payment(p))
	}
	for _, f := range o.Fulfillments {
		rec.shipments = append(rec.shipments, f.shipment())
	}
	for _, r := range o.Refunds {
		rec.refunds = append(rec.refunds, t.refund(r))
	}
	rec.grossShipping()
	rec.join(o.Returns.Nodes)
	if o.Outstanding != nil {
		rec.outstanding = new(t.money(o.Outstanding))
	}
	return rec, t.err
}

// fulfilmentWord is the word of webhook bodies, which have none for all that
// comes before the first parcel.
func fulfilmentWord(display string) string {
	switch display {
	case "FULFILLED", "RESTOCKED":
		return strings.ToLower(display)
	case "PARTIALLY_FULFILLED":
		return "partial"
	}
	return ""
}

func (a *apiAddress) neutral() *commerce.Address {
	if a == nil {
		return nil
	}
	return &commerce.Address{FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Street: a.Address1,
		Street2: a.Address2, City: a.City, Zip: a.Zip, State: a.Province, Country: a.Country, Phone: a.Phone}
}

func (t *tally) line(l apiLine) item {
	it := item{id: string(l.ID), sku: l.SKU, title: l.Name,
		quantity: decimal.NewFromInt(l.Quantity), current: decimal.NewFromInt(l.Current),
		unit: t.must(l.Unit), gift: l.GiftCard, ships: l.Ships, taxable: l.Taxable,
		discounts: t.cuts(l.Allocations), taxes: t.levies(l.Taxes), properties: properties(l.Attributes)}
	if l.Group != nil {
		it.group = string(l.Group.ID)
	}
	if l.Variant != nil {
		it.variant, it.barcode = string(l.Variant.ID), l.Variant.Barcode
	}
	return it
}

func properties(list []apiAttribute) []commerce.Property {
	var out []commerce.Property
	for _, a := range list {
		out = append(out, commerce.Property{Name: a.Key, Value: a.Value})
	}
	return out
}

func (t *tally) shipping(s apiShipping) item {
	return item{id: string(s.ID), code: s.Code, title: s.Title, unit: t.must(s.Price), discounted: t.must(s.Discounted), left: t.must(s.Current),
		discounts: t.cuts(s.Allocations), taxes: t.levies(s.Taxes)}
}

func (t *tally) cuts(list []apiAllocation) []cut {
	var out []cut
	for _, a := range list {
		app := a.Application
		out = append(out, cut{title: either(app.Code, either(app.Title, app.Description)), amount: t.must(a.Amount)})
	}
	return out
}

func (t *tally) levies(list []apiTax) []levy {
	var out []levy
	for _, l := range list {
		out = append(out, levy{title: l.Title, rate: l.Rate.Decimal, amount: t.must(l.Price)})
	}
	return out
}

func (t *tally) payment(p apiTransaction) commerce.Payment {
	when := p.ProcessedAt
	if when.IsZero() {
		when = p.CreatedAt
	}
	return commerce.Payment{ID: string(p.ID), Gateway: p.Gateway, Kind: strings.ToLower(p.Kind),
		Status: strings.ToLower(p.Status), Amount: t.money(p.Amount), At: when.UTC(), Manual: p.Manual}
}

func (f *apiFulfillment) shipment() commerce.Shipment {
	s := commerce.Shipment{ID: string(f.ID), Status: strings.ToLower(f.Status), At: f.CreatedAt.UTC(),
		Lines: map[string]decimal.Decimal{}}
	for _, tr := range f.Tracking {
		s.Carrier = either(s.Carrier, tr.Company)
		if tr.Number != "" {
			s.Tracking = append(s.Tracking, tr.Number)
		}
	}
	for _, l := range f.Lines.Nodes {
		id := string(l.Line.ID)
		s.Lines[id] = s.Lines[id].Add(decimal.NewFromInt(l.Quantity))
	}
	return s
}

// risk is the highest level that anybody gave, and the store's own advice.
func (o *apiOrder) risk() commerce.Risk {
	out := commerce.Risk{Recommendation: strings.ToLower(o.Risk.Recommendation)}
	for _, level := range []string{"NONE", "PENDING", "LOW", "MEDIUM", "HIGH"} {
		for _, a := range o.Risk.Assessments {
			if a.Level == level {
				out.Level = strings.ToLower(level)
			}
		}
	}
	return out
}
