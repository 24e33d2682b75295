package erp

import (
	"fmt"
	"slices"
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
// the state last applied, and nothing was delivered or invoiced. Where it changed
// people only, its lines are left to the people in Odoo.
func (p plan) amend(o *commerce.Order, h have, s settings, last Applied) (plan, error) {
	if last.Lines != "" && last.Lines == o.LinesDigest() && !last.Begun && !last.Forced {
		return p, nil
	}
	lines, want, err := s.wanted(o, h.Products)
	if err != nil {
		return p, err
	}
	p.Want = want
	d := s.compare(lines, h.Order.Lines)
	if d.none() {
		// The shop changed, perhaps by what a run wrote that found the totals unequal.
		if p.Check = last.Digest != "" || last.Forced; !p.Check { // the run that confirmed it may have ended half-way
			p = p.redate(o, h.Order).relocated(o, s)
		}
		return p, nil
	}
	name := h.Order.Name
	switch {
	case last.Digest == "" && !last.Forced:
		return p, diverged(o.Ref, fmt.Sprintf("the confirmed order %s differs from the shop (%s), and it is not known which side changed", name, d),
			"make both sides equal by hand")
	case h.Order.Locked:
		return p, diverged(o.Ref, fmt.Sprintf("the order was edited in the shop and %s is locked in Odoo (%s)", name, d),
			"unlock the order in Odoo and replay it")
	case h.Order.moved():
		return p.skip("edits after delivery or invoice: not yet"), nil
	case h.Order.Currency != o.Currency:
		return p, diverged(o.Ref, fmt.Sprintf("%s is in %s and the shop's order in %s", name, h.Order.Currency, o.Currency), "make both sides equal by hand")
	case d.swapped:
		return p, diverged(o.Ref, "a line of the shop has another product now than in "+name, "change the order in Odoo by hand")
	}
	p.Action, p.Check, p.Lines = updated, true, slices.Concat(d.differ, d.added)
	p.Notices = noticed(p.Lines)
	for _, l := range d.gone { // a confirmed order's lines cannot be removed
		l.Quantity = decimal.Zero
		p.Lines = append(p.Lines, l.line)
	}
	return p, nil
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
