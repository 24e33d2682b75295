package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Released is an order that goes on, with its name in Odoo.
type Released struct {
	Order string `json:"order"`
	Odoo  string `json:"odoo"`
}

// Release lets an order go on that its risk holds, and has a worker carry it through.
// NotFound: nothing about it came in. Conflict: it is not held.
func (o *Operator) Release(ctx context.Context, shop, order string) (Released, error) {
	did := Released{Order: order}
	if err := o.knows(shop); err != nil {
		return did, err
	}
	ref := commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: order}
	rec, known, err := o.journal.Get(ctx, ref)
	switch {
	case err != nil:
		return did, err
	case !known:
		return did, &commerce.Error{Op: "order release", Reason: commerce.NotFound, Detail: ref.String() + " is not known: nothing about it came in yet",
			Remedy: fmt.Sprintf("see that %s is the shop's id of the order and not its number", order)}
	case rec.Reason != string(commerce.Held):
		return did, &commerce.Error{Op: "order release", Reason: commerce.Conflict, Detail: fmt.Sprintf("%s is not held: %s", ref, rec.Stands())}
	}
	did.Odoo = rec.OdooName
	if err := o.Did(ctx, shop, Change{What: "order release", On: "order/" + order}); err != nil {
		return did, err
	}
	if err := o.journal.Release(ctx, ref); err != nil {
		return did, err
	}
	if _, err := o.queue.Ask(ctx, LaneOperator, ref, "release", uuid.NewString()); err != nil {
		return did, fmt.Errorf("%s is released, and no run of it could be asked for; release it again: %w", ref, err)
	}
	return did, nil
}

// Stands says how a record ended last, without anybody's data.
func (r Record) Stands() string {
	text := string(r.Outcome)
	if text == "" {
		text = "not looked at yet"
	}
	if r.Reason != "" {
		text += " (" + r.Reason + ")"
	}
	if r.OdooName != "" {
		text += ", " + r.OdooName + " in Odoo"
	}
	if r.Outcome == Parked && r.Remedy != "" {
		text += "; " + r.Remedy
	}
	return text
}

// RehearseReimport plans what a run would do in which the shop wins, and writes
// nothing. What the books would refuse is an error with its remedy, and without
// anybody's data.
func (o *Operator) RehearseReimport(ctx context.Context, order *commerce.Order, rec Record) (erp.Outcome, error) {
	shop, last := o.shops[order.Ref.Shop].Config, rec.Applied()
	shop.Mode, last.Forced = "observe", true
	out, err := o.odoo.Order(ctx, shop, order, last, func(ctx context.Context) error { return ctx.Err() })
	var stop *commerce.Error
	if errors.As(err, &stop) {
		clean := *stop
		clean.Detail, clean.Remedy = order.Redact(stop.Detail), order.Redact(stop.Remedy)
		return out, fmt.Errorf("a reimport would be refused (%s): %w", stop.Reason, &clean)
	}
	return out, err
}

// Reimport asks a worker for a run in which the shop wins, as it was rehearsed, and
// names it; see Record.Reimported. Conflict: no run would write anything.
func (o *Operator) Reimport(ctx context.Context, ref commerce.Ref, rehearsed erp.Outcome) (name string, err error) {
	switch {
	case rehearsed.Action == "skipped":
		return "", &commerce.Error{Op: "order reimport", Reason: commerce.Conflict,
			Detail: fmt.Sprintf("nothing is asked for, since a run would leave %s alone: %s", ref, rehearsed.Reason)}
	case !o.shops[ref.Shop].Config.Live():
		return "", &commerce.Error{Op: "order reimport", Reason: commerce.Conflict,
			Detail: fmt.Sprintf("shop %s only observes, so nothing can be written", ref.Shop),
			Remedy: "set mode: live and go_live in its part of the configuration first"}
	}
	name = uuid.NewString()
	if err := o.Did(ctx, ref.Shop, Change{What: "order reimport", On: "order/" + ref.ID}); err != nil {
		return "", err
	}
	if err := o.journal.Force(ctx, ref, name); err != nil {
		return "", err
	}
	_, err = o.queue.Ask(ctx, LaneOperator, ref, "reimport", name)
	return name, err
}

// Reimporting is what a run in which the shop wins would do with an order, and whether
// one is asked for.
type Reimporting struct {
	DryRun bool     `json:"dry_run"`
	Order  string   `json:"order"`
	Odoo   string   `json:"odoo,omitempty"`
	Would  string   `json:"would"` // created, updated, unchanged …; skipped
	Why    string   `json:"why,omitempty"`
	Plan   []string `json:"plan"`
	Ended  string   `json:"ended,omitempty"` // how the run stands that was waited for
}

// Rehearsed tells what a rehearsal of an order came to.
func Rehearsed(id string, out erp.Outcome, earnest bool) Reimporting {
	did := Reimporting{DryRun: !earnest, Order: id, Odoo: out.OdooName, Would: out.Would, Why: out.Reason, Plan: append([]string{}, out.Plan...)}
	if out.Action == "skipped" {
		did.Would = out.Action
	}
	return did
}

// ReimportOrder rehearses a reimport of the order with that id and, in earnest, asks
// for it.
func (o *Operator) ReimportOrder(ctx context.Context, shop, id string, earnest bool) (Reimporting, error) {
	did := Rehearsed(id, erp.Outcome{}, earnest)
	of, err := o.withOrders(shop)
	if err != nil {
		return did, err
	}
	ref := commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: id}
	order, err := of.Orders.Order(ctx, id)
	if err != nil {
		return did, err
	}
	rec, _, err := o.journal.Get(ctx, ref)
	if err != nil {
		return did, err
	}
	out, err := o.RehearseReimport(ctx, order, rec)
	if err != nil {
		return did, err
	}
	if did = Rehearsed(id, out, earnest); earnest {
		_, err = o.Reimport(ctx, ref, out)
	}
	return did, err
}
