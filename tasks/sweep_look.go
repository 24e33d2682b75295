package tasks

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
)

// looker has those records of a shop looked at that the journal has no answer to, a page
// at a time. It is part of a run of a job.
type looker struct {
	*carer
	shop  *handlers.Shop
	job   string
	most  int           // looks that may wait in the lane before a page goes on
	ahead time.Duration // of the shop's clock over ours
	page  []handlers.Change
}

// shopTime is what the clock says that a shop's changes are of.
func shopTime(ctx context.Context, shop *handlers.Shop) (time.Time, error) {
	if shop.Clock == nil {
		return time.Now(), nil
	}
	now, err := shop.Clock(ctx)
	if err != nil {
		return now, fmt.Errorf("ask %s for its time: %w", shop.ID, err)
	}
	return now, nil
}

// look asks for a look at each change of the page that the journal does not answer, once
// under a token, as soon as the lane has room; asked counts them.
func (s *looker) look(ctx context.Context, token string, answers func(Record, time.Time) bool) (asked int, err error) {
	todo, err := s.unknown(ctx, answers)
	if err != nil {
		return 0, err
	}
	if err := s.room(ctx); err != nil {
		return 0, err
	}
	for _, change := range todo {
		did, err := s.queue.Ask(ctx, LaneSweep, change.Ref, "sweep", token+"/"+strconv.FormatInt(change.At.Unix(), 10))
		if err != nil {
			return asked, err
		}
		if did {
			asked++
		}
	}
	return asked, nil
}

// unknown are the changes of the page that the journal has no answer to.
func (s *looker) unknown(ctx context.Context, answers func(Record, time.Time) bool) (todo []handlers.Change, err error) {
	fields := []string{"outcome", "reason", "at", "updated", "looked", "begun", "doubt", "doubt_end", "under"}
	pipe := s.rdb.Pipeline()
	reads := make([]*redis.SliceCmd, len(s.page))
	for i, change := range s.page {
		reads[i] = pipe.HMGet(ctx, recordKey(change.Ref), fields...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("journal of %s: %w", s.shop.ID, err)
	}
	for i, change := range s.page {
		m := map[string]string{}
		for n, field := range fields {
			m[field], _ = reads[i].Val()[n].(string)
		}
		rec := readRecord(change.Ref, m)
		if !answers(rec, change.At) {
			todo = append(todo, change)
		}
	}
	return todo, nil
}

// room waits until the lane has room for a page, and sees that the run may go on.
func (s *looker) room(ctx context.Context) error {
	tick := time.NewTicker(sweepLook)
	defer tick.Stop()
	for {
		pipe := s.rdb.Pipeline()
		stands, paused := pipe.Exists(ctx, pausedKey(s.shop.ID)), pipe.HExists(ctx, stateKey(s.shop.ID, s.job), "paused")
		waits := pipe.LLen(ctx, "asynq:{"+LaneSweep+"}:pending")
		// Those that only wait for their turn at the shop; what fails for long is no reason
		// to leave the others.
		soon := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
		again := pipe.ZCount(ctx, "asynq:{"+LaneSweep+"}:retry", "-inf", soon)
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("look for room in the lane %s: %w", LaneSweep, err)
		}
		switch {
		case stands.Val() > 0 || paused.Val():
			return errPaused
		case waits.Val()+again.Val() < int64(s.most):
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
