package erp

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
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
