package tasks

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// life is one order in the store and what happens to it, event by event.
type life struct {
	*rand.Rand
	store *shopifytest.Store
	id    string
	later bool // staff settles what is paid: such money is not registered
	story []string

	ret      string      // a return that is open; "" for none
	back     map[int]int // what it is of, by the places of lines
	received bool
	pending  string // a refund of which the money is on its way
}

// placed puts an order into the store: up to three lines of two rates, a discount on
// some, paid at the checkout or later.
func placed(r *rand.Rand, store *shopifytest.Store) *life {
	goods := shopifytest.Catalogue()
	rate := func(reduced bool) []shopifytest.TaxRate {
		if reduced {
			return []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.14")}}
		}
		return []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}
	}
	o := shopifytest.Order{TaxesIncluded: r.IntN(4) > 0, Gateway: "shopify_payments", Manual: r.IntN(5) == 0, Email: fmt.Sprintf("buyer%d@example.com", r.IntN(1e9)),
		Shipping:      &shopifytest.Address{First: "Aino", Last: "Laine", Street: "Katu 1", City: "Turku", Zip: "20100", Country: "FI"},
		ShippingLines: []shopifytest.ShippingLine{{Code: "post", Title: "Post", Price: decimal.RequireFromString("5.90"), Taxes: rate(false)}}}
	for range 1 + r.IntN(3) {
		p, n := goods[r.IntN(len(goods))], 1+r.IntN(4)
		o.Lines = append(o.Lines, shopifytest.Line{SKU: p.SKU, Title: p.Name, Quantity: n, Current: n, Price: p.Price, Taxes: rate(p.Reduced)})
	}
	if r.IntN(3) == 0 {
		o.Discounts = []shopifytest.Discount{{Kind: "discount_code", Title: "TEN", Percent: decimal.NewFromInt(10)}}
	}
	l := &life{Rand: r, store: store, id: store.AddOrder(o), later: o.Manual}
	for i, line := range o.Lines {
		l.say("line %d: %d × %s at %s, %s %%", i, line.Quantity, line.SKU, line.Price, line.Taxes[0].Rate.Shift(2))
	}
	l.say("taxes included %t, pays later %t, discounts %d", o.TaxesIncluded, o.Manual, len(o.Discounts))
	return l
}

func (l *life) say(format string, args ...any) {
	l.story = append(l.story, fmt.Sprintf(format, args...))
}

func (l *life) String() string { return strings.Join(l.story, "\n    ") }

func (l *life) now() shopifytest.Ledger {
	ledger, err := l.store.Ledger(l.id)
	if err != nil {
		panic(err)
	}
	return ledger
}

// goesOn lets one thing happen that can happen now.
func (l *life) goesOn() {
	events := []func(shopifytest.Ledger) error{l.pays, l.ships, l.ships, l.shippedComesBack, l.unshippedIsCancelled, l.keeps, l.postage,
		l.goodwill, l.fee, l.onItsWay, l.settles, l.removes, l.paysBack, l.raises, l.adds, l.cancels, l.sendsBack, l.receives, l.receives}
	for range 40 {
		before := l.now()
		if before.Cancelled && l.pending == "" {
			return
		}
		if err := events[l.IntN(len(events))](before); err == nil {
			return
		}
	}
}

// errCannot says that an event is not of this order now.
var errCannot = errors.New("cannot")

// of is a place of a line for which n gives pieces, and some of these.
func (l *life) of(now shopifytest.Ledger, n func(int, shopifytest.LedgerLine) int) (line, pieces int, err error) {
	var fits []int
	for i, of := range now.Lines {
		if n(i, of) > 0 {
			fits = append(fits, i)
		}
	}
	if len(fits) == 0 {
		return 0, 0, errCannot
	}
	line = fits[l.IntN(len(fits))]
	return line, 1 + l.IntN(n(line, now.Lines[line])), nil
}

// returnable are pieces that the buyer has, pays for and does not send back already.
func (l *life) returnable(i int, of shopifytest.LedgerLine) int {
	return min(of.With-of.Kept, of.Quantity-of.Unsent) - l.back[i]
}

func unsent(_ int, of shopifytest.LedgerLine) int { return of.Unsent }

func (l *life) pays(now shopifytest.Ledger) error {
	if now.Cancelled || l.pending != "" || now.Total.Sub(now.Given).LessThanOrEqual(now.Paid) {
		return errCannot
	}
	l.say("pays the rest")
	return l.store.Pay(l.id)
}

func (l *life) ships(now shopifytest.Ledger) error {
	line, n, err := l.of(now, unsent)
	if err != nil || now.Cancelled {
		return errCannot
	}
	all := map[int]int{line: n}
	if l.IntN(2) == 0 {
		for i, of := range now.Lines {
			if of.Unsent > 0 {
				all[i] = of.Unsent
			}
		}
	}
	return l.did(l.store.FulfillLines(l.id, "Posti", fmt.Sprintf("JJFI%d", len(l.story)), all), "ships %v", all)
}

func (l *life) did(err error, format string, args ...any) error {
	if err == nil {
		l.say(format, args...)
	}
	return err
}

// refund makes one, unless it would pay for an earlier removal and settle a gift or a
// fee as well: the store gives both reasons then, and of how much each is nobody knows.
func (l *life) refund(r shopifytest.RefundRequest, format string, args ...any) error {
	if now := l.now(); now.Owed.IsPositive() && !now.Given.IsZero() {
		return errCannot
	}
	made, err := l.store.RefundWith(l.id, r)
	if err == nil && r.Pending {
		l.pending = made
		if l.now().OnItsWay.IsZero() {
			l.pending = ""
		}
	}
	return l.did(err, format, args...)
}

func (l *life) shippedComesBack(now shopifytest.Ledger) error {
	line, n, err := l.of(now, l.returnable)
	if err != nil {
		return err
	}
	return l.refund(shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: line, Quantity: n, Restock: "RETURN"}}}, "%d of line %d come back and are refunded", n, line)
}

func (l *life) unshippedIsCancelled(now shopifytest.Ledger) error {
	line, n, err := l.of(now, unsent)
	if err != nil {
		return err
	}
	r := shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: line, Quantity: n, Restock: "CANCEL"}}}
	if l.IntN(3) == 0 && now.Shipping.GreaterThan(decimal.NewFromInt(1)) {
		r.Shipping = decimal.NewFromInt(1)
	}
	return l.refund(r, "%d of line %d are cancelled and refunded, with %s of the postage", n, line, r.Shipping)
}

func (l *life) keeps(now shopifytest.Ledger) error {
	line, n, err := l.of(now, func(i int, of shopifytest.LedgerLine) int {
		if of.Unsent > 0 { // the store does not say which pieces it means
			return 0
		}
		return l.returnable(i, of)
	})
	if err != nil {
		return err
	}
	return l.refund(shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: line, Quantity: n, Restock: "NO_RESTOCK"}}}, "%d of line %d are refunded and kept", n, line)
}

func (l *life) postage(now shopifytest.Ledger) error {
	if !now.Shipping.IsPositive() {
		return errCannot
	}
	part := decimal.Min(now.Shipping, decimal.New(1+l.Int64N(590), -2))
	return l.refund(shopifytest.RefundRequest{Shipping: part}, "%s of the postage are refunded", part)
}

func (l *life) goodwill(now shopifytest.Ledger) error {
	free := now.Paid.Sub(now.OnItsWay)
	if !now.Owed.IsZero() || !free.Equal(now.Total.Sub(now.Given)) { // else it pays for something else
		return errCannot
	}
	most := free.Shift(2).IntPart() / 4
	if most < 1 {
		return errCannot
	}
	amount := decimal.New(1+l.Int64N(most), -2)
	return l.refund(shopifytest.RefundRequest{Amount: &amount}, "%s are given as a gift", amount)
}

func (l *life) fee(now shopifytest.Ledger) error {
	line, n, err := l.of(now, l.returnable)
	if err != nil || !now.Paid.Sub(now.OnItsWay).Equal(now.Total.Sub(now.Given)) || !now.Given.IsZero() {
		return errCannot
	}
	items := []shopifytest.RefundItem{{Line: line, Quantity: n, Restock: "RETURN"}}
	amount := decimal.New(1+l.Int64N(20), -2)
	return l.refund(shopifytest.RefundRequest{Lines: items, Amount: &amount}, "%d of line %d come back, and all but %s is kept as a fee", n, line, amount)
}

func (l *life) onItsWay(now shopifytest.Ledger) error {
	line, n, err := l.of(now, l.returnable)
	if err != nil || l.pending != "" {
		return errCannot
	}
	return l.refund(shopifytest.RefundRequest{Pending: true, Lines: []shopifytest.RefundItem{{Line: line, Quantity: n, Restock: "RETURN"}}},
		"%d of line %d come back, the money is on its way", n, line)
}

func (l *life) settles(shopifytest.Ledger) error {
	if l.pending == "" {
		return errCannot
	}
	err := l.store.SettleRefund(l.id, l.pending)
	l.pending = ""
	return l.did(err, "the money arrives")
}

func (l *life) removes(now shopifytest.Ledger) error {
	line, n, err := l.of(now, unsent)
	if err != nil {
		return err
	}
	return l.did(l.store.RemoveFromLine(l.id, line, n), "an edit removes %d of line %d", n, line)
}

func (l *life) paysBack(now shopifytest.Ledger) error {
	if !now.Owed.IsPositive() || now.Owed.GreaterThan(now.Paid.Sub(now.OnItsWay)) {
		return errCannot
	}
	return l.refund(shopifytest.RefundRequest{Amount: &now.Owed}, "%s that are owed are paid back", now.Owed)
}

func (l *life) raises(now shopifytest.Ledger) error {
	line, n, err := l.of(now, func(_ int, of shopifytest.LedgerLine) int {
		if of.Kept > 0 || of.Quantity == 0 {
			return 0
		}
		return 2
	})
	if err != nil || now.Cancelled {
		return errCannot
	}
	return l.did(l.store.RaiseLine(l.id, line, n), "an edit adds %d to line %d", n, line)
}

func (l *life) extra() shopifytest.Line {
	goods := shopifytest.Catalogue()
	p := goods[l.IntN(20)]
	return shopifytest.Line{SKU: p.SKU, Title: p.Name, Quantity: 1 + l.IntN(2), Price: p.Price, Taxes: []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}}
}

func (l *life) adds(now shopifytest.Ledger) error {
	if now.Cancelled || len(now.Lines) > 4 {
		return errCannot
	}
	line := l.extra()
	_, err := l.store.AddLine(l.id, line)
	return l.did(err, "an edit adds line %d: %d × %s at %s", len(now.Lines), line.Quantity, line.SKU, line.Price)
}

// cancels gives everything back for what has not left; the rest of the order is over.
func (l *life) cancels(now shopifytest.Ledger) error {
	for _, of := range now.Lines {
		if of.With != 0 {
			return errCannot
		}
	}
	if l.IntN(2) == 0 || l.ret != "" {
		return errCannot
	}
	_, err := l.store.CancelAndRefund(l.id)
	return l.did(err, "is cancelled and refunded")
}

func (l *life) sendsBack(now shopifytest.Ledger) error {
	line, n, err := l.of(now, func(i int, of shopifytest.LedgerLine) int {
		if of.Kept > 0 { // kept pieces may be what comes back then
			return 0
		}
		return l.returnable(i, of)
	})
	if err != nil || l.ret != "" {
		return errCannot
	}
	ret, err := l.store.RequestReturn(l.id, map[int]int{line: n})
	if err != nil {
		return err
	}
	switch l.IntN(6) {
	case 0:
		return l.did(l.store.DeclineReturn(l.id, ret), "asks to return %d of line %d, which is declined", n, line)
	case 1:
		_ = l.store.ApproveReturn(l.id, ret)
		return l.did(l.store.CancelReturn(l.id, ret), "a return of %d of line %d is called off", n, line)
	case 2:
		instead := l.extra()
		err = l.store.ApproveReturn(l.id, ret, instead)
		l.say("gets line %d instead: %d × %s at %s", len(now.Lines), instead.Quantity, instead.SKU, instead.Price)
	default:
		err = l.store.ApproveReturn(l.id, ret)
	}
	l.ret, l.back, l.received = ret, map[int]int{line: n}, false
	return l.did(err, "sends back %d of line %d", n, line)
}

// receives brings the open return one step on: goods, then the money and its end.
func (l *life) receives(shopifytest.Ledger) error {
	if l.ret == "" {
		return errCannot
	}
	if !l.received {
		l.received = true
		return l.did(l.store.ReceiveReturn(l.id, l.ret, l.back, shopifytest.Location{}), "what was sent back is received")
	}
	r := shopifytest.RefundRequest{Return: l.ret}
	for line, n := range l.back {
		r.Lines = append(r.Lines, shopifytest.RefundItem{Line: line, Quantity: n, Restock: "NO_RESTOCK"})
	}
	if err := l.refund(r, "the return is refunded and closed"); err != nil {
		return err
	}
	err := l.store.CloseReturn(l.id, l.ret)
	l.ret, l.back = "", nil
	return err
}
