package odooclient_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// activityClauses are how people are asked to look at an order, and how orders are
// told apart.
func activityClauses() []clause {
	return []clause{
		{"a person is asked to look at an order, once", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			uid, err := o.UID(t.Context())
			require.NoError(t, err)
			columns := strings.Fields("id res_model_id/id res_id activity_type_id/id summary user_id/.id date_deadline note")
			var first int64
			for _, summary := range []string{"look", "look again"} {
				s := odooclient.Shape{Model: "mail.activity", Fields: columns, Context: o.context("mail_activity_quick_update", true)}
				id, err := o.Load(t.Context(), s, [][]any{{xid(b.ref) + "_activity", "sale.model_sale_order", strconv.FormatInt(b.id, 10), "mail.mail_activity_data_todo",
					summary, strconv.FormatInt(uid, 10), "2031-01-15", "<p>" + b.ref + "</p>"}})
				require.NoError(t, err)
				require.True(t, first == 0 || first == id)
				first = id
			}
			row := o.get(t, "mail.activity", first, "res_model", "res_id", "summary", "date_deadline", "state", "res_name", "user_id")
			require.Equal(t, []string{"sale.order", "look again", "2031-01-15", "planned"}, []string{row.Str("res_model"), row.Str("summary"), row.Str("date_deadline"), row.Str("state")})
			require.Equal(t, b.id, row.Int("res_id"))
			require.Equal(t, []int64{first}, o.get(t, "sale.order", b.id, "activity_ids").IDs("activity_ids"))
			var answer any
			o.must(t, odooclient.Request{Model: "mail.activity", Method: "action_feedback", IDs: []int64{first}, Args: map[string]any{"feedback": "seen"}}, &answer)
			require.Positive(t, toID(t, answer), "the message it leaves")
			require.Empty(t, o.get(t, "sale.order", b.id, "activity_ids").IDs("activity_ids"))
		}},
		{"an activity about nothing is refused, and models cannot be looked up", func(t *testing.T, o *odoo) {
			_, err := o.load(t, "mail.activity", "id res_model_id/id activity_type_id/id", []any{xid(o.name()), "sale.model_sale_order", "mail.mail_activity_data_todo"})
			requireRow(t, err, "")
			requireFault(t, odooclient.AccessError, o.Call(t.Context(), odooclient.Request{Model: "ir.model", Method: "search_read",
				Args: map[string]any{"domain": []any{}, "fields": []string{"model"}, "limit": 1}}, nil), "not allowed to access")
		}},
		{"orders are tagged by external id", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			tag := o.loaded(t, "crm.tag", "id name", []any{xid(b.ref) + "_tag", b.ref})
			require.Equal(t, tag, o.loaded(t, "crm.tag", "id name", []any{xid(b.ref) + "_tag", b.ref}))
			_, err := o.load(t, "crm.tag", "id name", []any{xid(b.ref) + "_twin", b.ref})
			requireRow(t, err, "already exists")
			o.loaded(t, "sale.order", "id tag_ids/id", []any{xid(b.ref) + "_order", xid(b.ref) + "_tag"})
			require.Equal(t, []int64{tag}, o.get(t, "sale.order", b.id, "tag_ids").IDs("tag_ids"))
			o.loaded(t, "sale.order", "id tag_ids/id", []any{xid(b.ref) + "_order", ""})
			require.Empty(t, o.get(t, "sale.order", b.id, "tag_ids").IDs("tag_ids"))
		}},
	}
}
