package tasks

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestWhatPeopleSaidOutlivesALossOfRedis(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.opt.Config.State = filepath.Join(t.TempDir(), "of worker", "state.json")
	r.opt.Shops["fi"].Config.GoLive = config.Moment{Time: time.Now().Add(-240 * time.Hour)}
	mug, sock := erp.Tie{Kind: "product", ID: "MUG"}, erp.Tie{Kind: "product", ID: "SOCK"}
	ties, cursors := NewTies(r.rdb), NewCursors(r.rdb)
	swept := time.Now().Add(-3 * time.Hour).Truncate(time.Millisecond).UTC()
	require.NoError(t, ties.Tie(ctx, "fi", map[erp.Tie]int64{mug: 7, sock: 8}))
	require.NoError(t, NewJournal(r.rdb).Adopt(ctx, ref("5001"), Adoption{OdooID: 70, OdooName: "S00070 by hand", Digest: "d"}))
	_, err := cursors.Set(ctx, "fi", swept, "me", "")
	require.NoError(t, err)

	first := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, first.refill(ctx))
	stat, err := os.Stat(r.opt.Config.State)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), stat.Mode().Perm())

	check := func(c *carer, sockTo int64) {
		require.NoError(t, c.refill(ctx))
		all, err := ties.All(ctx, "fi")
		require.NoError(t, err)
		require.Equal(t, map[erp.Tie]int64{mug: 7, sock: sockTo}, all)
		require.Equal(t, Adoption{OdooID: 70, OdooName: "S00070 by hand", Digest: "d"}, r.record("5001").Adopted)
		cur, err := cursors.Get(ctx, "fi")
		require.NoError(t, err)
		require.Equal(t, swept.Add(-r.opt.Config.Lookback), cur.At, "not from the go-live date on")
	}
	r.redis.Flush()
	require.NoError(t, ties.Tie(ctx, "fi", map[erp.Tie]int64{sock: 9}), "somebody is quicker")
	check(first, 9)
	r.redis.Flush()
	r.opt.Metrics = nil
	check(&carer{Worker: NewWorker(r.opt)}, 8)

	written, err := os.ReadFile(r.opt.Config.State)
	require.NoError(t, err)
	r.redis.Flush()
	first.file.at = time.Time{}
	require.NoError(t, first.keep(ctx), "a Redis that is empty is no state")
	kept, err := os.ReadFile(r.opt.Config.State)
	require.NoError(t, err)
	require.Equal(t, string(written), string(kept))
}

func TestAnOrderThatWaitsForLongIsAskedForAfterALossOfRedis(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.opt.Config.State = filepath.Join(t.TempDir(), "state.json")
	r.opt.Shops["fi"].Config.GoLive = config.Moment{Time: at(0).Add(-time.Hour)} // weeks ago: far more than lookback
	r.lacks(func(string) error { return missing("MUG") })
	r.shop.put(order("5001", 1))
	stop := r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Parked)
	_, err := NewCursors(r.rdb).Set(ctx, "fi", time.Now(), "test", "") // it was looked at
	require.NoError(t, err)
	stop()
	r.opt.Metrics = nil
	c := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, c.refill(ctx))

	r.redis.Flush()
	r.books.set(func(b *fakeBooks) { b.during = nil })
	r.start()
	require.Eventually(t, func() bool { return r.books.total("5001") == 1 }, time.Minute, 10*time.Millisecond)
}

func TestWhatPeopleSaidOfAShopThatLeftTheConfigurationIsThereWhenItComesBack(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.opt.Config.State, r.opt.Metrics = filepath.Join(t.TempDir(), "state.json"), nil
	mug := map[erp.Tie]int64{{Kind: "product", ID: "MUG"}: 7}
	require.NoError(t, NewTies(r.rdb).Tie(ctx, "fi", mug))
	require.NoError(t, (&carer{Worker: NewWorker(r.opt)}).refill(ctx))

	gone := r.opt
	gone.Shops = map[string]*handlers.Shop{}
	c := &carer{Worker: NewWorker(gone)}
	require.NoError(t, c.refill(ctx))
	r.redis.Flush()
	require.NoError(t, c.refill(ctx))
	c.file.at = time.Time{}
	require.NoError(t, c.refill(ctx))

	back := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, back.refill(ctx))
	all, err := NewTies(r.rdb).All(ctx, "fi")
	require.NoError(t, err)
	require.Equal(t, mug, all)
}

func TestWhatPeopleSaidSinceARedisThatCameBackOlderIsPutBack(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.opt.Config.State, r.opt.Metrics = filepath.Join(t.TempDir(), "state.json"), nil
	mug, sock, ties := erp.Tie{Kind: "product", ID: "MUG"}, erp.Tie{Kind: "product", ID: "SOCK"}, NewTies(r.rdb)
	require.NoError(t, ties.Tie(ctx, "fi", map[erp.Tie]int64{mug: 7}))
	c := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, c.refill(ctx))
	sign := r.rdb.Get(ctx, tickKey).Val()
	require.Eventually(t, func() bool { return time.Now().UnixMilli() > c.last.at.UnixMilli() }, time.Minute, time.Millisecond)
	require.NoError(t, ties.Tie(ctx, "fi", map[erp.Tie]int64{mug: 8, sock: 9}))
	c.file.at = time.Time{}
	require.NoError(t, c.refill(ctx))
	now := r.rdb.Get(ctx, tickKey).Val()

	restarted := func(sign string, bound map[erp.Tie]int64) map[erp.Tie]int64 {
		r.redis.Restart() // without persistence; what came back is played in by hand
		require.NoError(t, r.rdb.Set(ctx, tickKey, sign, 0).Err())
		require.NoError(t, ties.Tie(ctx, "fi", bound))
		require.NoError(t, c.refill(ctx))
		all, err := ties.All(ctx, "fi")
		require.NoError(t, err)
		return all
	}
	require.Equal(t, map[erp.Tie]int64{mug: 8, sock: 9}, restarted(sign, map[erp.Tie]int64{mug: 7}))
	require.Equal(t, map[erp.Tie]int64{mug: 8}, restarted(now, map[erp.Tie]int64{mug: 8}), "it lost nothing: somebody took the other back")
}

// kept is a worker that has written its state file with one binding in it.
func kept(t *testing.T) (r *rig, mug erp.Tie) {
	t.Helper()
	r = newRig(t)
	r.opt.Metrics = nil
	r.opt.Config.State = filepath.Join(t.TempDir(), "state.json")
	mug = erp.Tie{Kind: "product", ID: "MUG"}
	require.NoError(t, NewTies(r.rdb).Tie(context.Background(), "fi", map[erp.Tie]int64{mug: 7}))
	require.NoError(t, (&carer{Worker: NewWorker(r.opt)}).refill(context.Background()))
	return r, mug
}

func (r *rig) tiedTo(mug erp.Tie) int64 {
	r.t.Helper()
	all, err := NewTies(r.rdb).All(context.Background(), "fi")
	require.NoError(r.t, err)
	return all[mug]
}

func TestABindingComesBackThoughAWorkerWithoutTheFileWasThereFirst(t *testing.T) {
	r, mug := kept(t)
	ctx := context.Background()
	r.redis.Flush()
	other := r.opt
	other.Config.State = filepath.Join(t.TempDir(), "of a new machine.json")
	require.NoError(t, (&carer{Worker: NewWorker(other)}).refill(ctx))
	require.Zero(t, r.tiedTo(mug))

	require.NoError(t, (&carer{Worker: NewWorker(r.opt)}).refill(ctx))
	require.EqualValues(t, 7, r.tiedTo(mug))
	state, err := readKept(r.opt.Config.State)
	require.NoError(t, err)
	require.NotEmpty(t, state.Shops["fi"].Ties)
}

func TestAStateFileThatCannotBeReadStopsNothingAndIsNotReplaced(t *testing.T) {
	r, mug := kept(t)
	ctx := context.Background()
	whole, err := os.ReadFile(r.opt.Config.State)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(r.opt.Config.State, whole[1:], 0o600))
	r.redis.Flush()
	c := &carer{Worker: NewWorker(r.opt)}
	require.Error(t, c.refill(ctx))
	r.lines.wait(t, "the loss to be told", func(m map[string]string) bool {
		return m["msg"] == "what people had bound or adopted is not put back"
	})
	require.EqualValues(t, 1, r.rdb.Exists(ctx, tickKey).Val(), "it stops nothing else")
	torn, err := os.ReadFile(r.opt.Config.State)
	require.NoError(t, err)
	require.Equal(t, whole[1:], torn)

	require.NoError(t, os.WriteFile(r.opt.Config.State, whole, 0o600)) // somebody mends it
	c.file.at = time.Time{}
	require.NoError(t, c.refill(ctx))
	require.EqualValues(t, 7, r.tiedTo(mug))
}
