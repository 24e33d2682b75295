package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

func (s *screen) odoo(v tasks.OrderView) {
	switch {
	case v.Odoo == nil:
		s.part("Odoo", "cannot be read: "+v.Away["odoo"])
		return
	case v.Odoo.Order == nil && v.Odoo.Foreign != "":
		s.part("Odoo", "has no such order; "+v.Odoo.Foreign+" has its number and was not made by us")
		return
	case v.Odoo.Order == nil:
		s.part("Odoo", "has no such order")
		return
	}
	o := v.Odoo.Order
	locked := ""
	if o.Locked {
		locked = "locked"
	}
	s.part("Odoo", listed(o.Name, o.State, locked, "invoicing: "+o.Invoicing, "of "+clock(o.Date)))
	s.row("total", o.Total.String()+", of which tax "+amount(o.Tax))
	rows(s, v.Odoo.Lines, func(l erp.StoryLine) (string, string) {
		text := fmt.Sprintf("%s × %s, delivered %s, invoiced %s", l.Quantity, l.Product, l.Delivered, l.Invoiced)
		if l.Added() {
			text += "; added by people"
		}
		return "line", text
	})
	rows(s, v.Odoo.Transfers, transfer)
	rows(s, v.Odoo.Invoices, invoice)
	rows(s, v.Odoo.Payments, func(p erp.StoryPayment) (string, string) {
		label := "paid in"
		if p.Type == "outbound" {
			label = "paid out"
		}
		return label, listed(p.Amount.String(), p.State, p.Journal, dash(p.Name), day(p.Date))
	})
}

func transfer(t erp.StoryTransfer) (label, text string) {
	label = t.Kind
	switch t.Kind {
	case "outgoing":
		label = "delivery"
	case "incoming":
		label = "return"
	}
	var moved []tasks.PartView
	for _, m := range t.Moves {
		at := slices.IndexFunc(moved, func(p tasks.PartView) bool { return p.Line == m.Product })
		switch {
		case m.State == "cancel" && t.State != "cancel":
		case at >= 0:
			moved[at].Quantity = moved[at].Quantity.Add(m.Quantity)
		default:
			moved = append(moved, tasks.PartView{Line: m.Product, Quantity: m.Quantity})
		}
	}
	return label, listed(t.Name, t.State, clock(t.Done), t.Tracking) + ": " + parts(moved)
}

func invoice(v erp.StoryInvoice) (label, text string) {
	label = "invoice"
	if v.Type == "out_refund" {
		label = "credit note"
	}
	name := v.Name
	if name == "" || name == "/" {
		name = "no number yet"
	}
	return label, listed(name, v.State, strings.ReplaceAll(v.Paid, "_", " "), v.Total.String(), "tax "+amount(v.Tax), "open "+amount(v.Residual), day(v.Date))
}
