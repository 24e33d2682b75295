package tasks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Jobs are those of one shop, or of all ("").
func (o *Operator) Jobs(ctx context.Context, shop string) ([]JobState, error) {
	shops, err := o.these(shop)
	if err != nil {
		return nil, err
	}
	list := []JobState{}
	for _, id := range shops {
		states, err := o.jobs.List(ctx, o.shops[id])
		if err != nil {
			return nil, err
		}
		list = append(list, states...)
	}
	return list, nil
}

// Job is one job of a shop. NotFound: there is none of that name.
func (o *Operator) Job(ctx context.Context, shop, name string) (JobState, error) {
	if err := o.knows(shop); err != nil {
		return JobState{}, err
	}
	s, ok, err := o.jobs.Get(ctx, o.shops[shop], name)
	if err == nil && !ok {
		err = &commerce.Error{Op: "job", Reason: commerce.NotFound,
			Detail: fmt.Sprintf("there is no job %q; there are %s", name, strings.Join(JobNames(), ", "))}
	}
	return s, err
}

// RunJob has a job run at once, or once more after the run that is under way; the
// answer is how it was before. Conflict: it is off, or paused, or its shop is.
func (o *Operator) RunJob(ctx context.Context, shop, name string) (JobState, error) {
	s, err := o.Job(ctx, shop, name)
	if err != nil {
		return s, err
	}
	no := &commerce.Error{Op: "jobs run", Reason: commerce.Conflict}
	switch s.State {
	case "paused":
		no.Detail, no.Remedy = fmt.Sprintf("%s of %s is paused by %s", name, shop, s.By), fmt.Sprintf("let it run with: odoogate jobs resume %s %s", shop, name)
	case "off":
		no.Detail, no.Remedy = fmt.Sprintf("%s of %s is off", name, shop), fmt.Sprintf("set jobs.%s.enabled to true", name)
		if why, remedy := lacking(o.shops[shop], name); why != "" {
			no.Detail, no.Remedy = no.Detail+": "+why, remedy
		}
	case "shop paused":
		no.Detail, no.Remedy = shop+" is paused", "let it go on with: odoogate shop resume "+shop
	default:
		if err := o.Did(ctx, shop, Change{What: "jobs run", On: name}); err != nil {
			return s, err
		}
		return s, o.jobs.Run(ctx, shop, name)
	}
	return s, no
}

// lacking says why a shop does not have a job; "": it has.
func lacking(shop *handlers.Shop, name string) (why, remedy string) {
	at := slices.IndexFunc(jobSettings, func(s jobSetting) bool { return s.name == name })
	why, remedy, _ = jobSettings[at].off(shop)
	return why, remedy
}

// PauseJob keeps a job from beginning until it is resumed.
func (o *Operator) PauseJob(ctx context.Context, shop, name string) error {
	if _, err := o.Job(ctx, shop, name); err != nil {
		return err
	}
	if err := o.Did(ctx, shop, Change{What: "jobs pause", On: name}); err != nil {
		return err
	}
	return o.jobs.Pause(ctx, shop, name, o.who)
}

// ResumeJob lets a paused job run again, and says how it was. Conflict: it is not paused.
func (o *Operator) ResumeJob(ctx context.Context, shop, name string) (JobState, error) {
	s, err := o.Job(ctx, shop, name)
	if err != nil {
		return s, err
	}
	if s.Paused.IsZero() {
		return s, &commerce.Error{Op: "jobs resume", Reason: commerce.Conflict, Detail: fmt.Sprintf("%s of %s is not paused", name, shop)}
	}
	if err := o.Did(ctx, shop, Change{What: "jobs resume", On: name}); err != nil {
		return s, err
	}
	return s, o.jobs.Resume(ctx, shop, name)
}

// Cursor is how far a shop was swept.
func (o *Operator) Cursor(ctx context.Context, shop string) (Cursor, error) {
	if err := o.knows(shop); err != nil {
		return Cursor{}, err
	}
	return o.cursors.Get(ctx, shop)
}

// SetCursor has a shop swept from another time on; see Cursors. Invalid: the time is
// yet to come.
func (o *Operator) SetCursor(ctx context.Context, shop string, to time.Time, why string) (CursorSet, error) {
	if err := o.knows(shop); err != nil {
		return CursorSet{}, err
	}
	if to.IsZero() || to.After(time.Now()) {
		return CursorSet{}, &commerce.Error{Op: "cursor set", Reason: commerce.Invalid, Detail: "the time of the cursor is missing or yet to come",
			Remedy: "a cursor says what was looked at: give a time that is over"}
	}
	if err := o.Did(ctx, shop, Change{What: "cursor set", On: to.UTC().Format(time.RFC3339), Why: why}); err != nil {
		return CursorSet{}, err
	}
	return o.cursors.Set(ctx, shop, to, o.who, why)
}
