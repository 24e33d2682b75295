package spool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		putUntilKilled(path)
	}
	goleak.VerifyTestMain(m)
}

// sealed puts version and checksum before what follows them.
func sealed(rest []byte) []byte {
	raw := binary.BigEndian.AppendUint32([]byte{version}, crc32.Checksum(rest, castagnoli))
	return append(raw, rest...)
}

func small() Options {
	return Options{MaxBytes: 64 << 20, Log: slog.New(slog.DiscardHandler)}
}

func opened(t testing.TB, path string, opt Options) *Spool {
	t.Helper()
	s, err := Open(path, opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func record(n int) Record {
	return Record{Kind: "order:import", ID: fmt.Sprint(n), Received: time.Unix(int64(n), 0).UTC(),
		Payload: fmt.Appendf(nil, "%d %s", n, strings.Repeat("x", 3000))}
}

// all are the ids in order; nothing is deleted.
func all(t testing.TB, s *Spool) (ids []string) {
	t.Helper()
	require.NoError(t, s.call(context.Background(), func() error {
		return s.view(func(b *bbolt.Bucket) error {
			return b.ForEach(func(_, v []byte) error {
				if r, err := decode(v); err == nil {
					ids = append(ids, r.ID)
				}
				return nil
			})
		})
	}))
	return ids
}

func drained(t *testing.T, s *Spool) (ids []string) {
	t.Helper()
	ctx := context.Background()
	for {
		list, err := s.Oldest(ctx, 7)
		require.NoError(t, err)
		if len(list) == 0 {
			return ids
		}
		for _, r := range list {
			ids = append(ids, r.ID)
			var n int
			_, err := fmt.Sscan(r.ID, &n)
			require.NoError(t, err)
			require.Equal(t, record(n).Payload, r.Payload)
		}
		require.NoError(t, s.Delete(ctx, list))
	}
}

func numbers(from, to int) (ids []string) {
	for n := from; n < to; n++ {
		ids = append(ids, fmt.Sprint(n))
	}
	return ids
}

func TestWhatWasPutComesOutOnceInOrderAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "spool.db")
	s, err := Open(path, small())
	require.NoError(t, err)
	for n := range 50 {
		require.NoError(t, s.Put(context.Background(), record(n)))
	}
	before := s.Stats()
	require.Equal(t, 50, before.Records)
	require.Equal(t, record(0).Received, before.Oldest)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Put(context.Background(), record(99)), ErrClosed)

	s = opened(t, path, small())
	require.Equal(t, before, s.Stats())
	<-s.More()
	list, err := s.Oldest(context.Background(), 20)
	require.NoError(t, err)
	require.NoError(t, s.Delete(context.Background(), list))
	require.Equal(t, record(20).Received, s.Stats().Oldest)
	require.Equal(t, numbers(20, 50), drained(t, s))
	require.Equal(t, Stats{Limit: small().MaxBytes}, s.Stats())
}

func TestPutsOfManyShareASyncAndNoneIsLost(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "spool.db"), small())
	var wg sync.WaitGroup
	var n atomic.Int64
	before := commits(t, s)
	for range 64 {
		wg.Go(func() {
			for range 20 {
				if err := s.Put(context.Background(), record(int(n.Add(1)))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, all(t, s), 64*20)
	require.Less(t, commits(t, s)-before, 64*20/4)
}

// commits counts them by the number of the last.
func commits(t testing.TB, s *Spool) (n int) {
	require.NoError(t, s.call(context.Background(), func() error {
		return s.file.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil })
	}))
	return n
}

func TestItIsDrainedWhileMoreComes(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "spool.db"), small())
	go func() {
		for n := range 400 {
			if err := s.Put(context.Background(), record(n)); err != nil {
				t.Error(err)
			}
		}
	}()
	var ids []string
	for len(ids) < 400 {
		<-s.More()
		ids = append(ids, drained(t, s)...) // the file is made anew each time it is empty
	}
	require.Equal(t, numbers(0, 400), ids)
}

func TestAFullSpoolRefusesAndTakesAgainWhenDrained(t *testing.T) {
	opt := small()
	opt.MaxBytes = 10_000
	s := opened(t, filepath.Join(t.TempDir(), "spool.db"), opt)
	for n := range 3 {
		require.NoError(t, s.Put(context.Background(), record(n)))
	}
	err := s.Put(context.Background(), record(3))
	require.ErrorIs(t, err, ErrFull)
	require.ErrorContains(t, err, "spool.max_size")
	require.EqualValues(t, 1, s.Stats().Refused)
	require.NoError(t, s.Put(context.Background(), Record{ID: "what still fits"}))
	list, err := s.Oldest(context.Background(), 100)
	require.NoError(t, err)
	require.NoError(t, s.Delete(context.Background(), list))
	require.NoError(t, s.Put(context.Background(), record(3)))
	require.NoError(t, s.CanTake())
}

func TestADiskWithoutRoomIsLeftAlone(t *testing.T) {
	opt := small()
	opt.MinFree = 1 << 60
	s := opened(t, filepath.Join(t.TempDir(), "spool.db"), opt)
	require.ErrorIs(t, s.CanTake(), ErrFull)
	err := s.Put(context.Background(), record(1))
	require.ErrorIs(t, err, ErrFull)
	require.ErrorContains(t, err, "spool.min_free")
}

func TestAPutEndsWithItsContext(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "spool.db"), small())
	held, release := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.call(context.Background(), func() error { close(held); <-release; return nil }) // as a disk that hangs
	}()
	<-held
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Put(ctx, record(1)), context.DeadlineExceeded)
	close(release)
	require.Empty(t, all(t, s))
}

func TestASpoolBelongsToOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	opened(t, path, small())
	_, err := Open(path, small())
	require.ErrorIs(t, err, ErrTaken)
	require.ErrorContains(t, err, "spool.path")
}

func TestAnUnreadableRecordIsSetAsideAndBlocksNothing(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, filepath.Join(dir, "spool.db"), small())
	for n := range 5 {
		require.NoError(t, s.Put(context.Background(), record(n)))
	}
	require.NoError(t, s.call(context.Background(), func() error {
		return s.update(func(b *bbolt.Bucket) error {
			torn := append([]byte{}, b.Get(keyOf(1))...)
			torn[100]++
			return errors.Join(b.Put(keyOf(1), torn), b.Put(keyOf(3), []byte("\x09from the future")))
		})
	}))
	require.Equal(t, []string{"1", "3", "4"}, drained(t, s))
	require.EqualValues(t, 2, s.Stats().SetAside)
	raw, err := os.ReadFile(filepath.Join(dir, "spool.db.3.aside"))
	require.NoError(t, err)
	require.Equal(t, "\x09from the future", string(raw))

	require.NoError(t, s.Put(context.Background(), record(9)))
	list, err := s.Oldest(context.Background(), 1)
	require.NoError(t, err)
	require.NoError(t, s.SetAside(context.Background(), list[0], errors.New("its kind is unknown")))
	require.Empty(t, drained(t, s))
}

func TestAnEmptiedSpoolKeepsNothingOfWhatItHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := opened(t, path, small())
	for range 2 {
		require.NoError(t, s.Put(context.Background(), Record{ID: "1", Payload: []byte("kaisa.laine@example.com")}))
		list, err := s.Oldest(context.Background(), 10)
		require.NoError(t, err)
		require.NoError(t, s.Delete(context.Background(), list))
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(raw), "kaisa")
		// What was read before the file was made anew names nothing in the new one.
		require.NoError(t, s.Put(context.Background(), record(2)))
		require.NoError(t, s.Delete(context.Background(), list))
		require.Equal(t, []string{"2"}, drained(t, s))
	}
}
