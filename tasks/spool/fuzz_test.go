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
	for p := range 7 {
		for _, at := range []int{0, 8, 16, 32} {
			f.Add(uint32(p*page+at), []byte{0xff, 0xff, 0xff, 0xff}, uint32(0))
		}
		f.Add(uint32(p*page+pageHead+8), binary.NativeEndian.AppendUint64(nil, uint64(p)), uint32(0)) // its first child is itself
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
	f.Add(nested(4096))
	f.Fuzz(func(t *testing.T, page []byte) {
		late := time.AfterFunc(20*time.Second, func() { panic("the page takes for ever") })
		defer late.Stop()
		out := map[uint64][]byte{}
		leafRecords(page, out)
		for _, raw := range out {
			_, err := decode(raw)
			require.NoError(t, err)
		}
		require.LessOrEqual(t, len(out), 1<<16)
	})
}

// nested is a page whose every element is all of the rest, a bucket of the same kind.
func nested(size int) []byte {
	page := make([]byte, size)
	for at := 0; at+pageHead+2*leafElement+bucketHead < size; at += pageHead + 2*leafElement + bucketHead {
		head := page[at:]
		binary.NativeEndian.PutUint16(head[8:], leafFlag)
		binary.NativeEndian.PutUint16(head[10:], 2)
		for i := range 2 {
			e := head[pageHead+i*leafElement:]
			binary.NativeEndian.PutUint32(e, bucketFlag)
			position := (2 - i) * leafElement
			binary.NativeEndian.PutUint32(e[4:], uint32(position))
			binary.NativeEndian.PutUint32(e[8:], uint32(len(bucket)))
			copy(e[position:], bucket)
			binary.NativeEndian.PutUint32(e[12:], uint32(len(e)-position-len(bucket)))
		}
	}
	return page
}
