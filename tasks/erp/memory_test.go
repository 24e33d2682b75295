package erp

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMemoryKeepsAMinuteAndIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	m := newMemory[int, string](func() time.Time { return now })
	m.put(1, "a")
	now = now.Add(remembered)
	v, ok := m.get(1)
	require.True(t, ok)
	require.Equal(t, "a", v)
	now = now.Add(time.Second)
	_, ok = m.get(1)
	require.False(t, ok, "it is too old")
	for n := range 3 * memoryBound {
		m.put(n, "x")
	}
	require.LessOrEqual(t, len(m.kept), memoryBound)
	m.put(5, "b")
	m.forget()
	_, ok = m.get(5)
	require.False(t, ok)
}
