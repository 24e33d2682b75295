package erp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// fill makes a value of the shop what its field wants; told says why it is left out.
func (s settings) fill(o *commerce.Order, g given, records map[record][]int64) (f filled, told string) {
	c := s.Columns[modelOf(g.FieldRule)][g.Field]
	f = filled{Field: g.Field, Link: c.Type == "many2one", Rule: g.FieldRule}
	var err error
	switch {
	case g.value == "":
	case f.Link:
		ids := records[record{c.Relation, g.value}]
		if len(ids) != 1 {
			return f, fmt.Sprintf("Odoo has %d records of %s with the name under %q: the field %s is left out", len(ids), c.Relation, g.From, g.Field)
		}
		f.Value = itoa(ids[0])
	case g.isVAT():
		if f.Value = normalVAT(g.value); !validVAT(f.Value, vatCountry(o)) {
			err = errNoVAT
		}
	default:
		f.Value, err = c.cell(g.value, s.zone())
	}
	if err != nil {
		return f, fmt.Sprintf("what the shop has under %q %s: the field %s is left out", g.From, err, g.Field)
	}
	return f, ""
}

// isVAT reports whether the field is a customer's VAT number.
func (g given) isVAT() bool { return g.On == config.OnCustomer && g.Field == "vat" }

// vatCountry is the country of a VAT number that does not say its own.
func vatCountry(o *commerce.Order) string {
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a != nil && a.Country != "" {
			return strings.ToUpper(strings.TrimSpace(a.Country))
		}
	}
	return ""
}

// mappedVAT is the number that books.fields gives the customer; "" where it gives none
// or one that is none.
func (s settings) mappedVAT(o *commerce.Order) string {
	for _, g := range givenFor(s.Books.Fields, o, config.OnCustomer) {
		if !g.isVAT() {
			continue
		}
		if f, told := s.fill(o, g, nil); told == "" {
			return f.Value
		}
	}
	return ""
}

// fills are the fields of a new order or contact, and what is left out of them.
func (s settings) fills(o *commerce.Order, on string, h have) (all []filled, told []string) {
	for _, g := range givenFor(s.Books.Fields, o, on) {
		if g.value == "" || s.misfit(g.FieldRule) != nil {
			continue
		}
		if f, why := s.fill(o, g, h.Records); why != "" {
			told = append(told, why)
		} else if f.Value != "" {
			all = append(all, f)
		}
	}
	return all, told
}

// fillCustomer gives the customer his fields where he is made: the company, else the
// buyer. A contact that guests share is nobody's.
func (s settings) fillCustomer(o *commerce.Order, h have, all *people) (told []string) {
	root := all.root()
	if root.ID != 0 || s.identity(o).Guest == "shared" {
		return nil
	}
	if root.Fields, told = s.fills(o, config.OnCustomer, h); root.VAT != "" {
		root.Fields = slices.DeleteFunc(root.Fields, func(f filled) bool { return f.Field == "vat" })
	}
	return told
}

// refill adds the fields of an order that is there: those that the shop changed since
// the state last applied. What is not remembered, such as for a rule that is newer than
// the order, fills only what is empty in Odoo.
func (p plan) refill(o *commerce.Order, h have, s settings, last Applied) (plan, error) {
	var misfits gaps
	for _, g := range last.anew(givenFor(s.Books.Fields, o, config.OnOrder)) {
		told, _ := last.known(g)
		if !told && g.value == "" {
			continue
		}
		if lack := s.misfit(g.FieldRule); lack != nil {
			misfits.add(*lack)
			continue
		}
		f, why := s.fill(o, g, h.Records)
		c, now := s.Columns[orderModel][g.Field], h.Order.Fields
		switch {
		case why != "":
		case g.value == "" && c.Required:
			why = fmt.Sprintf("the shop has nothing under %q any more, and the field %s of %s must have a value: it stays", g.From, g.Field, h.Order.Name)
		case c.holds(now, f):
			continue
		case !told && !mayRefill(c, g.Field, h.Order, last):
			why = fmt.Sprintf("the field %s of %s has another value than the shop has under %q, and it is not known who changed it: it stays", g.Field, h.Order.Name, g.From)
		}
		if why != "" {
			p.Notices = append(p.Notices, why)
			continue
		}
		p.Fields = append(p.Fields, f)
	}
	return p, missing(o.Ref, misfits...)
}

// mayRefill reports whether a value that nothing is remembered of is written over what
// Odoo has: as with lines, to quotations, and where a run began or a person asked for
// it; else where there is nothing, once it is known that the order was ours.
func mayRefill(c column, field string, h *standing, last Applied) bool {
	if last.Digest == "" {
		return h.open() || last.Begun || last.Forced
	}
	return last.Forced || c.holds(h.Fields, filled{Field: field})
}

// zone is the one that the shop's days begin in.
func (s settings) zone() *time.Location {
	zone, err := time.LoadLocation(s.Books.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}
