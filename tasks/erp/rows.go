package erp

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// columns of the order's load: a new order has its header, one that is there only
// its lines. A confirmed order refuses some columns of the header even unchanged.
func (w *writer) columns(full bool) []string {
	c := []string{"id"}
	if full {
		c = append(c, "client_order_ref", "origin", "date_order", "partner_id/.id", "partner_invoice_id/.id", "partner_shipping_id/.id")
		if w.plan.Header.Pricelist != 0 {
			c = append(c, "pricelist_id/.id")
		}
		for _, r := range w.routes() {
			c = append(c, r.column)
		}
	}
	c = append(c, "order_line/id", "order_line/sequence", "order_line/product_id/.id", "order_line/name", "order_line/product_uom_qty",
		"order_line/price_unit", "order_line/discount", "order_line/"+w.Names.LineTaxes+"/.id")
	if w.Names.LineDelivery != "" {
		c = append(c, "order_line/"+w.Names.LineDelivery)
	}
	if full && w.plan.Header.Note != "" {
		c = append(c, w.Names.OrderNotes+"/id")
		for _, part := range noteParts() {
			c = append(c, w.Names.OrderNotes+"/"+part)
		}
		c[len(c)-1] += "/.id"
	}
	return c
}

// noteParts are the fields of a message that noteCells fills, the last one a record.
func noteParts() []string {
	return []string{"model", "body", "message_type", "is_internal", "subtype_id"}
}

// route is one column of where the order belongs, with its value.
type route struct {
	column string
	value  any
}

// routes are the columns of where the order belongs.
func (w *writer) routes() []route {
	var all []route
	h := w.plan.Header
	for _, f := range []struct {
		name string
		id   int64
	}{{w.Names.OrderWarehouse, h.Warehouse}, {w.Names.OrderTeam, h.Team}, {w.Names.OrderTerms, h.Terms}, {w.Names.OrderUser, h.Salesperson},
		{w.Names.OrderCarrier, h.Carrier}, {w.Names.OrderFiscal, h.Fiscal}} {
		if f.id != 0 {
			all = append(all, route{f.name + "/.id", ref(f.id)})
		}
	}
	if h.Picking != "" {
		all = append(all, route{w.Names.OrderPicking, h.Picking})
	}
	if h.Name != "" {
		all = append(all, route{"name", h.Name})
	}
	for _, f := range h.Fields {
		all = append(all, route{f.column(), f.Value})
	}
	return all
}

// noteCells are the note under the order's first row: a message made with the
// order in one step is stored and notifies nobody. It is never written again: 19
// lets only administrators change whose it is.
func (w *writer) noteCells() []any {
	h := w.plan.Header
	return []any{w.plan.XID + "_note", "sale.order", h.Note, "comment", "1", ref(w.NoteType)}
}

// rows are the order's lines under their header. Price, discount, taxes and text
// always go along: Odoo computes anew what is left out.
func (w *writer) rows(full bool) [][]any {
	p := w.plan
	head := []any{p.XID}
	if full {
		invoice, delivery := p.People.Buyer.ID, p.People.Buyer.ID
		if p.People.Invoice != nil {
			invoice = p.People.Invoice.ID
		}
		if p.People.Delivery != nil {
			delivery = p.People.Delivery.ID
		}
		head = append(head, p.Header.Ref, p.Header.Origin, stamp(p.Header.Date), ref(p.People.Buyer.ID), ref(invoice), ref(delivery))
		if p.Header.Pricelist != 0 {
			head = append(head, ref(p.Header.Pricelist))
		}
		for _, r := range w.routes() {
			head = append(head, r.value)
		}
	}
	var rows [][]any
	for _, l := range p.Lines {
		taxes := make([]string, len(l.Taxes))
		for i, t := range l.Taxes {
			taxes[i] = itoa(t)
		}
		r := append(slices.Clone(head), l.XID, strconv.Itoa(l.Sequence), ref(l.Product), l.Name, l.Quantity.String(), l.Price.String(),
			l.Discount.String(), strings.Join(taxes, ","))
		if w.Names.LineDelivery != "" {
			r = append(r, l.Delivery)
		}
		if full && p.Header.Note != "" {
			cells := w.noteCells()
			if len(rows) > 0 {
				cells = make([]any, len(cells))
			}
			r = append(r, cells...)
		}
		rows = append(rows, r)
		head = make([]any, len(head)) // rows after the first carry lines only
	}
	return rows
}

// ref is a record's id in a column, empty for none.
func ref(id int64) string {
	if id == 0 {
		return ""
	}
	return itoa(id)
}

// stamp is a time as Odoo keeps it.
func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }
