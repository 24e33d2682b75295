package shopifytest

import (
	"fmt"

	"github.com/shopspring/decimal"
)

func (l *Life) pays(now Ledger) error {
	if now.Cancelled || l.pending != "" || now.Total.Sub(now.Given).LessThanOrEqual(now.Paid) {
		return errCannot
	}
	l.say("pays the rest")
	return l.store.Pay(l.ID)
}

func (l *Life) ships(now Ledger) error {
	line, n, err := l.of(now, unsent)
	if err != nil || now.Cancelled {
		return errCannot
	}
	all := map[int]int{line: n}
	if l.rng.IntN(2) == 0 {
		for i, of := range now.Lines {
			if of.Unsent > 0 {
				all[i] = of.Unsent
			}
		}
	}
	return l.did(l.store.FulfillLines(l.ID, "Posti", fmt.Sprintf("JJFI%d", len(l.story)), all), "ships %v", all)
}

func (l *Life) did(err error, format string, args ...any) error {
	if err == nil {
		l.say(format, args...)
	}
	return err
}

// refund makes one, unless it would pay for an earlier removal, or less than its lines
// because more is owed, and settle a gift or a fee as well: the store gives both reasons
// then, and of how much each is nobody knows.
func (l *Life) refund(r RefundRequest, format string, args ...any) error {
	if now := l.Now(); now.Owed.IsPositive() && !now.Given.IsZero() {
		return errCannot
	}
	r.OneReason = true
	made, err := l.store.RefundWith(l.ID, r)
	if err == nil && r.Pending {
		l.pending = made
		if l.Now().OnItsWay.IsZero() {
			l.pending = ""
		}
	}
	return l.did(err, format, args...)
}

func (l *Life) shippedComesBack(now Ledger) error {
	line, n, err := l.of(now, l.returnable)
	if err != nil {
		return err
	}
	return l.refund(RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n, Restock: "RETURN"}}}, "%d of line %d come back and are refunded", n, line)
}

func (l *Life) unshippedIsCancelled(now Ledger) error {
	line, n, err := l.of(now, unsent)
	if err != nil {
		return err
	}
	r := RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n, Restock: "CANCEL"}}}
	if l.rng.IntN(3) == 0 && now.Shipping.GreaterThan(decimal.NewFromInt(1)) {
		r.Shipping = decimal.NewFromInt(1)
	}
	return l.refund(r, "%d of line %d are cancelled and refunded, with %s of the postage", n, line, r.Shipping)
}

func (l *Life) keeps(now Ledger) error {
	line, n, err := l.of(now, func(i int, of LedgerLine) int {
		if of.Unsent > 0 { // the store does not say which pieces it means
			return 0
		}
		return l.returnable(i, of)
	})
	if err != nil {
		return err
	}
	return l.refund(RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n, Restock: "NO_RESTOCK"}}}, "%d of line %d are refunded and kept", n, line)
}

func (l *Life) postage(now Ledger) error {
	if !now.Shipping.IsPositive() {
		return errCannot
	}
	part := decimal.Min(now.Shipping, decimal.New(1+l.rng.Int64N(590), -2))
	return l.refund(RefundRequest{Shipping: part}, "%s of the postage are refunded", part)
}

func (l *Life) goodwill(now Ledger) error {
	free := now.Paid.Sub(now.OnItsWay)
	if l.Plain || !now.Owed.IsZero() || !free.Equal(now.Total.Sub(now.Given)) { // else it pays for something else
		return errCannot
	}
	most := free.Shift(2).IntPart() / 4
	if most < 1 {
		return errCannot
	}
	amount := decimal.New(1+l.rng.Int64N(most), -2)
	return l.refund(RefundRequest{Amount: &amount}, "%s are given as a gift", amount)
}

func (l *Life) fee(now Ledger) error {
	line, n, err := l.of(now, l.returnable)
	if err != nil || !now.Paid.Sub(now.OnItsWay).Equal(now.Total.Sub(now.Given)) || !now.Given.IsZero() {
		return errCannot
	}
	items := []RefundItem{{Line: line, Quantity: n, Restock: "RETURN"}}
	amount := decimal.New(1+l.rng.Int64N(20), -2)
	return l.refund(RefundRequest{Lines: items, Amount: &amount}, "%d of line %d come back, and all but %s is kept as a fee", n, line, amount)
}

func (l *Life) onItsWay(now Ledger) error {
	line, n, err := l.of(now, l.returnable)
	if err != nil || l.pending != "" {
		return errCannot
	}
	return l.refund(RefundRequest{Pending: true, Lines: []RefundItem{{Line: line, Quantity: n, Restock: "RETURN"}}},
		"%d of line %d come back, the money is on its way", n, line)
}

func (l *Life) settles(Ledger) error {
	if l.pending == "" {
		return errCannot
	}
	err := l.store.SettleRefund(l.ID, l.pending)
	l.pending = ""
	return l.did(err, "the money arrives")
}

func (l *Life) removes(now Ledger) error {
	line, n, err := l.of(now, unsent)
	if err != nil {
		return err
	}
	return l.did(l.store.RemoveFromLine(l.ID, line, n), "an edit removes %d of line %d", n, line)
}

func (l *Life) paysBack(now Ledger) error {
	if !now.Owed.IsPositive() || now.Owed.GreaterThan(now.Paid.Sub(now.OnItsWay)) {
		return errCannot
	}
	return l.refund(RefundRequest{Amount: &now.Owed}, "%s that are owed are paid back", now.Owed)
}

func (l *Life) raises(now Ledger) error {
	line, n, err := l.of(now, func(_ int, of LedgerLine) int {
		if of.Kept > 0 || of.Quantity == 0 {
			return 0
		}
		return 2
	})
	if err != nil || now.Cancelled {
		return errCannot
	}
	return l.did(l.store.RaiseLine(l.ID, line, n), "an edit adds %d to line %d", n, line)
}

func (l *Life) extra() Line {
	goods := Catalogue()
	p := goods[l.rng.IntN(20)]
	return Line{SKU: p.SKU, Title: p.Name, Quantity: 1 + l.rng.IntN(2), Price: p.Price, Taxes: []TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}}
}

func (l *Life) adds(now Ledger) error {
	if now.Cancelled || len(now.Lines) > 4 {
		return errCannot
	}
	line := l.extra()
	_, err := l.store.AddLine(l.ID, line)
	return l.did(err, "an edit adds line %d: %d × %s at %s", len(now.Lines), line.Quantity, line.SKU, line.Price)
}

// cancels gives everything back for what has not left; the rest of the order is over.
func (l *Life) cancels(now Ledger) error {
	for _, of := range now.Lines {
		if of.With != 0 {
			return errCannot
		}
	}
	if l.rng.IntN(2) == 0 || l.ret != "" {
		return errCannot
	}
	_, err := l.store.CancelAndRefund(l.ID)
	return l.did(err, "is cancelled and refunded")
}

func (l *Life) sendsBack(now Ledger) error {
	line, n, err := l.of(now, func(i int, of LedgerLine) int {
		if of.Kept > 0 { // kept pieces may be what comes back then
			return 0
		}
		return l.returnable(i, of)
	})
	if err != nil || l.ret != "" {
		return errCannot
	}
	ret, err := l.store.RequestReturn(l.ID, map[int]int{line: n})
	if err != nil {
		return err
	}
	switch l.rng.IntN(6) {
	case 0:
		return l.did(l.store.DeclineReturn(l.ID, ret), "asks to return %d of line %d, which is declined", n, line)
	case 1:
		_ = l.store.ApproveReturn(l.ID, ret)
		return l.did(l.store.CancelReturn(l.ID, ret), "a return of %d of line %d is called off", n, line)
	case 2:
		instead := l.extra()
		err = l.store.ApproveReturn(l.ID, ret, instead)
		l.say("gets line %d instead: %d × %s at %s", len(now.Lines), instead.Quantity, instead.SKU, instead.Price)
	default:
		err = l.store.ApproveReturn(l.ID, ret)
	}
	l.ret, l.back, l.received = ret, map[int]int{line: n}, false
	return l.did(err, "sends back %d of line %d", n, line)
}

// receives brings the open return one step on: goods, then the money and its end.
func (l *Life) receives(Ledger) error {
	if l.ret == "" {
		return errCannot
	}
	if !l.received {
		l.received = true
		return l.did(l.store.ReceiveReturn(l.ID, l.ret, l.back, Location{}), "what was sent back is received")
	}
	r := RefundRequest{Return: l.ret}
	for line, n := range l.back {
		r.Lines = append(r.Lines, RefundItem{Line: line, Quantity: n, Restock: "NO_RESTOCK"})
	}
	if err := l.refund(r, "the return is refunded and closed"); err != nil {
		return err
	}
	err := l.store.CloseReturn(l.ID, l.ret)
	l.ret, l.back = "", nil
	return err
}
