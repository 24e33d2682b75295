package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/odooclient/odootest"
)

// fate is what became of an order in its shop.
type fate struct {
	shop, id, number string          // no number: the shop has no such order
	worth, paid      decimal.Decimal // what it costs after all, and the money that stayed
	with             int             // pieces with the buyer
	over             bool            // cancelled
}

// balance is how an order stands in Odoo's books.
type balance struct {
	state             string          // of the order
	total, tax        decimal.Decimal // of the order
	invoices, credits int
	invoiced, open    decimal.Decimal
	delivered         decimal.Decimal
}

func (b balance) String() string {
	if b.invoices == 0 {
		return stateWord(b.state) + ", not invoiced"
	}
	parts := []string{fmt.Sprintf("%d invoiced", b.invoices)}
	if b.credits > 0 {
		parts = append(parts, fmt.Sprintf("%d credited", b.credits))
	}
	parts = append(parts, b.invoiced.StringFixed(2)+" EUR in all", "open "+b.open.StringFixed(2))
	if b.delivered.IsPositive() {
		parts = append(parts, b.delivered.String()+" with the buyer")
	}
	return strings.Join(parts, ", ")
}

// booked are the orders in Odoo by the shop's order that they are of.
func (w *world) booked() map[string][]odootest.Order {
	all := map[string][]odootest.Order{}
	for _, o := range w.odoo.Orders() {
		all[o.Origin] = append(all[o.Origin], o)
	}
	return all
}

// balanced reports whether Odoo has all that is as the shops have it.
func (w *world) balanced(all []fate) bool {
	booked := w.booked()
	return !slices.ContainsFunc(all, func(f fate) bool { _, right := f.in(booked); return !right })
}

// in holds what Odoo has of an order against its shop.
func (f fate) in(booked map[string][]odootest.Order) (b balance, right bool) {
	orders := booked[f.shop+"/"+f.id]
	if len(orders) != 1 || orders[0].Ref != f.number {
		b.state = fmt.Sprintf("%d times in Odoo", len(orders))
		return b, false
	}
	b.state, b.total, b.tax = orders[0].State, orders[0].Total, orders[0].Tax
	for _, line := range orders[0].Lines {
		if line.SKU != demoShipping {
			b.delivered = b.delivered.Add(line.Delivered)
		}
	}
	posted := true
	for _, v := range orders[0].Invoices {
		posted = posted && v.State == "posted"
		switch v.Type {
		case "out_refund":
			b.credits, b.invoiced, b.open = b.credits+1, b.invoiced.Sub(v.Total), b.open.Sub(v.Residual)
		default:
			b.invoices, b.invoiced, b.open = b.invoices+1, b.invoiced.Add(v.Total), b.open.Add(v.Residual)
		}
	}
	stands := b.invoices > 0 || f.over && b.state == "cancel"
	return b, stands && posted && b.invoiced.Equal(f.worth) && b.open.Equal(f.worth.Sub(f.paid)) && b.delivered.Equal(decimal.NewFromInt(int64(f.with)))
}

// tell says how an order stands; what is wrong with it is the error.
func (w *world) tell(what string, f fate) error {
	b, right := f.in(w.booked())
	mark := "✓"
	if !right {
		mark = "✗"
	}
	w.say("  %-7s %-44s %s %s\n", f.number, what, mark, b)
	if !right {
		return fmt.Errorf("order %s of %s (%s): Odoo has %s", f.number, f.shop, what, b)
	}
	return nil
}
