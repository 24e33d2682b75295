package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// How bundles are booked, the values of products.bundles.
const (
	bundleKit     = "kit"     // the bundle with the price of all
	bundleExplode = "explode" // the parts, each with its share of the price
	bundleService = "service" // the bundle with the price of all, and the parts at none
)

// entry is a line as it is to be booked, after what becomes of bundles is settled.
type entry struct {
	Index int // of the order's line that it comes from
	commerce.Line
	In     string // the title of the bundle that it is a part of
	Beside bool   // a bundle that stands beside its parts
}

// booked reports whether a line stands in Odoo at all: one edited away does not.
func booked(l commerce.Line) bool {
	return l.Quantity.IsPositive() || l.Kind == commerce.LineRefund && !l.Quantity.IsZero()
}

// bundle is one bundle of an order by the places of its lines.
type bundle struct {
	parent int
	inner  []int // bundles inside of it: nothing but their price counts
	parts  []int
}

// entries are what of the order is booked: its lines in their order, and bundles
// as products.bundles says. Quantities and amounts of all lines together stay what
// they are. The gaps are bundles that cannot be booked that way.
func (s settings) entries(o *commerce.Order) (all []entry, lacks gaps) {
	bundles, in := bundlesOf(o)
	replaced, gone, beside := map[int]commerce.Line{}, map[int]bool{}, map[int]bool{}
	for _, b := range bundles {
		parent := o.Lines[b.parent]
		for _, i := range b.inner {
			gone[i] = true
		}
		if len(b.parts) == 0 {
			replaced[b.parent] = whole(o, b)
			continue
		}
		switch cmp.Or(s.Books.Products.Bundles, bundleExplode) {
		case bundleExplode:
			gone[b.parent] = true
			for i, l := range exploded(o, b) {
				replaced[b.parts[i]] = l
			}
			continue
		case bundleKit:
			for _, i := range b.parts {
				gone[i] = true
			}
		case bundleService:
			for _, i := range b.parts {
				replaced[i] = free(o.Lines[i])
			}
			beside[b.parent] = true
		}
		replaced[b.parent] = whole(o, b)
		if mixed(o, b) {
			lacks.add(gap{
				detail: fmt.Sprintf("the parts of the bundle %q have different taxes, which one line cannot have", cleanLine(parent.Title, shortText)),
				remedy: fmt.Sprintf("set books.products.bundles of shop %s to explode, then replay the order", s.Shop)})
		}
	}
	for i, l := range o.Lines {
		if gone[i] || !booked(l) {
			continue
		}
		p := entry{Index: i, Line: l, Beside: beside[i]}
		if l, ok := replaced[i]; ok {
			p.Line = l
		}
		if at, ok := in[i]; ok {
			p.In = cleanLine(o.Lines[at].Title, longTitle)
		}
		p.Title = cleanLine(p.Title, longTitle)
		all = append(all, p)
	}
	return all, lacks
}

// bundlesOf finds the bundles of an order, and of each of their parts the bundle
// that it is in. A line that names no bundle of the order is a line like others.
func bundlesOf(o *commerce.Order) (all []*bundle, in map[int]int) {
	byID, of := map[string]int{}, map[int]*bundle{}
	for i, l := range o.Lines {
		if l.Kind == commerce.LineBundle && l.ID != "" && booked(l) {
			byID[l.ID] = i
		}
	}
	outermost := func(i int) int {
		for range o.Lines { // as deep as it can be, and no ring runs for ever
			up, ok := byID[o.Lines[i].Bundle]
			if !ok || up == i {
				break
			}
			i = up
		}
		return i
	}
	in = map[int]int{}
	for i, l := range o.Lines {
		if l.Kind == commerce.LineBundle && booked(l) && outermost(i) == i {
			of[i] = &bundle{parent: i}
			all = append(all, of[i])
		}
	}
	for i, l := range o.Lines {
		b := of[outermost(i)]
		switch {
		case b == nil || b.parent == i || !booked(l):
		case l.Kind == commerce.LineBundle:
			b.inner = append(b.inner, i)
		default:
			b.parts = append(b.parts, i)
			in[i] = b.parent
		}
	}
	return all, in
}

// mixed reports whether a bundle's lines that cost something have different taxes.
func mixed(o *commerce.Order, b *bundle) bool {
	lines := b.priced(o)
	for _, i := range b.parts {
		lines = append(lines, o.Lines[i])
	}
	seen := map[string]bool{}
	for _, l := range lines {
		if l.Total.IsZero() {
			continue
		}
		var taxes []string
		for _, t := range l.Taxes {
			if !t.Rate.IsZero() {
				taxes = append(taxes, t.Title+" "+t.Rate.String())
			}
		}
		slices.Sort(taxes)
		seen[strings.Join(taxes, ";")] = true
	}
	return len(seen) > 1
}
