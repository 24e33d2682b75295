package odootest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every call that a client may get wrong has an answer, be it an error.
func TestNoMethodOfAnyModelFallsOver(t *testing.T) {
	seeded := "account.account account.journal account.tax account.tax.group account.tax.repartition.line account.payment.method account.payment.method.line account.fiscal.position stock.location stock.warehouse stock.picking.type"
	for _, version := range []int{17, 19} {
		s, c, o := stocked(t, version, "1")
		c.bill(o.ID)
		o, _ = s.Order(o.ID)
		c.must("account.move", "action_post", o.Invoices[0].ID)
		p := c.pay("odoogate.p", o.Invoice, "inbound", "5")
		boss := newClient(t, s, "admin", "admin")
		for _, model := range slices.Sorted(maps.Keys(s.models)) {
			m := s.models[model]
			if !strings.HasPrefix(model, "account.") && !strings.HasPrefix(model, "stock.") && !strings.HasPrefix(model, "sale.") && !strings.HasPrefix(model, "mail.activity") {
				continue
			}
			for _, args := range [][]any{{map[string]any{}}, {[]any{}}, {map[string]any{"name": "x", "amount": "1", "quantity": 2}}} {
				require.True(t, boss.answers(model, "create", args...), "%d %s.create %v", version, model, args)
			}
			for _, method := range slices.Sorted(maps.Keys(m.methods)) {
				for _, ids := range []any{[]any{}, []any{1}, []any{1, 2}, []any{p, 999}, nil} {
					for _, more := range [][]any{nil, {1}, {map[string]any{"id": json.Number("1")}}, {"x"}} {
						require.True(t, boss.answers(model, method, append([]any{ids}, more...)...), "%d %s.%s %v %v", version, model, method, ids, more)
					}
				}
			}
			for _, ids := range []any{[]any{}, []any{1}, []any{1, 2}} {
				require.True(t, boss.answers(model, "read", ids), "%d %s.read", version, model)
				if !strings.Contains(seeded, model) {
					require.True(t, boss.answers(model, "unlink", ids), "%d %s.unlink", version, model)
				}
			}
		}
	}
}

// answers says whether a call is answered, with a result or an error.
func (c *client) answers(model, method string, args ...any) bool {
	c.t.Helper()
	return c.reaches(model, method, args...)
}
