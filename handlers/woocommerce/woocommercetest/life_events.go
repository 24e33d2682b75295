package woocommercetest

import (
	"github.com/shopspring/decimal"
)

func (l *Life) pays(now Ledger) error {
	if !live(now, "pending", "on-hold") {
		return errCannot
	}
	return l.did(l.store.Pay(l.ID), "is paid")
}

func (l *Life) ships(now Ledger) error {
	if !live(now, "processing") {
		return errCannot
	}
	return l.did(l.store.Complete(l.ID), "leaves, and is completed")
}

func (l *Life) refund(r RefundRequest, format string, args ...any) error {
	_, err := l.store.RefundWith(l.ID, r)
	return l.did(err, format, args...)
}

func (l *Life) comesBack(now Ledger) error {
	line, n, err := l.of(now)
	if err != nil || !paidBack(now) {
		return errCannot
	}
	// Of goods that had not left, nobody can tell what was not put back.
	if keeps := l.rng.IntN(3) == 0 && live(now, completed); keeps {
		return l.refund(RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n}}, KeepStock: true}, "%d of line %d are refunded and not put back", n, line)
	}
	return l.refund(RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n}}}, "%d of line %d are refunded", n, line)
}

func (l *Life) postage(now Ledger) error {
	if !paidBack(now) || !now.Shipping.IsPositive() {
		return errCannot
	}
	part := decimal.Min(now.Shipping, cent(1+l.rng.Int64N(590)))
	return l.refund(RefundRequest{Shipping: part}, "%s of the postage are refunded", part)
}

func (l *Life) everything(now Ledger) error {
	if !paidBack(now) || l.rng.IntN(6) > 0 {
		return errCannot
	}
	return l.did(l.store.RefundAll(l.ID), "everything is refunded")
}

func (l *Life) goodwill(now Ledger) error {
	most := now.Paid.Shift(2).IntPart() / 4
	if l.Plain || !paidBack(now) || most < 1 {
		return errCannot
	}
	amount := cent(1 + l.rng.Int64N(most))
	return l.refund(RefundRequest{Amount: &amount, Reason: "for the late parcel"}, "%s are given as a gift", amount)
}

func (l *Life) fee(now Ledger) error {
	line, n, err := l.of(now)
	if l.Plain || err != nil || !paidBack(now) || !now.Given.IsZero() {
		return errCannot
	}
	amount := cent(1 + l.rng.Int64N(20))
	return l.refund(RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n}}, Amount: &amount}, "%d of line %d come back, and all but %s is kept as a fee", n, line, amount)
}

func (l *Life) moneyForALine(now Ledger) error {
	line, _, err := l.of(now)
	if l.Plain || err != nil || !paidBack(now) {
		return errCannot
	}
	money := cent(1 + l.rng.Int64N(30))
	return l.refund(RefundRequest{Lines: []RefundItem{{Line: line, Money: money}}}, "%s of line %d are refunded, and no pieces", money, line)
}

// amountsAlone gives the rest of the money back for the lines, and no pieces: staff typed
// amounts.
func (l *Life) amountsAlone(now Ledger) error {
	if l.Plain || !paidBack(now) || l.rng.IntN(4) > 0 {
		return errCannot
	}
	rest := now.Total.Sub(now.Given)
	all := RefundRequest{FullShipping: true, Fees: true, Amount: &rest}
	for i, worth := range l.store.worthOfLines(l.ID) {
		if worth.IsPositive() {
			all.Lines = append(all.Lines, RefundItem{Line: i, Money: worth})
		}
	}
	return l.refund(all, "all of the money is refunded, and no pieces")
}

// edit changes the lines that staff may change, and the shop recalculates.
func (l *Life) edit(change func(*Order) error) error {
	return l.store.change(l.ID, func(o *Order) error {
		if err := change(o); err != nil {
			return err
		}
		if len(o.Lines) == 0 {
			return errCannot
		}
		return nil
	})
}

func (l *Life) removes(now Ledger) error {
	line, n, err := l.of(now)
	if err != nil || !editable(now) || n == now.Lines[line].Quantity {
		return errCannot
	}
	return l.did(l.edit(func(o *Order) error {
		o.Lines[line].Quantity -= n
		return nil
	}), "staff removes %d of line %d", n, line)
}

func (l *Life) drops(now Ledger) error {
	line, _, err := l.of(now)
	if err != nil || !editable(now) {
		return errCannot
	}
	return l.did(l.edit(func(o *Order) error {
		if len(o.Lines) < 2 {
			return errCannot
		}
		o.Lines[line].Quantity = 0
		return nil
	}), "staff drops line %d, and those after it move up", line)
}

func (l *Life) raises(now Ledger) error {
	line, _, err := l.of(now)
	if err != nil || !editable(now) {
		return errCannot
	}
	n := 1 + l.rng.IntN(2)
	return l.did(l.edit(func(o *Order) error {
		o.Lines[line].Quantity += n
		return nil
	}), "staff adds %d to line %d", n, line)
}

func (l *Life) adds(now Ledger) error {
	if !editable(now) || len(now.Lines) > 4 {
		return errCannot
	}
	goods := Catalogue()
	line := LineOf(goods[l.rng.IntN(len(goods))], 1+l.rng.IntN(2))
	return l.did(l.edit(func(o *Order) error {
		o.Lines = append(o.Lines, line)
		return nil
	}), "staff adds a line: %d × %s at %s", line.Quantity, line.SKU, line.Price)
}

// cancels ends an order that nobody paid for.
func (l *Life) cancels(now Ledger) error {
	if !live(now, "pending", "on-hold", "processing") || now.Paid.IsPositive() || l.rng.IntN(2) == 0 {
		return errCannot
	}
	return l.did(l.store.CancelOrder(l.ID), "is cancelled")
}

func (l *Life) fails(now Ledger) error {
	if !live(now, "pending") || l.rng.IntN(3) > 0 {
		return errCannot
	}
	return l.did(l.store.SetStatus(l.ID, "failed"), "the payment fails")
}

// bins trashes an order of which nothing left.
func (l *Life) bins(now Ledger) error {
	over := live(now, "cancelled", "failed", "pending")
	if l.rng.IntN(3) > 0 || !over && (l.Plain || !live(now, "on-hold", "processing")) {
		return errCannot
	}
	return l.did(l.store.TrashOrder(l.ID), "is put into the bin")
}

func (l *Life) returnsFromTheBin(now Ledger) error {
	if l.Plain || !live(now, trash) {
		return errCannot
	}
	return l.did(l.store.RestoreOrder(l.ID), "is taken out of the bin")
}

func (l *Life) refundedByStatus(now Ledger) error {
	if l.Plain || !paidBack(now) || l.rng.IntN(3) > 0 {
		return errCannot
	}
	return l.did(l.store.SetStatus(l.ID, refunded), "is set to refunded")
}

func (l *Life) isDeleted(now Ledger) error {
	if !l.Deletes || !now.Cancelled || now.Gone {
		return errCannot
	}
	return l.did(l.store.DeleteOrder(l.ID), "is deleted for good")
}
