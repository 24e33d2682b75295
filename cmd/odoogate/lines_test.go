package main

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

// writes keeps what each write brought.
type writes struct {
	mu  sync.Mutex
	all []string
}

func (w *writes) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, string(b))
	return len(b), nil
}

// take is what was written since it was asked last.
func (w *writes) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.all
	w.all = nil
	return all
}

func TestLinesAreWrittenTogetherAMomentLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out writes
		l := &lines{out: &out}
		for range 2 { // its timer goes on
			for _, line := range []string{"a\n", "b\n", "c\n"} {
				n, err := l.Write([]byte(line))
				require.NoError(t, err)
				require.Equal(t, len(line), n)
			}
			<-time.After(linesLate - 1)
			synctest.Wait()
			require.Empty(t, out.take())
			<-time.After(1)
			synctest.Wait()
			require.Equal(t, []string{"a\nb\nc\n"}, out.take())
		}
		line := []byte(strings.Repeat("x", linesMost/2))
		_, _ = l.Write(line)
		_, _ = l.Write(line)
		require.Len(t, out.take(), 1, "so many do not wait")
		<-time.After(2 * linesLate)
		synctest.Wait()
		require.Empty(t, out.take(), "nothing is written twice")
	})
}

func TestWhatIsWrongIsWrittenAtOnceWithAllBeforeIt(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		synctest.Test(t, func(t *testing.T) {
			var out writes
			l := &lines{out: &out}
			log := newLog(config.Log{Level: "info", Format: format}, process{err: l}).With("shop", "fi").WithGroup("g")
			log.Info("first")
			require.Empty(t, out.take())
			log.Warn("second", "n", 1)
			all := out.take()
			require.Len(t, all, 1)
			require.Equal(t, 2, strings.Count(all[0], "\n"))
			require.Less(t, strings.Index(all[0], "first"), strings.Index(all[0], "second"))
			log.Info("third")
			l.close()
			require.Contains(t, strings.Join(out.take(), ""), "third")
			log.Info("after it")
			require.Len(t, out.take(), 1, "what is logged late is not lost")
			l.close()
			require.Empty(t, out.take())
		})
	}
}
