package odootest

import (
	"fmt"
	"time"
)

// activityModels are what a person is asked to do about a record, and the tags of
// orders.
func activityModels(add declare, ed *edition) {
	m := add("ir.model", "Models", col("char", "name", "Model Description").must(), col("char", "model", "Model").must().index())
	m.order = "model"
	m = add("mail.activity.type", "Activity Type",
		col("char", "name", "Name").must(), col("char", "summary", "Default Summary"), col("integer", "sequence", "Sequence").def(int64(10)),
		sel("category", "Action", "default", "None", "upload_file", "Upload Document", "phonecall", "Phonecall").def("default"),
		col("integer", "delay_count", "Schedule").def(int64(0)), col("boolean", "active", "Active").def(true))
	m.order = "sequence, id"
	of := rel("many2one", "res_model_id", "Document Model", "ir.model")
	who := rel("many2one", "user_id", "Assigned to", "res.users")
	if ed.major < 19 {
		of.must()
		who.must().defFn(func(e *env) any { return e.uid })
	}
	m = add("mail.activity", "Activity", of,
		col("char", "res_model", "Related Document Model").ro().index(), col("integer", "res_id", "Related Document ID").index(),
		col("char", "res_name", "Document Name").calc(func(e *env, r *record) any {
			if doc := e.document(r); doc != nil {
				return e.displayName(doc)
			}
			return nil
		}),
		rel("many2one", "activity_type_id", "Activity Type", "mail.activity.type"),
		col("char", "summary", "Summary"), col("html", "note", "Note"), who,
		col("date", "date_deadline", "Due Date").must().defFn(func(e *env) any { return e.today() }),
		sel("state", "State", "overdue", "Overdue", "today", "Today", "planned", "Planned", "done", "Done").calc(activityState))
	if ed.major >= 19 {
		m.add(col("boolean", "active", "Active").def(true))
	}
	m.order, m.recName = "date_deadline ASC, id ASC", "summary"
	m.after = afterActivity
	m.methods["action_feedback"] = &method{record: true, params: []string{"feedback", "attachment_ids"}, op: "w", run: feedback}
	m.methods["action_done"] = &method{record: true, op: "w", run: feedback}
	m = add("crm.tag", "CRM Tag", col("char", "name", "Tag Name").must().index(), col("integer", "color", "Color"))
	m.order = "id"
	m.after = func(e *env, rs []*record, _ map[string]bool, _ bool) error {
		t := e.table("crm.tag")
		for _, r := range rs {
			if len(t.idx[r.m.fields["name"].slot][r.str("name")]) > 1 {
				return taken(r.m)
			}
		}
		return nil
	}
}

// taken is the refusal of a second tag of one name.
func taken(m *model) *fault {
	f := validationError("The operation cannot be completed: Tag name already exists!")
	f.row = func(*model) map[string]any {
		if m.edition.major >= 19 {
			return map[string]any{"message": "Tag name already exists!", "field": "name"}
		}
		return map[string]any{"message": "The value for the field 'name' already exists (this is probably 'Tag Name' in the current model).", "field": "name"}
	}
	return f
}

// document is the record that an activity is about.
func (e *env) document(r *record) *record { return e.browse(r.str("res_model"), r.num("res_id")) }

func activityState(e *env, r *record) any {
	switch due := r.at("date_deadline"); {
	case r.m.fields["active"] != nil && !r.flag("active"):
		return "done"
	case due.Before(e.today()):
		return "overdue"
	case due.Before(e.today().Add(24 * time.Hour)):
		return "today"
	}
	return "planned"
}

// afterActivity ties a new activity to its record, and mails whom it is for
// unless that is the caller or the context keeps it quiet.
func afterActivity(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		if m := e.related(r, "res_model_id"); m != nil {
			e.set(r, "res_model", m.str("model"))
		}
		if r.num("res_id") == 0 || r.str("res_model") == "" {
			return checkFailed(r.m, "check_res_id_is_set", "Activities have to be linked to records with a not null res_id.")
		}
		doc := e.document(r)
		if doc == nil {
			if r.m.edition.major >= 19 {
				return newFault("odoo.exceptions.AccessError", "The requested operation cannot be completed due to security restrictions. "+
					"Please contact your system administrator.\n\n(Document type: Activity, Operation: create)\n\nRecords: %d, User: %d", r.id, e.uid)
			}
			return missingError(e.s.models[r.str("res_model")], r.num("res_id"), e.uid)
		}
		if user := e.related(r, "user_id"); (created || given["user_id"]) && user != nil && user.id != e.uid && !e.su && !e.flag("mail_activity_quick_update") {
			what := r.str("summary")
			if what == "" {
				what = e.text(r, "activity_type_id", "name")
			}
			e.send(doc, e.related(user, "partner_id"), "user_notification", fmt.Sprintf("\"%s: %s\" assigned to you", e.displayName(doc), what),
				"<div>Dear <span>"+user.str("name")+"</span>, you have just been assigned an activity.</div>")
		}
	}
	return nil
}

// feedback ends activities with a message beside their record. 17 deletes them,
// 19 archives them. The answer is the last message's id.
func feedback(e *env, c *call) (any, error) {
	var last any = false
	for _, r := range c.rs {
		doc := e.document(r)
		if r.m.fields["active"] != nil && !r.flag("active") || doc == nil {
			continue
		}
		body := "<div><p><span>" + e.text(r, "activity_type_id", "name") + "</span> done"
		if s := r.str("summary"); s != "" {
			body += "<span>: </span><span>" + s + "</span>"
		}
		body += "</p>"
		if v := c.args["feedback"]; truthy(v) {
			body += "<div>" + toText(v) + "</div>"
		}
		last = e.post(doc, "mail.mt_activities", body+"</div>", nil).id
		if r.m.edition.major >= 19 {
			e.set(r, "active", false)
			e.touch(r)
			continue
		}
		if err := e.unlink(r.m, []*record{r}); err != nil {
			return nil, err
		}
	}
	return last, nil
}

// seedActivities makes the kinds of activity and the models that they can be
// about, with their external ids.
func (s *Server) seedActivities(e *env) {
	for i, t := range [][2]string{{"email", "Email"}, {"call", "Call"}, {"meeting", "Meeting"}, {"todo", "To-Do"}, {"upload_document", "Upload Document"}} {
		r := e.make("mail.activity.type", map[string]any{"name": t[1], "sequence": int64(i)})
		e.bind("mail.mail_activity_data_"+t[0], "mail.activity.type", r.id)
	}
	for _, m := range [][2]string{
		{"res.partner", "base.model_res_partner"}, {"product.product", "product.model_product_product"}, {"product.template", "product.model_product_template"},
		{"sale.order", "sale.model_sale_order"}, {"stock.picking", "stock.model_stock_picking"}, {"account.move", "account.model_account_move"}, {"account.payment", "account.model_account_payment"},
	} {
		e.bind(m[1], "ir.model", e.make("ir.model", map[string]any{"model": m[0], "name": s.models[m[0]].label}).id)
	}
}

// Activity is what a person is asked to do about a record.
type Activity struct {
	ID                               int64
	XID, Model, Kind, Summary, State string
	Record                           int64
	User                             string // a login
	Due                              time.Time
	Note                             string
}

// Activities are all open activities by id.
func (s *Server) Activities() []Activity {
	var out []Activity
	s.each("mail.activity", func(e *env, r *record) {
		if r.m.fields["active"] == nil || r.flag("active") {
			out = append(out, Activity{
				ID: r.id, XID: e.xidOf(r), Model: r.str("res_model"), Kind: e.text(r, "activity_type_id", "name"), Summary: r.str("summary"), State: word(activityState(e, r)),
				Record: r.num("res_id"), User: e.text(r, "user_id", "login"), Due: r.at("date_deadline"), Note: r.str("note"),
			})
		}
	})
	return out
}
