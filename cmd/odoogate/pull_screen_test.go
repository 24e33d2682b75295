package main

import (
	"bytes"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// pulledAccounts are two of which a dry run tells: one with what it would write.
func pulledAccounts() iter.Seq2[tasks.Pulled, error] {
	return func(yield func(tasks.Pulled, error) bool) {
		_ = yield(tasks.Pulled{ID: "25", State: tasks.Planned, Odoo: "70", Plan: []string{"contact 70: phone"}}, nil) &&
			yield(tasks.Pulled{ID: "26", State: tasks.Skipped, Reason: "no contact"}, nil)
	}
}

func TestAPullOfAccountsIsToldAsOneOfOrdersIs(t *testing.T) {
	told := func(json bool) string {
		t.Helper()
		var out, errs bytes.Buffer
		p := process{out: &out, err: &errs}
		u := &pulling{process: p, bar: p.watched(), Puller: tasks.Puller{Kind: commerce.KindCustomer, Shop: &handlers.Shop{ID: "de", Config: config.Shop{ID: "de"}}},
			pullOptions: pullOptions{kind: commerce.KindCustomer, shop: "de", ids: []string{"25", "26"}, dryRun: true}, wish: tasks.PullWish{Customers: true}}
		u.json = json
		require.NoError(t, u.print(pulledAccounts()))
		return out.String()
	}
	require.Equal(t, `25                    –                 planned, 70
    contact 70: phone
26                    –                 skipped (no contact)
2 customers: 1 planned, 1 skipped.
`, told(false))
	require.JSONEq(t, `{"dry_run": true, "customers": [{"id": "25", "state": "planned", "odoo": "70", "plan": ["contact 70: phone"]},
		{"id": "26", "state": "skipped", "reason": "no contact"}]}`, told(true))
}
