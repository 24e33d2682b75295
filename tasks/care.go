package tasks

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	careEvery  = time.Second
	needsEvery = time.Minute
)

// care looks after what nobody asks for: records whose worker went silent, a
// Redis that lost everything, parked records whose needs are met. It ends with
// ctx; every process with workers runs it, and a key per job makes one run.
// The returned function waits for all of it.
func (w *Worker) care(ctx context.Context) (wait func()) {
	c := &carer{Worker: w, active: map[string]time.Time{}}
	var wg sync.WaitGroup
	wg.Go(func() { w.every(ctx, careEvery, "rescue", c.rescue) })
	wg.Go(func() { w.every(ctx, careEvery, "refill", c.refill) })
	wg.Go(func() { w.every(ctx, needsEvery/4, "needs", c.retest) })
	wg.Go(func() { w.every(ctx, backlogEvery, "count", c.count) })
	return wg.Wait
}

func (w *Worker) every(ctx context.Context, pause time.Duration, name string, job func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := job(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("job failed and runs again", "job", name, "detail", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// carer keeps what the jobs know between their ticks.
type carer struct {
	*Worker
	active map[string]time.Time // tasks that run without a lease → first seen
	epoch  string               // what we last saw under epochKey
	since  time.Time            // when this installation's Redis began, as far as we know
}

// errKeepLock leaves the job's key to its own end, so that it is not run again
// before its time.
var errKeepLock = errors.New("keep")

// once runs job unless another process does or did within hold.
func (c *carer) once(ctx context.Context, name string, hold time.Duration, job func() error) error {
	mine, err := c.rdb.SetNX(ctx, jobKey(name), "1", hold).Result()
	if err != nil || !mine {
		return err
	}
	err = job()
	if errors.Is(err, errKeepLock) {
		return nil
	}
	return errors.Join(err, c.rdb.Del(ctx, jobKey(name)).Err())
}
