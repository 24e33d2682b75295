package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// show is the plan as people read it, a step a line. It holds no personal data:
// buyers, addresses and what is written on lines are counted and not shown.
func (p plan) show(o *commerce.Order, there *standing, s settings) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	name := reference(o.Ref, o.Number)
	if there != nil {
		name = there.Name + " (" + name + ")"
	}
	if p.People != nil {
		say("create quotation %s in company %s", name, s.Company.Name)
		out = append(out, p.People.show()...)
	}
	if h := p.Header; h != nil {
		out = append(out, h.show(s)...)
	}
	if len(p.Fields) > 0 {
		say("fill %s of %s", showFields(p.Fields), name)
	}
	out = append(out, p.showBack(there)...)
	for _, l := range p.Lines {
		if line := "make the product " + cmp.Or(l.SKU, "of a variant without a SKU"); l.New != nil && !slices.Contains(out, line) {
			say("%s", line)
		}
		say("%s", s.showLine(l))
	}
	if n := len(p.Unlink); n > 0 {
		say("remove %s of %s that the shop has no more", commerce.Count(n, "line"), name)
	}
	if p.Check {
		say("compare: total %s with %s tax", amountOf(p.Want.Total, o), amountOf(p.Want.Tax, o))
	}
	switch {
	case p.Cancel:
		say("cancel %s", name)
	case p.Hold:
		say("leave %s a quotation, with a tag and an activity, until somebody releases it", name)
	case p.Confirm:
		say("confirm %s", name)
	}
	if at := p.Relocate; at != nil {
		i := slices.IndexFunc(s.Locations, func(k known) bool { return k.ID == at.Location })
		say("take its goods from %s", s.Locations[i].Name)
	}
	if p.Date != nil {
		say("set the order date of %s to %s", name, p.Date.Format(time.DateTime))
	}
	for _, n := range p.Notices {
		say("look at: %s", n)
	}
	if p.Confirm || there != nil && there.confirmed() && !p.Cancel {
		out = append(out, s.showFlow(o)...)
	}
	if s.Flow.Invoices() && there != nil {
		out = append(out, p.showCredits(o)...)
	}
	if len(out) == 0 {
		return []string{"nothing to write: " + name + " is equal"}
	}
	return out
}

// showBack says what comes back before lines become smaller.
func (p plan) showBack(there *standing) (out []string) {
	for _, t := range p.Back {
		at := slices.IndexFunc(there.Lines, func(l held) bool { return l.ID == t.Line })
		what := fmt.Sprintf("%s × product %d", t.Quantity, there.Lines[at].Product)
		if t.Expected {
			out = append(out, "wait for "+what+" to come back")
			continue
		}
		out = append(out, "take back "+what)
	}
	return out
}

// showCredits says which refunds are credited, as far as they are on invoices.
func (p plan) showCredits(o *commerce.Order) (out []string) {
	for _, c := range p.booking.Credits {
		sum := decimal.Zero
		for _, r := range c.Rows {
			sum = sum.Add(r.Total.Amount)
			for _, t := range r.Taxes {
				if !o.PricesIncludeTax {
					sum = sum.Add(t.Amount.Amount)
				}
			}
		}
		if !sum.IsZero() {
			out = append(out, fmt.Sprintf("credit refund %s, %s, as far as it is invoiced", c.ID, amountOf(sum, o)))
		}
	}
	return out
}

func amountOf(d decimal.Decimal, o *commerce.Order) commerce.Money {
	return commerce.Money{Amount: d, Currency: o.Currency}
}

func (all people) show() []string {
	one := func(what string, c *contact) string {
		switch {
		case c == nil:
			return what + ": the customer's own"
		case c.ID != 0:
			return fmt.Sprintf("%s: contact %d as it is", what, c.ID)
		}
		text := what + ": a new contact"
		if c.Legal {
			text = what + ": a new company"
		}
		if c.Lang != "" {
			text += ", in " + c.Lang
		}
		if c.Archived {
			text += ", archived"
		}
		if len(c.Fields) > 0 {
			text += ", with " + showFields(c.Fields)
		}
		return text
	}
	var out []string
	invoice := one("invoice address", all.Invoice)
	if all.Company != nil {
		out = append(out, one("company", all.Company))
		if all.Invoice == all.Company {
			invoice = "invoice address: the company's own"
		}
	}
	return append(out, one("customer", &all.Buyer), one("delivery address", all.Delivery), invoice)
}

func (h header) show(s settings) []string {
	parts := []string{"order date " + h.Date.Format(time.DateTime)}
	for _, n := range s.Pricelists {
		if n.ID == h.Pricelist {
			parts = append(parts, "pricelist "+n.Name)
		}
	}
	ids := map[string]int64{"warehouse": h.Warehouse, "team": h.Team, "terms": h.Terms, "salesperson": h.Salesperson,
		"carrier": h.Carrier, "fiscal_position": h.Fiscal, "location": h.Location}
	for _, kind := range registers() {
		r, _ := s.register(kind)
		if at := slices.IndexFunc(r.records, func(k known) bool { return k.ID == ids[kind] }); at >= 0 {
			parts = append(parts, r.words+" "+r.records[at].Name)
		}
	}
	if h.Picking != "" {
		parts = append(parts, "picking policy "+h.Picking)
	}
	if h.Name != "" {
		parts = append(parts, "name "+h.Name)
	}
	if len(h.Fields) > 0 {
		parts = append(parts, showFields(h.Fields))
	}
	if h.Note != "" {
		parts = append(parts, "an internal note")
	}
	return []string{strings.Join(parts, ", ")}
}

// showFields names the fields and where their values come from: what they hold may be
// a person's.
func showFields(all []filled) string {
	var parts []string
	for _, f := range all {
		parts = append(parts, fmt.Sprintf("the field %s from %q", f.Field, f.Rule.From))
	}
	return strings.Join(parts, ", ")
}

// showLine leaves out the line's text: buyers have their words put there.
func (s settings) showLine(l line) string {
	text := fmt.Sprintf("line %s × %s at %s", l.Quantity, cmp.Or(l.SKU, "product "+itoa(l.Product)), l.Price)
	if !l.Discount.IsZero() {
		text += " less " + l.Discount.String() + " %"
	}
	var taxes []string
	for _, t := range s.Taxes {
		if slices.Contains(l.Taxes, t.ID) {
			taxes = append(taxes, t.Name)
		}
	}
	return text + ", tax " + cmp.Or(strings.Join(taxes, " + "), "none")
}
