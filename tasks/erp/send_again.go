package erp

import (
	"slices"

	"github.com/shopspring/decimal"
)

// sendAgain adds rows whose goods came back, as they are, where the shop is yet to send
// some of their line and no transfer has them: the one that had is of another row,
// which becomes smaller. Odoo makes a transfer when a row's quantity is written.
func (s settings) sendAgain(d *difference, want []line, b booking, h *standing, left fixed) {
	back := b.back()
	for at, l := range b.Lines {
		lack := b.Unsent[l.ID]
		if !lack.IsPositive() || !back[l.ID].IsPositive() {
			continue
		}
		var whole []line // rows that are not written
		room := map[string]decimal.Decimal{}
		for _, row := range want {
			if !standsFor(b.Order, at, row.XID) {
				continue
			}
			more := row.Quantity.Sub(left[row.XID])
			if slices.ContainsFunc(slices.Concat(d.differ, d.added), func(l line) bool { return l.XID == row.XID }) {
				lack = lack.Sub(more)
				continue
			}
			open := h.leaving(row)
			lack, room[row.XID] = lack.Sub(open), more.Sub(open)
			whole = append(whole, row)
		}
		for _, row := range whole {
			if lack.IsPositive() && room[row.XID].IsPositive() {
				d.differ = append(d.differ, row)
				lack = lack.Sub(room[row.XID])
			}
		}
	}
}

// leaving is how much of a row transfers are to take out yet. Of a kit, whose parts
// move, all of it counts.
func (h *standing) leaving(row line) decimal.Decimal {
	sum := decimal.Zero
	for _, l := range h.Lines {
		for _, m := range h.Moves {
			switch {
			case l.XID != row.XID || m.Line != l.ID || m.done() || m.State == "cancel" || m.Picking.Code != "outgoing":
			case m.Product != l.Product:
				return row.Quantity
			default:
				sum = sum.Add(m.Demand)
			}
		}
	}
	return sum
}
