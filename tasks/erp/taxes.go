package erp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// tax is one of Odoo's taxes on sales.
type tax struct {
	ID       int64
	Name     string
	Rate     decimal.Decimal
	Kind     parity.Kind // those of kind percent are found by their rate
	Included bool
	Country  string
	Company  int64
	Group    int64 // that amounts are summed up under, account.tax.group

	RaisesBase, Affected bool
	Sequence             int
	Shares               []decimal.Decimal
	Children             []tax // of kind group
}

// parity is the tax as its arithmetic needs it.
func (t tax) parity() parity.Tax {
	p := parity.Tax{ID: t.ID, Kind: t.Kind, Amount: t.Rate, Included: t.Included, RaisesBase: t.RaisesBase, Affected: t.Affected,
		Sequence: t.Sequence, Shares: t.Shares}
	for _, c := range t.Children {
		p.Children = append(p.Children, c.parity())
	}
	return p
}

// included reports whether the price holds the tax: of a group, whether it holds
// that of its children.
func (t tax) included() bool {
	if t.Kind == parity.Group {
		return len(t.Children) > 0 && !slices.ContainsFunc(t.Children, func(c tax) bool { return !c.Included })
	}
	return t.Included
}

// taxKey is what a tax of a shop is known by.
type taxKey struct {
	Rate     decimal.Decimal
	Country  string // where the goods go; empty: not known
	Region   string // its state or province, by code
	Title    string // what the shop calls it
	Kind     commerce.LineKind
	Included bool
}

// destination is the country that decides the tax: where the goods go, else
// where the invoice goes.
func destination(o *commerce.Order) string {
	country, _ := placeOfTax(o)
	return country
}

// placeOfTax is the destination's country and region.
func placeOfTax(o *commerce.Order) (country, region string) {
	for _, a := range []*commerce.Address{o.Shipping, o.Billing} {
		if a != nil && a.Country != "" {
			return strings.ToUpper(a.Country), strings.ToUpper(a.State)
		}
	}
	return "", ""
}

// taxKey is what the tax of a line is known by. Bundles are taxed as products, and
// what is given back of a line as that line.
func (w *wanting) taxKey(l commerce.Line, t commerce.Tax) taxKey {
	country, region := placeOfTax(w.order)
	kind := l.Kind
	if kind == commerce.LineRefund && l.Code != amountLine {
		kind = commerce.LineKind(l.Code)
	}
	if kind == commerce.LineBundle || kind == commerce.LineRefund {
		kind = commerce.LineProduct
	}
	return taxKey{Rate: t.Rate.Round(4), Country: country, Region: region, Title: t.Title, Kind: kind, Included: w.order.PricesIncludeTax}
}

// taxFor is Odoo's tax for one of the shop's. A rule of the configuration comes
// first. Else the rate must name exactly one: among the taxes of the destination,
// if it has any of that rate, else among those of the company's own country, and
// there among those of the same inclusion, if there are any. A rate of 0 without a
// rule is no tax at all (nil), since its amount is right whatever the reason for it.
func (s settings) taxFor(k taxKey) (*tax, *gap) {
	k.Country = s.countryOf(k)
	if r := s.taxRule(k); r != nil {
		return s.taxNamed(k, r.Tax)
	}
	if k.Rate.IsZero() {
		return nil, nil
	}
	fits := s.taxesOf(k.Rate, k.Country)
	if len(fits) == 0 {
		fits = s.taxesOf(k.Rate, s.Company.Country)
	}
	if same := ofMode(fits, k.Included); len(same) > 0 {
		fits = same
	}
	if len(fits) == 1 {
		return &fits[0], nil
	}
	detail, do := fmt.Sprintf("Odoo has no sales tax of %s %%", k.Rate), "create it in Odoo, or map it"
	name := "its name in Odoo"
	if len(fits) > 1 {
		detail, do = fmt.Sprintf("Odoo has %d sales taxes of %s %%", len(fits), k.Rate), "map one of them"
		name = fits[0].Name
	}
	return nil, &gap{
		detail: fmt.Sprintf("%s for %s in company %s", detail, s.countryOf(k), s.Company.Name),
		remedy: fmt.Sprintf("%s under books.taxes of shop %s: %s", do, s.Shop, s.suggest(k, name)),
		need:   s.taxNeed(k)}
}

// taxRule is the first rule of the configuration for the tax, nil for none.
func (s settings) taxRule(k taxKey) *config.TaxRule {
	at := slices.IndexFunc(s.Books.Taxes, func(r config.TaxRule) bool {
		said := [][2]string{{r.Region, k.Region}, {r.Title, strings.TrimSpace(k.Title)}, {r.Kind, string(k.Kind)}}
		return k.may(r) && !slices.ContainsFunc(said, func(w [2]string) bool { return w[0] != "" && !strings.EqualFold(w[0], w[1]) })
	})
	if at < 0 {
		return nil
	}
	return &s.Books.Taxes[at]
}

// may reports whether the rule can be about the tax, as far as its need tells:
// without region, title and kind of line.
func (k taxKey) may(r config.TaxRule) bool {
	rate, err := decimal.NewFromString(r.Rate)
	return err == nil && rate.Equal(k.Rate) && (r.Country == "" || strings.EqualFold(r.Country, k.Country)) && (r.Included == nil || *r.Included == k.Included)
}

func (s settings) taxNamed(k taxKey, name string) (*tax, *gap) {
	var fits []tax
	for _, t := range s.Taxes {
		if t.Name == name && t.Company == s.Company.ID {
			fits = append(fits, t)
		}
	}
	if len(fits) > 1 {
		fits = preferred(fits, k)
	}
	if len(fits) == 1 {
		return &fits[0], nil
	}
	return nil, &gap{
		detail: fmt.Sprintf("books.taxes of shop %s names the tax %q, and Odoo has %d active sales taxes of that name in company %s", s.Shop, name, len(fits), s.Company.Name),
		remedy: fmt.Sprintf("create or rename the tax in Odoo, or correct the rule: %s", s.suggest(k, "its name in Odoo")),
		need:   strings.Join([]string{"taxname", s.Shop, name}, "/")}
}

// preferred narrows taxes of one name to the destination and the inclusion asked for.
func preferred(fits []tax, k taxKey) []tax {
	there := slices.DeleteFunc(slices.Clone(fits), func(t tax) bool { return t.Country != k.Country })
	if len(there) > 0 {
		fits = there
	}
	if same := ofMode(fits, k.Included); len(same) > 0 {
		fits = same
	}
	return fits
}

func (s settings) taxesOf(rate decimal.Decimal, country string) []tax {
	var fits []tax
	for _, t := range s.Taxes {
		if t.Kind == parity.Percent && t.Company == s.Company.ID && t.Country == country && t.Rate.Equal(rate) {
			fits = append(fits, t)
		}
	}
	return fits
}

func ofMode(taxes []tax, included bool) []tax {
	return slices.DeleteFunc(slices.Clone(taxes), func(t tax) bool { return t.included() != included })
}

// countryOf is the destination, or the company's own country when it is not known.
func (s settings) countryOf(k taxKey) string {
	if k.Country != "" {
		return k.Country
	}
	return s.Company.Country
}

// suggest writes the rule that would map the tax, ready to paste.
func (s settings) suggest(k taxKey, name string) string {
	country := ""
	if c := s.countryOf(k); c != "" {
		country = "country: " + c + ", "
	}
	return fmt.Sprintf("- {rate: %q, %sincluded: %t, tax: %q}", k.Rate.String(), country, k.Included, name)
}

func (s settings) taxNeed(k taxKey) string {
	mode := "excl"
	if k.Included {
		mode = "incl"
	}
	return strings.Join([]string{"tax", s.Shop, k.Rate.String(), s.countryOf(k), mode}, "/")
}
