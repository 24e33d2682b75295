package tasks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

const (
	// jobHold is how long a process that runs a job may be silent before another runs
	// it again.
	jobHold = 15 * time.Second
	// jobPause is when a job that failed is tried again, unless it is due before.
	jobPause = 30 * time.Second
)

// job is work that a shop needs every so often, in whichever process finds it due:
// one run of it at a time. A run that was cut off is begun again, so it must stand
// being repeated. It says in a few words what it did.
type job struct {
	jobSetting
	run func(ctx context.Context, shop *handlers.Shop) (said string, err error)
}

// jobs are those that this process can run.
func (c *carer) jobs() []job {
	runs := map[string]func(context.Context, *handlers.Shop) (string, error){
		JobSweep: c.sweep, JobWebhooks: c.tendWebhooks, JobCustomers: c.sweepAccounts,
	}
	var list []job
	for _, s := range jobSettings {
		list = append(list, job{s, runs[s.name]})
	}
	return list
}

// runners are the jobs that run in this process.
type runners struct {
	mu     sync.Mutex
	active map[string]bool
	wg     sync.WaitGroup
}

// begin reports whether nobody here runs it yet.
func (r *runners) begin(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active[key] {
		return false
	}
	if r.active == nil {
		r.active = map[string]bool{}
	}
	r.active[key] = true
	return true
}

func (r *runners) end(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, key)
}

// runJobs begins every job that is due and that no process runs, and does not wait
// for it: runners.wg does.
func (c *carer) runJobs(ctx context.Context) error {
	var errs []error
	for id, shop := range c.shops {
		for _, j := range c.jobs() {
			set, key := j.of(shop.Config.Jobs), holdKey(id, j.name)
			if _, _, on := j.off(shop); !on || !c.runners.begin(key) {
				continue
			}
			token := uuid.NewString()
			mine, err := beginJobScript.Run(ctx, c.rdb, []string{stateKey(id, j.name), key, pausedKey(id), tickKey},
				token, jobHold.Milliseconds(), everyOf(set).Milliseconds()).Bool()
			if err != nil || !mine {
				c.runners.end(key)
				errs = append(errs, ignoreNil(err))
				continue
			}
			c.runners.wg.Go(func() {
				defer c.runners.end(key)
				c.runJob(ctx, j, shop, token)
			})
		}
	}
	return errors.Join(errs...)
}

// beginJobScript takes a job that is due, in a Redis that refill has looked at. One whose
// last run ended in what is the future now is due: Redis's clock went back. Whoever asks
// for a run after it gets one of his own.
var beginJobScript = redis.NewScript(nowLua + `
if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 or redis.call('EXISTS', KEYS[4]) == 0 then return 0 end
local at, j = now(), redis.call('HMGET', KEYS[1], 'asked', 'next', 'ended', 'paused')
if j[4] then return 0 end
local ended = tonumber(j[3] or at)
local early = j[2] and tonumber(j[2]) > at and ended <= at and ended + tonumber(ARGV[3]) > at
if early and not j[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[1], 'begun', at)
redis.call('HDEL', KEYS[1], 'asked', 'progress')
return 1`)

// runJob is one run, from the right to it to how it went.
func (c *carer) runJob(ctx context.Context, j job, shop *handlers.Shop, token string) {
	start := time.Now()
	run, lost := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { c.keepHold(run, lost, holdKey(shop.ID, j.name), token) })
	said, err := j.run(run, shop)
	stopped := run.Err() != nil
	lost(nil)
	beating.Wait()

	outcome, pause := "ok", everyOf(j.of(shop.Config.Jobs))
	switch {
	case err != nil && (stopped || errors.Is(err, errPaused) || errors.Is(err, errCursorSet) || errors.Is(err, errRedisAnew)):
		outcome, pause, said = "stopped", 0, err.Error()
	case err != nil:
		outcome, pause = "failed", min(pause, jobPause)
		var e *commerce.Error
		if errors.As(err, &e) {
			pause = max(pause, e.RetryAfter)
		}
		said = err.Error()
		c.log.Warn("job failed and runs again", "job", j.name, "shop", shop.ID, "detail", said, "took", time.Since(start).Round(time.Millisecond))
	}
	c.metrics.jobs.WithLabelValues(shop.ID, j.name, outcome).Inc()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := endJobScript.Run(ctx, c.rdb, []string{stateKey(shop.ID, j.name), holdKey(shop.ID, j.name)},
		token, outcome, said, pause.Milliseconds()).Err(); err != nil {
		c.log.Warn("how a job went is not written down; it runs again", "job", j.name, "shop", shop.ID, "detail", err.Error())
	}
}

// endJobScript writes down how a run went, unless another process has the job by now.
var endJobScript = redis.NewScript(nowLua + `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local at, pause = now(), tonumber(ARGV[4])
local soon = redis.call('HGET', KEYS[1], 'soon')
if soon then pause = math.min(pause, tonumber(soon)) end
redis.call('HSET', KEYS[1], 'ended', at, 'outcome', ARGV[2], 'said', ARGV[3], 'next', at + pause)
redis.call('HDEL', KEYS[1], 'progress', 'soon')
return redis.call('DEL', KEYS[2])`)

// keepHold gives signs of life until ctx ends; without the right to it the run is
// told to stop.
func (c *carer) keepHold(ctx context.Context, lost context.CancelCauseFunc, key, token string) {
	tick := time.NewTicker(jobHold / 4)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		start := time.Now()
		ours, err := unlockScript.Run(ctx, c.rdb, []string{key}, token, jobHold.Milliseconds()).Bool()
		switch {
		case err == nil && ours:
			last = start
		case err == nil, start.Sub(last) > jobHold*3/4:
			lost(errLeaseLost)
			return
		}
	}
}

// soon has a run that ends well be followed by the next after that pause at most; that
// it comes later ends nothing.
func (c *carer) soon(ctx context.Context, shop, job string, pause time.Duration) {
	if err := c.rdb.HSet(ctx, stateKey(shop, job), "soon", pause.Milliseconds()).Err(); err != nil {
		c.log.Warn("a job does not run again soon", "job", job, "shop", shop, "detail", err.Error())
	}
}

// progress shows how far a run is; that it is not shown ends nothing.
func (c *carer) progress(ctx context.Context, shop, job, said string) {
	if err := c.rdb.HSet(ctx, stateKey(shop, job), "progress", said).Err(); err != nil {
		c.log.Debug("a job's progress is not shown", "job", job, "shop", shop, "detail", err.Error())
	}
}
