package shopify

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// Decode understands the body of an orders/* delivery. A body narrowed by
// include_fields, or without the configured side of an amount, gives
// ErrPartial: the store must be read. So does every body of a shop that needs what
// no body tells: locations, variants, transactions and risk; and one with bundles,
// refunds or returns.
func (o *orders) Decode(body []byte) (*commerce.Order, error) {
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, &commerce.Error{Op: "shopify.decode", Reason: commerce.Invalid,
			Detail: "the body is not an order", Err: wire.PlainJSON(err)}
	}
	if p.ID == "" {
		return nil, &commerce.Error{Op: "shopify.decode", Reason: commerce.Invalid, Detail: "the body has no order id"}
	}
	ref := commerce.Ref{Shop: o.shop, Kind: commerce.KindOrder, ID: string(p.ID)}
	if !p.whole() || !o.inBodies() {
		return nil, handlers.ErrPartial
	}
	rec, err := p.record(o.set.Money == "presentment")
	switch {
	case errors.Is(err, errAbsent):
		return nil, handlers.ErrPartial
	case err != nil:
		return nil, &commerce.Error{Op: "shopify.decode", Reason: commerce.Invalid, Ref: ref,
			Detail: "the order in the body cannot be understood", Err: err}
	}
	return o.neutral(rec), nil
}

// whole reports whether the body is an order of which all is told: refunds and
// returns never are.
func (p *payload) whole() bool {
	return p.LineItems != nil && p.TaxesIncluded != nil && p.Name != "" && p.Currency != "" && !p.UpdatedAt.IsZero() &&
		len(p.Refunds) == 0 && len(p.Returns) == 0
}

// inBodies reports whether bodies tell all that the shop's settings need.
func (o *orders) inBodies() bool { return !o.located && !o.whole && !o.set.Variants }

// errAbsent says that the body does not hold an amount on the side we book.
var errAbsent = errors.New("the body does not hold the amount")

// reader collects the first error of many small reads.
type reader struct {
	side
	err error
}

// must reads an amount that every order has.
func (r *reader) must(b *bag, plain amount) decimal.Decimal {
	d, ok, err := r.in(b, plain)
	switch {
	case r.err != nil:
	case err != nil:
		r.err = err
	case !ok:
		r.err = errAbsent
	}
	return d
}

// may reads an amount that is zero when it is not there.
func (r *reader) may(b *bag, plain amount) decimal.Decimal {
	d, _, err := r.in(b, plain)
	if r.err == nil {
		r.err = err
	}
	return d
}

func (p *payload) record(presentment bool) (*record, error) {
	r := &reader{side: side{currency: p.Currency, plain: true}}
	if presentment {
		if p.PresentmentCurrency == "" {
			return nil, errAbsent
		}
		r.side = side{presentment: true, currency: p.PresentmentCurrency, plain: p.PresentmentCurrency == p.Currency}
	}
	if !isCurrency(r.currency) {
		r.err = errCurrency
	}
	rec := &record{
		id: string(p.ID), name: p.Name, channel: p.SourceName, locale: p.Locale, note: p.Note,
		currency: r.currency, tags: splitTags(p.Tags), test: p.Test, included: *p.TaxesIncluded,
		created: p.CreatedAt, updated: p.UpdatedAt, cancelled: p.CancelledAt,
		financial: p.FinancialStatus, fulfilment: p.FulfillmentStatus, phone: p.Phone, email: p.Email,
		billing: p.Billing.neutral(), shipping: p.Shipping.neutral(), po: p.PONumber, gateways: p.Gateways,
		total: r.must(p.TotalSet, p.Total), tax: r.must(p.TaxSet, p.Tax),
		fees: r.may(p.FeesSet, amount{}), duties: r.may(p.DutiesSet, amount{}),
		tip: p.Tip.Decimal,
	}
	if c := p.Customer; c != nil {
		rec.customer = person{string(c.ID), c.FirstName, c.LastName, c.Email, c.Phone}
	}
	for _, a := range p.Attributes {
		rec.attributes = append(rec.attributes, commerce.Property(a))
	}
	for _, l := range *p.LineItems {
		rec.items = append(rec.items, r.line(p, l))
	}
	for _, s := range p.ShippingLines {
		if !s.IsRemoved {
			rec.shippings = append(rec.shippings, r.shipping(p, s))
		}
	}
	for _, f := range p.Fulfillments {
		rec.shipments = append(rec.shipments, f.shipment())
	}
	if p.Owed.valid && r.plain { // a body tells it in the store's money only
		rec.outstanding = &commerce.Money{Amount: p.Owed.Decimal, Currency: r.currency}
	}
	return rec, r.err
}

func (r *reader) line(p *payload, l payloadLine) item {
	current := l.Quantity
	if l.CurrentQuantity != nil {
		current = *l.CurrentQuantity
	}
	it := item{
		id: string(l.ID), sku: l.SKU, title: l.Name,
		quantity: decimal.NewFromInt(l.Quantity), current: decimal.NewFromInt(current),
		unit: r.must(l.PriceSet, l.Price), gift: l.GiftCard, ships: l.RequiresShipping, taxable: l.Taxable,
		discounts: r.cuts(p, l.Allocations), taxes: r.levies(l.TaxLines),
	}
	switch {
	case r.err != nil:
	case it.id == "":
		r.err = errors.New("a line has no id")
	case l.Group != nil && string(l.Group) != "null": // bodies name bundles and do not tell them
		r.err = errAbsent
	}
	for _, prop := range l.Properties {
		it.properties = append(it.properties, commerce.Property(prop))
	}
	return it
}

func (r *reader) shipping(p *payload, s payloadShipping) item {
	price := r.must(s.PriceSet, s.Price)
	discounted := price
	if s.DiscountedSet != nil || s.Discounted.valid {
		discounted = r.may(s.DiscountedSet, s.Discounted)
	}
	current := discounted
	if s.CurrentSet != nil {
		current = r.may(s.CurrentSet, amount{})
	}
	return item{id: string(s.ID), code: s.Code, title: s.Title, unit: price, discounted: discounted, left: current,
		discounts: r.cuts(p, s.Allocations), taxes: r.levies(s.TaxLines)}
}

func (r *reader) cuts(p *payload, list []payloadAllocation) []cut {
	var out []cut
	for _, a := range list {
		c := cut{amount: r.must(a.AmountSet, a.Amount)}
		if i := a.Application; i >= 0 && i < len(p.Applications) {
			app := p.Applications[i]
			c.title = either(app.Code, either(app.Title, app.Description))
		}
		out = append(out, c)
	}
	return out
}

func (r *reader) levies(list []payloadTax) []levy {
	var out []levy
	for _, t := range list {
		out = append(out, levy{title: t.Title, rate: t.Rate.Decimal, amount: r.must(t.PriceSet, t.Price)})
	}
	return out
}

func (f payloadFulfillment) shipment() commerce.Shipment {
	s := commerce.Shipment{ID: string(f.ID), Status: strings.ToLower(f.Status), Carrier: f.Company,
		At: f.CreatedAt.UTC(), Lines: map[string]decimal.Decimal{}}
	for _, number := range f.Numbers {
		if number != "" {
			s.Tracking = append(s.Tracking, number)
		}
	}
	for _, l := range f.LineItems {
		s.Lines[string(l.ID)] = s.Lines[string(l.ID)].Add(decimal.NewFromInt(l.Quantity))
	}
	return s
}

// splitTags reads the one comma-separated text that tags are in a body.
func splitTags(s string) []string {
	var out []string
	for _, tag := range strings.Split(s, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			out = append(out, tag)
		}
	}
	return out
}
