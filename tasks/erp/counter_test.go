package erp_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// counter is a shop's side of one order: what merchants and buyers do with it, and the
// order as the shop tells it then. Amounts are kept as sums, so that what is left and
// what was given back come to the checkout's to the cent.
type counter struct {
	first    commerce.Order // as it was placed
	wares    []*ware
	postage  decimal.Decimal // left of it
	paid     decimal.Decimal // received, less paid back
	given    decimal.Decimal // beyond goods and shipping; negative: kept
	payments []commerce.Payment
	parcels  []commerce.Shipment
	refunds  []commerce.Refund
	returns  []commerce.Return
	ended    bool
	clock    time.Time
	n        int
	said     []string // what happened, for people
}

func (t *counter) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

func (t *counter) place(w *ware) int { return slices.Index(t.wares, w) }

// ware is one line. Its price is for one, tax of the rate included.
type ware struct {
	id, sku       string
	price, rate   decimal.Decimal
	goods         bool
	ordered, left decimal.Decimal // at checkout and by edits; what is owed of it
	toShip        decimal.Decimal
	shipped, back decimal.Decimal
	kept          decimal.Decimal // shipped, refunded and not sent back
}

// with is how much of it is with the buyer.
func (w *ware) with() decimal.Decimal { return w.shipped.Sub(w.back) }

const postRate = "25.5"

func (w *ware) total(n decimal.Decimal) decimal.Decimal { return w.price.Mul(n).Round(2) }
func (w *ware) tax(n decimal.Decimal) decimal.Decimal   { return taxIn(w.total(n), w.rate) }

func taxIn(gross, rate decimal.Decimal) decimal.Decimal {
	return gross.Mul(rate).DivRound(rate.Add(decimal.NewFromInt(100)), 2)
}

// till opens a shop's order of some goods, and of a service if asked for.
func (p *place) till(prices ...string) *counter {
	p.Helper()
	o := p.order()
	p.goods(o, 1000)
	t := &counter{first: *o, postage: dec("4.90"), clock: o.CreatedAt}
	for i, price := range prices {
		t.add(price, "3")
		t.wares[i].goods = true
	}
	return t
}

func (t *counter) add(price, quantity string) *ware {
	t.say("line %d: %s at %s", len(t.wares), quantity, price)
	w := &ware{id: fmt.Sprintf("%s1%d", t.first.Ref.ID, len(t.wares)), sku: "ERP-GOODS", price: dec(price), rate: dec("25.5"), goods: true,
		ordered: dec(quantity), left: dec(quantity), toShip: dec(quantity)}
	t.wares = append(t.wares, w)
	return w
}

func (t *counter) tick() time.Time {
	t.clock = t.clock.Add(time.Minute)
	t.n++
	return t.clock
}

func (t *counter) id(kind string) string { return fmt.Sprintf("%s%s%d", t.first.Ref.ID, kind, t.n) }

// total is what the lines and the shipping come to now.
func (t *counter) total() decimal.Decimal {
	sum := t.postage
	for _, w := range t.wares {
		sum = sum.Add(w.total(w.left))
	}
	return sum
}

// worth is what the shop has of the order in the end.
func (t *counter) worth() decimal.Decimal { return t.total().Sub(t.given) }

func (t *counter) pay(amount decimal.Decimal) {
	t.say("pay %s", amount)
	t.move("sale", "success", amount)
	t.paid = t.paid.Add(amount)
}

func (t *counter) move(kind, status string, amount decimal.Decimal) string {
	at := t.tick()
	id := t.id("9")
	t.payments = append(t.payments, commerce.Payment{ID: id, Gateway: "Shopify Payments", Kind: kind, Status: status, Amount: euros(amount), At: at})
	return id
}

func euros(d decimal.Decimal) commerce.Money { return commerce.Money{Amount: d, Currency: "EUR"} }

// ship sends so much of the wares, as far as it is left to be sent.
func (t *counter) ship(n string) {
	f := commerce.Shipment{Status: "success", At: t.tick(), Lines: map[string]decimal.Decimal{}}
	f.ID = t.id("5")
	for _, w := range t.wares {
		if k := decimal.Min(dec(n), w.toShip); k.IsPositive() {
			f.Lines[w.id] = k
			w.shipped, w.toShip = w.shipped.Add(k), w.toShip.Sub(k)
		}
	}
	if len(f.Lines) > 0 {
		t.say("ship %v", f.Lines)
		t.parcels = append(t.parcels, f)
	}
}

// edit orders more or less of a ware. Less is told as a refund without money.
func (t *counter) edit(w *ware, n string) {
	t.tick()
	t.say("edit line %d by %s", t.place(w), n)
	if by := dec(n); by.IsPositive() {
		w.ordered, w.left, w.toShip = w.ordered.Add(by), w.left.Add(by), w.toShip.Add(by)
		return
	}
	t.refund(refunded{ware: w, n: dec(n).Neg(), restock: commerce.RestockCancel, apart: true})
}

// refunded is what a refund is about.
type refunded struct {
	ware    *ware
	n       decimal.Decimal
	restock string
	postage decimal.Decimal
	beyond  decimal.Decimal // of the money
	none    bool            // no money goes back
	pending bool
	apart   bool
	of      string // a return
	place   string
}

// refund gives something back.
func (t *counter) refund(of refunded) *commerce.Refund {
	r := commerce.Refund{At: t.tick(), Amount: euros(decimal.Zero), Pending: euros(decimal.Zero), Apart: of.apart, Return: of.of}
	r.ID = t.id("6")
	worth := decimal.Zero
	t.say("refund %s of line %d %s, postage %s, beyond %s, pending %t, apart %t, return %q", of.n, t.place(of.ware), of.restock, of.postage, of.beyond, of.pending, of.apart, of.of)
	if w := of.ware; w != nil {
		after := w.left.Sub(of.n)
		amount, tax := w.total(w.left).Sub(w.total(after)), w.tax(w.left).Sub(w.tax(after))
		r.Lines = append(r.Lines, commerce.RefundLine{LineID: w.id, Quantity: of.n, Restock: of.restock, Location: of.place, Amount: euros(amount), Tax: euros(tax)})
		w.left, worth = after, amount
		switch {
		case of.restock == commerce.RestockReturn:
			w.back = w.back.Add(of.n)
		case of.restock == commerce.RestockCancel:
			w.toShip = w.toShip.Sub(of.n)
		case of.of != "": // its goods were received before
		default: // what has not left is not sent any more
			unsent := decimal.Min(of.n, w.toShip)
			w.toShip, w.kept = w.toShip.Sub(unsent), w.kept.Add(of.n.Sub(unsent))
		}
	}
	if of.postage.IsPositive() {
		tax := taxIn(t.postage, dec(postRate)).Sub(taxIn(t.postage.Sub(of.postage), dec(postRate)))
		r.Shipping = append(r.Shipping, commerce.RefundShipping{LineID: t.first.Ref.ID + "2", Amount: euros(of.postage), Tax: euros(tax)})
		t.postage, worth = t.postage.Sub(of.postage), worth.Add(of.postage)
	}
	money := worth.Add(of.beyond)
	if money.GreaterThan(t.paid.Sub(t.underWay())) { // nobody pays back what he has not got
		of.apart, of.beyond = true, decimal.Zero
		r.Apart = true
	}
	switch {
	case of.none || of.apart || !money.IsPositive():
	case of.pending:
		r.Pending = euros(money)
		t.move("refund", "pending", money)
	default:
		r.Amount = euros(money)
		t.move("refund", "success", money)
		t.paid = t.paid.Sub(money)
	}
	if !of.none && !of.apart {
		t.given = t.given.Add(of.beyond)
	}
	t.refunds = append(t.refunds, r)
	return &t.refunds[len(t.refunds)-1]
}

// underWay is money that is on its way back.
func (t *counter) underWay() (sum decimal.Decimal) {
	for _, r := range t.refunds {
		sum = sum.Add(r.Pending.Amount)
	}
	return sum
}

// arrives lets the money that is under way arrive.
func (t *counter) arrives() {
	t.say("money arrives")
	t.tick()
	for i := range t.refunds {
		r := &t.refunds[i]
		r.Amount, r.Pending = euros(r.Amount.Amount.Add(r.Pending.Amount)), euros(decimal.Zero)
	}
	for i := range t.payments {
		if t.payments[i].Status == "pending" {
			t.payments[i].Status = "success"
			t.paid = t.paid.Sub(t.payments[i].Amount.Amount)
		}
	}
}

// payBack pays money back for what was taken out before.
func (t *counter) payBack(amount decimal.Decimal) {
	t.say("pay back %s", amount)
	t.move("refund", "success", amount)
	t.paid = t.paid.Sub(amount)
	t.refunds = append(t.refunds, commerce.Refund{ID: t.id("6"), At: t.tick(), Amount: euros(amount), Pending: euros(decimal.Zero), Apart: true})
}

// sendBack opens a return, receive puts what came of it on a shelf, and close ends it.
func (t *counter) sendBack(w *ware, n decimal.Decimal) string {
	r := commerce.Return{Status: commerce.ReturnOpen, Lines: []commerce.ReturnLine{{LineID: w.id, Quantity: n}}}
	t.tick()
	r.ID = t.id("7")
	t.say("return %s of line %d", n, t.place(w))
	t.returns = append(t.returns, r)
	return r.ID
}

func (t *counter) back(id string) *commerce.Return {
	return &t.returns[slices.IndexFunc(t.returns, func(r commerce.Return) bool { return r.ID == id })]
}

func (t *counter) receive(id string, w *ware, n decimal.Decimal, place string) {
	t.tick()
	t.say("receive %s of line %d", n, t.place(w))
	r := t.back(id)
	r.Received = append(slices.Clone(r.Received), commerce.Received{LineID: w.id, Quantity: n, Location: place})
	w.back = w.back.Add(n)
}

func (t *counter) close(id, status string) {
	t.tick()
	t.say("return is %s", status)
	t.back(id).Status = status
}

// cancel ends the order; with money, all that was paid goes back.
func (t *counter) cancel(money bool) {
	t.say("cancel, money %t", money)
	for _, w := range t.wares {
		if w.toShip.IsPositive() {
			t.refund(refunded{ware: w, n: w.toShip, restock: commerce.RestockCancel, apart: true})
		}
	}
	if t.total().Equal(t.postage) && t.postage.IsPositive() && len(t.parcels) == 0 {
		t.refund(refunded{postage: t.postage, apart: true})
	}
	if over := t.paid.Sub(t.worth()); money && over.IsPositive() {
		t.payBack(over)
	}
	t.ended = true
	t.tick()
}

// order is what the shop tells now.
func (t *counter) order() *commerce.Order {
	o := t.first
	o.UpdatedAt = t.clock
	o.PricesIncludeTax = true
	o.Lines, o.Taxes = nil, nil
	tax := decimal.Zero
	line := func(l commerce.Line, n, total, part decimal.Decimal, rate string) {
		l.Quantity, l.Total = n, euros(total)
		l.Taxes = []commerce.Tax{{Title: "ALV", Rate: dec(rate), Amount: euros(part)}}
		o.Lines = append(o.Lines, l)
		tax = tax.Add(part)
	}
	for _, w := range t.wares {
		line(commerce.Line{ID: w.id, Kind: commerce.LineProduct, SKU: w.sku, Title: "Goods", UnitPrice: euros(w.price), NeedsShipping: w.goods},
			w.left, w.total(w.left), w.tax(w.left), w.rate.String())
	}
	line(commerce.Line{ID: o.Ref.ID + "2", Kind: commerce.LineShipping, Title: "Post", UnitPrice: euros(t.postage)},
		decimal.NewFromInt(1), t.postage, taxIn(t.postage, dec(postRate)), postRate)
	o.Total, o.TotalTax = euros(t.total()), euros(tax)
	o.Taxes = []commerce.Tax{{Title: "ALV", Rate: dec(postRate), Amount: euros(tax)}}
	o.Payments, o.Shipments = slices.Clone(t.payments), slices.Clone(t.parcels)
	o.Refunds, o.Returns = slices.Clone(t.refunds), slices.Clone(t.returns)
	o.Financial, o.Paid = "paid", true
	if t.ended {
		o.CancelledAt = t.clock
	}
	return &o
}
