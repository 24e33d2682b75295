package tasks

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
)

// The jobs, by their names in the configuration.
const (
	JobSweep     = "sweep"
	JobWebhooks  = "webhooks"
	JobCustomers = "customers"
)

// jobSetting is how a job is configured for a shop. Where lacks says why, the shop has
// none such.
type jobSetting struct {
	name  string
	of    func(config.Jobs) config.Job
	lacks func(*handlers.Shop) (why, remedy string) // nil: every shop has it
}

// jobSettings are those of all jobs, in the order of jobs ls.
var jobSettings = []jobSetting{
	{JobSweep, func(j config.Jobs) config.Job { return j.Sweep }, nil},
	{JobWebhooks, func(j config.Jobs) config.Job { return j.Webhooks }, nil},
	{JobCustomers, func(j config.Jobs) config.Job { return j.Customers }, noAccounts},
}

// off says why a shop never runs the job; on is whether it does.
func (s jobSetting) off(shop *handlers.Shop) (why, remedy string, on bool) {
	if s.lacks != nil {
		why, remedy = s.lacks(shop)
	}
	return why, remedy, why == "" && s.of(shop.Config.Jobs).On()
}

// JobNames are the names of all jobs.
func JobNames() []string {
	var names []string
	for _, s := range jobSettings {
		names = append(names, s.name)
	}
	return names
}

// everyByDefault is for shops that do not come from a file.
const everyByDefault = 5 * time.Minute

func everyOf(j config.Job) time.Duration {
	if j.Every == 0 {
		return everyByDefault
	}
	return j.Every
}

// stateKey is a hash: how a job of a shop went and when it is due. holdKey is the
// right to run it, which only a living process has.
func stateKey(shop, job string) string { return shopKey(shop, "job:"+job) }
func holdKey(shop, job string) string  { return shopKey(shop, "job hold:"+job) }

// Jobs tells how the jobs of the shops go, and changes when they run.
type Jobs struct{ rdb *redis.Client }

// NewJobs keeps the jobs' states in the Redis behind rdb.
func NewJobs(rdb *redis.Client) *Jobs { return &Jobs{rdb: rdb} }

// JobState is how one job of one shop goes. Times are zero where there is none.
type JobState struct {
	Shop  string        `json:"shop"`
	Job   string        `json:"job"`
	State string        `json:"state"` // running, due, waits, paused, shop paused, off
	Every time.Duration `json:"every_ns"`
	Begun time.Time     `json:"begun,omitzero"` // the last run
	Ended time.Time     `json:"ended,omitzero"`
	// Outcome is how the last run that ended went: ok, failed or stopped (its process
	// was told to end; another goes on). Said is what it said, of one that runs how far it
	// is, and of one that the shop does not have why.
	Outcome string    `json:"outcome,omitempty"`
	Said    string    `json:"said,omitempty"`
	Next    time.Time `json:"next,omitzero"`
	// Since is how far back the next run must look, where somebody found a gap.
	Since  time.Time `json:"since,omitzero"`
	Paused time.Time `json:"paused,omitzero"`
	By     string    `json:"paused_by,omitempty"`
}

// List are the jobs of a shop.
func (j *Jobs) List(ctx context.Context, shop *handlers.Shop) ([]JobState, error) {
	var list []JobState
	for _, s := range jobSettings {
		state, err := j.get(ctx, shop, s)
		if err != nil {
			return nil, err
		}
		list = append(list, state)
	}
	return list, nil
}

// Get is one job of a shop; ok is false where there is none of that name.
func (j *Jobs) Get(ctx context.Context, shop *handlers.Shop, name string) (state JobState, ok bool, err error) {
	for _, s := range jobSettings {
		if s.name == name {
			state, err = j.get(ctx, shop, s)
			return state, true, err
		}
	}
	return JobState{}, false, nil
}

func (j *Jobs) get(ctx context.Context, of *handlers.Shop, set jobSetting) (JobState, error) {
	shop, name := of.ID, set.name
	lacks, _, on := set.off(of)
	pipe := j.rdb.Pipeline()
	hash := pipe.HGetAll(ctx, stateKey(shop, name))
	held := pipe.Exists(ctx, holdKey(shop, name))
	stands := pipe.Exists(ctx, pausedKey(shop))
	clock := pipe.Time(ctx)
	if _, err := pipe.Exec(ctx); err != nil {
		return JobState{}, fmt.Errorf("job %s of %s: %w", name, shop, err)
	}
	m, every := hash.Val(), everyOf(set.of(of.Config.Jobs))
	s := JobState{Shop: shop, Job: name, Every: every, Begun: millis(m["begun"]), Ended: millis(m["ended"]), Outcome: m["outcome"], Said: m["said"],
		Next: millis(m["next"]), Since: millis(m["since"]), Paused: millis(m["paused"]), By: m["paused_by"]}
	if soon := s.Ended.Add(every); !s.Ended.IsZero() && soon.Before(s.Next) {
		s.Next = soon // the setting was changed since
	}
	switch {
	case held.Val() > 0:
		s.State, s.Said = "running", m["progress"]
	case !s.Paused.IsZero():
		s.State = "paused"
	case !on:
		s.State, s.Said = "off", cmp.Or(lacks, s.Said)
	case stands.Val() > 0:
		s.State = "shop paused"
	case m["asked"] != "" || s.Next.Before(clock.Val()) || s.Ended.After(clock.Val().Add(time.Millisecond)):
		s.State, s.Next = "due", clock.Val().UTC()
	default:
		s.State = "waits"
	}
	return s, nil
}

// Run has the workers run a job at once, or once more after the run that is under
// way. A paused one runs when it is resumed.
func (j *Jobs) Run(ctx context.Context, shop, name string) error {
	if err := askForRun(ctx, j.rdb, shop, name).Err(); err != nil {
		return fmt.Errorf("run %s of %s: %w", name, shop, err)
	}
	return nil
}

// askForRun is Run, perhaps together with other commands.
func askForRun(ctx context.Context, rdb redis.Cmdable, shop, name string) *redis.IntCmd {
	return rdb.HSet(ctx, stateKey(shop, name), "asked", "1")
}

// Pause keeps a job from beginning until it is resumed; by is who wants that. What
// has begun is finished. A job that is paused already stays as it is.
func (j *Jobs) Pause(ctx context.Context, shop, name, by string) error {
	err := pauseJobScript.Run(ctx, j.rdb, []string{stateKey(shop, name)}, by).Err()
	if err != nil {
		return fmt.Errorf("pause %s of %s: %w", name, shop, err)
	}
	return nil
}

var pauseJobScript = redis.NewScript(nowLua + `
if redis.call('HEXISTS', KEYS[1], 'paused') == 0 then
  redis.call('HSET', KEYS[1], 'paused', now(), 'paused_by', ARGV[1])
end
return 1`)

// nowLua is Redis's own clock in milliseconds: the one that all processes share.
const nowLua = `local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
`

// Resume lets a paused job run again, at once if it is due.
func (j *Jobs) Resume(ctx context.Context, shop, name string) error {
	if err := j.rdb.HDel(ctx, stateKey(shop, name), "paused", "paused_by").Err(); err != nil {
		return fmt.Errorf("resume %s of %s: %w", name, shop, err)
	}
	return nil
}

// BringForward has a job run at once and look back as far as since, or further where
// somebody else asked for that. It is for whoever found a gap.
func (j *Jobs) BringForward(ctx context.Context, shop, name string, since time.Time) error {
	pipe := j.rdb.Pipeline()
	bringForward(ctx, pipe, shop, name, since)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("bring %s of %s forward: %w", name, shop, err)
	}
	return nil
}

// bringForward is BringForward together with other commands.
func bringForward(ctx context.Context, pipe redis.Pipeliner, shop, name string, since time.Time) {
	forwardScript.Eval(ctx, pipe, []string{stateKey(shop, name)}, since.UnixMilli())
}

var forwardScript = redis.NewScript(`
local old = redis.call('HGET', KEYS[1], 'since')
if not old or tonumber(old) > tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'since', ARGV[1]) end
return redis.call('HSET', KEYS[1], 'asked', '1')`)
