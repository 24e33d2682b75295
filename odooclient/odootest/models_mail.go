package odootest

func mailModels(add declare) {
	m := add("mail.message.subtype", "Message subtypes", col("char", "name", "Message Type").must())
	m.order = "id"
	m = add("mail.message", "Message",
		col("char", "model", "Related Document Model").index(),
		col("integer", "res_id", "Related Document ID").index(),
		col("datetime", "date", "Date"),
		col("char", "subject", "Subject"), col("html", "body", "Contents"),
		sel("message_type", "Type", "email", "Incoming Email", "comment", "Comment", "email_outgoing", "Outgoing Email",
			"notification", "System notification", "auto_comment", "Automated Targeted Notification",
			"user_notification", "User Specific Notification").must().def("email"),
		rel("many2one", "subtype_id", "Subtype", "mail.message.subtype"),
		rel("many2one", "author_id", "Author", "res.partner"), col("char", "email_from", "From"),
		rel("many2many", "partner_ids", "Recipients", "res.partner"),
		rel("many2many", "notified_partner_ids", "Partners with Need Action", "res.partner"),
		col("boolean", "is_internal", "Employee Only").def(false),
		o2m("notification_ids", "Notifications", "mail.notification", "mail_message_id"),
	)
	m.order, m.recName, m.before = "id desc", "subject", beforeMessage
	m = add("mail.notification", "Message Notifications",
		rel("many2one", "mail_message_id", "Message", "mail.message").must().index().owned(),
		rel("many2one", "res_partner_id", "Recipient", "res.partner"),
		sel("notification_type", "Notification Type", "inbox", "Inbox", "email", "Email", "sms", "SMS").must().def("inbox"),
		sel("notification_status", "Status", "ready", "Ready to Send", "sent", "Delivered", "bounce", "Bounced",
			"exception", "Exception", "canceled", "Canceled").def("ready"))
	m.order = "id"
	states := []string{"outgoing", "Outgoing", "sent", "Sent", "received", "Received", "exception", "Delivery Failed", "cancel", "Cancelled"}
	m = add("mail.mail", "Outgoing Mails",
		rel("many2one", "mail_message_id", "Message", "mail.message").must().index().owned(),
		col("char", "subject", "Subject"), col("html", "body_html", "Text Contents"),
		col("char", "model", "Related Document Model"), col("integer", "res_id", "Related Document ID"),
		rel("many2many", "recipient_ids", "To (Partners)", "res.partner"), col("text", "email_to", "To"),
		sel("state", "Status", states...).ro().def("outgoing"))
	m.order, m.recName = "id desc", "subject"
	m = add("sms.sms", "Outgoing SMS",
		col("char", "number", "Number"), col("text", "body", "Body"), rel("many2one", "partner_id", "Customer", "res.partner"),
		rel("many2one", "mail_message_id", "Message", "mail.message"),
		sel("state", "SMS Status", "outgoing", "In Queue", "sent", "Sent", "error", "Error", "canceled", "Canceled").must().def("outgoing"))
	m.order, m.recName = "id desc", "number"
}

// beforeMessage keeps a message of 19 beside its record, even when the columns
// say what is there already.
func beforeMessage(e *env, rs []*record, vals map[string]any) error {
	_, model := vals["model"]
	_, id := vals["res_id"]
	if len(rs) > 0 && (model || id) && rs[0].m.edition.major >= 19 && !e.su && !e.groups()["system"] {
		return newFault("odoo.exceptions.AccessError", "Only administrators can modify 'model' and 'res_id' fields.")
	}
	return nil
}

// seedSubtypes makes the kinds of message that orders post.
func (s *Server) seedSubtypes(e *env) {
	for _, t := range [][2]string{
		{"mail.mt_comment", "Discussions"}, {"mail.mt_note", "Note"}, {"mail.mt_activities", "Activities"}, {"sale.mt_order_confirmed", "Sales Order Confirmed"},
	} {
		e.bind(t[0], "mail.message.subtype", e.make("mail.message.subtype", map[string]any{"name": t[1]}).id)
	}
}
