package main

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// strangers are what Odoo has beside what is judged order by order: something booked
// twice under another name would else be nobody's.
func (c *chaos) strangers(b books) (list []string) {
	c.Helper()
	ours, invoices, transfers := map[string]bool{}, map[int64]bool{}, 0
	for _, s := range c.sold {
		ours[s.Now().Number] = true
	}
	for number, orders := range b.orders {
		for _, o := range orders {
			transfers += len(o.Pickings)
			for _, v := range o.Invoices {
				invoices[v.ID] = true
			}
			if !ours[number] {
				list = append(list, fmt.Sprintf("order %s of %q", o.Name, number))
			}
		}
	}
	for number, payments := range b.payments {
		if !ours[number] {
			list = append(list, fmt.Sprintf("%d payments of %q", len(payments), number))
		}
	}
	for _, v := range c.odoo.Invoices() {
		if !invoices[v.ID] {
			list = append(list, fmt.Sprintf("%s %s of no order, %s", v.Type, v.Name, v.Total))
		}
	}
	var all int
	require.NoError(c, c.admin.Call(c.Context(), odooclient.Request{Model: "stock.picking", Method: "search_count",
		Args: map[string]any{"domain": []any{}}}, &all))
	if all != transfers {
		list = append(list, fmt.Sprintf("%d transfers, and the orders have %d", all, transfers))
	}
	return append(list, twins(c.odoo.Partners())...)
}

// twins are addresses of one person that say the same.
func twins(all []odootest.Partner) (list []string) {
	seen := map[odootest.Partner]int64{}
	for _, p := range all {
		id := p.ID
		p.ID, p.XID = 0, ""
		if p.Parent == 0 {
			continue // people are told apart by their e-mail, see books
		}
		if first, twice := seen[p]; twice {
			list = append(list, fmt.Sprintf("addresses %d and %d of contact %d", first, id, p.Parent))
		}
		seen[p] = id
	}
	return list
}
