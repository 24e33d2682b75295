package odootest

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// post writes a message beside a record. It stays in the database; what leaves
// it goes through send.
func (e *env) post(r *record, subtype, body string, more map[string]any) *record {
	author := e.related(e.browse("res.users", e.uid), "partner_id")
	vals := map[string]any{
		"model": r.m.name, "res_id": r.id, "date": e.now, "message_type": "notification", "is_internal": subtype == "mail.mt_note",
		"subtype_id": e.s.xids[subtype].id, "body": body,
	}
	if author != nil {
		vals["author_id"], vals["email_from"] = author.id, fmt.Sprintf("%q <%s>", author.str("name"), author.str("email"))
	}
	for k, v := range more {
		vals[k] = v
	}
	return e.make("mail.message", vals)
}

// track is a note without text, as changed fields leave one. Seeding leaves none.
func (e *env) track(r *record) {
	if !e.su && !e.flag("tracking_disable") && !e.flag("mail_notrack") {
		e.post(r, "mail.mt_note", "", nil)
	}
}

// created is the first note beside a new record.
func (e *env) created(r *record) {
	if r.m.thread && !e.su && !e.flag("tracking_disable") && !e.flag("mail_create_nolog") {
		e.post(r, "mail.mt_note", "<p>"+r.m.label+" created</p>", nil)
	}
}

// send queues a mail to a contact who has an address.
func (e *env) send(r, to *record, kind, subject, body string) {
	if to == nil || to.str("email") == "" {
		return
	}
	recipients := []any{to.id}
	subtype := "mail.mt_note"
	if kind == "comment" {
		subtype = "mail.mt_comment"
	}
	message := e.post(r, subtype, body, map[string]any{
		"message_type": kind, "subject": subject, "partner_ids": recipients, "notified_partner_ids": recipients,
	})
	e.make("mail.notification", map[string]any{"mail_message_id": message.id, "res_partner_id": to.id, "notification_type": "email"})
	e.make("mail.mail", map[string]any{
		"mail_message_id": message.id, "subject": subject, "body_html": body, "model": r.m.name, "res_id": r.id, "recipient_ids": recipients,
	})
}

// assigned mails a salesperson whom a call named on a record: anyone but the
// caller, unless the context keeps it quiet. One who was derived hears nothing.
func (e *env) assigned(r *record, given map[string]bool) {
	if !r.m.thread || !given["user_id"] || e.su || e.flag("tracking_disable") || e.flag("mail_auto_subscribe_no_notify") {
		return
	}
	user := e.related(r, "user_id")
	if user == nil || user.id == e.uid {
		return
	}
	name := e.displayName(r)
	e.send(r, e.related(user, "partner_id"), "user_notification", "You have been assigned to "+name,
		"<span>Dear "+user.str("name")+",</span><br><span>You have been assigned to the "+r.m.label+" "+name+".</span>")
}

// requantified notes on a confirmed order that a line's quantity is about to
// change. No context suppresses it.
func (e *env) requantified(r *record, vals map[string]any) {
	v, given := vals["product_uom_qty"]
	order := e.related(r, "order_id")
	if !given || e.su || order == nil || order.str("state") != "sale" || r.str("display_type") != "" {
		return
	}
	old, now := r.dec("product_uom_qty"), decimal.Zero
	if d, ok := toDecimal(v); ok && v != false {
		now = e.round(r.m.fields["product_uom_qty"], d)
	}
	if old.Equal(now) {
		return
	}
	e.post(order, "mail.mt_note", fmt.Sprintf("<b>The ordered quantity has been updated.</b><ul><li>%s: <br>Ordered Quantity: %s -&gt; %s<br></li></ul>",
		e.nameOf("product.product", r.num("product_id")), old, now), map[string]any{"is_internal": false})
}

// confirmation is 19's mail to the customer; the measured 17 knows no such context.
func (e *env) confirmation(r *record) {
	if e.flag("send_email") && r.m.edition.major >= 19 {
		e.send(r, e.related(r, "partner_id"), "comment", "Order "+r.str("name"), "<p>Your order is confirmed.</p>")
	}
}

// Mail is an e-mail or SMS that was sent or waits to be sent.
type Mail struct {
	Kind    string // email or sms
	ID      int64
	Model   string // what it is about
	Record  int64
	To      []string
	Subject string // of an SMS: its text
	State   string
}

// Mails is what the tables of outgoing mail and SMS hold, by id.
func (s *Server) Mails() []Mail {
	var out []Mail
	s.each("mail.mail", func(e *env, r *record) {
		m := Mail{Kind: "email", ID: r.id, Model: r.str("model"), Record: r.num("res_id"), Subject: r.str("subject"), State: r.str("state")}
		if to := r.str("email_to"); to != "" {
			m.To = strings.Split(to, ",")
		}
		for _, p := range r.ids("recipient_ids") {
			m.To = append(m.To, e.browse("res.partner", p).str("email"))
		}
		out = append(out, m)
	})
	s.each("sms.sms", func(_ *env, r *record) {
		out = append(out, Mail{Kind: "sms", ID: r.id, Model: "res.partner", Record: r.num("partner_id"), To: []string{r.str("number")}, Subject: r.str("body"), State: r.str("state")})
	})
	return out
}

// MailsSent is how many mails and SMS left or wait to leave.
func (s *Server) MailsSent() int { return len(s.Mails()) }

// Message is what stands beside a record for people to read.
type Message struct {
	ID                    int64
	Model                 string
	Record                int64
	Kind, Subtype, Author string
	Body                  string
}

// Messages are all messages by id; none of them left Odoo, see Mails.
func (s *Server) Messages() []Message {
	var out []Message
	s.each("mail.message", func(e *env, r *record) {
		out = append(out, Message{
			ID: r.id, Model: r.str("model"), Record: r.num("res_id"), Kind: r.str("message_type"), Body: r.str("body"),
			Subtype: e.nameOf("mail.message.subtype", r.num("subtype_id")), Author: e.nameOf("res.partner", r.num("author_id")),
		})
	})
	return out
}
