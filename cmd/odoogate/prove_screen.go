package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// writeProof is a proof for people: the sums that an accountant checks, what stays
// out, what differs, and the sentence of it all.
func writeProof(w io.Writer, p *tasks.Proof) error {
	s := &screen{}
	fmt.Fprintf(&s.text, "%s, orders placed from %s to %s (%s", p.Shop, moment(p.From), moment(p.Until), p.Mode)
	if !p.GoLive.IsZero() {
		fmt.Fprintf(&s.text, ", go-live %s", moment(p.GoLive))
	}
	s.text.WriteString(")\n")
	for _, sums := range p.Sums {
		s.sums(sums, p.States)
	}
	s.staysOut(p.StaysOut)
	for _, a := range p.Apart {
		s.apart(a)
	}
	if p.More > 0 {
		fmt.Fprintf(&s.text, "\n… and %d more; see --most\n", p.More)
	}
	s.verdict(p)
	_, err := io.WriteString(w, s.text.String())
	return err
}

// sums is one table with a currency's figures.
func (s *screen) sums(sums tasks.Sums, states []tasks.StateSum) {
	s.text.WriteString("\n")
	row := func(name, shop, odoo, apart string) {
		fmt.Fprintf(&s.text, "  %-28s %16s %16s %16s\n", name, shop, odoo, apart)
	}
	digits := commerce.Digits(sums.Currency)
	amounts := func(name string, a tasks.AmountPair) {
		row(name, a.Shop.StringFixed(digits), a.Odoo.StringFixed(digits), apartBy(a.Difference, digits))
	}
	counts := func(name string, c tasks.CountPair) {
		row(name, strconv.Itoa(c.Shop), strconv.Itoa(c.Odoo), apartBy(decimal.NewFromInt(int64(c.Shop-c.Odoo)), 0))
	}
	row(sums.Currency, "shop", "Odoo", "difference")
	counts("orders", sums.Orders)
	amounts("total", sums.Total)
	amounts("tax", sums.Tax)
	for _, r := range sums.Taxes {
		amounts("tax "+cmp.Or(r.Rate, "of mixed rates")+percentOf(r.Rate), r.AmountPair)
	}
	amounts("received", sums.Received)
	amounts("paid back", sums.PaidBack)
	row("refunds, credit notes", strconv.Itoa(sums.Refunds.Shop), strconv.Itoa(sums.Refunds.Odoo), "")
	if !sums.Unregistered.IsZero() {
		row("left to people to register", sums.Unregistered.StringFixed(digits), "", "")
	}
	for _, state := range states {
		if state.Currency == sums.Currency {
			counts("orders "+state.State, state.Orders)
			amounts("  total", state.Total)
		}
	}
}

func percentOf(rate string) string {
	if rate == "" {
		return ""
	}
	return " %"
}

// apartBy is a difference; none is a dash, so that those that are there are seen.
func apartBy(d decimal.Decimal, digits int32) string {
	if d.IsZero() {
		return "–"
	}
	return d.StringFixed(digits)
}

func (s *screen) staysOut(list []tasks.StaysOut) {
	if len(list) == 0 {
		return
	}
	s.part("Stays out", "as the configuration wants it")
	for _, one := range list {
		s.row(strconv.Itoa(one.Orders), fmt.Sprintf("%s, %s %s, such as %s", one.Why, one.Total.StringFixed(commerce.Digits(one.Currency)), one.Currency,
			strings.Join(one.Examples, ", ")))
	}
}

// apart is one order that differs.
func (s *screen) apart(a tasks.OrderApart) {
	s.part("Differs", listed(dash(a.ID), a.Number, a.Odoo))
	s.differences(a.Differences)
	if j := a.Journal; j != nil {
		text := string(j.Outcome)
		if j.Reason != "" {
			text += " (" + j.Reason + ")"
		}
		s.row("journal", listed(text, clock(j.At)))
		if j.Remedy != "" {
			s.row("", "→ "+j.Remedy)
		}
	} else if a.ID != "" {
		s.row("journal", "nothing about it came in")
	}
	for _, c := range a.Commands {
		fmt.Fprintf(&s.text, "  %-*s%s\n", screenLabel-2, "", c) // whole, to be copied
	}
}

func (s *screen) verdict(p *tasks.Proof) {
	n := p.Orders
	fmt.Fprintf(&s.text, "\n%s of the shop: %d equal, %d differ, %d only in the shop, %d stay out; %d only in Odoo. ",
		commerce.Count(n.Shop, "order"), n.Equal, n.Differ, n.OnlyShop, n.StayOut, n.OnlyOdoo)
	if p.Equal {
		s.text.WriteString("Equal.\n")
		return
	}
	s.text.WriteString("Not equal.\n")
}
