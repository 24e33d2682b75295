package tasks

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// ending is what leave writes: the verdict of a run and the record after it.
type ending struct {
	verdict Verdict
	rec     Record
	blind   bool   // the record could not be read, or is another run's: it is left as it is
	wrote   bool   // to Odoo
	late    bool   // what a run that broke off asked of Odoo may be done after this one
	seen    string // key of the event, "" for runs that were asked for

	steps    []Step    // of this run
	read     time.Time // the shop was asked for the order; zero: its event had it
	number   string    // of the order, "" if it was not read
	customer string    // of the order in the shop, "" if it has none or was not read
}

// did adds a step to the life of the event; the zero time: it was not done.
func (e *ending) did(what string, at time.Time) {
	if !at.IsZero() {
		e.steps = append(e.steps, Step{What: what, At: at})
	}
}

// ask reads the order in its shop, and notes when.
func (e *ending) ask(ctx context.Context, shop *handlers.Shop, id string) (*commerce.Order, error) {
	e.read = time.Now()
	return shop.Orders.Order(ctx, id)
}

// saw notes which order it is that was read.
func (e *ending) saw(o *commerce.Order) {
	e.did("read", time.Now())
	e.number, e.customer = o.Number, o.Customer.ID
}

// parked says that a person must look: at what waits for one, and at what is
// still tried but has failed for hours.
func (e ending) parked() bool {
	switch e.verdict.Outcome {
	case Parked, Failed:
		return true
	case Retry:
		return e.rec.Attempts >= maxAttempts
	}
	return false
}

// place is the list that the record stands in: "1" a person must look, "2" it waits
// for something in Odoo, "0" none.
func (e ending) place() string {
	switch {
	case e.parked():
		return "1"
	case (e.verdict.Outcome == Done || e.verdict.Outcome == Skipped) && len(e.verdict.Needs) > 0:
		return "2"
	}
	return "0"
}

// remember is how long the same event is answered "duplicate" from here on:
// only where running it again could change nothing.
func (e ending) remember() time.Duration {
	switch e.verdict.Outcome {
	case Done, Skipped, Stale:
		if e.seen != "" {
			return seenFor
		}
	}
	return 0
}

// keep is how long the record stays: what a person must look at, for ever.
func (e ending) keep() time.Duration {
	if e.place() != "0" {
		return 0
	}
	return doneFor
}

// fields are the record as pairs for HSET; a stale or blind run leaves it as it was.
func (e ending) fields() []any {
	if e.verdict.Outcome == Stale || e.blind {
		return nil
	}
	r, begun := e.rec, ""
	if r.Begun {
		begun = "1"
	}
	all := []any{"event", r.Event, "outcome", string(e.verdict.Outcome), "reason", e.verdict.Reason,
		"detail", e.verdict.Detail, "remedy", e.verdict.Remedy, "needs", packed(e.verdict.Needs, len(e.verdict.Needs)),
		"at", r.At.UTC().Format(time.RFC3339Nano), "attempts", strconv.Itoa(r.Attempts),
		"updated", stamp(r.UpdatedAt), "looked", stamp(r.Looked), "digest", r.Digest, "lines", r.Lines, "fields", r.Fields, "progress", r.Progress, "odoo_id", strconv.FormatInt(r.OdooID, 10),
		"begun", begun, "odoo_name", r.OdooName, "total", r.Total, "writes", strconv.Itoa(r.Writes), "told", r.Told}
	if r.Ref.Kind == commerce.KindCustomer {
		all = append(all, "marks", packed(r.Marks, len(r.Marks)), "under", r.Under)
	}
	if r.Forced != "" { // else one that was asked for meanwhile is still to be done
		all = append(all, "forced_end", r.Forced+" "+string(e.verdict.Outcome))
	}
	if r.Doubt != "" && !r.Begun {
		all = append(all, "doubt_end", r.Doubt)
	}
	return all
}

// packed is a list or map of a record as one text, "" for an empty one.
func packed(v any, size int) string {
	raw, err := json.Marshal(v)
	if err != nil || size == 0 {
		return ""
	}
	return string(raw)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
