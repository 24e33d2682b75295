package tasks

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// doubt is that two runs may have written one record at once: the older state of the two
// may have come last, and the newer is what the journal tells. It stands in the record
// until a run that read it ends well, so that whoever holds the record meanwhile does not
// take it away.
type doubt struct {
	ref   commerce.Ref
	lane  string
	name  string    // of one that came later it is greater
	tries []string  // see Record.Tried: those of the run that doubts, which the other may not have known
	told  time.Time // when Redis was told last; zero: it was not
}

// doubts are those of this process. They are kept beyond Redis's knowing them for as long
// as it may forget what it was told: trouble with Redis is where they come from.
type doubts struct {
	mu   sync.Mutex
	list []*doubt
}

func (d *doubts) add(one *doubt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, one)
}

// kept are all that Redis was not told longer than that ago.
func (d *doubts) kept(within time.Duration) []*doubt {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = slices.DeleteFunc(d.list, func(one *doubt) bool { return !one.told.IsZero() && time.Since(one.told) > within })
	return slices.Clone(d.list)
}

// overlapped reports whether another run may have worked on the record while we did:
// Redis forgot the lease, or it ended while Odoo kept us waiting. A heartbeat that is under
// way is waited for: it may just have found that out.
func (l *lease) overlapped(left leaseAnswer) bool {
	l.asking.Lock()
	defer l.asking.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return left == leaseLost || l.lapsed
}

// unlooked reports whether the lease was gone since overtaken was asked: whether another
// run ended meanwhile is not known, and what this one found is not written over it.
func (l *lease) unlooked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lapsed && !l.looked
}

// overtaken reports whether another run ended while the lease was gone that is ours again:
// the record tells of that one, and it may be newer. found is when a run ended last, as the
// record said when ours began.
func (w *Worker) overtaken(held *lease, found time.Time) bool {
	if !held.overlapped(leaseFree) {
		return false
	}
	held.mu.Lock()
	held.looked = true
	held.mu.Unlock()
	now, _, err := w.journal.Get(held.ctx, held.ref)
	return err != nil || !now.At.IsZero() && !now.At.Equal(found)
}

// unsaid logs what a run found that a person must see, where the record is another run's
// by then and that one's end stands in the journal. A look again may find nothing: what is
// delivered beyond the shop's shipments it takes for people's work.
func (w *Worker) unsaid(held *lease, v Verdict) {
	if v.Outcome == Parked {
		w.log.Warn("a run beside another found what needs a person", "shop", held.ref.Shop, "ref", held.ref.String(), "event", held.event.ID,
			"reason", v.Reason, "detail", v.Detail, "remedy", v.Remedy)
	}
}

// doubt has the record looked at once more after a run that wrote it, perhaps beside
// another. What Redis does not take now it is told when it answers.
func (w *Worker) doubt(ctx context.Context, held *lease, tries []string) {
	held.mu.Lock()
	held.lapsed = false
	held.mu.Unlock()
	d := &doubt{ref: held.ref, lane: laneOf(ctx), name: uuid.Must(uuid.NewV7()).String(), tries: tries}
	if err := w.tellDoubt(ctx, d); err != nil {
		w.log.Warn("two runs may have written the record at once; it is looked at once more when Redis takes that", "shop", held.ref.Shop, "ref", held.ref.String(),
			"event", held.event.ID, "detail", err.Error(), "remedy", "if this process ends before: "+pullCommand(held.ref))
	}
	w.doubts.add(d)
}

// tellDoubt tells Redis of a doubt, unless it knows it or a later one.
func (w *Worker) tellDoubt(ctx context.Context, d *doubt) error {
	known, err := w.rdb.HMGet(ctx, recordKey(d.ref), "doubt", "tried").Result()
	if err != nil {
		return err
	}
	last, _ := known[0].(string)
	if !d.told.IsZero() && last >= d.name {
		return nil
	}
	says := []any{"doubt", d.name}
	if len(d.tries) > 0 {
		others, _ := known[1].(string)
		says = append(says, "tried", strings.Join(tried(d.tries, strings.Fields(others)), " "))
	}
	if err := w.rdb.HSet(ctx, recordKey(d.ref), says...).Err(); err != nil {
		return err
	}
	if _, err := w.queue.Ask(ctx, d.lane, d.ref, "doubt", d.name); err != nil {
		return err
	}
	d.told = time.Now()
	return nil
}

// keepDoubts tells Redis what it could not take before, or forgot since.
func (w *Worker) keepDoubts(ctx context.Context) error {
	for _, d := range w.doubts.kept(refillOverlap) {
		if err := w.tellDoubt(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// lateLook is why a record is looked at after a run that broke off. It takes what differs
// in Odoo for that run's, not for people's.
const lateLook = "late"

// lookLater has the record looked at once more when Odoo can have nothing left of a run
// that broke off in the midst of writing, because its worker died or was stopped: the call
// that was under way may wait in Odoo, and be done after a newer state was.
func (w *Worker) lookLater(ctx context.Context, held *lease) {
	if err := w.queue.askLater(ctx, laneOf(ctx), held.ref, lateLook, held.token, w.late); err != nil {
		w.log.Warn("a run broke off while it wrote, and no later look was asked for", "shop", held.ref.Shop, "ref", held.ref.String(),
			"event", held.event.ID, "detail", err.Error(), "remedy", "in some minutes: "+pullCommand(held.ref))
	}
}
