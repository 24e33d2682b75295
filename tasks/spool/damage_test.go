package spool

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const childEnv = "ODOOGATE_SPOOL_CHILD"

// putUntilKilled puts from many goroutines and says what was stored.
func putUntilKilled(path string) {
	s, err := Open(path, small())
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var out sync.Mutex
	for w := range 8 {
		go func() {
			for n := w; ; n += 8 {
				r := record(n)
				r.ID = fmt.Sprintf("%d-%d", os.Getpid(), n)
				if s.Put(context.Background(), r) == nil {
					out.Lock()
					fmt.Println(r.ID)
					out.Unlock()
				}
			}
		}()
	}
	select {}
}

func TestWhatAPutReturnedForIsThereAfterAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	var stored []string
	for range 12 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		require.True(t, lines.Scan(), "the child stored nothing")
		stored = append(stored, lines.Text())
		time.AfterFunc(time.Duration(rand.IntN(60))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			stored = append(stored, lines.Text())
		}
		_ = cmd.Wait() // it was killed
	}
	opt := small()
	opt.MaxBytes = 1 << 30
	s := opened(t, path, opt)
	there := map[string]bool{}
	for _, id := range all(t, s) {
		there[id] = true
	}
	for _, id := range stored {
		require.True(t, there[id], "%s was answered and is gone", id)
	}
	require.GreaterOrEqual(t, s.Stats().Records, len(stored))
	t.Logf("12 kills, %d answered, %d stored", len(stored), len(there))
}

// filled is the bytes of a spool with n records after some were drained.
func filled(t testing.TB, n int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spool.db")
	s, err := Open(path, small())
	require.NoError(t, err)
	for i := range n + 5 {
		require.NoError(t, s.Put(context.Background(), record(i)))
	}
	list, err := s.Oldest(context.Background(), 5)
	require.NoError(t, err)
	require.NoError(t, s.Delete(context.Background(), list))
	require.NoError(t, s.Close())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return raw
}

// The file is far larger than its pages; what is cut or torn are those in use.
func TestADamagedFileLosesOnlyWhatStoodInTheDamage(t *testing.T) {
	const n = 40
	whole := filled(t, n)
	page := os.Getpagesize()
	used := 0
	for at := 0; at < len(whole); at += page {
		if whole[at+8]|whole[at+9]|whole[at+10] != 0 || at < 2*page {
			used = at/page + 1
		}
	}
	require.Greater(t, used, n)
	rng := rand.New(rand.NewPCG(1, 2))
	for p := range used {
		for _, how := range []string{"torn", "zeroed", "cut"} {
			bad := append([]byte{}, whole...)
			switch how {
			case "torn":
				for i := range page / 2 {
					bad[p*page+i] = byte(rng.Uint32())
				}
			case "zeroed":
				clear(bad[p*page : (p+1)*page])
			case "cut":
				bad = bad[:p*page]
			}
			path := filepath.Join(t.TempDir(), "spool.db")
			require.NoError(t, os.WriteFile(path, bad, 0o600))
			s, err := Open(path, small())
			require.NoError(t, err, "page %d %s", p, how)
			require.NoError(t, s.Put(context.Background(), record(1000)))
			ids := map[string]bool{}
			for _, id := range drained(t, s) {
				ids[id] = true
			}
			require.True(t, ids["1000"], "page %d %s", p, how)
			lost := 0
			for i := range n {
				if !ids[fmt.Sprint(i+5)] {
					lost++
				}
			}
			most := 3 // records stand two to a leaf, three in the last
			if how == "cut" {
				most = n - max(0, min(n, p-2-n/2)) // half as many pages may hold no record
			}
			require.LessOrEqual(t, lost, most, "page %d %s", p, how)
			require.NoError(t, s.Close())
		}
	}
}

func TestAFileDamagedWhileItIsOpenIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	s := opened(t, path, small())
	for n := range 20 {
		require.NoError(t, s.Put(context.Background(), record(n)))
	}
	require.NoError(t, os.Truncate(path, int64(4*os.Getpagesize())))
	_, err := s.Oldest(context.Background(), 10)
	require.NoError(t, err)
	require.NoError(t, s.Put(context.Background(), record(20)))
	require.Contains(t, drained(t, s), "20")
	aside, err := filepath.Glob(path + ".*.corrupt")
	require.NoError(t, err)
	require.Len(t, aside, 1)
}

func TestAFileOfSomethingElseIsMovedAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	require.NoError(t, os.WriteFile(path, []byte("this is no spool"), 0o600))
	s := opened(t, path, small())
	require.NoError(t, s.Put(context.Background(), record(1)))
	aside, err := filepath.Glob(path + ".*.corrupt")
	require.NoError(t, err)
	require.Len(t, aside, 1)
}

func TestAPlaceThatCannotBeWrittenIsNamed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(filepath.Join(file, "spool.db"), small())
	require.ErrorContains(t, err, file)
	at, free, err := Place(filepath.Join(dir, "not", "there", "spool.db"))
	require.NoError(t, err)
	require.Equal(t, dir, at)
	require.Positive(t, free)
	_, _, err = Place(filepath.Join(file, "spool.db"))
	require.Error(t, err)
}
