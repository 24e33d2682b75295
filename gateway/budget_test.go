package gateway

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

const largeHead = "POST /hooks/fi HTTP/1.1\r\nHost: x\r\nX-Sign: good\r\nContent-Length: 16000000\r\n\r\n"

func (h *house) dial() net.Conn {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// large posts a large body that names no record: it is read and found invalid,
// unless there is no room for it.
func (h *house) large() int {
	status, _ := h.post("/hooks/fi", bytes.NewReader(make([]byte, 12<<20)), "X-Sign", "good")
	return status
}

// threeLarge leaves room to read three large bodies at once.
func threeLarge(o *Options) { o.Config.InFlight = 202 << 20 }

func TestBytesInFlightAreBounded(t *testing.T) {
	h := open(t, threeLarge)
	for range 20 {
		_, err := io.WriteString(h.dial(), largeHead+strings.Repeat(" ", 10<<10))
		require.NoError(t, err)
	}
	require.Equal(t, 400, h.large(), "twenty who only announce keep nobody out")
	for range 3 {
		_, err := io.WriteString(h.dial(), largeHead+strings.Repeat(" ", 15_900_000))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return h.large() == 429 }, time.Minute, 10*time.Millisecond) // until the slow ones hold the room
	status, _ := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1")
	require.Equal(t, 200, status, "small events pass meanwhile")
}

func TestWhoSendsALittleOfMuchLosesItsRoomLongBeforeTheReadTimeout(t *testing.T) {
	h := open(t, func(o *Options) {
		threeLarge(o)
		o.Config.ReadTimeout = time.Minute
	})
	began := time.Now()
	for range 3 {
		_, err := io.WriteString(h.dial(), largeHead+strings.Repeat(" ", 100<<10))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return h.large() == 429 }, time.Minute, 10*time.Millisecond, "they have the room")
	require.Eventually(t, func() bool { return h.large() == 400 }, 40*time.Second-time.Since(began), 50*time.Millisecond)
}

func TestABodyThatSaysItIsAFormIsReadRaw(t *testing.T) {
	h := open(t, nil)
	status, answer := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1",
		"Content-Type", "multipart/form-data; boundary=b")
	require.Equal(t, 200, status, answer)
}

func TestWhoNeverRepeatsWaitsInLineAndNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const large = 1 << 20
		b := newBudget(24*large, large) // 10 of them are read at once
		var held []*holding
		for range 10 {
			h := b.hold(false)
			_, err := h.grow(large, false)
			require.NoError(t, err)
			held = append(held, h)
		}
		_, err := b.hold(false).grow(large, false)
		require.Equal(t, commerce.RateLimited, commerce.ReasonOf(err), "told at once")

		const senders = 12
		type turn struct {
			sender int
			err    error
		}
		turns := make(chan turn, senders)
		for i := range senders {
			go func() {
				_, err := b.hold(true).grow(large, false)
				turns <- turn{i, err}
			}()
			synctest.Wait()
		}
		start := time.Now()
		for i, h := range held {
			<-time.After(time.Second)
			_, err := b.hold(false).grow(large, false)
			require.Error(t, err, "nobody goes before those who wait")
			h.release()
			require.Equal(t, turn{i, nil}, <-turns)
		}
		for range senders - len(held) {
			require.Equal(t, commerce.Unavailable, commerce.ReasonOf((<-turns).err))
		}
		require.Equal(t, patience, time.Since(start))
	})
}

func TestEveryPartOfTheBudgetComesBack(t *testing.T) {
	const large = 1 << 20
	b := newBudget(24*large, large)
	for range 20 {
		for _, size := range []int{0, 1, firstRead, b.smallest, b.smallest + 1, large} {
			h := b.hold(false)
			before, err := h.grow(min(size, firstRead), size <= firstRead)
			require.NoError(t, err)
			h.giveBack(before)
			before, err = h.grow(size, true)
			require.NoError(t, err)
			h.giveBack(before)
			require.NoError(t, h.turn(size, 0))
			h.release()
		}
	}
	for _, r := range []*room{b.small, b.large, b.store} {
		b.collect(r)
		require.Zero(t, r.dead.Load())
	}
	require.True(t, b.large.free.TryAcquire(24*large-2*24*large/8-copies*large))
	require.True(t, b.small.free.TryAcquire(24*large/8))
	require.True(t, b.store.free.TryAcquire(copies*large))
}
