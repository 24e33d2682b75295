package odootest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

var activityFields = []string{"id", "res_model_id/id", "res_id", "activity_type_id/id", "summary", "user_id/.id", "date_deadline"}

func TestAPersonIsAskedToLookAndAnswers(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := billed(t, version)
		boss := s.ID("res.users", "login", "admin")
		row := []any{"odoogate.look", "sale.model_sale_order", o.ID, "mail.mail_activity_data_todo", "look", boss, "2026-11-30"}
		quiet := map[string]any{"mail_activity_quick_update": true}
		for range 2 {
			_, messages := c.load("mail.activity", activityFields, [][]any{row}, quiet)
			require.Empty(t, messages)
		}
		require.Zero(t, s.MailsSent())
		all := s.Activities()
		require.Len(t, all, 1)
		require.Equal(t, []string{"sale.order", "To-Do", "look", "admin", "planned", "odoogate.look"}, []string{all[0].Model, all[0].Kind, all[0].Summary, all[0].User, all[0].State, all[0].XID})
		_, messages := c.load("mail.activity", activityFields[1:], [][]any{row[1:]}, nil)
		require.Empty(t, messages)
		require.Equal(t, 1, s.MailsSent(), "without the context they are written to")
		require.NotEqual(t, false, c.must("mail.activity", "action_feedback", []any{all[0].ID}, "done"))
		require.Len(t, s.Activities(), 1)
		messagesOf := c.must("sale.order", "read", []any{o.ID}, []any{"activity_ids", "message_ids"}).([]any)[0].(map[string]any)
		require.Len(t, messagesOf["activity_ids"], 1)
		require.Contains(t, c.refused("mail.activity", "create", map[string]any{"res_model_id": s.ID("ir.model", "model", "sale.order")}), "Activities have to be linked")
		require.Contains(t, c.refused("ir.model", "search", []any{}), "You are not allowed to access 'Models' (ir.model) records.")
	}
}

func TestTagsAreMadeOnceAndPutOnOrders(t *testing.T) {
	for version, twice := range map[int]string{17: "The value for the field 'name' already exists (this is probably 'Tag Name' in the current model).", 19: "Tag name already exists!"} {
		s, c, o := billed(t, version)
		for range 2 {
			_, messages := c.load("crm.tag", []string{"id", "name"}, [][]any{{"odoogate.tag_web", "web"}}, nil)
			require.Empty(t, messages)
		}
		_, messages := c.load("crm.tag", []string{"name"}, [][]any{{"web"}}, nil)
		require.Equal(t, twice, messages[0]["message"])
		_, messages = c.load("sale.order", []string{".id", "tag_ids/id"}, [][]any{{o.ID, "odoogate.tag_web"}}, nil)
		require.Empty(t, messages)
		o, _ = s.Order(o.ID)
		require.Equal(t, []string{"web"}, o.Tags)
		require.Contains(t, c.refused("crm.tag", "unlink", s.ID("crm.tag", "name", "web")), "You are not allowed to delete 'CRM Tag' (crm.tag) records.")
	}
}
