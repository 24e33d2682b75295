package tasks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

const (
	careEvery  = time.Second
	needsEvery = time.Minute      // over all processes
	needsLook  = 15 * time.Second // of each
)

// care looks after what nobody asks for: records whose worker went silent or that two
// wrote at once, events whose task is gone, a Redis that lost everything, parked records
// whose needs are met, events that are too old. It ends with ctx; every process with
// workers runs it, and a key per job makes one run.
// The returned function waits for all of it.
func (w *Worker) care(ctx context.Context) (wait func()) {
	c := &carer{Worker: w, active: map[string]time.Time{}}
	var wg sync.WaitGroup
	wg.Go(func() { w.every(ctx, careEvery, "rescue", c.rescue) })
	wg.Go(func() { w.every(ctx, careEvery, "refill", c.refill) })
	wg.Go(func() { w.every(ctx, careEvery, "doubts", w.keepDoubts) })
	wg.Go(func() { w.every(ctx, lostEvery, "lost", c.lost) })
	wg.Go(func() { w.every(ctx, needsLook, "needs", c.retest) })
	wg.Go(func() { w.every(ctx, backlogEvery, "count", c.count) })
	wg.Go(func() { w.every(ctx, trimEvery, "trim", c.trim) })
	wg.Go(func() { w.every(ctx, careEvery, "jobs", c.runJobs) })
	wg.Go(func() { w.every(ctx, auditEvery, "audit", c.tellAudit) })
	if w.alerts.active() {
		wg.Go(func() { w.every(ctx, alertsLook, "alerts", c.lookAtAlerts) })
	}
	return func() { wg.Wait(); c.runners.wg.Wait() }
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
	active map[string]time.Time // tasks (lane/id) that run without a lease → first seen
	last   tick                 // the sign of life that we left last
	file   keptFile
	barred bool // no lease was given when it was looked last

	runners runners
}

// unlockScript gives a job's lock back, or keeps it for a while, if it is ours.
var unlockScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

// once runs job unless another process is at it, for at most hold. Afterwards it
// may be run again at once, after a failure only when pause has passed. A process that
// stops leaves the job to the others.
func (c *carer) once(ctx context.Context, name string, hold, pause time.Duration, job func() error) error {
	token := uuid.NewString()
	mine, err := c.rdb.SetNX(ctx, jobKey(name), token, hold).Result()
	if err != nil || !mine {
		return err
	}
	err = job()
	keep := time.Duration(0)
	if err != nil && ctx.Err() == nil {
		keep = pause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return errors.Join(err, unlockScript.Run(ctx, c.rdb, []string{jobKey(name)}, token, keep.Milliseconds()).Err())
}
