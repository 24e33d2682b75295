package commerce

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

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
	}{o.Number, o.Currency, o.Cancelled(), o.Customer, o.Billing, o.Shipping, o.PricesIncludeTax, o.relevant(),
		o.Total.Amount.String(), o.TotalTax.Amount.String()})
}

// LinesDigest is the same of what decides the lines alone: an order with another
// street or e-mail address has the same.
func (o *Order) LinesDigest() string {
	var places [][2]string // which taxes may depend on
	for _, a := range []*Address{o.Billing, o.Shipping} {
		if a != nil {
			places = append(places, [2]string{a.Country, a.State})
		}
	}
	return fingerprint([]any{o.Currency, o.PricesIncludeTax, o.relevant(), places, o.Total.Amount.String(), o.TotalTax.Amount.String()})
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
func (o *Order) Received() []Payment {
	var all []Payment
	for _, p := range o.Payments {
		if p.Status == "success" && (p.Kind == "sale" || p.Kind == "capture") && p.Amount.Amount.IsPositive() {
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
