package erp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// given is what the shop has for one field: the value of the first rule that has one,
// else "" and the field's first rule.
type given struct {
	config.FieldRule
	value string
}

// givenFor are the fields that rules fill on an order or a customer, in the order of
// the rules.
func givenFor(rules []config.FieldRule, o *commerce.Order, on string) (all []given) {
	for _, r := range rules {
		if r.On != on {
			continue
		}
		at := slices.IndexFunc(all, func(g given) bool { return g.Field == r.Field })
		switch value := meta(o, r.From); {
		case at < 0:
			all = append(all, given{r, value})
		case all[at].value == "":
			if value != "" {
				all[at] = given{r, value}
			}
		}
	}
	return all
}

// meta is the first value that the order has under a name, "" for none.
func meta(o *commerce.Order, name string) string {
	for _, p := range o.Meta {
		if value := strings.TrimSpace(p.Value); value != "" && config.SameWord(p.Name, name) {
			return value
		}
	}
	return ""
}

// FieldsDigest is a short fingerprint of what the shop has for the fields of an order
// that books.fields fills, field by field; "" where it fills none. It is apart from
// the order's digest, so that another value of one rewrites no line.
func FieldsDigest(shop config.Shop, o *commerce.Order) string {
	if len(shop.MetaNames()) == 0 {
		return ""
	}
	b, _ := shop.For(Facts(o))
	var parts []string
	for _, g := range givenFor(b.Fields, o, config.OnOrder) {
		parts = append(parts, g.Field+"="+g.fingerprint())
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func (g given) fingerprint() string {
	if g.value == "" {
		return ""
	}
	return hash(g.value)[:10]
}

// known reports whether what a run before had for the field is remembered, and
// whether it is the same still.
func (last Applied) known(g given) (told, same bool) {
	for part := range strings.FieldsSeq(last.Fields) {
		if field, was, _ := strings.Cut(part, "="); field == g.Field {
			return true, was == g.fingerprint()
		}
	}
	return false, false
}

// anew are those of which the shop has another value than a run before had.
func (last Applied) anew(all []given) []given {
	return slices.DeleteFunc(all, func(g given) bool {
		_, same := last.known(g)
		return same && !last.Forced
	})
}

// record is what a many2one is found by.
type record struct{ Model, Name string }

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

// records finds what many2one fields are to lead to, by exact names, among those of the
// shop's company and of every company. What our user may not see is not there.
func (r reader) records(ctx context.Context, all []given) (map[record][]int64, error) {
	var asks []record
	for _, g := range all {
		c := r.Columns[modelOf(g.FieldRule)][g.Field]
		if a := (record{c.Relation, g.value}); g.value != "" && c.Type == "many2one" && r.misfit(g.FieldRule) == nil && !slices.Contains(asks, a) {
			asks = append(asks, a)
		}
	}
	found := make([][]int64, len(asks))
	err := each(ctx, asks, func(ctx context.Context, i int) (err error) {
		found[i], err = r.recordsNamed(ctx, asks[i])
		return optional(err)
	})
	byName := map[record][]int64{}
	for i, a := range asks {
		byName[a] = found[i]
	}
	return byName, err
}

func (r reader) recordsNamed(ctx context.Context, a record) (ids []int64, err error) {
	fields, err := r.odoo.Fields(ctx, a.Model)
	if err != nil || fields.First("name") == "" {
		return nil, err
	}
	q := odooclient.Query{Model: a.Model, Field: "name", Fields: []string{"name"}, Context: r.context()}
	company := fields.First("company_id")
	if company != "" {
		q.Fields = append(q.Fields, company)
	}
	rows, err := r.odoo.Find(ctx, q, a.Name)
	for _, row := range rows {
		if owner, _ := row.Ref(cmp.Or(company, "company_id")); owner == 0 || owner == r.Company.ID {
			ids = append(ids, row.ID())
		}
	}
	return ids, err
}
