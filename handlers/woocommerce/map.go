package woocommerce

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// mapping is the work on one order.
type mapping struct {
	rec     *record
	refunds []refund
	digits  int32
	rates   map[ident]rate
	lines   []line
	err     error
}

// line is a line of the neutral order with what it is made of.
type line struct {
	commerce.Line
	of        ident                     // the shop's line; several stand for one that is taxed in parts
	sum       sum                       // what it comes to, of which refunds take off
	stocked   bool                      // the shop keeps a stock of it
	restocked decimal.Decimal           // how much it put back, and not with the refunds of back
	back      map[ident]decimal.Decimal // how much it put back, by the refund
}

func newMapping(rec *record, refunds []refund) *mapping {
	m := &mapping{rec: rec, refunds: byTime(refunds), digits: commerce.Digits(rec.Currency), rates: map[ident]rate{}}
	for _, t := range rec.TaxLines {
		m.rates[t.RateID] = rate{id: t.RateID, title: strings.TrimSpace(string(t.Label)), percent: t.RatePercent.Round(4), compound: t.Compound}
	}
	return m
}

// byTime are refunds, the oldest first.
func byTime(refunds []refund) []refund {
	return slices.SortedStableFunc(slices.Values(refunds), func(a, b refund) int {
		return cmp.Or(a.Created.Compare(b.Created.Time), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
}

// order is the neutral order. Its lines have what refunds left of them, and its
// totals are theirs.
func (m *mapping) order() (*commerce.Order, error) {
	r := m.rec
	if len(r.Currency) != 3 || strings.Trim(r.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil, errors.New("the order's currency is no ISO 4217 code")
	}
	m.untold()
	m.build()
	m.restocks()
	o := &commerce.Order{
		Number: either(tidy(r.Number), string(r.ID)), Channel: r.CreatedVia, Currency: r.Currency, Note: string(r.CustomerNote),
		Draft: r.CreatedVia == "admin", Attributes: m.attributes(),
		CreatedAt: r.Created.Time, UpdatedAt: r.Modified.Time,
		Financial: r.Status, Paid: !r.Paid.IsZero(), Gateways: m.gateways(),
		Customer: m.party(), Billing: r.Billing.neutral(), Shipping: r.Shipping.neutral(),
		PricesIncludeTax: *r.PricesIncludeTax,
		Total:            m.money(r.Total.Decimal), TotalTax: m.money(r.TotalTax.Decimal), Taxes: m.taxes(),
		GivenInTotal: len(m.refunds) > 0,
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = o.UpdatedAt
	}
	if slices.Contains(overStatuses(), r.Status) {
		o.CancelledAt = r.Modified.Time
	}
	if m.shipped() {
		o.Fulfilment = "fulfilled"
		o.Shipments = m.shipments()
	}
	o.Payments = m.payments()
	for _, one := range m.refunds {
		o.Refunds = append(o.Refunds, m.refund(o, one))
	}
	for _, l := range m.lines {
		o.Lines = append(o.Lines, l.Line)
	}
	return o, m.err
}

// overStatuses are those of orders of which nothing comes any more.
func overStatuses() []string { return []string{"cancelled", "failed", "trash"} }

func (m *mapping) money(d decimal.Decimal) commerce.Money {
	return commerce.Money{Amount: d.Round(m.digits), Currency: m.rec.Currency}
}

// gateways is the method's slug, which settings name; an order for nothing has none.
func (m *mapping) gateways() []string {
	if m.rec.PaymentMethod == "" {
		return nil
	}
	return []string{string(m.rec.PaymentMethod)}
}

// mostAttribute is how long a value may be that somebody could have given.
const mostAttribute = 500

// attributes are the short texts of the meta data. Names that begin with "_" are of
// plugins and not for people; settings can name them all the same.
func (m *mapping) attributes() []commerce.Property {
	var out []commerce.Property
	for _, one := range m.rec.Meta {
		plain := one.Key == "is_vat_exempt" && one.Value == "no" // on every order
		if value := strings.TrimSpace(string(one.Value)); value != "" && len(value) <= mostAttribute && !plain {
			out = append(out, commerce.Property{Name: one.Key, Value: value})
		}
	}
	return out
}

// vatKeys are where the common plugins keep the buyer's VAT number.
func vatKeys() []string {
	return []string{"_billing_vat_number", "_vat_number", "_billing_eu_vat_number", "_billing_vat", "_billing_vat_id",
		"billing_vat_number", "billing_eu_vat_number", "billing_vat", "billing_vat_id", "vat_number", "_wc_other/woocommerce-eu-vat-number/vat-number"}
}

// party is who bought: what was given with this order, for the account has its own.
func (m *mapping) party() commerce.Party {
	return partyOf(m.rec.CustomerID, m.rec.Billing, m.rec.Shipping, m.rec.Meta)
}

// partyOf is somebody with these addresses.
func partyOf(id ident, b, s address, meta metas) commerce.Party {
	p := commerce.Party{ID: string(id), Email: tidy(b.Email), Phone: either(tidy(b.Phone), tidy(s.Phone)),
		FirstName: tidy(b.FirstName), LastName: tidy(b.LastName), Company: tidy(b.Company)}
	if p.FirstName == "" && p.LastName == "" {
		p.FirstName, p.LastName = tidy(s.FirstName), tidy(s.LastName)
	}
	for _, key := range vatKeys() {
		p.VAT = either(p.VAT, strings.TrimSpace(meta.get(key)))
	}
	return p
}

func (a address) neutral() *commerce.Address {
	out := commerce.Address{FirstName: tidy(a.FirstName), LastName: tidy(a.LastName), Company: tidy(a.Company),
		Street: tidy(a.Address1), Street2: tidy(a.Address2), City: tidy(a.City), Zip: tidy(a.Postcode),
		Country: tidy(a.Country), Phone: tidy(a.Phone)}
	// Of Germany and some others the code of a region begins with its country's.
	out.State = strings.TrimPrefix(tidy(a.State), out.Country+"-")
	if (out == commerce.Address{Country: out.Country, State: out.State}) { // the shop's default, nobody typed it
		return nil
	}
	return &out
}

func tidy(t text) string { return strings.TrimSpace(string(t)) }

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// taxes are the shop's own sums of each rate.
func (m *mapping) taxes() []commerce.Tax {
	var out []commerce.Tax
	for _, t := range m.rec.TaxLines {
		r := m.rates[t.RateID]
		one := commerce.Tax{Title: r.title, Rate: r.percent, Amount: m.money(t.Tax.Add(t.ShippingTax.Decimal))}
		if i := slices.IndexFunc(out, func(s commerce.Tax) bool { return s.Title == one.Title && s.Rate.Equal(one.Rate) }); i >= 0 {
			out[i].Amount.Amount = out[i].Amount.Amount.Add(one.Amount.Amount)
			continue
		}
		out = append(out, one)
	}
	return out
}

// payments is what was paid when the order was: WooCommerce keeps one payment, and
// its refunds beside it.
func (m *mapping) payments() []commerce.Payment {
	r := m.rec
	if r.Paid.IsZero() || !r.Total.IsPositive() {
		return nil
	}
	gateway := string(r.PaymentMethod)
	manual := isManual(gateway)
	out := []commerce.Payment{{ID: string(r.ID), Gateway: gateway, Kind: "sale", Status: "success",
		Amount: m.money(r.Total.Decimal), At: r.Paid.Time, Manual: manual}}
	for _, back := range m.refunds {
		if back.Amount.IsPositive() {
			out = append(out, commerce.Payment{ID: string(back.ID), Gateway: gateway, Kind: "refund", Status: "success",
				Amount: m.money(back.Amount.Decimal), At: back.Created.Time, Manual: manual})
		}
	}
	return out
}

// isManual reports whether money of a payment method comes past the shop, which takes such
// orders for paid by their status alone. Plugins have more; settings name those.
func isManual(method string) bool {
	return slices.Contains([]string{"bacs", "cheque", "cod"}, method)
}

// shipped reports whether the goods have left: the shop knows no parcels, and calls
// an order completed then.
func (m *mapping) shipped() bool {
	return m.rec.Status == "completed" || m.rec.Status == "refunded" && !m.rec.Completed.IsZero()
}

// shipments is one for all goods that had not been taken out before.
func (m *mapping) shipments() []commerce.Shipment {
	at := m.rec.Completed.Time
	if at.IsZero() {
		at = m.rec.Modified.Time
	}
	one := commerce.Shipment{ID: string(m.rec.ID), Status: "success", At: at, Lines: map[string]decimal.Decimal{}}
	for _, l := range m.lines {
		if l.NeedsShipping && l.Quantity.IsPositive() {
			one.Lines[l.ID] = l.Quantity
		}
	}
	for _, r := range m.refunds {
		for _, back := range r.LineItems {
			if _, ok := one.Lines[string(back.of())]; ok && !m.left(r) {
				one.Lines[string(back.of())] = one.Lines[string(back.of())].Add(back.Quantity.Decimal)
			}
		}
	}
	if len(one.Lines) == 0 {
		return nil
	}
	return []commerce.Shipment{one}
}

// left reports whether the goods had left when a refund was made. Of an order that was
// completed before it was over they had.
func (m *mapping) left(r refund) bool {
	over := slices.Contains(overStatuses(), m.rec.Status) && !m.rec.Completed.IsZero()
	return (m.shipped() || over) && (m.rec.Completed.IsZero() || !r.Created.Before(m.rec.Completed.Time))
}
