package tasks

import (
	"context"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// maxRounds is how often one run looks again because more came meanwhile; then
// a fresh task carries on, so that one busy record does not hold a worker.
const maxRounds = 2

// booking brings one state of a record to Odoo and notes in end what was applied.
type booking func(held *lease, e commerce.Event, end *ending, round int) (Verdict, error)

// importRecord makes Odoo equal to one record, whose kind decides what books it: one
// worker at a time, newest state wins, and how it ended is written down with giving the
// lease back.
func (w *Worker) importRecord(ctx context.Context, task string, e commerce.Event, book booking) error {
	start := time.Now()
	finish := func(v Verdict, attempt int) error {
		return w.finish(task, e, v, attempt, time.Since(start))
	}
	held, answer, err := w.leases.enter(ctx, w.bodies.arrive(e))
	switch {
	case err != nil:
		return finish(verdict(&commerce.Error{Op: "enter", Reason: commerce.Unavailable, Err: err}, 1), 0)
	case answer == leaseSeen:
		return finish(Verdict{Outcome: Duplicate}, 0)
	case answer == leasePaused:
		return w.whilePaused(task, e, time.Since(start))
	case answer == leaseHeld:
		return finish(Verdict{Outcome: Coalesced}, 0)
	}
	defer held.close()
	for round := 1; ; round++ {
		end := w.lookAt(held, e, book, round)
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
	if end.wrote && (err != nil || held.overlapped(answer)) { // an error tells nothing of who had it
		w.doubt(ctx, held, end.rec.Tried)
	}
	if end.late && w.late > 0 {
		w.lookLater(ctx, held)
	}
	switch {
	case err != nil:
		return false, &commerce.Error{Op: "leave", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}
	case answer == leaseLost:
		w.unsaid(held, end.verdict)
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
func (w *Worker) lookAt(held *lease, e commerce.Event, book booking, round int) (end ending) {
	rec, _, err := w.journal.Get(held.ctx, e.Aggregate)
	if err != nil {
		err = &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: e.Aggregate, Err: err}
		v := verdict(err, 1)
		return ending{blind: true, verdict: v, steps: []Step{{What: string(v.Outcome), At: time.Now(), Why: v.Reason}}}
	}
	end = ending{rec: rec, seen: seenKey(e)}
	found := rec.At
	end.late = held.took && rec.Begun
	end.rec.Begun = rec.Begun || e.ID == lateLook
	end.rec.Event, end.rec.At = e.ID, time.Now()
	defer func() {
		if p := recover(); p != nil {
			end.verdict = verdict(&commerce.Error{Op: "import", Reason: commerce.Internal, Err: panicked(p)}, end.rec.Attempts+1)
			end.wrote = true // as far as anybody knows
		}
		if w.overtaken(held, found) { // it is not ours to say how the record stands
			w.unsaid(held, end.verdict)
			end.blind, end.seen, end.verdict = true, "", verdict(errLeaseLost, 1)
		}
		end.late = end.late || end.wrote && context.Cause(held.ctx) != nil
		end.steps = append(end.steps, Step{What: string(end.verdict.Outcome), At: time.Now(), Why: end.verdict.Reason})
		switch end.verdict.Outcome {
		case Skipped:
			// Settings or the record may change: the same event is looked at again.
			end.seen, end.rec.Attempts = "", 0
		case Retry:
			end.rec.Attempts++
		case Snooze, Stale:
		default:
			end.rec.Attempts = 0
		}
	}()
	end.verdict, err = book(held, e, &end, round)
	if !end.read.IsZero() {
		end.rec.Looked = end.read
	}
	if err != nil {
		end.verdict = verdict(err, rec.Attempts+1)
	}
	return end
}

// begins notes that a run is about to write the record. Should it die, or Redis be away
// when it leaves, the next run knows whose the difference in Odoo is. more are fields of
// the record that tell of it.
func (w *Worker) begins(ctx context.Context, ref commerce.Ref, more ...any) error {
	if err := w.rdb.HSet(ctx, recordKey(ref), append([]any{"begun", "1"}, more...)...).Err(); err != nil {
		return &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: ref, Err: err}
	}
	return nil
}

// beginning is what a run calls before its first write, and notes in its record.
func (w *Worker) beginning(ref commerce.Ref, rec *Record) func(context.Context) error {
	return func(ctx context.Context) error {
		err := w.begins(ctx, ref)
		rec.Begun = err == nil // whatever ends the run
		return err
	}
}

// asked reports whether somebody asked for a look at the record, with the event or
// with a reimport that no run did yet: it is read, whatever its version.
func asked(e commerce.Event, rec Record) bool { return e.Nonce != "" || rec.Forced != "" }

// unfinished reports whether a run brought a state to Odoo and not all that follows from
// it: the event that comes again for that may be older than what the run had read.
func unfinished(rec Record) bool {
	return rec.Begun || rec.Outcome == Retry || rec.Outcome == Snooze
}

// dated reports whether an event tells the time of its record: that of a payment, a
// parcel or a risk says nothing about that of its order.
func dated(e commerce.Event) bool {
	return (e.Hint == commerce.HintOrder || e.Hint == commerce.HintCustomer) && !e.UpdatedAt.IsZero()
}

// stale reports whether what an event tells is older than what was applied.
func stale(held *lease, e commerce.Event, before Record, round int) bool {
	return dated(e) && !held.took && !asked(e, before) && !unfinished(before) && round == 1 && before.Digest != "" && e.UpdatedAt.Before(before.UpdatedAt)
}

// fresh reports whether the payload of an event may do, for all that the worker knows.
func fresh(held *lease, e commerce.Event, before Record, round int) bool {
	return dated(e) && len(e.Body) > 0 && round == 1 && !held.took && !before.Begun && !asked(e, before)
}
