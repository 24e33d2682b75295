package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/tasks"
)

// sweepOn has the stage's odoogate sweep, every few seconds.
func (s *stage) sweepOn() {
	s.configure(strings.Replace(s.text, "enabled: false", "enabled: true, every: 5s", 1))
}

func TestWithEveryWebhookLostEverythingIsInOdooAfterOneSweep(t *testing.T) {
	s := openStage(t, 11, time.Millisecond) // the orders are there, and nothing is posted
	s.sweepOn()
	s.start()
	v := s.settled()
	require.Empty(t, v.wrong)
	require.Equal(t, 1, v.parked, "the unknown SKU")
	s.nobodyDoubled()
	raw, err := os.ReadFile(s.log)
	require.NoError(t, err)
	require.NotContains(t, string(raw), `"msg":"event accepted"`)

	// All that follows in an order's life comes the same way.
	changed := s.script.orders[0]
	require.NoError(t, s.store.UpdateOrder(changed, func(o *shopifytest.Order) { o.Lines[0].Quantity++; o.Lines[0].Current++ }))
	require.Eventually(t, func() bool {
		v = s.judge(context.Background(), s.script)
		return v.settled()
	}, time.Minute, 50*time.Millisecond, "%v", lazy(func() string { return s.judge(context.Background(), s.script).report() }))
}

// A sweep over many pages is killed again and again: it goes on at its page, and in the
// end every order is there once.
func TestASweepThatIsKilledGoesOnWhereItStood(t *testing.T) {
	s := openStage(t, 12, 5*time.Millisecond)
	s.script.orders = append(s.script.orders, s.store.Generate(77, 600)...)
	s.sweepOn()
	cursors := tasks.NewCursors(s.redis.Client())
	now := func() tasks.Cursor {
		cur, err := cursors.Get(context.Background(), demoShop)
		require.NoError(t, err)
		return cur
	}
	kills := 0
	for begun := now(); ; begun = now() {
		s.start()
		require.Eventually(t, func() bool { cur := now(); return cur.Seen > begun.Seen || cur.Seen > 0 && !cur.Open },
			time.Minute, time.Millisecond, "it does not go on")
		cur := now()
		require.False(t, cur.At.Before(begun.At), "the cursor went back")
		if !cur.Open {
			break
		}
		_ = s.end(syscall.SIGKILL)
		kills++
	}
	require.NotZero(t, kills)
	require.Eventually(t, func() bool { return s.judge(context.Background(), s.script).settled() }, time.Minute, 200*time.Millisecond,
		"%v", lazy(func() string { return s.judge(context.Background(), s.script).report() }))
	s.nobodyDoubled()
}
