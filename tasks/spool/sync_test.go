package spool

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// half leaves a change in the file whose caller is refused, as a sync does that fails
// after bbolt wrote what it should sync.
func half(t *testing.T, s *Spool, change func(*bbolt.Bucket) error) {
	t.Helper()
	failed := errors.New("input/output error")
	require.ErrorIs(t, s.call(context.Background(), func() error {
		require.NoError(t, s.update(change))
		return s.update(func(*bbolt.Bucket) error { return failed })
	}), failed)
}

func TestWhatASyncRefusedAndTheFileHoldsCostsNoOther(t *testing.T) {
	ctx := context.Background()
	s := opened(t, filepath.Join(t.TempDir(), "spool.db"), small())
	half(t, s, func(b *bbolt.Bucket) error {
		for n := range 3 {
			raw, err := record(n).encode()
			require.NoError(t, err)
			seq, err := b.NextSequence()
			require.NoError(t, err)
			require.NoError(t, b.Put(keyOf(seq), raw))
		}
		return nil
	})
	for n := 3; n < 8; n++ {
		require.NoError(t, s.Put(ctx, record(n)))
	}
	first, err := s.Oldest(ctx, 5)
	require.NoError(t, err)
	require.NoError(t, s.Delete(ctx, first))
	rest, err := s.Oldest(ctx, 5)
	require.NoError(t, err)
	require.Len(t, rest, 3, "answered, and not drained")
	require.Equal(t, "7", rest[2].ID)
}
