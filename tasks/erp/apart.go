package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Difference is one thing about which shop and Odoo do not agree.
type Difference struct {
	What   string `json:"what"` // total, tax, line MUG, received …
	Shop   string `json:"shop"`
	Odoo   string `json:"odoo"`
	Next   string `json:"next"` // what happens next, or what a person can do
	Repair Repair `json:"repair"`
}

// Repair is who makes a difference go.
type Repair string

// The repairs.
const (
	ByRun      Repair = "run"      // one more look at the order
	ByReimport Repair = "reimport" // a look in which the shop wins over people
	ByPerson   Repair = "person"   // somebody in Odoo, in the shop or at the configuration
	ByNobody   Repair = "none"     // the configuration wants it so
)

// Differences compares an order with what Odoo holds of it: the state, what it
// comes to in the books once credit notes are taken off, each line, what left, and the money. It
// asks nobody. Money that the workflow leaves to people is compared only where they
// registered some.
func Differences(shop config.Shop, o *commerce.Order, s Story) []Difference {
	return Compare(shop, o, s).Differences
}

// apart collects what differs.
type apart struct {
	settings
	Story
	order   *commerce.Order
	booking booking // how the order stands in the books
	live    bool
	all     []Difference
	stays   string // why Odoo is to have no such order
}

func (a *apart) say(what, shop, odoo string, by Repair, next string) {
	a.all = append(a.all, Difference{What: what, Shop: shop, Odoo: odoo, Next: next, Repair: by})
}

// absent says why Odoo has no such order.
func (a *apart) absent() {
	why := a.keptOut(a.order)
	switch {
	case a.Foreign != "":
		a.say("order", "there", a.Foreign+" has its number", ByPerson, fmt.Sprintf("it was not made by us; if it is this order: odoogate adopt %s %s; if it is another, change the customer reference of %s in Odoo",
			a.Shop, a.order.Ref.ID, a.Foreign))
	case why == shippedBefore && a.missed(a.order, Applied{}):
		a.say("order", "there", "none", ByPerson, "the shop shipped it before it came into Odoo: set import.fulfilled to import, and close its delivery in Odoo by hand")
	case why != "":
		a.stays = why
		a.say("order", "there", "none", ByNobody, "it stays out: "+why)
	case !a.live:
		a.say("order", "there", "none", ByPerson, "the shop only observes; in mode live a run makes it")
	default:
		a.say("order", "there", "none", ByRun, "the next run makes it, unless the journal says what it waits for")
	}
}

// state compares whether the order stands, and reports whether the rest of it is
// to be compared at all.
func (a *apart) state() bool {
	gone, name := a.gone(), a.Order.Name
	switch {
	case a.order.Cancelled() && gone:
		return false
	case a.order.Cancelled() && !a.booking.Left:
		a.say("state", "cancelled", a.Order.State, ByRun, fmt.Sprintf("a run cancels %s unless something of it was delivered or invoiced: that goes back as a return and a credit note", name))
		return false
	case gone:
		a.say("state", "open", "cancelled", ByPerson, fmt.Sprintf("cancel the order in the shop, or set %s back to quotation in Odoo and reimport it", name))
		return false
	case a.quotation() && a.Flow.Confirms() && !a.Books.Quotations():
		a.say("state", "open", "a quotation", ByRun, "a run confirms it, unless the journal says what it waits for")
	}
	return true
}

func (a *apart) gone() bool { return a.Order.State == "cancel" }

func (a *apart) quotation() bool { return a.Order.State == "draft" || a.Order.State == "sent" }

// rewritten says what becomes of contents that differ.
func (a *apart) rewritten() (Repair, string) {
	switch {
	case a.quotation():
		return ByRun, "a run makes the quotation equal"
	case len(a.order.Refunds) > 0 && !a.credited():
		return ByRun, "the shop refunded, and Odoo has no credit note: a run makes it where it may, else credit it in Odoo by hand"
	}
	return ByReimport, fmt.Sprintf("what people change in Odoo stays; odoogate order reimport %s %s shows what would make it equal", a.Shop, a.order.Ref.ID)
}

// differ says that contents differ.
func (a *apart) differ(what, shop, odoo string) {
	by, next := a.rewritten()
	a.say(what, shop, odoo, by, next)
}

// credited reports whether anything of the order was given back in the books.
func (a *apart) credited() bool {
	return slices.ContainsFunc(a.Invoices, func(v StoryInvoice) bool { return v.credit() && v.stands() })
}

func (v StoryInvoice) credit() bool { return v.Type == "out_refund" }
func (v StoryInvoice) stands() bool { return v.State != "cancel" }

// amounts compares total, tax, and the tax of each rate behind an equal sum. An order that was credited comes to what is
// invoiced less that, or to its own total less that where the rest is not invoiced.
func (a *apart) amounts() {
	if a.order.Currency != a.Order.Total.Currency {
		a.differ("currency", a.order.Currency, a.Order.Total.Currency)
		return
	}
	a.amount("total", a.booking.Total, a.total())
	a.amount("tax", a.booking.TotalTax, a.tax())
	if a.booking.TotalTax.Equal(a.tax()) {
		shop := a.shopTaxes()
		for _, t := range a.odooTaxes(shop) {
			a.amount("tax "+t.Rate.String()+" %", taxAt(shop, t), t.Amount)
		}
	}
}

func (a *apart) amount(what string, shop, odoo commerce.Money) {
	if odoo.Amount.Equal(shop.Amount) {
		return
	}
	text := odoo.String()
	if a.credited() {
		text += " after credit notes"
	}
	a.differ(what, shop.String(), text)
}

// sums are the rows of one line of the shop together.
type sums struct {
	label                                  string
	shop                                   decimal.Decimal
	ordered, delivered, invoiced, returned decimal.Decimal
}

// bySums gathers the rows by what they stand for, in the order of the shop's lines.
// Rows for rounding stand for nothing that is sold.
func (a *apart) bySums() (names []string, of map[string]*sums) {
	of = map[string]*sums{}
	get := func(name, label string) *sums {
		if of[name] == nil {
			of[name], names = &sums{label: label}, append(names, name)
		}
		return of[name]
	}
	entries, _ := a.entries(a.booking.Order)
	for _, e := range entries {
		l := get(base(lineXID(a.booking.Order, e.Index, 0)), LineLabel(e.Line))
		l.shop = l.shop.Add(e.Quantity)
	}
	back := a.returned()
	for _, row := range a.Lines {
		if !strings.HasPrefix(row.XID, module) || strings.Contains(row.XID, "_rounding_") {
			continue
		}
		l := get(base(row.XID), row.Product)
		l.ordered, l.delivered = l.ordered.Add(row.Quantity), l.delivered.Add(row.Delivered)
		l.invoiced, l.returned = l.invoiced.Add(row.Invoiced), l.returned.Add(back[row.ID])
	}
	return names, of
}

// base is what an external id says of a line without the number of the row.
func base(xid string) string { return xid[:max(strings.LastIndex(xid, "_"), 0)] }

// LineLabel names a line without its title, for people write into that.
func LineLabel(l commerce.Line) string {
	if l.Kind != commerce.LineProduct && l.SKU == "" {
		return strings.TrimSpace(string(l.Kind) + " " + l.Code)
	}
	return cmp.Or(l.SKU, l.ID)
}

// returned is how much of each line came back and counts as not delivered.
func (a *apart) returned() map[int64]decimal.Decimal {
	back := map[int64]decimal.Decimal{}
	for _, t := range a.Transfers {
		for _, m := range t.Moves {
			if t.Kind == "incoming" && m.State == "done" && m.Refunded {
				back[m.Line] = back[m.Line].Add(m.Quantity)
			}
		}
	}
	return back
}

// lines compares the quantities that are sold in the end. A line that was credited
// counts as it is invoiced, or less what came back.
func (a *apart) lines() {
	names, of := a.bySums()
	for _, name := range names {
		l := of[name]
		equal := l.ordered.Equal(l.shop)
		if a.credited() {
			equal = l.invoiced.Equal(l.shop) || l.ordered.Sub(l.returned).Equal(l.shop)
		}
		if !equal {
			a.differ("line "+l.label, l.shop.String(), l.words())
		}
	}
	for _, row := range a.Lines {
		if row.Added() {
			a.say("line "+row.Product, "none", row.Quantity.String(), ByPerson, "people added it in Odoo, and it stays; take it out of "+a.Order.Name+" there, or add it in the shop")
		}
	}
}

func (l *sums) words() string {
	var more []string
	if !l.returned.IsZero() {
		more = append(more, l.returned.String()+" came back")
	}
	if !l.invoiced.IsZero() && !l.invoiced.Equal(l.ordered) {
		more = append(more, l.invoiced.String()+" invoiced")
	}
	if more == nil {
		return l.ordered.String()
	}
	return l.ordered.String() + " (" + strings.Join(more, ", ") + ")"
}
