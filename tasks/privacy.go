package tasks

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// CarryOut does what a shop asks for about people's data, on what we hold here:
// queued bodies and the journal. Orders in Odoo are accounting documents, and the
// person there is for people to decide about. Running it twice erases once.
var CarryOut = eventKind("privacy:carry_out")

// busyPause is after how long a request looks again at what was being worked on.
const busyPause = 10 * time.Second

// carryOut opens the request's entry, does what it asks for, and writes down what
// was found and removed.
func (w *Worker) carryOut(ctx context.Context, e commerce.Event) error {
	start := time.Now()
	tried, _ := asynq.GetRetryCount(ctx)
	v, err := w.carriedOut(ctx, e)
	if err != nil {
		// What Redis says can quote nothing of a body.
		v = verdict(&commerce.Error{Op: "privacy", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}, tried+1)
	}
	v = w.noted(ctx, e, v)
	if v.Outcome == Parked && e.Privacy != nil {
		w.alerts.Raise(ctx, Alert{Kind: config.AlertPrivacy, Severity: Warning, Shop: e.Ref.Shop, Cause: requestName(e),
			Reason: v.Reason, Detail: v.Detail, Remedy: v.Remedy, Look: "odoogate privacy ls " + e.Ref.Shop})
	}
	return w.finish(CarryOut.Name, e, v, tried, time.Since(start))
}

func (w *Worker) carriedOut(ctx context.Context, e commerce.Event) (Verdict, error) {
	req, handled, err := w.requests.open(ctx, e)
	if err != nil {
		return Verdict{}, fmt.Errorf("open the request: %w", err)
	}
	if handled {
		return Verdict{Outcome: Duplicate}, nil
	}
	switch e.Privacy.Wish {
	case commerce.WishShow:
		return w.show(ctx, req)
	case commerce.WishErase:
		return w.erase(ctx, req, func(x *eraser) error { return x.customer(ctx, e.Ref.Shop, e.Privacy) })
	case commerce.WishClose:
		pause, _, err := NewPauses(w.rdb).Get(ctx, e.Ref.Shop)
		if err != nil {
			return Verdict{}, err
		}
		if pause.Uninstalled.IsZero() && !e.Privacy.Confirmed {
			return w.askPerson(ctx, req, "the shop asks to forget its customers, and it is not uninstalled here",
				fmt.Sprintf("if it has really left: odoogate privacy run %s %s; if the app is installed again: odoogate privacy done %s %s",
					req.Shop, req.Name, req.Shop, req.Name))
		}
		return w.erase(ctx, req, func(x *eraser) error { return x.shop(ctx, e.Ref.Shop) })
	}
	return w.askPerson(ctx, req, "the wish "+strconv.Quote(string(e.Privacy.Wish))+" is not known to this version", "update odoogate, then: odoogate privacy run "+req.Shop+" "+req.Name)
}

// show counts what is held. The report is made when a person asks for it, and
// goes nowhere by itself.
func (w *Worker) show(ctx context.Context, req Request) (Verdict, error) {
	rep, _, err := w.requests.Report(ctx, req.Shop, req.Name)
	if err != nil {
		return Verdict{}, err
	}
	if err := w.requests.tally(ctx, req, Tally{Tasks: len(rep.InQueue), Records: len(rep.InJournal), Bodies: len(rep.InEvents)}, Tally{}); err != nil {
		return Verdict{}, err
	}
	return w.askPerson(ctx, req, "a customer asks what is held about them",
		fmt.Sprintf("odoogate privacy show %s %s prints it; answer before %s, then: odoogate privacy done %s %s",
			req.Shop, req.Name, req.Deadline.Format(time.DateOnly), req.Shop, req.Name))
}

// askPerson leaves a request open until a person has acted.
func (w *Worker) askPerson(ctx context.Context, req Request, found, remedy string) (Verdict, error) {
	req.State, req.Remedy = RequestPerson, remedy
	if err := w.requests.settle(ctx, req, time.Now()); err != nil {
		return Verdict{}, err
	}
	return Verdict{Outcome: Parked, Reason: string(commerce.Held), Detail: found, Remedy: remedy}, nil
}

// leftToPeople stands in the entry of what was erased.
const leftToPeople = "orders and invoices stay in Odoo, as the law on accounts wants, and so does what identifies them here; " +
	"decide in Odoo about the contact (Settings, Privacy Lookup; or archive it)"

// erase removes, counts, and comes again while some of it was being worked on.
func (w *Worker) erase(ctx context.Context, req Request, what func(*eraser) error) (Verdict, error) {
	x := &eraser{holdings: w.requests.held, queue: w.queue, lookback: w.cfg.Lookback}
	err := what(x)
	// Also of a run that was cut: the next one does not find it any more.
	if tallyErr := w.requests.tally(ctx, req, Tally{}, x.removed); err == nil {
		err = tallyErr
	}
	switch {
	case err != nil:
		return Verdict{}, err
	case x.busy > 0:
		return Verdict{Outcome: Snooze, Reason: string(commerce.Conflict), Detail: "is being worked on, with a body: " + commerce.Count(x.busy, "task"), After: busyPause}, nil
	}
	req.State, req.Remedy = RequestDone, leftToPeople
	if err := w.requests.settle(ctx, req, time.Now()); err != nil {
		return Verdict{}, err
	}
	return Verdict{Outcome: Done, Reason: "erased", Detail: fmt.Sprintf("removed: tasks %d, texts of records %d, bodies of events %d", x.removed.Tasks, x.removed.Records, x.removed.Bodies)}, nil
}
