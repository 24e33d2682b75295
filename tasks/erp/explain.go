package erp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// Explanation says of one order what would be written to Odoo, and which rule and
// which place of the configuration is behind each value. It holds no personal data.
type Explanation struct {
	Order    string           `json:"order"`
	Number   string           `json:"number"`
	Total    string           `json:"total"`
	Tax      string           `json:"tax"`
	Facts    []config.Setting `json:"facts"` // what channels and rules are chosen by
	Workflow config.Setting   `json:"workflow"`
	Settings []config.Setting `json:"settings"`
	Reasons  []string         `json:"reasons,omitempty"`
	Steps    []string         `json:"steps,omitempty"` // what would be written, see Outcome.Plan
	Notices  []string         `json:"notices,omitempty"`
	Stopped  *Stopped         `json:"stopped,omitempty"` // nil: nothing stops it
}

// Stopped is why an order would be parked.
type Stopped struct {
	Reason commerce.Reason `json:"reason"`
	Detail string          `json:"detail"`
	Remedy string          `json:"remedy"`
	Needs  []string        `json:"needs,omitempty"`
}

// Explain plans the order as Order would with nothing remembered, and writes
// nothing. Its error is one of asking Odoo; what would park the order is part of
// the explanation.
func (b *Books) Explain(ctx context.Context, shop config.Shop, o *commerce.Order) (Explanation, error) {
	f := Facts(o)
	ruling := shop.Rule(f)
	e := Explanation{Order: o.Ref.String(), Number: o.Number, Total: o.Total.String(), Tax: o.TotalTax.String(), Facts: f.Settings(),
		Workflow: config.Setting{Key: "workflow", Value: cmp.Or(ruling.Workflow, strings.Join(ruling.Steps, ", ")), From: ruling.From}}
	books, from := shop.For(f)
	e.Settings = books.Settings(from)
	m, err := b.master.get(ctx)
	if err != nil {
		return e, classify(o.Ref, err)
	}
	p, h, s, err := b.plan(ctx, shop, o, Applied{}, m)
	var stop *commerce.Error
	switch {
	case err == nil:
		e.Steps, e.Notices = p.show(o, h.Order, s), p.Notices
		if p.Action == skipped {
			e.Steps = []string{"it stays out: " + p.Reason}
		}
	case errors.As(err, &stop):
		e.Stopped = &Stopped{stop.Reason, o.Redact(stop.Detail), o.Redact(stop.Remedy), stop.Needs}
	default:
		return e, classify(o.Ref, err)
	}
	if s.Company.ID != 0 {
		e.Reasons = s.reasons(o, h, p)
	}
	return e, nil
}

// reasons tell why the order's people, lines and taxes are those of the plan.
func (s settings) reasons(o *commerce.Order, h have, p plan) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	say("company %s: %s", s.Company.Name, cmp.Or(s.From["company"], "the one of Odoo's user"))
	switch {
	case h.Order != nil:
		say("%s is the order in Odoo: its external id is %s", h.Order.Name, orderXID(o.Ref))
	case h.Foreign != nil:
		say("%s has the number of this order and was not made by us", h.Foreign.Name)
	default:
		say("Odoo has no order with the external id %s", orderXID(o.Ref))
		out = append(out, s.whyBuyer(o, h))
	}
	w := wanting{settings: s, order: o, products: h.Products}
	w.grid, _ = s.gridOf(o.Currency)
	lines, _ := s.entries(o)
	for _, l := range lines {
		out = append(out, w.whyLine(l.Line))
	}
	for _, on := range []string{config.OnOrder, config.OnCustomer} {
		for _, g := range givenFor(s.Books.Fields, o, on) {
			say("%s field %s: %s", on, g.Field, s.whyField(g))
		}
	}
	for _, l := range p.Lines {
		say("row %s × %s: %s", l.Quantity, cmp.Or(l.SKU, "product "+itoa(l.Product)), cmp.Or(formWords()[l.Form], l.Form))
	}
	return out
}

// whyField says where the value of a field comes from.
func (s settings) whyField(g given) string {
	if g.value == "" {
		return fmt.Sprintf("the shop has nothing for it under %q", g.From)
	}
	return fmt.Sprintf("what the shop has under %q, by the line %s under %s", g.From, g.FieldRule, s.From["fields"])
}

// formWords say what the forms of rows are.
func formWords() map[string]string {
	return map[string]string{
		string(parity.Plain): "the shop's price", string(parity.Discount): "the shop's price with a discount in percent",
		string(parity.Net):   "the price after discounts, for no percentage gives it",
		string(parity.Pair):  "a price and a percentage that give the shop's amount together",
		string(parity.Split): "two rows, for one price does not give the shop's amount",
		formRounding:         "cents that no other row can carry",
	}
}

func (s settings) whyBuyer(o *commerce.Order, h have) string {
	id := s.identity(o)
	var kinds []string
	for _, k := range id.Keys {
		kinds = append(kinds, k.Kind)
	}
	by := "looked for by " + cmp.Or(strings.Join(kinds, ", then "), "nothing")
	if id.Guest != "" {
		by = "a guest, " + id.Guest
	}
	switch {
	case h.Buyer != nil:
		return fmt.Sprintf("customer: %s, found contact %d", by, h.Buyer.ID)
	case h.Company != nil:
		return fmt.Sprintf("customer: %s, found company %d", by, h.Company.ID)
	}
	return fmt.Sprintf("customer: %s, made as %s", by, cmp.Or(id.Company, id.Buyer))
}

// whyLine names the line by its SKU and kind: people write their words into titles.
func (w *wanting) whyLine(l commerce.Line) string {
	text := fmt.Sprintf("%s line %s: %s", l.Kind, cmp.Or(l.SKU, cmp.Or(l.Code, l.ID)), w.whyProduct(l))
	if len(l.Taxes) == 0 {
		return text + "; no tax in the shop"
	}
	var taxes []string
	for _, t := range l.Taxes {
		taxes = append(taxes, fmt.Sprintf("%s %% %s", t.Rate, w.whyTax(w.taxKey(l, t))))
	}
	return text + "; " + strings.Join(taxes, ", ")
}

func (w *wanting) whyProduct(l commerce.Line) string {
	c, g := w.choose(w.searchFor(w.order, l), w.products)
	if g != nil {
		return "no product of Odoo yet"
	}
	return fmt.Sprintf("product %s (%s)", cmp.Or(c.SKU, itoa(c.ID)), c.Found)
}

func (w *wanting) whyTax(k taxKey) string {
	found, g := w.taxFor(k)
	switch {
	case g != nil:
		return "is no tax of Odoo yet"
	case found == nil:
		return "is no tax, for no rule names its rate of 0"
	}
	k.Country = w.countryOf(k)
	if r := w.taxRule(k); r != nil {
		return fmt.Sprintf("is %q by the rule %s of %s", found.Name, r, w.From["taxes"])
	}
	return fmt.Sprintf("is %q, the only one of its rate and mode", found.Name)
}
