package odootest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// posted are the messages since the nth, as "model subtype body's beginning".
func posted(s *Server, from int) []string {
	var out []string
	for _, m := range s.Messages()[from:] {
		text, _, _ := strings.Cut(strings.TrimLeft(m.Body, "<bp>"), ":")
		text, _, _ = strings.Cut(text, "<")
		out = append(out, strings.TrimSpace(m.Model+" "+m.Subtype+" "+text))
	}
	return out
}

func TestBookingAnOrderLeavesNotesAndNoMail(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c := shop(t, Options{Version: version})
		fields := s.names19(orderFields)
		if version == 17 {
			fields = orderFields
		}
		require.Empty(t, s.Messages(), "seeding posts nothing")
		ids, messages := c.load("sale.order", fields, [][]any{orderRow(s, "1")}, nil)
		require.Empty(t, messages)
		c.load("sale.order", fields, [][]any{orderRow(s, "1")}, nil)
		require.Equal(t, []string{"sale.order Note Sales Order created"}, posted(s, 0), "the same again posts nothing")
		c.must("sale.order", "action_confirm", ids)
		require.Equal(t, []string{
			"stock.picking Note Transfer created", "stock.picking Note This transfer has been created from", "sale.order Sales Order Confirmed",
		}, posted(s, 1))
		row := orderRow(s, "1")
		row[7] = 5
		c.load("sale.order", fields, [][]any{row}, map[string]any{"tracking_disable": true})
		require.Equal(t, []string{"sale.order Note The ordered quantity has been updated."}, posted(s, 4), "not to be suppressed")
		row[7] = 6
		c.load("sale.order", fields, [][]any{row}, nil)
		require.Equal(t, []string{"sale.order Note The ordered quantity has been updated.", "sale.order Note"}, posted(s, 5))
		require.Empty(t, s.Mails())
		require.Zero(t, s.MailsSent())
	}
}

func TestNamingASalespersonMailsThemUnlessTheContextIsQuiet(t *testing.T) {
	s, c := shop(t, Options{})
	admin := s.ID("res.users", "login", "admin")
	fields := append([]string{"user_id/.id"}, orderFields...)
	for i, context := range []map[string]any{{"tracking_disable": true}, {"mail_auto_subscribe_no_notify": true}, {"mail_create_nosubscribe": true}, nil} {
		_, messages := c.load("sale.order", fields, [][]any{append([]any{toText(admin)}, orderRow(s, toText(int64(i)))...)}, context)
		require.Empty(t, messages)
		require.Len(t, s.Mails(), max(0, i-1))
	}
	got := s.Mails()[0]
	require.Equal(t, Mail{
		Kind: "email", ID: 1, Model: "sale.order", Record: s.Orders()[2].ID, To: []string{"admin@example.com"},
		Subject: "You have been assigned to S00003", State: "outgoing",
	}, got)
	require.Len(t, c.must("mail.notification", "search_read", []any{[]any{"notification_type", "=", "email"}}, []any{"res_partner_id"}), 2)

	s.Set("res.partner", s.ID("res.partner", "name", "Ann"), Values{"user_id": admin})
	c.load("sale.order", orderFields, [][]any{orderRow(s, "9")}, nil)
	require.Equal(t, 2, s.MailsSent(), "a salesperson taken from the customer hears nothing")
	_, fault := c.try("mail.mail", "search_read", []any{[]any{}}, nil)
	require.Contains(t, fault["message"], "'Outgoing Mails' (mail.mail)")
	require.Len(t, newClient(t, s, "admin", "admin").must("mail.mail", "search_read", []any{}, []any{"subject"}), 2)
}

func TestOnly19MailsTheCustomerOnRequest(t *testing.T) {
	for version, mails := range map[int]int{17: 0, 19: 1} {
		s, c := shop(t, Options{Version: version})
		fields := s.names19(orderFields)
		if version == 17 {
			fields = orderFields
		}
		ids, _ := c.load("sale.order", fields, [][]any{orderRow(s, "1")}, nil)
		_, fault := c.try("sale.order", "action_confirm", []any{ids}, map[string]any{"context": map[string]any{"send_email": true}})
		require.Nil(t, fault)
		require.Len(t, s.Mails(), mails)
	}
}

func TestAnSMSInTheQueueIsSeen(t *testing.T) {
	s := New(Options{})
	s.Add("sms.sms", Values{"number": "+358401234567", "body": "Shipped"})
	require.Equal(t, []string{"+358401234567"}, s.Mails()[0].To)
	require.Equal(t, 1, s.MailsSent())
}
