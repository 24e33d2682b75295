package erp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// difference is how the lines in Odoo differ from those wanted.
type difference struct {
	differ, added []line
	gone          []held
	swapped       bool // a line has another product
}

func (d difference) none() bool { return len(d.differ)+len(d.added)+len(d.gone) == 0 }

// rows are what a confirmed order's lines must become: they cannot be removed.
func (d difference) rows() []line {
	all := slices.Concat(d.differ, d.added)
	for _, l := range d.gone {
		l.Quantity = decimal.Zero
		all = append(all, l.line)
	}
	return all
}

func (d difference) String() string {
	var parts []string
	for _, n := range []struct {
		count int
		what  string
	}{{len(d.differ), "changed"}, {len(d.added), "missing"}, {len(d.gone), "too many"}} {
		if n.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.count, n.what))
		}
	}
	return "lines: " + strings.Join(parts, ", ")
}

// compare finds what differs. Lines are told apart by their external ids; lines
// that people added carry none of ours and are left alone. A line of quantity 0
// counts as gone already.
func (s settings) compare(want []line, have []held) difference {
	var d difference
	if s.equal(want, have) {
		return d
	}
	byXID := map[string]held{}
	for _, l := range have {
		byXID[l.XID] = l
	}
	named := map[string]bool{}
	for _, w := range want {
		named[w.XID] = true
		l, ok := byXID[w.XID]
		switch {
		case !ok:
			d.added = append(d.added, w)
		case !s.equalLine(w, l.line):
			d.differ = append(d.differ, w)
			d.swapped = d.swapped || w.Product != l.Product
		}
	}
	for _, l := range have {
		if strings.HasPrefix(l.XID, module) && !named[l.XID] && !l.Quantity.IsZero() {
			d.gone = append(d.gone, l)
		}
	}
	return d
}

// equal reports whether the lines agree one by one in their order, which needs no
// external ids to be read. Where they are, they must agree too.
func (s settings) equal(want []line, have []held) bool {
	have = slices.DeleteFunc(slices.Clone(have), func(l held) bool { return l.Quantity.IsZero() })
	return len(want) == len(have) && slices.EqualFunc(want, have, func(w line, h held) bool {
		return s.equalLine(w, h.line) && (h.XID == "" || h.XID == w.XID)
	})
}

func (s settings) equalLine(a, b line) bool {
	return a.Product == b.Product && a.Name == b.Name && slices.Equal(a.Taxes, b.Taxes) &&
		a.Quantity.Round(s.Digits.Quantity).Equal(b.Quantity.Round(s.Digits.Quantity)) &&
		a.Price.Round(s.Digits.Price).Equal(b.Price.Round(s.Digits.Price)) &&
		a.Discount.Round(s.Digits.Discount).Equal(b.Discount.Round(s.Digits.Discount))
}
