package tasks

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// maxRounds is how often one run looks again because more came meanwhile; then
// a fresh task carries on, so that one busy order does not hold a worker.
const maxRounds = 2

// importOrder makes Odoo equal to one order: one worker at a time, newest state
// wins, and how it ended is written down with giving the lease back.
func (w *Worker) importOrder(ctx context.Context, e commerce.Event) error {
	start := time.Now()
	finish := func(v Verdict, attempt int) error {
		return w.finish(ImportOrder.Name, e, v, attempt, time.Since(start))
	}
	held, answer, err := w.leases.enter(ctx, w.bodies.arrive(e))
	switch {
	case err != nil:
		return finish(verdict(&commerce.Error{Op: "enter", Reason: commerce.Unavailable, Err: err}, 1), 0)
	case answer == leaseSeen:
		return finish(Verdict{Outcome: Duplicate}, 0)
	case answer == leasePaused:
		return w.whilePaused(ImportOrder.Name, e, time.Since(start))
	case answer == leaseHeld:
		return finish(Verdict{Outcome: Coalesced}, 0)
	}
	defer held.close()
	for round := 1; ; round++ {
		end := w.lookAt(held, e, round)
		more, err := w.leave(ctx, held, e, end, round)
		switch {
		case err != nil:
			return finish(verdict(err, 1), end.rec.Attempts)
		case !more:
			w.raise(ctx, e, end.verdict, end.number, end.parked())
			return finish(end.verdict, end.rec.Attempts)
		}
	}
}

// leave gives the lease back, unless more came and another round is due.
func (w *Worker) leave(ctx context.Context, held *lease, e commerce.Event, end ending, round int) (more bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	answer, err := held.leave(ctx, end, false)
	if err == nil && end.wrote && held.overlapped(answer) {
		w.doubt(ctx, held)
	}
	switch {
	case err != nil:
		return false, &commerce.Error{Op: "leave", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}
	case answer == leaseLost:
		return false, errLeaseLost
	case answer == leaseFree:
		return false, nil
	case round < maxRounds && end.verdict.Outcome != Retry && end.verdict.Outcome != Snooze:
		return true, nil
	}
	// What came meanwhile does not hang on this very task's coming again: a Redis that
	// forgot everything has forgotten it. The task that carries on may come before the
	// lease is free, and then that is what came meanwhile.
	end.steps = nil // they are written down
	for n := range maxRounds {
		if _, err := w.queue.Ask(ctx, laneOf(ctx), e.Aggregate, "more", held.token+"/"+strconv.Itoa(n)); err != nil {
			return false, err
		}
		answer, err = held.leave(ctx, end, false)
		switch {
		case answer == leaseLost:
			return false, errLeaseLost
		case answer != leaseAgain:
			return false, err
		}
	}
	return false, nil // the rescuer carries on when the lease's time is over
}

// lookAt is one round: find the state, book it, say how it ended.
func (w *Worker) lookAt(held *lease, e commerce.Event, round int) (end ending) {
	rec, _, err := w.journal.Get(held.ctx, e.Aggregate)
	if err != nil {
		err = &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: e.Aggregate, Err: err}
		v := verdict(err, 1)
		return ending{blind: true, verdict: v, steps: []Step{{What: string(v.Outcome), At: time.Now(), Why: v.Reason}}}
	}
	end = ending{rec: rec, seen: seenKey(e)}
	end.rec.Event, end.rec.At = e.ID, time.Now()
	defer func() {
		if p := recover(); p != nil {
			end.verdict = verdict(&commerce.Error{Op: "import", Reason: commerce.Internal, Err: panicked(p)}, end.rec.Attempts+1)
		}
		end.steps = append(end.steps, Step{What: string(end.verdict.Outcome), At: time.Now(), Why: end.verdict.Reason})
		switch end.verdict.Outcome {
		case Skipped:
			// Settings or the order may change: the same event is looked at again.
			end.seen, end.rec.Attempts = "", 0
		case Retry:
			end.rec.Attempts++
		case Snooze, Stale:
		default:
			end.rec.Attempts = 0
		}
	}()
	end.verdict, err = w.book(held, e, &end, round)
	if !end.read.IsZero() {
		end.rec.Looked = end.read
	}
	if err != nil {
		end.verdict = verdict(err, rec.Attempts+1)
	}
	return end
}

// book brings one state to Odoo and notes in end what was applied.
func (w *Worker) book(held *lease, e commerce.Event, end *ending, round int) (Verdict, error) {
	shop := w.shops[e.Ref.Shop]
	if shop == nil || shop.Orders == nil {
		return Verdict{}, &commerce.Error{Op: "import", Reason: commerce.Denied, Ref: e.Aggregate,
			Detail: "no such shop is configured here", Remedy: "put the shop back under shops: its events wait for it; what is not wanted is discarded before the shop is taken out for good"}
	}
	before := end.rec
	// The time of a payment, a parcel or a risk says nothing about that of its order.
	dated := e.Hint == commerce.HintOrder && !e.UpdatedAt.IsZero()
	if dated && !held.took && !asked(e, before) && !unfinished(before) && round == 1 && before.Digest != "" && e.UpdatedAt.Before(before.UpdatedAt) {
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
		last.Begins = func(ctx context.Context) error { return w.begins(ctx, o.Ref) }
	}
	out, err := w.atOdoo(held, func(ctx context.Context) (erp.Outcome, error) {
		out, err := w.books.Order(ctx, shop.Config, o, last, held.still)
		last.Begun = last.Begun || err != nil && out.Writes > 0 // for the second try
		return out, err
	})
	rec.Writes += out.Writes
	end.wrote = end.wrote || out.Writes > 0
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
	}
	if err != nil {
		if out.Action != "skipped" { // the order itself was left alone
			rec.Begun = !out.Booked && (rec.Begun || out.Writes > 0)
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

// begins notes that a run is about to write the order. Should it die, or Redis be away
// when it leaves, the next run knows whose the difference in Odoo is.
func (w *Worker) begins(ctx context.Context, ref commerce.Ref) error {
	if err := w.rdb.HSet(ctx, recordKey(ref), "begun", "1").Err(); err != nil {
		return &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: ref, Err: err}
	}
	return nil
}

// asked reports whether somebody asked for a look at the order, with the event or
// with a reimport that no run did yet: it is read, whatever its version.
func asked(e commerce.Event, rec Record) bool { return e.Nonce != "" || rec.Forced != "" }

// unfinished reports whether a run brought a state to Odoo and not all that follows from
// it: the event that comes again for that may be older than what the run had read.
func unfinished(rec Record) bool {
	return rec.Begun || rec.Outcome == Retry || rec.Outcome == Snooze
}

// state is the order as it is now. The payload alone is enough only where Odoo
// has no such order yet (unread, for Odoo to tell), or what was applied last is
// strictly older and no other run came between; everything else is read from the
// shop.
func (w *Worker) state(held *lease, shop *handlers.Shop, e commerce.Event, end *ending, round int) (o *commerce.Order, unread bool, err error) {
	before := end.rec
	fresh := round == 1 && !held.took && !before.Begun && !asked(e, before) && e.Hint == commerce.HintOrder && len(e.Body) > 0 && !e.UpdatedAt.IsZero()
	older := before.Outcome == Done && before.UpdatedAt.Before(e.UpdatedAt)
	if fresh && (older || before.Outcome == "" && !shop.SharedSecret) {
		o, err := shop.Orders.Decode(e.Body)
		if !errors.Is(err, handlers.ErrPartial) {
			return o, !older, err
		}
	}
	o, err = end.ask(held.ctx, shop, e.Aggregate.ID)
	return o, false, err
}

// noteEvent writes down what nothing is done about yet.
func (w *Worker) noteEvent(ctx context.Context, e commerce.Event) error {
	start := time.Now()
	v := w.noted(ctx, e, Verdict{Outcome: Skipped, Reason: "not yet"})
	return w.finish(NoteEvent.Name, e, v, 0, time.Since(start))
}
