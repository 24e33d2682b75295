package tasks

import (
	"context"
	_ "embed"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

//go:embed scripts/event.lua
var eventLua string

//go:embed scripts/note.lua
var noteLua string

var noteScript = redis.NewScript(eventLua + noteLua)

// noted writes down how an event ended whose run needs no lease. The verdict is
// another where that could not be done.
func (w *Worker) noted(ctx context.Context, e commerce.Event, v Verdict) Verdict {
	if err := w.journal.note(ctx, w.bodies.arrive(e), v, eventsLike(e)); err != nil {
		return verdict(&commerce.Error{Op: "note", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}, 1)
	}
	return v
}

// eventsLike names the events of which one at most waits for a person: those of the
// same topic and record.
func eventsLike(e commerce.Event) string { return e.Topic + "/" + member(e.Ref) }

// note writes down how an event ended. A Duplicate only counts where it ended before.
// like names the events of which one at most waits for a person.
func (j *Journal) note(ctx context.Context, a arrival, v Verdict, like string) error {
	shop := a.Ref.Shop
	ended := []Step{{What: string(v.Outcome), At: time.Now(), Why: v.Reason}}
	args := []any{listsKey(shop), a.id, string(v.Outcome), writeSteps(a.Received, ended), v.Reason, v.Detail, v.Remedy, a.Received.UnixMilli(), a.packed}
	return noteScript.Run(ctx, j.rdb, append(a.keys(), openKey(shop, like)), append(args, a.fields()...)...).Err()
}

// closed says that a person did what the event waits for that was noted last of this
// topic and record, if one does.
func (j *Journal) closed(ctx context.Context, e commerce.Event) error {
	id, err := j.rdb.Get(ctx, openKey(e.Ref.Shop, eventsLike(e))).Result()
	if id == "" || err != nil {
		return ignoreNil(err)
	}
	entry, _, err := j.Event(ctx, e.Ref.Shop, id)
	if err != nil {
		return err
	}
	e.Received = entry.Received
	return j.note(ctx, arrival{Event: e, id: id}, Verdict{Outcome: Superseded, Reason: "closed by a person"}, eventsLike(e))
}

// noteEvent writes down what nothing is done about yet.
func (w *Worker) noteEvent(ctx context.Context, e commerce.Event) error {
	start := time.Now()
	v := w.noted(ctx, e, Verdict{Outcome: Skipped, Reason: "not yet"})
	return w.finish(NoteEvent.Name, e, v, 0, time.Since(start))
}
