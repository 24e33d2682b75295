package erp

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// Asking is what a user of Odoo is asked to look at.
type Asking struct {
	Shop   config.Shop // whose company it is about; the zero value: that of odoo.user
	Key    string      // names what it is about
	Orders []commerce.Ref
	User   string // a login
	Type   string // an activity type by its name; empty: Odoo's To-Do
	// Summary is one line, Note plain text of several. Neither holds anybody's data.
	Summary string
	Note    []string
	Days    int // from today to its deadline
}

// Ask puts an activity on each of the orders that stands in Odoo, or where none does on
// the contact of the company. There is one for each key and order: asking again changes
// it, and opens it again where it was closed. Nobody is mailed about it. Every error is
// a *commerce.Error: Missing where Odoo has no such user.
func (b *Books) Ask(ctx context.Context, a Asking) error { return b.asked(ctx, a, asker.ask) }

// Answered closes what Ask made, if it is still open.
func (b *Books) Answered(ctx context.Context, a Asking) error { return b.asked(ctx, a, asker.close) }

func (b *Books) asked(ctx context.Context, a Asking, do func(asker, context.Context) error) error {
	m, err := b.master.get(ctx)
	if err != nil {
		return classify(commerce.Ref{}, err)
	}
	s, err := settingsFor(a.Shop, config.Facts{}, m)
	if err == nil {
		err = do(asker{Asking: a, settings: s, odoo: b.odoo, now: b.master.now}, ctx)
	}
	if err != nil {
		return classify(commerce.Ref{}, err)
	}
	return nil
}

// asker makes and closes activities.
type asker struct {
	Asking
	settings
	odoo odoo
	now  func() time.Time
}

// spot is a record that an activity is about.
type spot struct {
	xid   string // of the activity
	model string // by its external id
	id    int64
}

// orderSpot is an order that stands in Odoo.
func (a asker) orderSpot(ctx context.Context, ref commerce.Ref) (s spot, ok bool, err error) {
	_, id, ok, err := a.odoo.Resolve(ctx, orderXID(ref))
	return spot{a.onOrder(ref), "sale.model_sale_order", id}, ok, err
}

func (a asker) onOrder(ref commerce.Ref) string { return orderXID(ref) + "_alert_" + part(a.Key) }

// companySpot is the company's contact.
func (a asker) companySpot(ctx context.Context) (spot, error) {
	row, ok, err := a.odoo.Get(ctx, odooclient.Query{Model: "res.company", Fields: []string{"partner_id"}, Context: a.context()}, a.Company.ID)
	if err != nil {
		return spot{}, err
	}
	id, _ := row.Ref("partner_id")
	if !ok || id == 0 {
		return spot{}, &commerce.Error{Op: "erp.activity", Reason: commerce.Missing, Detail: "Odoo's user of the gateway cannot see the contact of company " + a.Company.Name,
			Remedy: "let that user see it"}
	}
	return spot{a.onCompany(), "base.model_res_partner", id}, nil
}

func (a asker) onCompany() string { return module + "alert_" + part(a.Key) }

func (a asker) ask(ctx context.Context) error {
	users, err := a.odoo.Find(ctx, odooclient.Query{Model: "res.users", Field: "login", Fields: []string{"name"}, Context: a.context()}, a.User)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		return &commerce.Error{Op: "erp.activity", Reason: commerce.Missing, Detail: fmt.Sprintf("Odoo has no user with the login %q", a.User),
			Remedy: "correct activity.user under alerts.targets"}
	}
	var spots []spot
	for _, ref := range a.Orders {
		s, ok, err := a.orderSpot(ctx, ref)
		if err != nil {
			return err
		}
		if ok {
			spots = append(spots, s)
		}
	}
	if len(spots) == 0 {
		s, err := a.companySpot(ctx)
		if err != nil {
			return err
		}
		spots = append(spots, s)
	}
	fields, err := a.odoo.Fields(ctx, "mail.activity")
	if err != nil {
		return err
	}
	for _, s := range spots {
		if err := a.put(ctx, s, firstID(users), fields); err != nil {
			return err
		}
	}
	return nil
}

// put makes the activity, or changes the one that is there.
func (a asker) put(ctx context.Context, s spot, user int64, fields odooclient.Fields) error {
	var note strings.Builder
	for _, line := range a.Note {
		if line != "" {
			note.WriteString("<p>" + html.EscapeString(line) + "</p>")
		}
	}
	day := a.now().In(time.UTC).AddDate(0, 0, a.Days).Format(time.DateOnly)
	columns := []string{"id", "res_model_id/id", "res_id", "summary", "note", "date_deadline", "user_id/.id"}
	row := []any{s.xid, s.model, itoa(s.id), a.Summary, note.String(), day, ref(user)}
	if a.Type == "" {
		columns, row = append(columns, "activity_type_id/id"), append(row, "mail.mail_activity_data_todo")
	} else {
		columns, row = append(columns, "activity_type_id"), append(row, a.Type)
	}
	if fields.First("active") != "" { // since 19 one that is done is archived
		columns, row = append(columns, "active"), append(row, true)
	}
	quiet := a.context()
	quiet["mail_activity_quick_update"] = true
	_, err := a.odoo.Load(ctx, odooclient.Shape{Model: "mail.activity", Fields: columns, Context: quiet}, [][]any{row})
	return err
}

func (a asker) close(ctx context.Context) error {
	all := []string{a.onCompany()}
	for _, ref := range a.Orders {
		all = append(all, a.onOrder(ref))
	}
	for _, xid := range all {
		if err := a.closeOne(ctx, xid); err != nil {
			return err
		}
	}
	return nil
}

func (a asker) closeOne(ctx context.Context, xid string) error {
	_, id, ok, err := a.odoo.Resolve(ctx, xid)
	if err != nil || !ok {
		return err
	}
	// What people closed themselves is archived or gone, and stays as it is.
	open, err := a.odoo.Find(ctx, odooclient.Query{Model: "mail.activity", Field: "id", Fields: []string{"summary"}, Context: a.context()}, itoa(id))
	if err != nil || len(open) == 0 {
		return err
	}
	return a.odoo.Do(ctx, odooclient.Action{Model: "mail.activity", Method: "action_feedback", Context: a.context()}, id)
}
