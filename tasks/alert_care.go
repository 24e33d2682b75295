package tasks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

const (
	alertsEvery = 15 * time.Second // over all processes
	alertsLook  = 5 * time.Second  // of each
	// alertSilent is how long nobody has raised what each process sees for itself before
	// it counts as over.
	alertSilent = time.Minute
	// alertForgotten is after how long something that is due has no task that sends it:
	// the process died in between, or Redis forgot.
	alertForgotten = 15 * time.Second
	infoKeep       = 24 * time.Hour
	privacySoon    = 7 * 24 * time.Hour // before its deadline
)

// lookAtAlerts raises what no event tells, resolves what is over, and has sent what was
// to be sent. What stands is the truth: an alert that was lost is raised again here.
func (c *carer) lookAtAlerts(ctx context.Context) error {
	if away := c.odoo.shutFor(); away >= c.alerts.cfg.Away {
		c.alerts.Raise(ctx, Alert{Kind: config.AlertOdooAway, Severity: Critical, Cause: "away", Detail: "Odoo has not answered for " + commerce.Span(away.Round(time.Minute)),
			Remedy: "bring Odoo back; orders wait meanwhile and come in by themselves", Look: "odoogate check"})
	}
	due, err := c.rdb.SetNX(ctx, jobKey("alerts due"), "1", alertsEvery-time.Second).Result()
	if err != nil || !due {
		return err
	}
	return c.tendAlerts(ctx)
}

func (c *carer) tendAlerts(ctx context.Context) error {
	began := time.Now()
	s := standing{carer: c, seen: map[string]bool{}}
	if err := errors.Join(s.records(ctx), s.privacy(ctx), s.uninstalled(ctx)); err != nil {
		return err
	}
	open, err := c.alerts.Open(ctx)
	if err != nil {
		return err
	}
	for _, one := range open {
		if one.Severity == Info { // it tells of something that is over, and stands only to be told
			if time.Since(one.Last) > infoKeep {
				err = errors.Join(err, c.alerts.forget(ctx, one.ID))
			}
			continue
		}
		stands, err := s.stands(ctx, one)
		if err != nil {
			return fmt.Errorf("whether alert %s stands: %w", one.ID, err)
		}
		if !stands && one.Last.Before(began) {
			c.alerts.resolve(ctx, one.ID)
		}
	}
	return errors.Join(err, c.alerts.redeem(ctx))
}

// standing is what is seen of causes in one look.
type standing struct {
	*carer
	seen   map[string]bool
	denied map[string]bool // causes; nil: not looked at yet
	trying bool            // an event that was denied is being worked on: how that ends is not known
}

// records raises what records wait for, each cause once with their number.
func (s *standing) records(ctx context.Context) error {
	for id := range s.shops {
		first, count := map[string]Alert{}, map[string]int{}
		for rec, err := range s.journal.Parked(ctx, id) {
			if err != nil {
				return err
			}
			for _, alert := range recordAlerts(rec) {
				if key := alert.id(); count[key] == 0 {
					first[key] = alert
				}
				count[alert.id()]++
			}
		}
		for key, alert := range first {
			s.seen[key] = true
			s.alerts.raise(ctx, alert, count[key])
		}
	}
	return nil
}

// privacy raises requests about people's data whose deadline is near.
func (s *standing) privacy(ctx context.Context) error {
	for id := range s.shops {
		near, err := s.rdb.ZRangeByScoreWithScores(ctx, openRequestsKey(id), &redis.ZRangeBy{
			Min: "-inf", Max: strconv.FormatInt(time.Now().Add(privacySoon).UnixMilli(), 10), Count: 100}).Result()
		if err != nil {
			return err
		}
		for _, z := range near {
			name, _ := z.Member.(string)
			deadline := time.UnixMilli(int64(z.Score)).UTC()
			s.alerts.Raise(ctx, Alert{Kind: config.AlertPrivacy, Severity: Critical, Shop: id, Cause: dueCause + name,
				Detail: "the request about people's data " + name + " must be done before " + deadline.Format(time.DateOnly),
				Remedy: "odoogate privacy show " + id + " " + name + " tells what is to be done", Look: "odoogate privacy ls " + id})
		}
	}
	return nil
}

// uninstalled raises shops that removed our app and are paused for it.
func (s *standing) uninstalled(ctx context.Context) error {
	for id := range s.shops {
		pause, paused, err := NewPauses(s.rdb).Get(ctx, id)
		if err != nil {
			return err
		}
		if paused && !pause.Uninstalled.IsZero() {
			s.alerts.Raise(ctx, uninstalledAlert(id))
		}
	}
	return nil
}

// dueCause begins the cause of a request whose deadline is near.
const dueCause = "due "

// stands reports whether the cause of an alert is still there.
func (s *standing) stands(ctx context.Context, one OpenAlert) (bool, error) {
	switch {
	case ofRecords(one.Kind) && one.Ref.Kind == commerce.KindOrder:
		return s.seen[one.ID], nil
	case ofRecords(one.Kind) && s.seen[one.ID]: // of an account
		return true, nil
	case ofRecords(one.Kind):
		e, ok, err := s.journal.Event(ctx, one.Shop, one.Event)
		return ok && (e.State == Parked || e.State == Failed), err
	}
	switch one.Kind {
	case config.AlertOdooDenied, config.AlertShopDenied:
		return s.refused(ctx, one.Cause)
	case config.AlertUninstalled:
		pause, paused, err := NewPauses(s.rdb).Get(ctx, one.Shop)
		return paused && !pause.Uninstalled.IsZero(), err
	case config.AlertRedisLost:
		pipe := s.rdb.Pipeline() // it is to be swept yet, or being swept
		due, running := pipe.HExists(ctx, stateKey(one.Shop, JobSweep), "since"), pipe.Exists(ctx, holdKey(one.Shop, JobSweep))
		_, err := pipe.Exec(ctx)
		return due.Val() || running.Val() > 0, err
	case config.AlertOdooAway:
		return time.Since(one.Last) < alertSilent || s.books.Ping(ctx) != nil, nil
	case config.AlertPrivacy:
		err := s.rdb.ZScore(ctx, openRequestsKey(one.Shop), strings.TrimPrefix(one.Cause, dueCause)).Err()
		return err == nil, ignoreNil(err)
	}
	return true, nil // whoever raises it resolves it
}

// refused reports whether an event comes again because of that cause.
func (s *standing) refused(ctx context.Context, cause string) (bool, error) {
	if s.denied == nil {
		s.denied = map[string]bool{}
		for id := range s.shops {
			for e, err := range s.journal.Events(ctx, Query{Shop: id, States: []Outcome{Retry, Working}}) {
				if err != nil {
					s.denied = nil
					return false, err
				}
				if e.Reason == string(commerce.Denied) {
					s.denied[alertCause(e.Reason, e.Detail)] = true
				}
				s.trying = s.trying || e.State == Working && slices.ContainsFunc(e.Steps, func(step Step) bool { return step.Why == string(commerce.Denied) })
			}
		}
	}
	return s.denied[cause] || s.trying, nil
}

// redeem makes tasks for what is due and has none.
func (a *Alerts) redeem(ctx context.Context) error {
	before := strconv.FormatInt(time.Now().Add(-alertForgotten).UnixMilli(), 10)
	for _, t := range a.cfg.Targets {
		n, err := a.rdb.ZCount(ctx, alertDueKey(t.Name), "-inf", before).Result()
		if err != nil {
			return fmt.Errorf("what %s is to be told: %w", t.Name, err)
		}
		if n == 0 {
			continue
		}
		if err := a.ask(ctx, []due{{Target: t.Name, At: time.Now().UnixMilli(), Again: true}}); err != nil {
			return err
		}
	}
	return nil
}
