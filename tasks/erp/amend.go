package erp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// rewrite makes a quotation equal: lines that differ are written, lines of ours
// that the order has no more are removed, and what agrees is confirmed.
func (p plan) rewrite(o *commerce.Order, h have, s settings, last Applied) (plan, error) {
	lines, want, list, err := s.content(o, h)
	if err != nil {
		return p, err
	}
	p.Want = want
	d := s.compare(lines, h.Order.Lines)
	p.Lines, p.Check = slices.Concat(d.differ, d.added), true
	p.Notices = noticed(p.Lines)
	for _, l := range d.gone {
		p.Unlink = append(p.Unlink, l.ID)
	}
	if h.Order.Currency != o.Currency {
		p.Header = headerOf(o, list)
	}
	if len(p.Lines)+len(p.Unlink) > 0 || p.Header != nil {
		p.Action = updated
	}
	if len(lines) == 0 {
		return p, nil
	}
	if p = p.finish(o, s, last); p.Confirm && p.Action == unchanged {
		p.Action = confirmed
	}
	return p, nil
}

// amend changes a confirmed order, which is only done when the shop changed since
// the state last applied. Where it changed people only, its lines are left to the
// people in Odoo. Goods that came back are booked first: Odoo refuses a quantity
// below what it delivered.
func (p plan) amend(o *commerce.Order, h have, s settings, last Applied) (plan, error) {
	if last.Lines != "" && last.Lines == o.LinesDigest() && !last.Begun && !last.Forced {
		return p, nil
	}
	back, err := s.takebacks(p.booking, h.Order)
	if err != nil {
		return p, err
	}
	left := h.Order.left(back)
	lines, want, err := s.wanted(p.booking.Order, h.Products, h.Order.onInvoices(p.booking.Order, left))
	if err != nil { // no rows come to the amounts so
		lines, want, err = s.wanted(p.booking.Order, h.Products, left)
	}
	if err != nil {
		return p, err
	}
	p.Want, p.Back, p.Rewritten, p.BrokeOff = want, back, last.Begun || last.Forced, last.Begun
	if o.Cancelled() {
		p.Notices = append(p.Notices, "cancelled in the shop after it was shipped: what left stays in "+h.Order.Name)
	}
	d := s.compare(lines, h.Order.Lines)
	if last.Digest == "" && !p.Rewritten && s.comesTo(lines, want, h.Order) {
		d = difference{}
	}
	theirs := s.peoples(o, p.booking.Order, lines, h.Order, &d, last)
	if d.none() && theirs == "" {
		// The shop changed, perhaps by what a run wrote that found the totals unequal.
		if p.Check = last.Digest != "" || p.Rewritten; !p.Check { // the run that confirmed it may have ended half-way
			p = p.redate(o, h.Order).relocated(o, s)
		}
		if len(p.Back) > 0 {
			p.Action = updated
		}
		return p, nil
	}
	if p.Parked = s.mayAmend(p, o, h.Order, d, last); p.Parked == nil && theirs != "" {
		p.Parked = diverged(o.Ref, fmt.Sprintf("the order was edited in the shop, and somebody changed %q of %s in Odoo, which the shop did not", theirs, h.Order.Name),
			fmt.Sprintf("make both sides equal by hand, or let the shop win: odoogate order reimport %s %s", o.Ref.Shop, o.Ref.ID))
	}
	if p.Parked != nil {
		p.Action, p.Back = skipped, nil
		return p, nil
	}
	s.sendAgain(&d, lines, p.booking, h.Order, left)
	p.Action, p.Check, p.Lines, p.Rewritten = updated, true, d.rows(), true
	p.Notices = append(p.Notices, noticed(p.Lines)...)
	return p, nil
}

// mayAmend refuses what a person must decide about a confirmed order.
func (s settings) mayAmend(p plan, o *commerce.Order, h *standing, d difference, last Applied) error {
	switch {
	case last.Digest == "" && !last.Begun && !last.Forced:
		return diverged(o.Ref, fmt.Sprintf("the confirmed order %s differs from the shop (%s), and it is not known which side changed", h.Name, d),
			fmt.Sprintf("make both sides equal by hand, or let the shop win: odoogate order reimport %s %s", o.Ref.Shop, o.Ref.ID))
	case h.Locked:
		return diverged(o.Ref, fmt.Sprintf("the order was edited in the shop and %s is locked in Odoo (%s)", h.Name, d),
			"unlock the order in Odoo and replay it")
	case h.Currency != o.Currency:
		return diverged(o.Ref, fmt.Sprintf("%s is in %s and the shop's order in %s", h.Name, h.Currency, o.Currency), "make both sides equal by hand")
	case d.swapped:
		return diverged(o.Ref, "a line of the shop has another product now than in "+h.Name, "change the order in Odoo by hand")
	}
	if err := s.tooMuchLeft(p, o, h); err != nil {
		return err
	}
	c := s.changes(o, h, d)
	switch {
	case c.edited() && s.closed(o, h) != "":
		return parkedEdit(o.Ref, fmt.Sprintf("the order was edited in the shop (%s) after %s %s", c, h.Name, s.closed(o, h)),
			fmt.Sprintf("change %s in Odoo by hand and discard this, or let later edits through with books.editable_until of shop %s", h.Name, s.Shop))
	case c.repriced && h.invoiced():
		return parkedEdit(o.Ref, fmt.Sprintf("a price or tax of an invoiced line of %s was changed in the shop", h.Name),
			fmt.Sprintf("credit that line in Odoo, invoice it at its new price, and change the line of %s by hand", h.Name))
	case c.smaller && !s.Books.CancelsParts():
		return parkedEdit(o.Ref, fmt.Sprintf("a part of the order was cancelled in the shop, and %s stays whole", h.Name),
			fmt.Sprintf("cancel that part in Odoo by hand, or set books.partial_cancel of shop %s to true", s.Shop))
	}
	return nil
}

func parkedEdit(ref commerce.Ref, detail, remedy string) error {
	return &commerce.Error{Op: "erp.order", Reason: commerce.Diverged, Ref: ref, Detail: detail, Remedy: remedy}
}

// tooMuchLeft finds that Odoo delivered what the shop took out of the order.
func (s settings) tooMuchLeft(p plan, o *commerce.Order, h *standing) error {
	for _, l := range o.Lines {
		if n := p.booking.Excess[l.ID]; n.IsPositive() {
			return parkedEdit(o.Ref, fmt.Sprintf("%s of %q left with %s, and the shop cancelled them", n, cleanLine(l.Title, shortText), h.Name),
				"return them in Odoo when they come back, then replay the order; or sell them again in the shop")
		}
	}
	return nil
}

// changed is what kinds of changes the lines of a confirmed order would get.
type changed struct{ bigger, smaller, repriced bool }

func (c changed) edited() bool { return c.bigger || c.repriced }

func (c changed) String() string {
	var all []string
	for _, w := range []struct {
		is   bool
		word string
	}{{c.bigger, "more of it"}, {c.smaller, "less of it"}, {c.repriced, "another price or tax"}} {
		if w.is {
			all = append(all, w.word)
		}
	}
	return strings.Join(all, ", ")
}

// changes tells edits from what was cancelled or given back. Lines for what is
// given back, and those on the rounding product, are neither.
func (s settings) changes(o *commerce.Order, h *standing, d difference) (c changed) {
	byXID := map[string]held{}
	for _, l := range h.Lines {
		byXID[l.XID] = l
	}
	for _, l := range d.differ {
		was := byXID[l.XID]
		switch more := l.Quantity.Cmp(was.Quantity); {
		case l.Form == formRounding || l.Back:
		case more > 0:
			c.bigger = true
		case more < 0:
			c.smaller = c.smaller || was.Delivered.LessThan(was.Quantity)
		default:
			c.repriced = c.repriced || !s.sameAmount(l, was.line)
		}
	}
	for _, l := range d.added {
		at, ours := lineOf(o, l.XID)
		instead := ours && exchanged(o, o.Lines[at].ID)
		c.bigger = c.bigger || l.Form != formRounding && !l.Back && !instead
	}
	for _, l := range d.gone {
		_, ours := lineOf(o, l.XID)
		c.smaller = c.smaller || ours && l.Delivered.LessThan(l.Quantity)
	}
	return c
}

// sameAmount reports whether two forms of a line come to the same but for cents that
// rounding moves between lines: of a cheap line they are a good part.
func (s settings) sameAmount(a, b line) bool {
	off := a.exact().Sub(b.exact()).Abs()
	few := off.LessThanOrEqual(cents) || off.LessThan(decimal.New(1, 0)) && off.LessThan(b.exact().Abs().Shift(-1))
	return few && slices.Equal(a.Taxes, b.Taxes)
}

// exchanged reports whether the buyer gets a line instead of what he sent back.
func exchanged(o *commerce.Order, line string) bool {
	return slices.ContainsFunc(o.Returns, func(r commerce.Return) bool { return slices.Contains(r.Exchange, line) })
}

// closed says why edits come too late for an order; "" for one that can be edited.
func (s settings) closed(o *commerce.Order, h *standing) string {
	var late bool
	var why string
	switch s.Books.EditableUntil {
	case "confirmed":
		late, why = true, "was confirmed"
	case "shipped":
		late, why = h.delivered(), "was shipped in part"
	case "invoiced":
		late, why = h.invoiced(), "was invoiced"
	case "delivered":
		late, why = h.delivered() && !slices.ContainsFunc(h.Lines, func(l held) bool { return s.undelivered(o, l) }), "was delivered"
	}
	if !late {
		return ""
	}
	return why
}

// undelivered reports whether goods of a line are yet to leave.
func (s settings) undelivered(o *commerce.Order, l held) bool {
	at, ours := lineOf(o, l.XID)
	return ours && o.Lines[at].NeedsShipping && o.Lines[at].Kind != commerce.LineShipping && l.Delivered.LessThan(l.Quantity)
}

// redate repairs the order date when the run that confirmed the order ended
// before it could: nothing is remembered of that run.
func (p plan) redate(o *commerce.Order, h *standing) plan {
	date := o.CreatedAt.UTC().Truncate(time.Second)
	if off := h.Date.Sub(date).Abs(); off > time.Minute {
		p.Action, p.Date = updated, &date
	}
	return p
}
