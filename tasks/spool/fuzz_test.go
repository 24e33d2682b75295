package spool

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzDamage writes anything anywhere into a file with records: the spool opens all
// the same, takes records, and gives back none but those that were put.
func FuzzDamage(f *testing.F) {
	const n = 12
	whole := filled(f, n)
	page := os.Getpagesize()
	for p := range 8 {
		for _, at := range []int{0, 8, 10, 12, 16, 24, 32, 64, page / 2} {
			f.Add(uint32(p*page+at), []byte{0xff, 0xff, 0xff, 0xff}, uint32(0))
			f.Add(uint32(p*page+at), binary.NativeEndian.AppendUint64(nil, uint64(p)), uint32(0))
		}
	}
	f.Add(uint32(0), []byte{}, uint32(3*page))
	added := record(1000)
	want := map[string]bool{added.ID: true}
	for i := range n + 5 { // five of them were drained, and may come again
		want[record(i).ID] = true
	}
	f.Fuzz(func(t *testing.T, at uint32, with []byte, cut uint32) {
		bad := append([]byte{}, whole...)
		copy(bad[int(at)%len(bad):], with)
		if cut > 0 {
			bad = bad[:int(cut)%len(bad)]
		}
		late := time.AfterFunc(20*time.Second, func() { panic("the spool hangs") })
		defer late.Stop()
		path := filepath.Join(t.TempDir(), "spool.db")
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		s, err := Open(path, small())
		require.NoError(t, err)
		require.NoError(t, s.Put(context.Background(), added))
		there := map[string]bool{}
		for _, id := range drained(t, s) {
			require.True(t, want[id], "%q was never put", id)
			there[id] = true
		}
		require.True(t, there[added.ID])
		require.Zero(t, s.Stats().Records)
		require.NoError(t, s.Close())
	})
}

// FuzzLeaf: of a page nothing is read but whole records, whatever its lists say.
func FuzzLeaf(f *testing.F) {
	whole, page := filled(f, 12), os.Getpagesize()
	for at := 0; at+page <= len(whole) && at < 16*page; at += page {
		f.Add(whole[at : at+page])
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, page []byte) {
		out := map[uint64][]byte{}
		leafRecords(page, out)
		for _, raw := range out {
			_, err := decode(raw)
			require.NoError(t, err)
		}
		require.LessOrEqual(t, len(out), 1<<16)
	})
}
