package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Cause is why events need a person, and which: those of one reason that wait for the
// same kind of thing, or have the same remedy but for what it names.
type Cause struct {
	Shop   string        `json:"shop"`
	Cause  string        `json:"cause"` // names it in selections
	Reason string        `json:"reason"`
	Count  int           `json:"count"`
	Oldest time.Time     `json:"oldest"` // when it came to need a person
	Newest time.Time     `json:"newest"`
	Detail string        `json:"detail,omitempty"` // of the newest
	Remedy string        `json:"remedy,omitempty"`
	Needs  []string      `json:"needs,omitempty"` // some of those that they wait for
	Like   []FailedEvent `json:"examples"`
	Retry  string        `json:"retry"` // the command that runs all of them again
}

// FailedEvent is one that needs a person.
type FailedEvent struct {
	Event  string    `json:"event"`
	Record string    `json:"record"`
	Number string    `json:"order,omitempty"`
	At     time.Time `json:"at"`
}

const (
	causeExamples = 5
	// mostCauses bounds what is held of one shop; what is beyond stands together as one.
	mostCauses = 500
	otherCause = "other"
)

// needsPerson are the states that Failures is about.
var needsPerson = []Outcome{Parked, Failed}

// Failures groups the events that need a person by their cause, the largest first; of
// one shop, or of all for "". It holds a page of them at a time.
func (o *Operator) Failures(ctx context.Context, shop string) ([]Cause, error) {
	shops := o.ids()
	if shop != "" {
		if err := o.knows(shop); err != nil {
			return nil, err
		}
		shops = []string{shop}
	}
	all := []Cause{}
	for _, id := range shops {
		of, err := o.causesOf(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	slices.SortStableFunc(all, func(a, b Cause) int { return b.Count - a.Count })
	return all, nil
}

func (o *Operator) causesOf(ctx context.Context, shop string) ([]Cause, error) {
	found, order := map[string]*Cause{}, []string{}
	q := Query{Shop: shop, States: needsPerson}
	for {
		page, next, err := o.journal.EventsPage(ctx, q, actPage)
		if err != nil {
			return nil, err
		}
		needs, err := o.needsOf(ctx, page)
		if err != nil {
			return nil, err
		}
		for i, e := range page {
			name := causeOf(e, needs[i])
			if found[name] == nil && len(found) >= mostCauses {
				name = otherCause
			}
			if found[name] == nil {
				found[name] = &Cause{Shop: shop, Cause: name, Reason: e.Reason, Newest: e.At, Detail: e.Detail, Remedy: e.Remedy,
					Retry: "odoogate events retry " + shop + " --cause " + name}
				order = append(order, name)
			}
			found[name].add(e, needs[i])
		}
		if q.After = next; next == "" {
			break
		}
	}
	var list []Cause
	for _, name := range order {
		list = append(list, *found[name])
	}
	return list, nil
}

// add counts an event that is not newer than those before.
func (c *Cause) add(e Entry, needs []string) {
	c.Count++
	c.Oldest = e.At
	if len(c.Like) < causeExamples {
		c.Like = append(c.Like, FailedEvent{Event: e.ID, Record: member(e.Aggregate), Number: e.Number, At: e.At})
	}
	for _, need := range needs {
		if need = named(need); len(c.Needs) < causeExamples && !slices.Contains(c.Needs, need) {
			c.Needs = append(c.Needs, need)
		}
	}
}

// needsOf are what the records of events wait for, by the index of the event.
func (o *Operator) needsOf(ctx context.Context, page []Entry) ([][]string, error) {
	keys := make([]string, len(page))
	for i, e := range page {
		keys[i] = recordKey(e.Aggregate)
	}
	hashes, err := o.journal.hashes(ctx, keys)
	if err != nil {
		return nil, err
	}
	needs := make([][]string, len(page))
	for i, m := range hashes {
		if rec := readRecord(page[i].Aggregate, m); rec.Outcome == Parked || rec.Outcome == Failed {
			needs[i] = rec.Needs
		}
	}
	return needs, nil
}

// ofCause are those of a page that have a cause.
func (o *Operator) ofCause(ctx context.Context, shop string, page []Entry, cause string) (of []Entry, err error) {
	if cause == otherCause {
		return nil, &commerce.Error{Op: "select", Reason: commerce.Invalid, Detail: shop + " has too many causes for those beyond to be one",
			Remedy: "name their events, or a --reason"}
	}
	needs, err := o.needsOf(ctx, page)
	for i, e := range page {
		if err == nil && causeOf(e, needs[i]) == cause {
			of = append(of, e)
		}
	}
	return of, err
}

// particular is what differs between remedies that ask for the same.
var particular = regexp.MustCompile(`"[^"]*"|'[^']*'|\S*[0-9/]\S*`)

// causeOf names why an event needs a person: missing/sku+tax, or mismatch/k3qd where it
// waits for nothing that can be looked up.
func causeOf(e Entry, needs []string) string {
	var kinds []string
	for _, need := range needs {
		kind, _, _ := strings.Cut(need, "/")
		kinds = append(kinds, kind)
	}
	if slices.Sort(kinds); len(kinds) > 0 {
		return e.Reason + "/" + strings.Join(slices.Compact(kinds), "+")
	}
	text := e.Remedy
	if text == "" {
		text = e.Detail
	}
	if text == "" {
		return e.Reason
	}
	sum := sha256.Sum256([]byte(particular.ReplaceAllString(text, "…")))
	return e.Reason + "/" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))[:6]
}
