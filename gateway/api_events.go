package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

const mostEvents = 500 // of one page

// chosen is which events are meant, as a body or as parameters.
type chosen struct {
	Events []string        `json:"events"`
	States []tasks.Outcome `json:"states"`
	Reason string          `json:"reason"`
	Cause  string          `json:"cause"`
	Order  string          `json:"order"`
	Record string          `json:"record"`
	From   time.Time       `json:"from"`
	To     time.Time       `json:"to"`
	Yes    bool            `json:"yes"` // several are only surveyed without it
	Why    string          `json:"why"` // of a discard
}

func (s chosen) query(shop string) (tasks.Query, error) {
	q := tasks.Query{Shop: shop, States: s.States, Reason: s.Reason, Number: s.Order, From: s.From, To: s.To}
	for _, state := range s.States {
		if !slices.Contains(tasks.States(), state) {
			return q, invalid(fmt.Sprintf("%q is no state of an event", state))
		}
	}
	if s.Record == "" {
		return q, nil
	}
	if s.Order != "" {
		return q, invalid("order and record are both given")
	}
	var err error
	if q.Ref, err = commerce.ParseRef(shop + "/" + s.Record); err != nil {
		return q, invalid(fmt.Sprintf("%q is no record; write its kind and the shop's id of it, such as order/5001", s.Record))
	}
	return q, nil
}

func listEvents(k *call) (any, error) {
	s := chosen{Reason: k.Query("reason"), Order: k.Query("order"), Record: k.Query("record")}
	for state := range strings.SplitSeq(k.Query("state"), ",") {
		if state != "" {
			s.States = append(s.States, tasks.Outcome(state))
		}
	}
	for name, to := range map[string]*time.Time{"from": &s.From, "to": &s.To} {
		if text := k.Query(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, invalid(fmt.Sprintf("%s is %q; write it as 2026-11-25T14:30:00Z", name, text))
			}
			*to = at
		}
	}
	q, err := s.query(k.Params("shop"))
	if err != nil {
		return nil, err
	}
	limit, err := k.number("limit", 50, mostEvents)
	if err != nil {
		return nil, err
	}
	q.After, q.Oldest = k.Query("after"), k.QueryBool("oldest")
	page, next, err := k.op.Events(k.ctx, q, limit)
	if err != nil {
		return nil, err
	}
	events := []tasks.EventView{}
	for _, e := range page {
		events = append(events, e.View())
	}
	answer := fiber.Map{"events": events}
	if next != "" {
		answer["next"] = next
	}
	return answer, nil
}

func retryEvents(k *call) (any, error) {
	return k.act(k.op.SurveyRetry, func(ctx context.Context, s tasks.Selection, _ string) (tasks.Acted, error) {
		return k.op.Retry(ctx, s, nil)
	})
}

func discardEvents(k *call) (any, error) {
	return k.act(k.op.SurveyDiscard, func(ctx context.Context, s tasks.Selection, why string) (tasks.Acted, error) {
		return k.op.Discard(ctx, s, why, nil)
	})
}

// act does something to the events that the body means; to several only if it says so.
func (k *call) act(survey func(context.Context, tasks.Selection) (tasks.Acted, error),
	do func(context.Context, tasks.Selection, string) (tasks.Acted, error)) (any, error) {
	var b chosen
	if err := k.body(&b); err != nil {
		return nil, err
	}
	q, err := b.query(k.Params("shop"))
	if err != nil {
		return nil, err
	}
	s := tasks.Selection{Events: b.Events, Query: q, Cause: b.Cause}
	switch {
	case s.String() == "":
		return nil, invalid("no events are named or chosen")
	case len(s.Events) > 0 && (tasks.Selection{Query: q, Cause: b.Cause}).String() != "":
		return nil, invalid("events are named, or chosen by state and the like; not both")
	case len(s.Events) == 0 && len(s.Query.States) == 0:
		s.Query.States = []tasks.Outcome{tasks.Parked, tasks.Failed}
	}
	if len(s.Events) != 1 && !b.Yes {
		return survey(k.ctx, s)
	}
	return do(k.ctx, s, b.Why)
}
