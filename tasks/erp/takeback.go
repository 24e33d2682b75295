package erp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// takeback is goods of an order line that a transfer brings back.
type takeback struct {
	Key      string          `json:"key"`  // what they come back with
	Line     int64           `json:"line"` // of the order in Odoo
	Quantity decimal.Decimal `json:"quantity"`
	Location int64           `json:"location,omitempty"` // 0: where they left from
	Expected bool            `json:"expected,omitempty"` // they are under way; else they are there
}

// takebacks are the transfers that bring back what is back in the shop and not yet
// in Odoo, and those that wait for what is under way. Goods that people took back in
// Odoo are not taken back again.
func (s settings) takebacks(b booking, h *standing) ([]takeback, error) {
	if len(b.Back) == 0 && len(b.Returns) == 0 {
		return nil, nil
	}
	var all []takeback
	var lacking gaps
	taken := map[int64]decimal.Decimal{} // of each line in Odoo
	add := func(key, line string, n decimal.Decimal, place string, expected bool) {
		location, g := s.returnsTo(place)
		if g != nil {
			lacking.add(*g)
		}
		for _, l := range slices.Backward(h.Lines) { // a line's first row is the last to go
			at, ok := lineOf(b.Order, l.XID)
			if !ok || b.Lines[at].ID != line {
				continue
			}
			part := clamp(n, decimal.Zero, l.Delivered.Sub(taken[l.ID]))
			if part.IsPositive() {
				all = append(all, takeback{key, l.ID, part, location, expected})
				taken[l.ID], n = taken[l.ID].Add(part), n.Sub(part)
			}
		}
	}
	done := b.back() // of the shop's line: what is in Odoo already, or never left there
	for line, n := range b.Due {
		done[line] = done[line].Sub(n)
	}
	for _, c := range b.Back {
		there := decimal.Min(done[c.LineID], c.Quantity)
		done[c.LineID] = done[c.LineID].Sub(there)
		add(c.Key, c.LineID, c.Quantity.Sub(there), c.Location, false)
	}
	for _, r := range b.Returns {
		if r.Status != commerce.ReturnOpen || !s.Books.Returns.Expects() {
			continue
		}
		for _, l := range r.Lines {
			add(returnKey(r.ID), l.LineID, l.Quantity.Sub(b.settledOf(r, l.LineID)), "", true)
		}
	}
	return all, missing(b.Ref, lacking...)
}

// left is how much of each row is with the buyer once goods came back.
func (h *standing) left(back []takeback) fixed {
	all := fixed{}
	for _, l := range h.Lines {
		n := l.Delivered
		for _, t := range back {
			if t.Line == l.ID && !t.Expected {
				n = n.Sub(t.Quantity)
			}
		}
		if l.XID != "" {
			all[l.XID] = n
		}
	}
	return all
}

// onInvoices is how much of each row left, or is on invoices where no less of its line
// is sold: another row would be credited and invoiced at prices of its own.
func (h *standing) onInvoices(o *commerce.Order, left fixed) fixed {
	all := maps.Clone(left)
	for at, l := range o.Lines {
		sum := decimal.Zero
		for _, row := range h.Lines {
			if standsFor(o, at, row.XID) {
				sum = sum.Add(row.Invoiced)
			}
		}
		if sum.GreaterThan(l.Quantity) {
			continue
		}
		for _, row := range h.Lines {
			if standsFor(o, at, row.XID) {
				all[row.XID] = decimal.Max(all[row.XID], row.Invoiced)
			}
		}
	}
	return all
}

// settledOf is how much of a return's line needs no more waiting for: it was
// received, or refunded.
func (b booking) settledOf(r commerce.Return, line string) decimal.Decimal {
	received, refunded := decimal.Zero, decimal.Zero
	for _, g := range r.Received {
		if g.LineID == line {
			received = received.Add(g.Quantity)
		}
	}
	for _, f := range b.Refunds {
		for _, l := range f.Lines {
			if f.Return == r.ID && l.LineID == line {
				refunded = refunded.Add(l.Quantity)
			}
		}
	}
	return decimal.Max(received, refunded)
}

// returnsTo is the location in Odoo for a place of the shop, 0 for where goods left
// from. Goods that are scrapped at once do not count as back in Odoo.
func (s settings) returnsTo(place string) (int64, *gap) {
	name := s.Books.Returns.Locations[place]
	if place == "" || name == "" {
		return 0, nil
	}
	id, g := s.named("location", name)
	at := slices.IndexFunc(s.Locations, func(k known) bool { return k.ID == id })
	if g == nil && at >= 0 && !s.Locations[at].Internal {
		g = &gap{detail: fmt.Sprintf("returns cannot go to %q: stock is not kept there, and Odoo does not take them for back", name),
			remedy: fmt.Sprintf("name an internal location in books.returns.locations of shop %s, and scrap what is there in Odoo", s.Shop)}
	}
	return id, g
}

// returning is a transfer to be made: moves of one delivery, and how much of each.
type returning struct {
	Key      string
	Delivery *transfer
	Expected bool
	Location int64
	Moves    []returned
}

type returned struct {
	move
	Back decimal.Decimal
}

// returnings divides takebacks over the deliveries that took the goods out, the last
// one first. Of a kit each component comes back in its share.
func (h *standing) returnings(all []takeback) []*returning {
	var out []*returning
	gone := map[int64]decimal.Decimal{} // of each move: back already, or planned here
	for _, m := range h.Moves {
		if m.Undoes != 0 && m.done() {
			gone[m.Undoes] = gone[m.Undoes].Add(m.Quantity)
		}
	}
	for _, t := range all {
		at := slices.IndexFunc(h.Lines, func(l held) bool { return l.ID == t.Line })
		line := h.Lines[at]
		rest := map[int64]decimal.Decimal{} // by product
		for _, m := range slices.Backward(h.Moves) {
			if m.Line != t.Line || !m.done() || m.Picking.Code != "outgoing" {
				continue
			}
			if _, ok := rest[m.Product]; !ok {
				rest[m.Product] = h.share(line, m.Product, t.Quantity)
			}
			n := decimal.Min(rest[m.Product], m.Quantity.Sub(gone[m.ID]))
			if !n.IsPositive() {
				continue
			}
			rest[m.Product], gone[m.ID] = rest[m.Product].Sub(n), gone[m.ID].Add(n)
			out = put(out, t, m, n)
		}
	}
	return out
}

// share is how much of a product is so much of the line.
func (h *standing) share(l held, product int64, n decimal.Decimal) decimal.Decimal {
	if product == l.Product || !l.Delivered.IsPositive() {
		return n
	}
	with := decimal.Zero
	for _, m := range h.Moves {
		if m.Line == l.ID && m.Product == product && m.done() {
			switch m.Picking.Code {
			case "outgoing":
				with = with.Add(m.Quantity)
			case "incoming":
				with = with.Sub(m.Quantity)
			}
		}
	}
	return with.Mul(n).DivRound(l.Delivered, 6)
}

func put(all []*returning, t takeback, m move, n decimal.Decimal) []*returning {
	at := slices.IndexFunc(all, func(r *returning) bool {
		return r.Key == t.Key && r.Delivery == m.Picking && r.Expected == t.Expected && r.Location == t.Location
	})
	if at < 0 {
		all, at = append(all, &returning{Key: t.Key, Delivery: m.Picking, Expected: t.Expected, Location: t.Location}), len(all)
	}
	all[at].Moves = append(all[at].Moves, returned{m, n})
	return all
}
