package commerce

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Digest is a short fingerprint of all that decides what Odoo must hold: lines,
// amounts, taxes, people, state. Notes, tags and times are not in it, so
// editing them reopens nothing; nor are the ids by which products are found, which a
// shop drops when it deletes a product.
func (o *Order) Digest() string {
	return fingerprint(struct {
		Number, Currency  string
		Cancelled         bool
		Customer          Party
		Billing, Shipping *Address
		Included          bool
		Lines             []Line
		Total, Tax        string
		Back              any `json:",omitempty"`
	}{o.Number, o.Currency, o.Cancelled(), o.Customer, o.Billing, o.Shipping, o.PricesIncludeTax, o.relevant(),
		o.Total.Amount.String(), o.TotalTax.Amount.String(), o.back()})
}

// LinesDigest is the same of what decides the lines alone: an order with another
// street or e-mail address has the same. After the fingerprint of all of it come those
// of the lines, one by one, for Unchanged.
func (o *Order) LinesDigest() string {
	var places [][2]string // which taxes may depend on
	for _, a := range []*Address{o.Billing, o.Shipping} {
		if a != nil {
			places = append(places, [2]string{a.Country, a.State})
		}
	}
	lines := o.relevant()
	of := []any{o.Currency, o.PricesIncludeTax, lines, places, o.Total.Amount.String(), o.TotalTax.Amount.String()}
	if back := o.back(); back != nil {
		of = append(of, back)
	}
	var b strings.Builder
	b.WriteString(fingerprint(of))
	for _, l := range lines {
		b.WriteString(" " + l.key() + "=" + fingerprint([]any{l, places})[:8])
	}
	return b.String()
}

// key tells a line from the others of its order; it holds no space.
func (l Line) key() string { return string(l.Kind) + "/" + url.QueryEscape(l.ID) }

// Unchanged reports of each line of the order whether it was the same when the lines
// had that digest: false where the digest does not tell.
func (o *Order) Unchanged(digest string) []bool {
	was := map[string]bool{}
	for _, one := range strings.Fields(digest) {
		was[one] = true
	}
	same := make([]bool, len(o.Lines))
	for i, one := range strings.Fields(o.LinesDigest())[1:] {
		same[i] = was[one]
	}
	return same
}

// back is what was given back and what decides how that stands in the books; nil
// for an order of which nothing was.
func (o *Order) back() any {
	if len(o.Refunds) == 0 && len(o.Returns) == 0 {
		return nil
	}
	return []any{o.Refunds, o.Returns, o.Shipped()}
}

func (o *Order) relevant() []Line {
	lines := make([]Line, len(o.Lines))
	for i, l := range o.Lines {
		l.Quantity = l.Quantity.Truncate(6)
		l.VariantID, l.Barcode = "", ""
		lines[i] = l
	}
	return lines
}

func fingerprint(of any) string {
	raw, err := json.Marshal(of)
	if err != nil { // plain data: cannot happen
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12])
}

// Progress is a short fingerprint of what has become of the order since it was
// placed: payment, shipments, risk. It is apart from the digest, so that a payment
// never rewrites lines that people changed.
func (o *Order) Progress() string {
	return fingerprint(struct {
		Financial, Fulfilment string
		Payments              []Payment
		Shipments             []Shipment
		Risk                  Risk
		Gateways, Tags        []string
	}{o.Financial, o.Fulfilment, o.Payments, o.Shipments, o.Risk, o.Gateways, o.Tags})
}

// Received are the payments that brought money: successful sales and captures. An
// authorisation only promises some.
func (o *Order) Received() []Payment { return o.moved("sale", "capture") }

// PaidBack are the payments that gave money back.
func (o *Order) PaidBack() []Payment { return o.moved("refund") }

func (o *Order) moved(kinds ...string) []Payment {
	var all []Payment
	for _, p := range o.Payments {
		if p.Status == "success" && slices.Contains(kinds, p.Kind) && p.Amount.Amount.IsPositive() {
			all = append(all, p)
		}
	}
	return all
}

// Shipped is how much of each line has left, by the line's id.
func (o *Order) Shipped() map[string]decimal.Decimal {
	all := map[string]decimal.Decimal{}
	for _, s := range o.Shipments {
		if s.Status == "success" || s.Status == "" {
			for line, n := range s.Lines {
				all[line] = all[line].Add(n)
			}
		}
	}
	return all
}
