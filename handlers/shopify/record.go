package shopify

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// record is an order as both the webhook body and the Admin API tell it, in
// their common words and on the configured side of the money. order turns it
// into the neutral one, so that the two ways in cannot differ in arithmetic.
type record struct {
	id, name, channel, locale, note string
	po, currency                    string
	attributes                      []commerce.Property
	gateways                        []string
	place                           apiLocation // a body never tells it
	tags                            []string
	test, included                  bool
	created, updated, cancelled     time.Time
	financial, fulfilment           string
	phone, email                    string
	customer                        person
	billing, shipping               *commerce.Address
	items, shippings                []item
	groups                          []group // may name one more than once
	total, tax, tip, fees, duties   decimal.Decimal
	feesWere, dutiesWere            decimal.Decimal // at the checkout; zero: not told
	payments                        []commerce.Payment
	shipments                       []commerce.Shipment
	refunds                         []commerce.Refund
	returns                         []commerce.Return
	outstanding                     *commerce.Money
	risk                            commerce.Risk
}

// person is the customer account; a guest who left an e-mail has one too.
type person struct{ id, first, last, email, phone string }

// item is one line, a shipping line included, as at checkout: amounts are for
// quantity, of which current are left after edits and refunds.
type item struct {
	id, sku, code, title string
	variant, barcode     string // empty: not asked for
	group                string // the bundle that it is a part of
	quantity, current    decimal.Decimal
	unit                 decimal.Decimal
	discounted, left     decimal.Decimal // shipping: the price at checkout and the present one
	discounts            []cut
	taxes                []levy
	gift, ships, taxable bool
	properties           []commerce.Property
}

type cut struct {
	title  string
	amount decimal.Decimal
}

type levy struct {
	title  string
	rate   decimal.Decimal // 0.255
	amount decimal.Decimal
}

// order builds the neutral order. Lines without present quantity stay in it, worth
// nothing: what became of them is told by refunds. Shipping lines that were removed
// are left out.
func (r *record) order(shop, url string) *commerce.Order {
	o := &commerce.Order{
		Ref:    commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: r.id},
		Number: r.name, Channel: r.channel, URL: url, Currency: r.currency, Locale: r.locale,
		Note: r.note, Tags: sortedTags(r.tags), Test: r.test, Draft: r.channel == draftChannel,
		PurchaseOrder: r.po, Attributes: r.attributes, Location: string(r.place.ID), LocationName: r.place.Name,
		CreatedAt: r.created.UTC(), UpdatedAt: r.updated.UTC(), CancelledAt: r.cancelled.UTC(),
		Financial: strings.ToLower(r.financial), Fulfilment: r.fulfilment, Gateways: gateways(r.gateways),
		Customer: r.party(), Billing: r.billing, Shipping: r.shipping,
		PricesIncludeTax: r.included,
		Total:            r.money(r.total), TotalTax: r.money(r.tax),
		Payments: r.payments, Shipments: r.shipments, Refunds: r.refunds, Returns: r.returns, Risk: r.risk, Outstanding: r.outstanding,
	}
	o.Paid = paid(o.Financial)
	bundles := r.bundles()
	for _, it := range r.items {
		l := r.line(it)
		if b, ok := bundles[it.group]; ok {
			if l.Bundle = b.ID; !slices.ContainsFunc(o.Lines, func(l commerce.Line) bool { return l.Kind == b.Kind && l.ID == b.ID }) {
				o.Lines = append(o.Lines, b)
			}
		}
		o.Lines = append(o.Lines, l)
	}
	for _, it := range r.shippings {
		l := r.line(r.shippingItem(it))
		l.Kind = commerce.LineShipping
		o.Lines = append(o.Lines, l)
	}
	o.Lines = append(o.Lines, r.extra(commerce.LineFee, "fees", "Additional fees", r.fees, r.feesWere)...)
	o.Lines = append(o.Lines, r.extra(commerce.LineDuty, "duties", "Duties", r.duties, r.dutiesWere)...)
	o.Refunds = r.withCharges(o.Refunds)
	o.Taxes = sumTaxes(o.Lines)
	return o
}

// draftChannel is the source of orders that were drafts in the administration.
const draftChannel = "shopify_draft_order"

// paid reports whether a financial status means that all was paid once.
func paid(financial string) bool {
	switch financial {
	case "paid", "partially_refunded", "refunded":
		return true
	}
	return false
}

// gateways are the names that say something: a body may hold an empty one.
func gateways(names []string) []string {
	var out []string
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// sortedTags makes one order of those of a body's text and of the API's list.
func sortedTags(tags []string) []string {
	if len(tags) == 0 {
		return nil
	}
	return slices.Sorted(slices.Values(tags))
}

func (r *record) money(d decimal.Decimal) commerce.Money {
	return commerce.Money{Amount: d, Currency: r.currency}
}

// party prefers what was given with this order over what the account holds.
func (r *record) party() commerce.Party {
	p := commerce.Party{
		ID:        r.customer.id,
		Email:     either(r.email, r.customer.email),
		Phone:     either(r.phone, r.customer.phone),
		FirstName: r.customer.first, LastName: r.customer.last,
	}
	for _, a := range []*commerce.Address{r.billing, r.shipping} {
		if a == nil {
			continue
		}
		p.Phone = either(p.Phone, a.Phone)
		if p.FirstName == "" && p.LastName == "" {
			p.FirstName, p.LastName = a.FirstName, a.LastName
		}
	}
	if r.billing != nil {
		p.Company = r.billing.Company
	}
	return p
}

// line brings what stands for the quantity at checkout to the present one. A
// line that was never edited keeps the shop's own amounts, one of which nothing is
// left only its price and its rates.
func (r *record) line(it item) commerce.Line {
	tip := r.isTip(it)
	it = r.present(it)
	l := commerce.Line{
		ID: it.id, Kind: commerce.LineProduct, SKU: it.sku, Code: it.code, Title: it.title,
		Quantity: it.current, UnitPrice: r.money(it.unit), NeedsShipping: it.ships, Properties: it.properties,
		VariantID: it.variant, Barcode: it.barcode,
	}
	total := it.unit.Mul(it.current)
	for _, d := range it.discounts {
		total = total.Sub(d.amount)
		if !d.amount.IsZero() {
			l.Discounts = append(l.Discounts, commerce.Discount{Title: d.title, Amount: r.money(d.amount)})
		}
	}
	for _, t := range it.taxes {
		l.Taxes = append(l.Taxes, commerce.Tax{Title: t.title, Rate: percent(t.rate), Amount: r.money(t.amount)})
	}
	l.Total = r.money(total.Round(commerce.Digits(r.currency)))
	switch {
	case it.gift:
		l.Kind = commerce.LineGiftCard
	case tip:
		l.Kind = commerce.LineTip
	}
	return l
}

// isTip knows a tip by what it is not, for neither body nor API marks it: tips
// were received, and the line has no SKU and is neither shipped nor taxed.
func (r *record) isTip(it item) bool {
	if !r.tip.IsPositive() || it.sku != "" || it.ships || it.taxable {
		return false
	}
	return it.title == "Tip" || it.total(it.quantity).Equal(r.tip)
}

// extra is a line for charges of which only the sum is known; one that was given back
// stays. Its id, like that of every line, is one of its own in the whole store.
func (r *record) extra(kind commerce.LineKind, id, title string, sum, was decimal.Decimal) []commerce.Line {
	if sum.IsZero() && was.IsZero() {
		return nil
	}
	return []commerce.Line{{ID: r.id + "-" + id, Kind: kind, Title: title, Quantity: decimal.NewFromInt(1),
		UnitPrice: r.money(sum), Total: r.money(sum)}}
}

// percent turns 0.255 into 25.5. The API writes rates as floats; nine digits
// are beyond any tax and below what a float spoils.
func percent(rate decimal.Decimal) decimal.Decimal { return rate.Shift(2).Round(7) }

// sumTaxes adds the taxes of the lines that are left by title and rate, in order of
// appearance.
func sumTaxes(lines []commerce.Line) []commerce.Tax {
	var out []commerce.Tax
	for _, l := range lines {
		if l.Quantity.IsZero() {
			continue
		}
		for _, t := range l.Taxes {
			i := slices.IndexFunc(out, func(s commerce.Tax) bool {
				return s.Title == t.Title && s.Rate.Equal(t.Rate)
			})
			if i < 0 {
				out = append(out, t)
				continue
			}
			out[i].Amount.Amount = out[i].Amount.Amount.Add(t.Amount.Amount)
		}
	}
	return out
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
