package erp

import (
	"errors"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// gap is one thing that must be made or mapped before an order can be booked.
type gap struct {
	detail, remedy string
	need, also     string // what is looked for, either will do; empty: only a person can tell
	sku            string // of an unknown product: all of them make one sentence
}

// gaps collects everything that is missing, so that a person mends it in one go.
type gaps []gap

func (g *gaps) add(one gap) {
	if !slices.Contains(*g, one) {
		*g = append(*g, one)
	}
}

// missing makes one error of them, nil when there are none.
func missing(ref commerce.Ref, all ...gap) error {
	if len(all) == 0 {
		return nil
	}
	e := &commerce.Error{Op: "erp.order", Reason: commerce.Missing, Ref: ref}
	var details, remedies []string
	for _, g := range oneSentence(all) {
		details = append(details, g.detail)
		if !slices.Contains(remedies, g.remedy) {
			remedies = append(remedies, g.remedy)
		}
	}
	for _, g := range all {
		for _, need := range []string{g.need, g.also} {
			if need != "" && !slices.Contains(e.Needs, need) {
				e.Needs = append(e.Needs, need)
			}
		}
	}
	e.Detail, e.Remedy = strings.Join(details, "; "), strings.Join(remedies, "; ")
	return e
}

// oneSentence tells of all unknown products at once, in the place of the first.
func oneSentence(all []gap) []gap {
	var out []gap
	var skus []string
	first := -1
	for _, g := range all {
		if g.sku == "" {
			out = append(out, g)
			continue
		}
		if first < 0 {
			first, out = len(out), append(out, g)
		}
		skus = append(skus, g.sku)
	}
	if len(skus) > 1 {
		list := strings.Join(skus, ", ")
		out[first] = gap{detail: "Odoo has no products with internal references " + list,
			remedy: "create products with internal references " + list + " in Odoo; the order then runs again by itself"}
	}
	return out
}

// join puts one more gap to an error that says what is missing; another error
// stands as it is.
func join(ref commerce.Ref, err error, more gap) error {
	var e *commerce.Error
	if err == nil {
		return missing(ref, more)
	}
	if !errors.As(err, &e) || e.Reason != commerce.Missing || strings.Contains(e.Detail, more.detail) {
		return err
	}
	all := *e
	all.Detail += "; " + more.detail
	all.Remedy += "; " + more.remedy
	if more.need != "" {
		all.Needs = append(slices.Clone(e.Needs), more.need)
	}
	return &all
}
