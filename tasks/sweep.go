package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

const (
	// sweepBehind is how far behind the shop's clock a window ends: times have whole
	// seconds, and what is being written while we ask bears the time of its beginning.
	sweepBehind = 5 * time.Second
	// sweepOverlap is how much of the last window is looked through again: a shop finds
	// a change some time after it was made. What was done then costs no task.
	sweepOverlap = 10 * time.Minute
	// sweepSecond is how long after a change all others of its second are over: that, and
	// as much again for clocks.
	sweepSecond = 2 * time.Second
	// sweepPage is how many changes are looked at together.
	sweepPage = 250
	// sweepWaiting is how many looks may wait in the lane before a sweep goes on: a
	// year of orders must not stand in Redis all at once.
	sweepWaiting = 500
	sweepLook    = 200 * time.Millisecond
)

// errPaused ends a run that may not go on; it does once it is resumed.
var errPaused = errors.New("it is paused and goes on from here when it is resumed")

// errCursorSet ends a run whose cursor was set by somebody.
var errCursorSet = errors.New("the cursor was set meanwhile; it begins anew")

// errRedisAnew ends a run in a Redis that may have come back without what was asked for
// last: its cursor stands where it stood then.
var errRedisAnew = errors.New("the Redis of its cursor was restarted meanwhile; it goes on from where that stands now")

// sweep asks a shop for the orders that changed since the last sweep, by the shop's own
// clock, and has those looked at that the journal does not know in that state. It is
// the proof that no webhook is missed: whatever was not told comes in here.
func (c *carer) sweep(ctx context.Context, shop *handlers.Shop) (said string, err error) {
	if shop.Orders == nil {
		return "this shop has no orders to ask for", nil
	}
	ctx = handlers.WithLane(ctx, handlers.LaneSweep)
	now, err := shopTime(ctx, shop)
	if err != nil {
		return "", err
	}
	until := now.Add(-sweepBehind).UTC()
	first := shop.Config.GoLive.Time
	if first.IsZero() { // nothing was ever wanted of before
		first = until
	}
	s := &sweeper{looker: looker{carer: c, shop: shop, job: JobSweep, most: sweepWaiting, ahead: time.Until(now)}}
	if s.redis, err = c.redisRun(ctx); err != nil {
		return "", err
	}
	if s.window, err = c.openWindow(ctx, shop.ID, uuid.NewString(), until, first); err != nil {
		return "", err
	}
	if err := s.run(ctx); err != nil {
		return "", err
	}
	if s.gap { // its last seconds lie behind this window's end
		c.soon(ctx, shop.ID, JobSweep, 2*sweepBehind)
	}
	if s.asked > 0 {
		c.log.Info("the shop was swept", "shop", shop.ID, "since", s.from, "until", s.until, "seen", s.seen, "asked", s.asked)
	}
	return fmt.Sprintf("%s until %s, %d of them to look at", commerce.Count(s.seen, "change"), s.until.Format(time.DateTime), s.asked), nil
}

// sweeper is one run through a window.
type sweeper struct {
	looker
	redis string // the life of the Redis process in which it began
	window
}

func (s *sweeper) run(ctx context.Context) error {
	for change, err := range s.shop.Orders.Updated(ctx, s.from, s.until) {
		if err != nil {
			return fmt.Errorf("orders of %s since %s: %w", s.shop.ID, s.from.Format(time.RFC3339), err)
		}
		if s.page = append(s.page, change); len(s.page) == sweepPage {
			if err := s.turn(ctx); err != nil {
				return err
			}
		}
	}
	if err := s.turn(ctx); err != nil {
		return err
	}
	return s.moved(ctx, s.until, true)
}

// turn has the changes of a page looked at and moves the cursor past them, so that a
// run which is cut off goes on here.
func (s *sweeper) turn(ctx context.Context) error {
	if len(s.page) == 0 {
		return nil
	}
	asked, err := s.look(ctx, s.token, func(rec Record, change time.Time) bool {
		again := !s.gap && change.Before(s.begin.Add(sweepOverlap)) // the last sweep saw it
		return rec.answers(change, s.ahead, again)
	})
	s.asked += asked
	if err != nil {
		return err
	}
	s.seen += len(s.page)
	last := s.page[len(s.page)-1].At
	s.page = s.page[:0]
	s.progress(ctx, s.shop.ID, JobSweep, fmt.Sprintf("%s until %s of %s, %d of them to look at",
		commerce.Count(s.seen, "change"), last.UTC().Format(time.DateTime), s.until.Format(time.DateTime), s.asked))
	return s.moved(ctx, last, false)
}

// moved moves the cursor, unless Redis may have forgotten what was asked for before it.
func (s *sweeper) moved(ctx context.Context, at time.Time, through bool) error {
	switch run, err := s.redisRun(ctx); {
	case err != nil:
		return err
	case run != s.redis:
		return errRedisAnew
	}
	ours, err := s.moveCursor(ctx, s.shop.ID, s.window, at, through)
	if err == nil && !ours {
		return errCursorSet
	}
	return err
}

// answers reports whether all that is to be done about a change at that time was done: it
// is in Odoo, and nothing was begun since; or an operator closed it for good; or a sweep
// sees it again that was looked at and is parked or stays out, which its needs, the
// settings or a person change and no further look. ahead is by how much the shop's clock
// is before ours.
func (r Record) answers(change time.Time, ahead time.Duration, again bool) bool {
	switch {
	case r.Outcome == Skipped && r.Reason == string(Discarded):
		return change.Before(r.At.Add(ahead - sweepBehind))
	case r.Outcome == Done:
		return !r.Begun && r.has(change, ahead)
	case r.Outcome == Skipped, r.Outcome == Parked, r.Outcome == Failed:
		return again && !r.Begun && after(r.Looked.Add(ahead), change)
	}
	return false
}

// after reports whether the shop was asked when a change was over. Times have whole
// seconds, and another change of the same second may have come after it.
func after(asked, change time.Time) bool {
	return !asked.Before(change.Truncate(time.Second).Add(sweepSecond))
}

// has reports whether what was applied is the state of a change at that time, or a newer
// one.
func (r Record) has(change time.Time, ahead time.Duration) bool {
	switch ours, theirs := r.UpdatedAt.Truncate(time.Second), change.Truncate(time.Second); {
	case ours.Equal(theirs):
		return !r.Looked.IsZero() && after(r.Looked.Add(ahead), change)
	default:
		return ours.After(theirs)
	}
}
