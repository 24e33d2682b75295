package tasks

import (
	"context"
	"errors"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// importOrder makes Odoo equal to one order.
func (w *Worker) importOrder(ctx context.Context, e commerce.Event) error {
	return w.importRecord(ctx, ImportOrder.Name, e, w.bookOrder)
}

// bookOrder brings one state of an order to Odoo.
func (w *Worker) bookOrder(held *lease, e commerce.Event, end *ending, round int) (Verdict, error) {
	shop := w.shops[e.Ref.Shop]
	if shop == nil || shop.Orders == nil {
		return Verdict{}, &commerce.Error{Op: "import", Reason: commerce.Denied, Ref: e.Aggregate,
			Detail: "no such shop is configured here", Remedy: "put the shop back under shops: its events wait for it; what is not wanted is discarded before the shop is taken out for good"}
	}
	if stale(held, e, end.rec, round) {
		return Verdict{Outcome: Stale}, nil
	}
	o, unread, err := w.state(held, shop, e, end, round)
	if err != nil {
		return w.unread(held, shop, e, end.rec, err)
	}
	end.saw(o)
	v, err := w.apply(held, shop, e, o, end, unread)
	if errors.Is(err, erp.ErrStands) {
		if o, err = end.ask(held.ctx, shop, e.Aggregate.ID); err != nil {
			return w.unread(held, shop, e, end.rec, err)
		}
		end.saw(o)
		v, err = w.apply(held, shop, e, o, end, false)
	}
	return v, err
}

// apply makes Odoo equal to a state of the order, unless a newer one or this very
// one was applied before. unread is erp.Applied.Unread.
func (w *Worker) apply(held *lease, shop *handlers.Shop, e commerce.Event, o *commerce.Order, end *ending, unread bool) (Verdict, error) {
	rec, before := &end.rec, end.rec
	if !asked(e, before) && before.Digest != "" && o.UpdatedAt.Before(before.UpdatedAt) {
		return Verdict{Outcome: Stale}, nil
	}
	digest, progress, fields := o.Digest(), "", erp.FieldsDigest(shop.Config, o)
	if shop.Config.Follows() {
		progress = o.Progress()
	}
	if !asked(e, before) && before.Outcome == Done && !before.Begun && digest == before.Digest && progress == before.Progress && fields == before.Fields {
		rec.UpdatedAt = o.UpdatedAt
		return Verdict{Outcome: Done, Reason: "unchanged", Needs: before.Needs}, nil
	}
	if rec.Adopted.OdooID != 0 {
		return rec.adopted(o)
	}
	lines := o.LinesDigest()
	last := before.Applied()
	last.Unread = unread
	if !before.Begun {
		last.Begins = w.beginning(o.Ref, rec)
	}
	var out erp.Outcome
	writes, err := w.writeOdoo(held, end, &last.Begun, func(ctx context.Context) (_ int, err error) {
		out, err = w.books.Order(ctx, shop.Config, o, last, held.still)
		return out.Writes, err
	})
	end.did("planned", out.Planned)
	end.did("written", out.Written)
	end.did("verified", out.Verified)
	for _, notice := range out.Notices {
		w.log.Warn("order holds something to look at", "shop", o.Ref.Shop, "ref", o.Ref.String(), "event", e.ID, "notice", notice)
	}
	if out.Booked && out.OdooID != 0 && out.Action != "skipped" { // beside an error too: the rest of its workflow is another matter
		rec.OdooID, rec.OdooName, rec.UpdatedAt, rec.Total = out.OdooID, out.OdooName, o.UpdatedAt, out.Total.String()
		rec.Digest, rec.Lines, rec.Begun = digest, lines, false
		if out.Filled {
			rec.Fields = fields
		}
		if before.OdooID == 0 {
			w.meet(held.ctx, shop, o)
		}
	}
	if err != nil {
		if out.Action != "skipped" { // the order itself was left alone
			rec.Begun = !out.Booked && (rec.Begun || writes > 0)
		}
		return Verdict{}, redacted(err, o)
	}
	rec.OdooID, rec.OdooName = out.OdooID, out.OdooName
	switch out.Action {
	case "skipped":
		return Verdict{Outcome: Skipped, Reason: out.Reason, Needs: out.Needs}, nil
	case "observed": // nothing was applied, so nothing is remembered as applied
		if err := w.observedSince(held.ctx, shop.ID, o.UpdatedAt); err != nil {
			return Verdict{}, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: o.Ref, Err: err}
		}
		return Verdict{Outcome: Skipped, Reason: out.Action, Detail: strings.Join(out.Plan, "\n")}, nil
	}
	rec.UpdatedAt, rec.Digest, rec.Progress, rec.Lines, rec.Fields, rec.Begun, rec.Total = o.UpdatedAt, digest, progress, lines, fields, false, out.Total.String()
	if out.Delivered {
		if err := w.writeBack(held, shop, o, end); err != nil {
			return Verdict{}, err
		}
	}
	return Verdict{Outcome: Done, Reason: out.Action, Needs: out.Needs}, nil
}

// state is the order as it is now. The payload alone is enough only where Odoo
// has no such order yet (unread, for Odoo to tell), or what was applied last is
// strictly older and no other run came between; everything else is read from the
// shop.
func (w *Worker) state(held *lease, shop *handlers.Shop, e commerce.Event, end *ending, round int) (o *commerce.Order, unread bool, err error) {
	before := end.rec
	older := before.Outcome == Done && before.UpdatedAt.Before(e.UpdatedAt)
	if fresh(held, e, before, round) && (older || before.Outcome == "" && !shop.SharedSecret) {
		o, err := shop.Orders.Decode(e.Body)
		if !errors.Is(err, handlers.ErrPartial) {
			return o, !older, err
		}
	}
	o, err = end.ask(held.ctx, shop, e.Aggregate.ID)
	return o, false, err
}
