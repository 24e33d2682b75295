package tasks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// askedTopic is that of runs which an operator asked for.
const askedTopic = "retry"

// againScript notes with an event which run was asked for because of it.
var againScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'again', ARGV[1])
return 1`)

// SurveyRetry says what Retry would do.
func (o *Operator) SurveyRetry(ctx context.Context, s Selection) (Acted, error) {
	return o.each(ctx, s, o.runnable, nil, nil)
}

// Retry has workers look again at the records of events. The runs carry a nonce, so
// that none is taken for a repeat; they read the shop, so that no body is needed; and
// those of one record in one call are one. Left out are events that no run is made of,
// and those with a rule of their own: people's data, and a shop that uninstalled.
func (o *Operator) Retry(ctx context.Context, s Selection, told func(Acted)) (Acted, error) {
	plan, err := o.SurveyRetry(ctx, s)
	if plan.DryRun = false; err != nil || plan.Events == 0 {
		return plan, err
	}
	if err := o.Did(ctx, s.Query.Shop, Change{What: "events retry", On: s.String(), Many: plan.Events}); err != nil {
		return Acted{}, err
	}
	nonce, run := newNonce(), ""
	t, err := o.each(ctx, s, o.runnable, func(e Entry) (err error) {
		run, err = o.runAgain(ctx, e, nonce)
		return err
	}, told)
	if t.Events == 1 {
		t.Run = run
	}
	return t, err
}

// runnable says why no run is made of an event; nil: one is.
func (o *Operator) runnable(e Entry) error {
	shop := e.Ref.Shop
	switch replay(e, "").Hint {
	case commerce.HintPrivacy:
		return refused(e, commerce.Conflict, "is a request about people's data, which has a rule of its own",
			"see odoogate privacy ls "+shop+", then: odoogate privacy run "+shop+" <request>, or privacy done")
	case commerce.HintUninstalled:
		return refused(e, commerce.Conflict, "says that the app was uninstalled, and pauses the shop once",
			"odoogate shop pause "+shop+" and shop resume do it by hand")
	}
	if e.Hint == "" && e.Aggregate.Kind != commerce.KindOrder { // written down by an older version
		return refused(e, commerce.Invalid, "is not known well enough to be run again", "it ends with the shop's next event about it")
	}
	kind := kindOf(replay(e, ""))
	if s := o.shops[shop]; s != nil && kind.Name == ImportCustomer.Name {
		if why, remedy := noAccounts(s); why != "" {
			return refused(e, commerce.Invalid, "is of an account, and "+why, remedy)
		}
	}
	if !runs(kind) {
		return refused(e, commerce.Invalid, "is of a kind about which nothing is done ("+e.Topic+")", "nothing is to be done about it")
	}
	return nil
}

// replay is the event whose run looks once more at what an entry is about: for an order
// or account at all of it, else the same event.
func replay(e Entry, nonce string) commerce.Event {
	hint := e.Hint
	if hint == "" && e.Reason != "not yet" { // written down by an older version
		hint = commerce.HintOrder
	}
	a := commerce.Event{ID: e.Event, Topic: e.Topic, Hint: hint, Ref: e.Ref, Aggregate: e.Aggregate, Nonce: nonce, Received: time.Now()}
	if imports(kindOf(a)) {
		a.ID, a.Topic, a.Hint, a.Ref = askedTopic, askedTopic, lookAt(e.Aggregate), e.Aggregate
	}
	return a
}

// runAgain asks for the run and says under which event it is written down.
func (o *Operator) runAgain(ctx context.Context, e Entry, nonce string) (run string, err error) {
	a := replay(e, nonce)
	if a.Topic == askedTopic {
		_, err = o.queue.Ask(ctx, LaneOperator, a.Ref, askedTopic, nonce)
	} else {
		_, err = o.queue.Accept(ctx, a)
	}
	if err != nil {
		return "", err
	}
	run = entryID(a.TaskID())
	return run, againScript.Run(ctx, o.rdb, []string{entryKey(e.Ref.Shop, e.ID)}, run).Err()
}

// Run is Retry for one event, and waits for the outcome of the run. A record that is
// being worked on is waited for and then looked at. told hears each state on the way
// and may be nil. Its error says that it could not run, or that ctx ended before: the
// run then goes on by itself.
func (o *Operator) Run(ctx context.Context, shop, id string, told func(Entry)) (Entry, error) {
	e, err := o.Event(ctx, shop, id)
	if err == nil {
		err = o.runnable(e)
	}
	if err != nil {
		return Entry{}, err
	}
	pause, paused, err := o.pauses.Get(ctx, shop)
	if err != nil {
		return Entry{}, err
	}
	if paused {
		return Entry{}, &commerce.Error{Op: "run", Reason: commerce.Held, Detail: shop + " is paused (" + pause.Why + ")",
			Remedy: "let it go on: odoogate shop resume " + shop}
	}
	if err := o.Did(ctx, shop, Change{What: "events run", On: e.ID}); err != nil {
		return Entry{}, err
	}
	for {
		run, err := o.runAgain(ctx, e, newNonce())
		if err != nil {
			return Entry{}, err
		}
		end, err := o.await(ctx, shop, run, over, told)
		if err != nil || end.State != Coalesced {
			return end, err
		}
		// Whoever is at the record may have read it before we asked.
		if end.By == "" {
			continue
		}
		if _, err := o.await(ctx, shop, end.By, func(e Entry) bool { return e.State != Working }, told); err != nil {
			return end, err
		}
	}
}

// EventRun is how a run ended that was waited for, or how far it is.
type EventRun struct {
	Through bool       `json:"through"`
	Event   *EventView `json:"event,omitempty"` // of the run; nil: no worker has taken it
}

// RanAs tells what Run came back with; that the run is not through is no error of it.
func RanAs(e Entry, err error) (EventRun, error) {
	ran := EventRun{Through: err == nil}
	if errors.Is(err, ErrNotThrough) {
		err = nil
	}
	if e.ID != "" {
		view := e.View()
		ran.Event = &view
	}
	return ran, err
}

// over says that nothing more comes of an event by itself.
func over(e Entry) bool {
	switch e.State {
	case "", Working, Retry, Snooze:
		return false
	}
	return true
}

// awaitEvery is how often a run is looked at that somebody waits for.
const awaitEvery = 100 * time.Millisecond

// await looks at an event until enough holds of it.
func (o *Operator) await(ctx context.Context, shop, id string, enough func(Entry) bool, told func(Entry)) (last Entry, err error) {
	tick := time.NewTicker(awaitEvery)
	defer tick.Stop()
	for {
		e, known, err := o.journal.Event(ctx, shop, id)
		if err != nil && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return last, err
		}
		if known && err == nil {
			if told != nil && e.State != last.State {
				told(e)
			}
			if last = e; enough(e) {
				return e, nil
			}
		}
		select {
		case <-ctx.Done():
			return last, notThrough(shop, id, last)
		case <-tick.C:
		}
	}
}

// ErrNotThrough is behind the error of a Run whose context ended before the run did.
var ErrNotThrough = errors.New("the run is not through")

func notThrough(shop, id string, last Entry) error {
	state := "no worker has taken it; see that one serves"
	if last.ID != "" {
		state = "it stands as " + string(last.State)
		if last.Reason != "" {
			state += " (" + last.Reason + ")"
		}
	}
	return errors.Join(ErrNotThrough, &commerce.Error{Op: "run", Reason: commerce.Unavailable,
		Detail: fmt.Sprintf("event %s of %s is not through: %s", id, shop, state), Remedy: "it goes on by itself; see odoogate trace " + id})
}
