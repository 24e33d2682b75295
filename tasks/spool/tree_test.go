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

// A branch that leads to itself, or back to itself, is damage like any other.
func TestAPageThatLeadsBackToItselfIsDamage(t *testing.T) {
	whole, page := filled(t, 40), os.Getpagesize()
	branches := 0
	for at := 2 * page; at+page <= len(whole); at += page {
		if binary.NativeEndian.Uint16(whole[at+8:]) != branchFlag {
			continue
		}
		for i := range int(binary.NativeEndian.Uint16(whole[at+10:])) {
			branches++
			bad := append([]byte{}, whole...)
			binary.NativeEndian.PutUint64(bad[at+pageHead+i*branchElement+8:], uint64(at/page))
			path := filepath.Join(t.TempDir(), "spool.db")
			require.NoError(t, os.WriteFile(path, bad, 0o600))
			late := time.AfterFunc(20*time.Second, func() { panic("the spool hangs") })
			s, err := Open(path, small())
			require.NoError(t, err)
			require.NoError(t, s.Put(context.Background(), record(1000)))
			require.Contains(t, drained(t, s), "1000")
			require.NoError(t, s.Close())
			late.Stop()
		}
	}
	require.NotZero(t, branches)
}
