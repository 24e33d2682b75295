package tasks

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// findingShop knows of what order a return is; err, if set, is what it answers first.
type findingShop struct {
	*fakeShop
	of    map[string]string
	err   error
	asked int
}

func (s *findingShop) OrderOf(_ context.Context, ref commerce.Ref) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if err := s.err; err != nil {
		s.err = nil
		return "", err
	}
	if id := s.of[ref.ID]; id != "" {
		return id, nil
	}
	return "", &commerce.Error{Op: "order_of", Reason: commerce.NotFound, Ref: ref}
}

func (s *findingShop) askedCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// finds makes the rig's shop one that knows of which order the return 9 is.
func (r *rig) finds() *findingShop {
	shop := &findingShop{fakeShop: r.shop, of: map[string]string{"9": "5001"}}
	r.opt.Shops["fi"].Orders = shop
	r.shop.put(order("5001", 3))
	return shop
}

// sentBack is a delivery about a return that does not name its order.
func sentBack(event, id string) commerce.Event {
	ret := commerce.Ref{Shop: "fi", Kind: "return", ID: id}
	return commerce.Event{ID: event, Topic: "returns/update", Hint: commerce.HintReturn, Ref: ret, Aggregate: ret, Received: time.Now()}
}

// looked waits for the look at the order that an event led to, and came for the task
// that found the order.
func (r *rig) looked(event string, outcome Outcome) { r.ran(ImportOrder, event, outcome) }

func (r *rig) came(event string, outcome Outcome) map[string]string {
	return r.ran(FindOrder, event, outcome)
}

func (r *rig) ran(k Kind[commerce.Event], event string, outcome Outcome) map[string]string {
	r.t.Helper()
	return r.lines.wait(r.t, k.Name+" of "+event, func(m map[string]string) bool {
		return m["event"] == event && m["task"] == k.Name && m["outcome"] == string(outcome)
	})
}

func TestAReturnThatNamesNoOrderMakesItsOrderBeRead(t *testing.T) {
	r := newRig(t)
	r.finds()
	r.start()
	r.accept(sentBack("a", "9"))
	r.looked("a", Done)
	require.Equal(t, "fi/order/5001", r.came("a", Done)["detail"])
	require.Equal(t, 3, r.books.total("5001"))
	require.Equal(t, 1, r.shop.readCount())
}

func TestALookThatWasAskedForBeforeIsNotAskedForTwice(t *testing.T) {
	r := newRig(t)
	r.finds()
	r.start()
	e := sentBack("a", "9")
	r.accept(e)
	r.looked("a", Done)
	// A worker that died after asking, and the same delivery after days.
	r.taskState(e.TaskID(), "completed")
	r.taskState("fi/returns/update/order/5001/a", "completed")
	for _, id := range []string{e.TaskID(), "fi/returns/update/order/5001/a"} {
		require.NoError(t, r.rdb.Del(context.Background(), "asynq:{live}:t:"+id).Err())
	}
	require.False(t, r.accept(e))
	r.looked("a", Duplicate)
	require.Equal(t, 1, r.shop.readCount())
}

func TestAReturnOfNoOrderIsSkippedInPlainSight(t *testing.T) {
	denied := &commerce.Error{Op: "order_of", Reason: commerce.Denied, Remedy: "grant read_returns"}
	for name, tc := range map[string]struct {
		id   string
		err  error
		want string
	}{
		"the shop knows none":     {"8", nil, string(commerce.NotFound)},
		"the app may not see it":  {"9", denied, string(commerce.Denied)},
		"the shop names all else": {"9", nil, namesNoOrder},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			shop := r.finds()
			shop.err = tc.err
			if tc.want == namesNoOrder {
				r.opt.Shops["fi"].Orders = r.shop
			}
			r.start()
			e := sentBack("a", tc.id)
			r.accept(e)
			require.Equal(t, tc.want, r.ended("a", Skipped)["reason"])
			require.Equal(t, Skipped, r.event(e).State)
			require.Zero(t, r.shop.readCount())
		})
	}
}

func TestAShopThatIsAwayOrBusyIsAskedAgainForTheOrder(t *testing.T) {
	for _, err := range []*commerce.Error{{Reason: commerce.Unavailable}, {Reason: commerce.RateLimited, RetryAfter: time.Second}} {
		t.Run(string(err.Reason), func(t *testing.T) {
			r := newRig(t)
			shop := r.finds()
			shop.err = err
			r.start()
			r.accept(sentBack("a", "9"))
			r.looked("a", Done)
			require.Equal(t, 2, shop.askedCount())
		})
	}
}

func TestThePausedShopIsNotAskedForTheOrder(t *testing.T) {
	r := newRig(t)
	shop := r.finds()
	require.NoError(t, r.pauses().Pause(context.Background(), "fi", "a person"))
	r.start()
	e := sentBack("a", "9")
	r.accept(e)
	r.taskState(e.TaskID(), "retry")
	require.Zero(t, shop.askedCount())
	_, _, err := r.pauses().Resume(context.Background(), "fi")
	require.NoError(t, err)
	require.Equal(t, "found", r.came("a", Done)["reason"])
}
