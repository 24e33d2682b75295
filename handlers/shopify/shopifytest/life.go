package shopifytest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/shopspring/decimal"
)

// Life is one order in the store and what happens to it, event by event. What happens
// follows from its random numbers alone. It is for one goroutine at a time.
type Life struct {
	ID    string
	Later bool // staff settles what is paid: such money is not registered
	Plain bool // no money is given beyond what is owed

	rng   *rand.Rand
	store *Store
	story []string

	ret      string      // a return that is open; "" for none
	back     map[int]int // what it is of, by the places of lines
	received bool
	pending  string // a refund of which the money is on its way
}

// NewLife puts an order into the store: up to three lines of two rates, a discount on
// some, paid at the checkout or later.
func NewLife(r *rand.Rand, store *Store) *Life {
	goods := Catalogue()
	rate := func(reduced bool) []TaxRate {
		if reduced {
			return []TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.14")}}
		}
		return []TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}
	}
	o := Order{TaxesIncluded: r.IntN(4) > 0, Gateway: "shopify_payments", Manual: r.IntN(5) == 0, Email: fmt.Sprintf("buyer%d@example.com", r.IntN(1e9)),
		Shipping:      &Address{First: "Aino", Last: "Laine", Street: "Katu 1", City: "Turku", Zip: "20100", Country: "FI"},
		ShippingLines: []ShippingLine{{Code: "post", Title: "Post", Price: decimal.RequireFromString("5.90"), Taxes: rate(false)}}}
	for range 1 + r.IntN(3) {
		p, n := goods[r.IntN(len(goods))], 1+r.IntN(4)
		o.Lines = append(o.Lines, Line{SKU: p.SKU, Title: p.Name, Quantity: n, Current: n, Price: p.Price, Taxes: rate(p.Reduced)})
	}
	if r.IntN(3) == 0 {
		o.Discounts = []Discount{{Kind: "discount_code", Title: "TEN", Percent: decimal.NewFromInt(10)}}
	}
	l := LifeOf(r, store, store.AddOrder(o))
	l.Later = o.Manual
	for i, line := range o.Lines {
		l.say("line %d: %d × %s at %s, %s %%", i, line.Quantity, line.SKU, line.Price, line.Taxes[0].Rate.Shift(2))
	}
	l.say("taxes included %t, pays later %t, discounts %d", o.TaxesIncluded, o.Manual, len(o.Discounts))
	return l
}

// LifeOf is the life of an order that the store has already.
func LifeOf(r *rand.Rand, store *Store, order string) *Life {
	return &Life{ID: order, rng: r, store: store}
}

func (l *Life) say(format string, args ...any) {
	l.story = append(l.story, fmt.Sprintf(format, args...))
}

// String is the life as it was told so far, a line an event.
func (l *Life) String() string { return strings.Join(l.story, "\n    ") }

// Now is how the order stands.
func (l *Life) Now() Ledger {
	ledger, err := l.store.Ledger(l.ID)
	if err != nil {
		panic(err)
	}
	return ledger
}

// GoesOn lets one thing happen that can happen now.
func (l *Life) GoesOn() {
	events := []func(Ledger) error{l.pays, l.ships, l.ships, l.shippedComesBack, l.unshippedIsCancelled, l.keeps, l.postage,
		l.goodwill, l.fee, l.onItsWay, l.settles, l.removes, l.paysBack, l.raises, l.adds, l.cancels, l.sendsBack, l.receives, l.receives}
	for range 40 {
		before := l.Now()
		if before.Cancelled && l.pending == "" {
			return
		}
		if err := events[l.rng.IntN(len(events))](before); err == nil {
			return
		}
	}
}

// errCannot says that an event is not of this order now.
var errCannot = errors.New("cannot")

// of is a place of a line for which n gives pieces, and some of these.
func (l *Life) of(now Ledger, n func(int, LedgerLine) int) (line, pieces int, err error) {
	var fits []int
	for i, of := range now.Lines {
		if n(i, of) > 0 {
			fits = append(fits, i)
		}
	}
	if len(fits) == 0 {
		return 0, 0, errCannot
	}
	line = fits[l.rng.IntN(len(fits))]
	return line, 1 + l.rng.IntN(n(line, now.Lines[line])), nil
}

// returnable are pieces that the buyer has, pays for and does not send back already.
func (l *Life) returnable(i int, of LedgerLine) int {
	return min(of.With-of.Kept, of.Quantity-of.Unsent) - l.back[i]
}

func unsent(_ int, of LedgerLine) int { return of.Unsent }

// Settle lets money that is on its way arrive.
func (l *Life) Settle() { _ = l.settles(Ledger{}) } // there may be none
