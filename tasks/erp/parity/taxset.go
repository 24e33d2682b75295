package parity

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/shopspring/decimal"
)

// book is one order's work: the arithmetic, the sets of taxes that its rows carry,
// and the keys under which Odoo sums their amounts.
type book struct {
	Arithmetic
	money   rounder
	company rounder
	half    decimal.Decimal // unit
	fine    rounder         // what 17 keeps of a tax until the order is summed

	sets   []*taxSet
	known  map[string]*taxSet
	keys   map[string]int
	taxes  []int64           // by key
	groups map[int64][]int64 // taxes of a group that are none
}

func newBook(a Arithmetic) *book {
	if !a.Unit.IsPositive() {
		a.Unit = decimal.New(1, -2)
	}
	if !a.CompanyUnit.IsPositive() {
		a.CompanyUnit = a.Unit
	}
	b := &book{Arithmetic: a, money: newRounder(a.Unit), company: newRounder(a.CompanyUnit),
		known: map[string]*taxSet{}, keys: map[string]int{}, groups: map[int64][]int64{}}
	b.fine, b.half = b.money, b.money.unit.Div(two)
	if a.Global {
		b.fine = newRounder(a.Unit.Shift(-5))
	}
	return b
}

func (b *book) modern() bool { return b.Version >= 19 }

// raw reports whether Odoo rounds no amount of a row, only the order's sums.
func (b *book) raw() bool { return b.modern() && b.Global }

// taxSet is the taxes of a row as Odoo applies them.
type taxSet struct {
	index    int
	taxes    []Tax
	leaves   []leaf
	excluded bool // a tax is not in the price
}

// leaf is a tax that is not a group.
type leaf struct {
	kind                       Kind
	rate                       decimal.Decimal // 0.255; of a fixed tax the amount
	included, raises, affected bool
	shares                     []decimal.Decimal // none: one of 1
	factor                     decimal.Decimal   // sum of shares
	keys                       []int             // one per share
	id                         int64
	first, last                int             // its batch, in 19
	batch                      decimal.Decimal // sum of the batch's rates
}

// set is the set of these taxes, whatever their order.
func (b *book) set(taxes []Tax) *taxSet {
	var room [128]byte
	name := room[:0]
	if !slices.IsSortedFunc(taxes, byID) {
		taxes = slices.SortedFunc(slices.Values(taxes), byID)
	}
	for _, t := range taxes {
		name = binary.BigEndian.AppendUint64(name, uint64(t.ID))
	}
	if s := b.known[string(name)]; s != nil {
		return s
	}
	s := &taxSet{index: len(b.sets), taxes: taxes}
	b.known[string(name)] = s
	b.sets = append(b.sets, s)
	b.flatten(s, taxes, 0)
	for i := range s.leaves {
		s.excluded = s.excluded || !s.leaves[i].included
		b.key(s, i)
	}
	s.batches()
	return s
}

func byID(x, y Tax) int { return cmp.Compare(x.ID, y.ID) }

// flatten appends taxes by sequence, groups as their children.
func (b *book) flatten(s *taxSet, taxes []Tax, depth int) {
	taxes = slices.SortedStableFunc(slices.Values(taxes), func(x, y Tax) int {
		return cmp.Or(cmp.Compare(x.Sequence, y.Sequence), byID(x, y))
	})
	for _, t := range taxes {
		if t.Kind == Group {
			if depth < 2 {
				first := len(s.leaves)
				b.flatten(s, t.Children, depth+1)
				b.groups[t.ID] = nil
				for _, l := range s.leaves[first:] {
					b.groups[t.ID] = append(b.groups[t.ID], l.id)
				}
			}
			continue
		}
		l := leaf{kind: t.Kind, rate: t.Amount, included: t.Included, raises: t.RaisesBase, affected: t.Affected,
			shares: t.Shares, factor: one, id: t.ID}
		if t.Kind != Fixed {
			l.rate = t.Amount.Shift(-2)
		}
		if len(t.Shares) > 0 {
			l.factor = decimal.Sum(decimal.Zero, t.Shares...)
		}
		s.leaves = append(s.leaves, l)
	}
}

// key gives the leaf the keys under which its amounts are summed: 19 sums per tax,
// 17 per repartition line and per taxes that follow on the tax.
func (b *book) key(s *taxSet, i int) {
	l := &s.leaves[i]
	for share := range max(1, len(l.shares)) {
		name := binary.BigEndian.AppendUint64(nil, uint64(l.id))
		name = append(name, byte(share))
		if !b.modern() && l.raises {
			for _, f := range s.leaves[i+1:] {
				if f.affected {
					name = binary.BigEndian.AppendUint64(name, uint64(f.id))
				}
			}
		}
		k, known := b.keys[string(name)]
		if !known {
			k = len(b.taxes)
			b.keys[string(name)], b.taxes = k, append(b.taxes, l.id)
		}
		l.keys = append(l.keys, k)
	}
}

// batches finds the neighbours that 19 computes at once, from the last to the first.
func (s *taxSet) batches() {
	end := len(s.leaves) - 1
	for i := end; i >= 0; i-- {
		l, last := &s.leaves[i], &s.leaves[end]
		same := l.kind == last.kind && l.included == last.included && l.raises == last.raises
		if i < end && (!same || l.raises && s.leaves[i+1].affected) {
			end = i
		}
		l.last = end
	}
	for i := 0; i < len(s.leaves); {
		first, last := i, s.leaves[i].last
		var sum decimal.Decimal
		for _, l := range s.leaves[first : last+1] {
			sum = sum.Add(l.rate)
		}
		for ; i <= last; i++ {
			s.leaves[i].first, s.leaves[i].batch = first, sum
		}
	}
}
