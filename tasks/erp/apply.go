package erp

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// writer carries one plan out. Every step may be the last before a crash: the
// next run then finds what stands and plans the rest.
type writer struct {
	odoo odoo
	settings
	order  *commerce.Order
	plan   plan
	still  func(context.Context) error
	begins func(context.Context) error // until it was called, and for the order alone
	now    func() time.Time
	writes atomic.Int32 // payments are made at once
	told   []string     // what was left out on the way

	written, verified time.Time // see Outcome
}

// stopped carries the error that forbade to go on, so that it is told apart from
// what Odoo answers.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }

// run writes what the plan says and gives what became of the order. there is the
// order as it stood before, nil for a new one.
func (w *writer) run(ctx context.Context, there *standing) (Outcome, error) {
	p := w.plan
	now := there
	var err error
	switch {
	case p.Action == skipped:
	case p.Cancel && p.People != nil:
		if now, err = w.book(ctx, there); err == nil {
			now, err = w.cancel(ctx, now.ID)
		}
	case p.Cancel:
		if len(p.Lines) > 0 || p.Check {
			_, err = w.book(ctx, there)
		}
		if err == nil {
			now, err = w.cancel(ctx, p.ID)
		}
	case p.Action != unchanged || p.Check || p.Relocate != nil:
		now, err = w.book(ctx, there)
	}
	booked, filled := err == nil && p.Action != skipped, false
	w.begins = nil
	if booked {
		err = w.refill(ctx)
		filled = err == nil
	}
	var rest remains
	switch {
	case err != nil || now == nil:
	case p.Hold:
		err = w.hold(ctx, now)
	case now.confirmed() || now.State == "cancel" && w.order.Cancelled():
		rest, err = w.follow(ctx, now.ID)
	}
	delivered := false
	if err == nil && now != nil && now.confirmed() {
		delivered, err = w.left(ctx, now.ID, &rest)
	}
	if p.Parked != nil && (err == nil || commerce.ReasonOf(err) == commerce.Mismatch) { // documents of an order that diverged differ too
		err = p.Parked
	}
	out := outcomeOf(p, now)
	out.Writes, out.Booked, out.Filled, out.Notices, out.Needs = int(w.writes.Load()), booked, filled, slices.Concat(out.Notices, w.told, rest.Notices), rest.Needs
	out.Delivered = delivered
	return out, err
}

func outcomeOf(p plan, h *standing) Outcome {
	out := Outcome{Action: p.Action, Reason: p.Reason, Notices: p.Notices}
	if p.Action == unchanged && len(p.Fields) > 0 {
		out.Action = updated
	}
	if h != nil {
		out.OdooID, out.OdooName = h.ID, h.Name
		out.Total = commerce.Money{Amount: h.Total, Currency: h.Currency}
	}
	return out
}

// book writes people, order and lines, compares the totals, and confirms.
func (w *writer) book(ctx context.Context, there *standing) (*standing, error) {
	p, now := w.plan, there
	var err error
	if err := w.products(ctx); err != nil {
		return now, err
	}
	if p.People != nil {
		if err := w.people(ctx, p.People); err != nil {
			return now, err
		}
	}
	if p.Reopen {
		if err := w.do(ctx, "sale.order", "action_draft", p.ID); err != nil {
			return now, err
		}
	}
	if there != nil && there.confirmed() {
		if err := w.bringBack(ctx, there); err != nil {
			return now, err
		}
		if len(p.Lines) > 0 {
			if err := w.deadline(ctx, there); err != nil {
				return now, err
			}
		}
	}
	if p.Header != nil || len(p.Lines) > 0 || len(p.Unlink) > 0 {
		if now, err = w.content(ctx, p.ID); err != nil {
			return now, err
		}
	}
	if there != nil && there.confirmed() {
		if err := w.expect(ctx, there); err != nil {
			return now, err
		}
		if err := w.keepBack(ctx, there.ID); err != nil {
			return now, err
		}
	}
	if p.Check {
		if now.Groups == nil && p.Want.summary() {
			if now, err = w.read(ctx, now.ID, true); err != nil {
				return now, err
			}
		}
		if err := w.agree(now); err != nil {
			return now, err
		}
		w.verified = w.now()
	}
	if p.Confirm {
		if err := w.confirm(ctx, now.ID); err != nil {
			return now, err
		}
	}
	if err := w.relocate(ctx, now.ID); err != nil {
		return now, err
	}
	if p.Date == nil {
		return now, nil
	}
	if _, err := w.load(ctx, []string{"id", "date_order"}, [][]any{{p.XID, stamp(*p.Date)}}); err != nil {
		return now, err
	}
	if now, err = w.read(ctx, now.ID, false); err != nil {
		return now, err
	}
	return now, standsConfirmed(w.order, p, now)
}

// deadline writes the promised day of delivery once more, as it is. Odoo merges a
// smaller quantity into a delivery only while both have one deadline, which comes
// from the order date, and we wrote that after confirming: without this an edit
// would leave the delivery as it was and bring the rest back in (measured on 17
// and 19).
func (w *writer) deadline(ctx context.Context, there *standing) error {
	if w.Names.OrderPromise == "" {
		return nil
	}
	promised := ""
	if !there.Promised.IsZero() {
		promised = stamp(there.Promised)
	}
	_, err := w.load(ctx, []string{"id", w.Names.OrderPromise}, [][]any{{w.plan.XID, promised}})
	return err
}

// confirm confirms the order. Odoo refuses what somebody confirmed a moment
// before us, another run of ours included: that is what was wanted.
func (w *writer) confirm(ctx context.Context, id int64) error {
	err := w.do(ctx, "sale.order", "action_confirm", id)
	if odooclient.KindOf(err) != odooclient.UserError {
		return err
	}
	now, readErr := w.read(ctx, id, false)
	if readErr == nil && now.confirmed() {
		return nil
	}
	return err
}

// content writes header and lines and reads the order back.
func (w *writer) content(ctx context.Context, id int64) (*standing, error) {
	p := w.plan
	var err error
	switch {
	case p.People != nil:
		err = w.softly(&p.Header.Fields, func() (err error) {
			id, err = w.load(ctx, w.columns(true), w.rows(true))
			return err
		})
	case p.Header != nil:
		_, err = w.load(ctx, []string{"id", "date_order", "pricelist_id/.id"},
			[][]any{{p.XID, stamp(p.Header.Date), ref(p.Header.Pricelist)}})
	}
	if err == nil && p.People == nil && len(p.Lines) > 0 {
		_, err = w.load(ctx, w.columns(false), w.rows(false))
	}
	for _, line := range p.Unlink {
		if err == nil {
			err = w.do(ctx, "sale.order.line", "unlink", line)
		}
	}
	if err != nil {
		return nil, err
	}
	return w.read(ctx, id, w.plan.Want.summary())
}

// cancel cancels the order and sees that it is: Odoo may answer with a wizard and
// do nothing. It cancels the order's drafts too, so a credit note that a run left
// behind as one goes first: one that is cancelled is not made again.
func (w *writer) cancel(ctx context.Context, id int64) (*standing, error) {
	if w.Flow.Posts() {
		if _, err := w.dropNotes(ctx, &papers{ID: id}); err != nil {
			return nil, err
		}
	}
	refused := w.doIn(ctx, "sale.order", "action_cancel", id, map[string]any{"disable_cancel_warning": true})
	if refused != nil && odooclient.KindOf(refused) != odooclient.UserError {
		return nil, refused
	}
	now, err := w.read(ctx, id, false)
	switch {
	case err != nil:
		return nil, err
	case refused != nil && now.State != "cancel": // else somebody cancelled it a moment before us
		return now, refused
	}
	return now, standsCancelled(w.order, now)
}

// read reads the order back, with the summary of its taxes where that is asked for:
// Odoo takes some milliseconds to compute one.
func (w *writer) read(ctx context.Context, id int64, summary bool) (*standing, error) {
	r := reader{odoo: w.odoo, settings: w.settings}
	q := r.orderQuery("", "")
	if summary && w.Names.OrderTaxes != "" {
		q.Fields = append(q.Fields, w.Names.OrderTaxes)
	}
	row, ok, err := w.odoo.Get(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, deleted(w.order.Ref)
	}
	return r.standingOf(row), nil
}
