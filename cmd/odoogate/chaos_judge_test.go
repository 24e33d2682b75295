package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// finding is all that a judge found, from Odoo's side.
type finding struct {
	right       map[string]int // by the shop
	unwanted    int            // cancelled or paid back before they came in
	lost, wrong []string       // orders
	doubled     map[string]int // by what is there twice
	left        map[string]int // to people, by the reason
	moved       []string       // orders of which more moves than the buyer should have
	cents       []string       // parked over cents that no document of Odoo expresses
	stuck       []string       // parked for no reason that there may be
	strangers   []string       // in Odoo, and of no order of the stores
	unexplained []string       // events that came after the wipe
	explained   map[string]int // the others, by what the journal says
	took        time.Duration  // to settle
}

var doubles = []string{"orders", "lines", "partners", "payments", "credit notes", "pickings"}

func (f finding) settled() bool {
	return len(f.lost)+len(f.wrong)+len(f.stuck)+len(f.strangers)+len(f.unexplained) == 0
}

func (f finding) require(c *chaos) {
	c.Helper()
	for _, what := range doubles {
		assert.Zero(c, f.doubled[what], "%s are doubled", what)
	}
	assert.Empty(c, f.moved, "more is moved, or waits to be, than the buyer should have")
	assert.Empty(c, f.lost, "orders are lost")
	assert.Empty(c, f.wrong, "orders are wrong")
	assert.Empty(c, f.stuck, "orders are parked")
	assert.Empty(c, f.strangers, "Odoo has what is of no order")
	assert.LessOrEqual(c, len(f.cents), max(1, c.orders/100), "more orders than one in a hundred are parked over cents: %v", f.cents)
	assert.Empty(c, f.unexplained, "events of which the journal knows nothing")
	for _, p := range c.procs {
		assert.Empty(c, p.ended, "processes ended by themselves")
	}
	for _, at := range c.outlets {
		for status, n := range at.mail.refused {
			assert.Contains(c, []int{429, 503}, status, "%d deliveries of %s were refused", n, at.id)
		}
	}
}

// How long the end is waited for: as long as something moves, for a queue may take two
// minutes to find what died with its worker, and on a busy machine all takes longer.
const (
	chaosQuiet    = 2 * time.Minute // in which nothing moved: nothing will any more
	chaosPatience = 5 * time.Minute // at most
)

// settle waits until Odoo says what the stores say, the journal what became of every
// event, and the queue is empty.
func (c *chaos) settle() (f finding) {
	c.Helper()
	start, moved, before := time.Now(), time.Now(), ""
	for {
		f = c.judge()
		queued := c.queued()
		if f.settled() && queued == 0 {
			break
		}
		if now := fmt.Sprint(queued, f); now != before {
			moved, before = time.Now(), now
		}
		if time.Since(moved) > chaosQuiet || time.Since(start) > chaosPatience {
			c.Errorf("not settled in %s, the last that moved did so %s ago; %d tasks are in the queue",
				time.Since(start).Round(time.Second), time.Since(moved).Round(time.Second), queued)
			break
		}
		pause(c.Context(), time.Second)
	}
	f = c.judge() // as it stands when nothing is under way any more
	f.took = time.Since(start)
	return f
}

// queued counts what of Asynq's queue still comes to be run. Tasks that died with
// their worker count as active for up to two minutes; their work was done by others.
func (c *chaos) queued() (left int64) {
	c.Helper()
	rdb := c.redis.Client()
	defer func() { _ = rdb.Close() }()
	for _, lane := range tasks.Lanes() {
		pending, err := rdb.LLen(c.Context(), "asynq:{"+lane+"}:pending").Result()
		require.NoError(c, err)
		left += pending
		for _, set := range []string{"scheduled", "retry"} {
			n, err := rdb.ZCard(c.Context(), "asynq:{"+lane+"}:"+set).Result()
			require.NoError(c, err)
			left += n
		}
	}
	return left
}

// judge compares Odoo with the stores, order by order.
func (c *chaos) judge() finding {
	c.Helper()
	f := finding{right: map[string]int{}, doubled: map[string]int{}, left: map[string]int{}, explained: map[string]int{}}
	b := c.books()
	for _, s := range c.sold {
		c.judgeOrder(&f, b, s)
	}
	for _, n := range b.people {
		f.doubled["partners"] += n - 1
	}
	f.strangers = c.strangers(b)
	for _, at := range c.outlets {
		for id, a := range at.mail.afterWipe {
			if how, ok := c.explained(c.Context(), a); ok {
				f.explained[how]++
			} else {
				f.unexplained = append(f.unexplained, id+": "+how)
			}
		}
	}
	slices.Sort(f.unexplained)
	return f
}

var bothSides = regexp.MustCompile(`([\d.]+)(?: [A-Z]{3})? with ([\d.]+) tax\b.* ([\d.]+)(?: [A-Z]{3})? with ([\d.]+) tax`)

// cents says whether what is told of both sides is at most five cents apart, in total
// and in tax. Documents of an order that was invoiced in parts and edited since round
// each by itself, and not every sum can be had of them.
func cents(detail string) bool {
	m := bothSides.FindStringSubmatch(detail)
	if m == nil {
		return false
	}
	apart := func(a, b string) bool {
		x, errX := decimal.NewFromString(a)
		y, errY := decimal.NewFromString(b)
		return errX == nil && errY == nil && x.Sub(y).Abs().LessThanOrEqual(decimal.New(5, -2))
	}
	return apart(m[1], m[3]) && apart(m[2], m[4])
}

func (c *chaos) judgeOrder(f *finding, b books, s *sold) {
	c.Helper()
	rec, _, err := c.journal.Get(c.Context(), s.ref)
	require.NoError(c, err)
	now, found := s.Now(), b.orders[s.Now().Number]
	f.doubled["orders"] += max(0, len(found)-1)
	for _, o := range found {
		b.doubledOf(f, now, o)
	}
	parked := rec.Outcome == tasks.Parked || rec.Outcome == tasks.Failed
	switch {
	case len(found) == 0 && rec.Outcome == tasks.Skipped && (now.Cancelled || now.Moves > 0 && now.Paid.IsZero()):
		f.unwanted++
	case len(found) == 0 && !parked:
		f.lost = append(f.lost, fmt.Sprintf("%s: %s %s", now.Number, rec.Outcome, rec.Reason))
	case parked && len(found) == 1 && rec.Reason == string(commerce.Diverged) && c.mayDiverge(s):
		f.left[s.at.id+" "+rec.Reason]++
	case parked && len(found) == 1 && rec.Reason == string(commerce.Mismatch) && cents(rec.Detail):
		f.left[s.at.id+" by cents"]++
		f.cents = append(f.cents, now.Number+": "+rec.Detail)
	case parked:
		f.stuck = append(f.stuck, fmt.Sprintf("%s: %s %s: %s\n    %s", now.Number, rec.Outcome, rec.Reason, rec.Detail, s))
	case len(found) == 1:
		if n := b.movedTwice(now, found[0]); n > 0 {
			f.doubled["pickings"] += n
			f.moved = append(f.moved, fmt.Sprintf("%s (%s %s): %s\n    %s", now.Number, rec.Outcome, rec.Reason, moves(found[0]), s))
		}
		if want, got := b.ought(s, found[0]), b.stands(now, found[0]); !slices.Equal(want, got) {
			f.wrong = append(f.wrong, fmt.Sprintf("%s (%s %s %s):\n  want %s\n  got  %s\n    %s", now.Number, rec.Outcome, rec.Reason, rec.Detail,
				strings.Join(want, "; "), strings.Join(got, "; "), s))
		} else {
			f.right[s.at.id]++
		}
	}
}
