package woocommerce

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"
)

// The shop's notes on a line's stock: how much was taken from it, and how much was
// put back with refunds. Where it keeps no stock of a product there are none.
const (
	metaReduced   = "_reduced_stock"
	metaRestocked = "_restock_refunded_items"
)

// mostSums bounds the work on what no shop has: hundreds of refunds of odd parts of a piece.
const mostSums = 1000

// restocks finds with which refunds pieces of a line were put back into the stock. The
// shop keeps one number for all of them, those of goods that had not left too.
func (m *mapping) restocks() {
	for i := range m.lines {
		l := &m.lines[i]
		pieces := make([]decimal.Decimal, len(m.refunds))
		for n, r := range m.refunds {
			for _, back := range r.LineItems {
				if back.of() == l.of {
					pieces[n] = pieces[n].Sub(back.Quantity.Decimal)
				}
			}
		}
		l.back = map[ident]decimal.Decimal{}
		for n, back := range putBack(pieces, l.restocked) {
			l.back[m.refunds[n].ID] = back
			l.restocked = l.restocked.Sub(back)
		}
	}
}

// putBack divides what was put back over refunds of so many pieces, the oldest first. A
// refund puts back all of its pieces of a line or none, so only refunds whose pieces come
// to the number were put back; of several such ways it is the one with the oldest. Where
// none is, as after a refund was deleted, the oldest have them as far as they go.
func putBack(pieces []decimal.Decimal, all decimal.Decimal) []decimal.Decimal {
	sums := make([]map[string]decimal.Decimal, len(pieces)+1) // what refunds from here on can come to
	sums[len(pieces)] = map[string]decimal.Decimal{decimal.Zero.String(): decimal.Zero}
	for i := len(pieces) - 1; i >= 0; i-- {
		sums[i] = maps.Clone(sums[i+1])
		for _, key := range slices.Sorted(maps.Keys(sums[i+1])) { // in one order, for the bound cuts off
			if sum := sums[i+1][key].Add(pieces[i]); sum.LessThanOrEqual(all) && len(sums[i]) < mostSums {
				sums[i][sum.String()] = sum
			}
		}
	}
	_, exact := sums[0][all.String()]
	out := make([]decimal.Decimal, len(pieces))
	for i, n := range pieces {
		if _, fits := sums[i+1][all.Sub(n).String()]; exact && !fits {
			continue
		}
		out[i] = decimal.Min(n, all)
		all = all.Sub(out[i])
	}
	return out
}

// backWith is how many of the pieces that a refund is about came back, where they had
// left: all of them where the shop keeps no stock.
func (l *line) backWith(r refund, quantity decimal.Decimal) decimal.Decimal {
	if !l.stocked {
		return quantity
	}
	back := decimal.Min(l.back[r.ID], quantity)
	l.back[r.ID] = l.back[r.ID].Sub(back)
	return back
}
