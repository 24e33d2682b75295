package tasks

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Proof is a shop held against Odoo over the orders placed in a time: From is in it,
// Until is not. It holds nobody's data.
type Proof struct {
	Shop   string    `json:"shop"`
	Mode   string    `json:"mode"`
	GoLive time.Time `json:"go_live,omitzero"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`

	Equal  bool        `json:"equal"` // nothing differs
	Orders ProofOrders `json:"orders"`
	// Sums are of all orders but those that stay out, one entry per currency.
	Sums []Sums `json:"sums"`
	// States are the same orders by the shop's word for their state.
	States   []StateSum   `json:"states"`
	StaysOut []StaysOut   `json:"stays_out"`
	Apart    []OrderApart `json:"apart"`
	// More is how many orders differ beside those in Apart.
	More int `json:"more"`
}

// ProofOrders counts orders.
type ProofOrders struct {
	Shop     int `json:"shop"`
	Equal    int `json:"equal"`
	Differ   int `json:"differ"` // on both sides, or parked
	OnlyShop int `json:"only_in_shop"`
	OnlyOdoo int `json:"only_in_odoo"`
	StayOut  int `json:"stay_out"` // only in the shop, as the configuration wants it
}

// Sums are what the orders of one currency come to.
type Sums struct {
	Currency string     `json:"currency"`
	Orders   CountPair  `json:"orders"`
	Total    AmountPair `json:"total"`
	Tax      AmountPair `json:"tax"`
	Taxes    []RatePair `json:"taxes"`
	Received AmountPair `json:"received"`
	PaidBack AmountPair `json:"paid_back"`
	// Refunds counts those of the shop and the credit notes of Odoo. They need not be
	// the same: what was not invoiced yet is taken off the order.
	Refunds CountPair `json:"refunds"`
	// Unregistered is what was received and left to people to register.
	Unregistered decimal.Decimal `json:"unregistered"`
}

// CountPair is a number on both sides.
type CountPair struct {
	Shop int `json:"shop"`
	Odoo int `json:"odoo"`
}

// AmountPair is an amount on both sides.
type AmountPair struct {
	Shop       decimal.Decimal `json:"shop"`
	Odoo       decimal.Decimal `json:"odoo"`
	Difference decimal.Decimal `json:"difference"` // the shop's less Odoo's
}

func (p *AmountPair) add(shop, odoo decimal.Decimal) {
	p.Shop, p.Odoo = p.Shop.Add(shop), p.Odoo.Add(odoo)
	p.Difference = p.Shop.Sub(p.Odoo)
}

// RatePair is the tax of one rate on both sides; "" where Odoo does not tell it by rate.
type RatePair struct {
	Rate string `json:"rate"`
	AmountPair
}

// StateSum is the orders in one state.
type StateSum struct {
	State    string     `json:"state"`
	Currency string     `json:"currency"`
	Orders   CountPair  `json:"orders"`
	Total    AmountPair `json:"total"`
}

// StaysOut is the orders that one rule keeps out of Odoo.
type StaysOut struct {
	Why      string          `json:"why"`
	Currency string          `json:"currency"`
	Orders   int             `json:"orders"`
	Total    decimal.Decimal `json:"total"`
	Examples []string        `json:"examples"` // ids
}

// OrderApart is an order about which both sides do not agree.
type OrderApart struct {
	ID          string           `json:"id"` // the shop's; "" where Odoo does not name one
	Number      string           `json:"number,omitempty"`
	Odoo        string           `json:"odoo,omitempty"`
	Differences []erp.Difference `json:"differences"`
	Repair      erp.Repair       `json:"repair"`
	Commands    []string         `json:"commands"` // that repair it, or show more
	Journal     *LastRun         `json:"journal,omitempty"`
}

// LastRun is the journal's word on an order; nil: nothing about it came in.
type LastRun struct {
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason,omitempty"`
	Remedy  string    `json:"remedy,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

const (
	mostRules    = 200 // rules that are told apart
	mostExamples = 5
)

// sums of the currency.
func (p *Proof) sums(currency string) *Sums {
	at := slices.IndexFunc(p.Sums, func(s Sums) bool { return s.Currency == currency })
	if at < 0 {
		p.Sums = append(p.Sums, Sums{Currency: currency, Taxes: []RatePair{}})
		at = len(p.Sums) - 1
	}
	return &p.Sums[at]
}

// count adds an order's figures.
func (p *Proof) count(state, currency string, shop, odoo erp.Figures) {
	s := p.sums(currency)
	s.Total.add(shop.Total.Amount, odoo.Total.Amount)
	s.Tax.add(shop.Tax.Amount, odoo.Tax.Amount)
	s.Received.add(shop.Received.Amount, odoo.Received.Amount)
	s.PaidBack.add(shop.PaidBack.Amount, odoo.PaidBack.Amount)
	s.Unregistered = s.Unregistered.Add(shop.Unregistered.Amount)
	s.Refunds.Shop, s.Refunds.Odoo = s.Refunds.Shop+shop.Refunds, s.Refunds.Odoo+odoo.Refunds
	s.rates(shop, odoo)
	at := slices.IndexFunc(p.States, func(x StateSum) bool { return x.State == state && x.Currency == currency })
	if at < 0 {
		p.States = append(p.States, StateSum{State: state, Currency: currency})
		at = len(p.States) - 1
	}
	p.States[at].Total.add(shop.Total.Amount, odoo.Total.Amount)
	for _, pair := range []*CountPair{&s.Orders, &p.States[at].Orders} {
		if shop.There {
			pair.Shop++
		}
		if odoo.There {
			pair.Odoo++
		}
	}
}

// rates adds taxes by their rates; those of an order of which Odoo does not tell them
// so are added as one.
func (s *Sums) rates(shop, odoo erp.Figures) {
	at := func(rate string) *AmountPair {
		i := slices.IndexFunc(s.Taxes, func(r RatePair) bool { return r.Rate == rate })
		if i < 0 {
			s.Taxes = append(s.Taxes, RatePair{Rate: rate})
			i = len(s.Taxes) - 1
		}
		return &s.Taxes[i].AmountPair
	}
	if odoo.Taxes == nil && !odoo.Tax.IsZero() {
		at("").add(shop.Tax.Amount, odoo.Tax.Amount)
		return
	}
	for _, t := range shop.Taxes {
		at(t.Rate.String()).add(t.Amount.Amount, decimal.Zero)
	}
	for _, t := range odoo.Taxes {
		at(t.Rate.String()).add(decimal.Zero, t.Amount.Amount)
	}
}

// leave counts an order that a rule keeps out.
func (p *Proof) leave(why string, o *commerce.Order) {
	p.Orders.StayOut++
	if len(p.StaysOut) >= mostRules && !slices.ContainsFunc(p.StaysOut, func(s StaysOut) bool { return s.Why == why }) {
		why = "other rules"
	}
	at := slices.IndexFunc(p.StaysOut, func(s StaysOut) bool { return s.Why == why && s.Currency == o.Currency })
	if at < 0 {
		p.StaysOut = append(p.StaysOut, StaysOut{Why: why, Currency: o.Currency})
		at = len(p.StaysOut) - 1
	}
	s := &p.StaysOut[at]
	s.Orders++
	s.Total = s.Total.Add(o.Total.Amount)
	if len(s.Examples) < mostExamples {
		s.Examples = append(s.Examples, o.Ref.ID)
	}
}

// sort makes the same books give the same proof.
func (p *Proof) sort() {
	slices.SortFunc(p.Sums, func(a, b Sums) int { return cmp.Compare(a.Currency, b.Currency) })
	for _, s := range p.Sums {
		slices.SortFunc(s.Taxes, func(a, b RatePair) int {
			x, _ := decimal.NewFromString(cmp.Or(a.Rate, "-1"))
			y, _ := decimal.NewFromString(cmp.Or(b.Rate, "-1"))
			return y.Compare(x)
		})
	}
	slices.SortFunc(p.States, func(a, b StateSum) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.State, b.State))
	})
	slices.SortFunc(p.StaysOut, func(a, b StaysOut) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), cmp.Compare(a.Why, b.Why), cmp.Compare(a.Currency, b.Currency))
	})
}
