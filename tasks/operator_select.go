package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Selection says which events of a shop an operator means: those that are named, or
// else all that the query finds, perhaps of one cause alone.
type Selection struct {
	Events []string
	Query  Query // its Shop always counts
	Cause  string
}

// String is the selection as the audit has it.
func (s Selection) String() string {
	if len(s.Events) == 1 {
		return s.Events[0]
	}
	if len(s.Events) > 0 {
		return fmt.Sprintf("%s and %d more", s.Events[0], len(s.Events)-1)
	}
	var words []string
	say := func(name, value string) {
		if value != "" {
			words = append(words, name+" "+value)
		}
	}
	var states []string
	for _, state := range s.Query.States {
		states = append(states, string(state))
	}
	say("state", strings.Join(states, ","))
	say("reason", s.Query.Reason)
	say("cause", s.Cause)
	say("order", s.Query.Number)
	if s.Query.Ref.ID != "" {
		say("record", member(s.Query.Ref))
	}
	say("from", stamp(s.Query.From))
	say("to", stamp(s.Query.To))
	return strings.Join(words, ", ")
}

// Acted says what was done to a selection.
type Acted struct {
	DryRun   bool        `json:"dry_run"`
	Events   int         `json:"events"`   // it was done to so many, or would be
	LeftOut  int         `json:"left_out"` // and to so many not, see Because
	Because  []string    `json:"because,omitempty"`
	Examples []EventView `json:"examples"` // the first of Events
	Run      string      `json:"run,omitempty"`
}

const (
	tallyExamples = 10
	actPage       = 200
)

// leave notes an event that nothing is done to.
func (t *Acted) leave(err error) {
	t.LeftOut++
	if len(t.Because) < tallyExamples {
		t.Because = append(t.Because, err.Error())
	}
}

// refused says that an event is none of those to which something can be done.
func refused(e Entry, reason commerce.Reason, detail, remedy string) error {
	return &commerce.Error{Op: "operator", Reason: reason, Detail: "event " + e.ID + " " + detail, Remedy: remedy}
}

// each goes through the events of a selection, oldest change first, and through those
// alone that stood there when it began. What may refuses is left out, and so is what
// do refuses with a *commerce.Error; other errors end it. told is called as it goes on
// and may be nil.
func (o *Operator) each(ctx context.Context, s Selection, may, do func(Entry) error, told func(Acted)) (t Acted, err error) {
	t = Acted{DryRun: do == nil, Examples: []EventView{}}
	if err := o.knows(s.Query.Shop); err != nil {
		return t, err
	}
	now, err := o.rdb.Time(ctx).Result()
	if err != nil {
		return t, fmt.Errorf("events of %s: %w", s.Query.Shop, err)
	}
	more := o.pages(s, now)
	for {
		page, last, err := more(ctx)
		if err != nil {
			return t, err
		}
		for _, e := range page {
			err := may(e)
			if err == nil && do != nil {
				err = do(e)
			}
			switch {
			case err == nil:
				if t.Events++; len(t.Examples) < tallyExamples {
					t.Examples = append(t.Examples, e.View())
				}
			case commerce.ReasonOf(err) != commerce.Internal && commerce.ReasonOf(err) != commerce.Unavailable:
				t.leave(err)
			default:
				return t, err
			}
		}
		if told != nil {
			told(t)
		}
		if last {
			return t, nil
		}
	}
}

// pages reads a selection a page at a time; last says that no page follows.
func (o *Operator) pages(s Selection, now time.Time) func(context.Context) (page []Entry, last bool, err error) {
	if len(s.Events) > 0 {
		named := s.Events
		return func(ctx context.Context) (page []Entry, last bool, err error) {
			for len(named) > 0 && len(page) < actPage {
				e, err := o.Event(ctx, s.Query.Shop, named[0])
				if err != nil {
					return nil, false, err
				}
				page, named = append(page, e), named[1:]
			}
			return page, len(named) == 0, nil
		}
	}
	q := s.Query
	q.Oldest = true
	if q.To.IsZero() || q.To.After(now) {
		q.To = now
	}
	return func(ctx context.Context) (page []Entry, last bool, err error) {
		page, q.After, err = o.journal.EventsPage(ctx, q, actPage)
		if err == nil && s.Cause != "" {
			page, err = o.ofCause(ctx, q.Shop, page, s.Cause)
		}
		return page, q.After == "", err
	}
}
