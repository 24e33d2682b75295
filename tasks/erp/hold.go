package erp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// hold marks a quotation that waits for a person: a tag to list such orders by, and
// an activity for whoever is responsible. The tag says that both were made, so an
// activity that was done does not come back. Its error is always there: it says
// how the order goes on.
func (w *writer) hold(ctx context.Context, now *standing) error {
	wait := &commerce.Error{Op: "erp.order", Reason: commerce.Held, Ref: w.order.Ref,
		Detail: fmt.Sprintf("the shop gives the order the risk %q, so %s stays a quotation", w.order.Risk.Level, now.Name),
		Remedy: fmt.Sprintf("confirm %s in Odoo, or run: odoogate order release %s %s; or cancel it in the shop", now.Name, w.Shop, w.order.Ref.ID),
		Needs:  []string{strings.Join([]string{"confirmed", w.Shop, itoa(now.ID)}, "/")}}
	if w.Names.OrderTags == "" {
		return wait
	}
	tag, err := w.riskTag(ctx)
	if err != nil {
		return err
	}
	row, _, err := w.odoo.Get(ctx, w.query("sale.order", w.Names.OrderTags), now.ID)
	if err != nil || slices.Contains(row.IDs(w.Names.OrderTags), tag) {
		return cmp.Or(err, error(wait))
	}
	if err := w.activity(ctx, now); err != nil {
		return err
	}
	var tags []string
	for _, id := range append(row.IDs(w.Names.OrderTags), tag) {
		tags = append(tags, itoa(id))
	}
	_, err = w.load(ctx, []string{"id", w.Names.OrderTags + "/.id"}, [][]any{{w.plan.XID, strings.Join(tags, ",")}})
	return cmp.Or(err, error(wait))
}

// riskTag is the tag of held orders, made where Odoo has none of its name.
func (w *writer) riskTag(ctx context.Context) (int64, error) {
	name := cmp.Or(w.Risk.Tag, "Risk")
	q := w.query("crm.tag", "name")
	q.Field = "name"
	rows, err := w.odoo.Find(ctx, q, name)
	if err != nil || len(rows) > 0 {
		return firstID(rows), err
	}
	return w.loadIn(ctx, "crm.tag", []string{"id", "name"}, [][]any{{module + "tag_" + hash(fold(name)), name}}, nil)
}

func firstID(rows []odooclient.Row) int64 {
	if len(rows) == 0 {
		return 0
	}
	return rows[0].ID()
}

// activity asks somebody to look at the order; nobody is mailed about it.
func (w *writer) activity(ctx context.Context, now *standing) error {
	who, g := w.named("salesperson", cmp.Or(w.Risk.Responsible, w.Books.Salesperson))
	if g != nil {
		return missing(w.order.Ref, *g)
	}
	columns := []string{"id", "res_model_id/id", "res_id", "activity_type_id/id", "summary", "date_deadline"}
	row := []any{w.plan.XID + "_hold", "sale.model_sale_order", itoa(now.ID), "mail.mail_activity_data_todo",
		"Risk " + w.order.Risk.Level + ": release or cancel", w.dayOf(w.now()).Format(time.DateOnly)}
	if who != 0 {
		columns, row = append(columns, "user_id/.id"), append(row, ref(who))
	}
	_, err := w.loadIn(ctx, "mail.activity", columns, [][]any{row}, map[string]any{"mail_activity_quick_update": true})
	return err
}
