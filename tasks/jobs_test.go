package tasks

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
)

// job is how a job goes.
func (r *rig) job(shop, name string) JobState {
	r.t.Helper()
	s, ok, err := NewJobs(r.rdb).Get(context.Background(), r.opt.Shops[shop], name)
	require.NoError(r.t, err)
	require.True(r.t, ok)
	require.Equal(r.t, name, s.Job)
	return s
}

// testJob is a job of the carer that the test ends.
func (r *rig) testJob(run func(context.Context) (string, error)) (c *carer, j job) {
	r.knownRedis()
	c = &carer{Worker: NewWorker(r.opt)}
	return c, job{jobSetting: jobSettings[0],
		run: func(ctx context.Context, _ *handlers.Shop) (string, error) { return run(ctx) }}
}

// knownRedis leaves the sign of life without which no job begins.
func (r *rig) knownRedis() {
	require.NoError(r.t, r.rdb.Set(context.Background(), tickKey, "0 - -", 0).Err())
}

// runs begins a job as runJobs does and waits for its end.
func (r *rig) runs(c *carer, j job, token string) (begun bool) {
	r.t.Helper()
	ctx := context.Background()
	begun, err := beginJobScript.Run(ctx, c.rdb, []string{stateKey("fi", j.name), holdKey("fi", j.name), pausedKey("fi"), tickKey},
		token, jobHold.Milliseconds(), everyOf(j.of(c.shops["fi"].Config.Jobs)).Milliseconds()).Bool()
	require.NoError(r.t, err)
	if begun {
		c.runJob(ctx, j, c.shops["fi"], token)
	}
	return begun
}

func TestAJobRunsAgainWhenItsPauseIsOverAndAtOnceWhereSomebodyAsks(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	n := 0
	c, j := r.testJob(func(context.Context) (string, error) { n++; return "swept", nil })
	require.True(t, r.runs(c, j, "a"), "it never ran before")
	require.False(t, r.runs(c, j, "b"), "it is not due yet")
	s := r.job("fi", JobSweep)
	require.Equal(t, []string{"waits", "ok", "swept"}, []string{s.State, s.Outcome, s.Said})
	require.WithinDuration(t, time.Now().Add(everyByDefault), s.Next, 10*time.Second)

	require.NoError(t, NewJobs(r.rdb).Run(ctx, "fi", JobSweep))
	require.Equal(t, "due", r.job("fi", JobSweep).State)
	require.True(t, r.runs(c, j, "c"))
	require.False(t, r.runs(c, j, "d"), "the wish is fulfilled")

	r.opt.Shops["fi"].Config.Jobs.Sweep.Every = time.Nanosecond
	require.True(t, r.runs(c, j, "e"), "a shorter pause holds at once")
	require.Equal(t, 3, n)
}

func TestAJobRunsThoughRedisClockWentBack(t *testing.T) {
	r := newRig(t)
	c, j := r.testJob(func(context.Context) (string, error) { return "swept", nil })
	require.True(t, r.runs(c, j, "a"))
	require.False(t, r.runs(c, j, "b"))
	ahead := time.Now().Add(time.Hour)
	require.NoError(t, r.rdb.HSet(context.Background(), stateKey("fi", JobSweep), "ended", ahead.UnixMilli(), "next", ahead.Add(everyByDefault).UnixMilli()).Err())
	require.Equal(t, "due", r.job("fi", JobSweep).State)
	require.True(t, r.runs(c, j, "c"), "it ended in an hour from now")
	require.False(t, r.runs(c, j, "d"))
}

func TestAJobThatRunsIsNotDoubledAndRunsOnceMoreWhereItWasAskedFor(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	c, j := r.testJob(nil)
	j.run = func(context.Context, *handlers.Shop) (string, error) {
		require.Equal(t, "running", r.job("fi", JobSweep).State)
		require.False(t, r.runs(c, j, "second"), "it runs already")
		c.progress(ctx, "fi", JobSweep, "half of it")
		require.Equal(t, "half of it", r.job("fi", JobSweep).Said)
		return "", NewJobs(r.rdb).Run(ctx, "fi", JobSweep)
	}
	require.True(t, r.runs(c, j, "first"))
	require.Equal(t, "due", r.job("fi", JobSweep).State)
}

func TestAJobWhoseProcessDiedIsBegunByAnother(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	c, j := r.testJob(func(context.Context) (string, error) { return "swept", nil })
	mine, err := beginJobScript.Run(ctx, r.rdb, []string{stateKey("fi", JobSweep), holdKey("fi", JobSweep), pausedKey("fi"), tickKey}, "dead", 50, 1000).Bool()
	require.NoError(t, err)
	require.True(t, mine)
	require.Eventually(t, func() bool { return r.runs(c, j, "alive") }, time.Minute, 5*time.Millisecond)
	require.Equal(t, "ok", r.job("fi", JobSweep).Outcome)
}

func TestARunThatAnotherTookOverIsToldAndWritesNothing(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	c, j := r.testJob(func(ctx context.Context) (string, error) {
		require.NoError(t, r.rdb.Set(ctx, holdKey("fi", JobSweep), "another", time.Minute).Err())
		<-ctx.Done()
		return "", context.Cause(ctx)
	})
	require.True(t, r.runs(c, j, "mine"))
	require.Empty(t, r.job("fi", JobSweep).Outcome)
	require.Equal(t, "another", r.rdb.Get(ctx, holdKey("fi", JobSweep)).Val())
}

func TestAJobThatFailsIsTriedAgainSoon(t *testing.T) {
	r := newRig(t)
	c, j := r.testJob(func(context.Context) (string, error) { return "", errors.New("the shop is away") })
	require.True(t, r.runs(c, j, "a"))
	s := r.job("fi", JobSweep)
	require.Equal(t, []string{"failed", "the shop is away"}, []string{s.Outcome, s.Said})
	require.WithinDuration(t, time.Now().Add(jobPause), s.Next, 5*time.Second)
}

func TestAPausedJobDoesNotRunAndKeepsWhoPausedIt(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	jobs := NewJobs(r.rdb)
	c, j := r.testJob(func(context.Context) (string, error) { return "", nil })
	require.NoError(t, jobs.Pause(ctx, "fi", JobSweep, "eeva"))
	require.NoError(t, jobs.Pause(ctx, "fi", JobSweep, "otto"))
	since := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	require.NoError(t, jobs.BringForward(ctx, "fi", JobSweep, since))
	require.NoError(t, jobs.BringForward(ctx, "fi", JobSweep, since.Add(time.Minute)))
	require.False(t, r.runs(c, j, "a"))
	s := r.job("fi", JobSweep)
	require.Equal(t, []string{"paused", "eeva"}, []string{s.State, s.By})
	require.True(t, since.Equal(s.Since), "the earlier gap stays: %s", s.Since)
	require.NoError(t, jobs.Resume(ctx, "fi", JobSweep))
	require.True(t, r.runs(c, j, "b"))
}

func TestAJobThatIsOffNeverBegins(t *testing.T) {
	r := newRig(t)
	r.opt.Shops["fi"].Config.Jobs.Sweep.Enabled = new(false)
	require.NoError(t, NewJobs(r.rdb).Run(context.Background(), "fi", JobSweep))
	r.knownRedis()
	c := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, c.runJobs(context.Background()))
	c.runners.wg.Wait()
	require.Zero(t, r.job("fi", JobSweep).Begun)
	require.Equal(t, "off", r.job("fi", JobSweep).State)
}
