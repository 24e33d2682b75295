package odooclient_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/odooclient"
)

// together runs f for 0 to n-1 at the same time.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

func groupedClauses() []clause {
	return []clause{
		{"of many loads at once only the bad ones fail", func(t *testing.T, o *odoo) {
			const n = 30
			names, ids, errs := make([]string, n), make([]int64, n), make([]error, n)
			for i := range names {
				names[i] = o.name()
			}
			together(n, func(i int) {
				country := "base.fi"
				if i%10 == 7 {
					country = "base.nowhere"
				}
				ids[i], errs[i] = o.load(t, "res.partner", "id name ref country_id/id", []any{xid(names[i]), names[i], strconv.Itoa(i), country})
			})
			for i, err := range errs {
				if i%10 == 7 {
					require.True(t, requireRow(t, err, "base.nowhere").MissingXID())
					continue
				}
				require.NoError(t, err)
				row := o.get(t, "res.partner", ids[i], "name", "ref")
				require.Equal(t, names[i], row.Str("name"), "an id is its own member's")
				require.Equal(t, strconv.Itoa(i), row.Str("ref"))
			}
			together(n, func(i int) {
				if errs[i] != nil {
					return
				}
				name, err := o.ExternalID(t.Context(), "res.partner", ids[i])
				if err != nil || name != xid(names[i]) {
					t.Errorf("external id of %s: %q, %v", names[i], name, err)
				}
				rows, err := o.Find(t.Context(), odooclient.Query{Model: "res.partner", Field: "name", Fields: []string{"ref"}}, names[i])
				if err != nil || len(rows) != 1 || rows[0].ID() != ids[i] {
					t.Errorf("find %s: %v, %v", names[i], rows, err)
				}
			})
		}},
		{"of many orders confirmed at once only the refused ones fail", func(t *testing.T, o *odoo) {
			const n = 6
			orders := make([]booked, n)
			for i := range orders {
				orders[i] = o.order(t, 1)
			}
			o.do(t, "action_confirm", orders[2].id)
			errs := make([]error, n)
			together(n, func(i int) {
				errs[i] = o.Do(t.Context(), odooclient.Action{Model: "sale.order", Method: "action_confirm", Context: o.context()}, orders[i].id)
			})
			for i, err := range errs {
				if i == 2 {
					requireFault(t, odooclient.UserError, err)
				} else {
					require.NoError(t, err)
				}
				require.Equal(t, "sale", o.get(t, "sale.order", orders[i].id, "state").Str("state"))
			}
		}},
		{"two clients that load the same new record make it once", func(t *testing.T, o *odoo) {
			clients := []*odooclient.Client{o.Client, other(t, o, func(*config.Odoo) {}), other(t, o, func(*config.Odoo) {})}
			name := o.name()
			ids, errs := make([]int64, len(clients)), make([]error, len(clients))
			together(len(clients), func(i int) {
				ids[i], errs[i] = clients[i].Load(t.Context(), odooclient.Shape{Model: "res.partner", Fields: []string{"id", "name"}, Context: o.context()}, [][]any{{xid(name), name}})
			})
			for i, err := range errs {
				require.NoError(t, err)
				require.Equal(t, ids[0], ids[i])
			}
			require.Len(t, o.ids(t, "res.partner", []any{[]any{"name", "=", name}}), 1)
		}},
		{"orders with lines are loaded together", func(t *testing.T, o *odoo) {
			const n = 8
			_, partner := o.partner(t)
			orders, errs := make([]booked, n), make([]error, n)
			for i := range orders {
				orders[i].ref = o.name()
			}
			together(n, func(i int) {
				orders[i].id, errs[i] = o.load(t, "sale.order", o.orderColumns(), o.orderRows(orders[i], partner, 1+i%3)...)
			})
			for i, err := range errs {
				require.NoError(t, err)
				require.Len(t, o.lines(t, orders[i].id), 1+i%3)
				require.Equal(t, orders[i].ref, o.get(t, "sale.order", orders[i].id, "client_order_ref").Str("client_order_ref"))
			}
		}},
	}
}
