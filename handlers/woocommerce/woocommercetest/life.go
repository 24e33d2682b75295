package woocommercetest

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
	Later bool // people settle what is paid: such money is not registered
	// Plain lives give no money beyond what lines cost, name the lines of all money that
	// goes back, and do not come back from their end.
	Plain bool
	// Deletes lets orders that are over be deleted for good, which nobody is told.
	Deletes bool

	rng   *rand.Rand
	store *Store
	story []string
}

// NewLife puts an order into the store: up to three lines of two rates, a coupon or a
// fee on some, paid at the checkout or later, of a guest.
func NewLife(r *rand.Rand, store *Store) *Life {
	goods := Catalogue()
	home := Address{First: "Aino", Last: "Laine", Street: "Katu 1", City: "Turku", Zip: "20100", Country: "FI", Email: fmt.Sprintf("buyer%d@example.com", r.IntN(1e9))}
	o := Order{Status: "processing", PricesIncludeTax: r.IntN(4) > 0, PaymentMethod: "stripe", PaymentTitle: "Credit card",
		Billing: home, Shipping: home, ShippingLines: []ShippingLine{Parcel("5.90")}}
	switch r.IntN(8) {
	case 0, 1:
		o.Status, o.PaymentMethod, o.PaymentTitle = "on-hold", "bacs", "Direct bank transfer"
	case 2:
		o.PaymentMethod, o.PaymentTitle = "cod", "Cash on delivery"
	case 3:
		o.Status = "pending"
	}
	for range 1 + r.IntN(3) {
		o.Lines = append(o.Lines, LineOf(goods[r.IntN(len(goods))], 1+r.IntN(4)))
	}
	switch r.IntN(6) {
	case 0:
		o.Coupons = []Coupon{coupon("ten", "percent", "10")}
	case 1:
		o.Coupons = []Coupon{coupon("two", "fixed_cart", "2")}
	case 2:
		o.Fees = []Fee{{Name: "Gift wrap", Amount: dec("3.25"), Taxes: []TaxRate{standardRate()}}}
	}
	l := LifeOf(r, store, store.AddOrder(o))
	l.Later = o.PaymentMethod != "stripe"
	for i, line := range o.Lines {
		l.say("line %d: %d × %s at %s, %s %%", i, line.Quantity, line.SKU, line.Price, line.Taxes[0].Percent)
	}
	l.say("prices include tax %t, %s by %s, coupons %d, fees %d", o.PricesIncludeTax, o.Status, o.PaymentMethod, len(o.Coupons), len(o.Fees))
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
	events := []func(Ledger) error{l.pays, l.pays, l.ships, l.ships, l.comesBack, l.comesBack, l.postage, l.everything,
		l.goodwill, l.fee, l.moneyForALine, l.amountsAlone, l.removes, l.raises, l.adds, l.drops, l.cancels, l.fails, l.bins, l.returnsFromTheBin, l.refundedByStatus, l.isDeleted}
	for range 40 {
		if err := events[l.rng.IntN(len(events))](l.Now()); err == nil {
			return
		}
	}
}

// Settle ends what is under way. WooCommerce leaves nothing so.
func (l *Life) Settle() {}

// errCannot says that an event is not of this order now.
var errCannot = errors.New("cannot")

// of is a place of a line that has pieces, and some of these.
func (l *Life) of(now Ledger) (line, pieces int, err error) {
	var fits []int
	for i, of := range now.Lines {
		if of.Quantity > 0 {
			fits = append(fits, i)
		}
	}
	if len(fits) == 0 {
		return 0, 0, errCannot
	}
	line = fits[l.rng.IntN(len(fits))]
	return line, 1 + l.rng.IntN(now.Lines[line].Quantity), nil
}

// live reports whether the order is one of the statuses.
func live(now Ledger, statuses ...string) bool {
	for _, s := range statuses {
		if now.Status == s && !now.Gone {
			return true
		}
	}
	return false
}

// editable reports whether staff may still change the lines.
func editable(now Ledger) bool { return live(now, "pending", "on-hold") && now.Paid.IsZero() }

// paidBack reports whether there is money that may go back.
func paidBack(now Ledger) bool { return live(now, "processing", completed) && now.Paid.IsPositive() }

func (l *Life) did(err error, format string, args ...any) error {
	if err == nil {
		l.say(format, args...)
	}
	return err
}

func cent(n int64) decimal.Decimal { return decimal.New(n, -2) }
