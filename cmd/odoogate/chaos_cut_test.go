package main

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// line is what happens to the bytes between one process and its Redis.
type line int

const (
	lineOpen  line = iota
	lineCut        // connections are dropped, and new ones too
	lineStall      // nothing goes through, and nobody is told; it comes through later
	lineDeaf       // Redis gets and does what it is sent, its answers are lost
)

// cutter is the way from one process to Redis, which a test can disturb.
type cutter struct {
	to string
	ln net.Listener
	wg sync.WaitGroup

	mu    sync.Mutex
	moved *sync.Cond // the line is another
	line  line
	conns map[net.Conn]bool
}

func openCutter(t *testing.T, to string) *cutter {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cutter{to: to, ln: ln, conns: map[net.Conn]bool{}}
	c.moved = sync.NewCond(&c.mu)
	c.wg.Go(c.serve)
	t.Cleanup(func() {
		_ = ln.Close()
		c.set(lineCut)
		c.wg.Wait()
	})
	return c
}

// set changes the line. Only what is stalled outlives the change: what is cut off
// loses its connections, and so does what was deaf, whose answers are gone.
func (c *cutter) set(l line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l == lineCut || c.line == lineDeaf {
		for conn := range c.conns {
			_ = conn.Close()
		}
	}
	c.line = l
	c.moved.Broadcast()
}

func (c *cutter) serve() {
	for {
		conn, err := c.ln.Accept()
		if err != nil {
			return
		}
		c.wg.Go(func() { c.carry(conn) })
	}
}

// keep takes a connection into the set of those that a cut drops.
func (c *cutter) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line == lineCut {
		_ = conn.Close()
		return false
	}
	c.conns[conn] = true
	return true
}

func (c *cutter) drop(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, conn)
	_ = conn.Close()
}

func (c *cutter) carry(in net.Conn) {
	if !c.keep(in) {
		return
	}
	defer c.drop(in)
	out, err := net.Dial("tcp", c.to)
	if err != nil || !c.keep(out) {
		return
	}
	defer c.drop(out)
	var both sync.WaitGroup
	both.Go(func() { c.copy(out, in, false) })
	both.Go(func() { c.copy(in, out, true) })
	both.Wait()
}

func (c *cutter) copy(to, from net.Conn, answers bool) {
	defer to.Close() // ends the other direction too
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && c.passes(answers) {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// passes waits while the line is stalled and says whether the bytes go on.
func (c *cutter) passes(answers bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.line == lineStall {
		c.moved.Wait()
	}
	return c.line == lineOpen || c.line == lineDeaf && !answers
}

func TestACutterDisturbsTheLineAsTold(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	heard := make(chan byte, 10)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				var b [1]byte
				for {
					if _, err := conn.Read(b[:]); err != nil {
						return
					}
					heard <- b[0]
					_, _ = conn.Write(b[:])
				}
			})
		}
	})
	t.Cleanup(func() { _ = echo.Close(); wg.Wait() })
	c := openCutter(t, echo.Addr().String())
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", c.ln.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	say := func(conn net.Conn, b byte) { _, _ = conn.Write([]byte{b}) }
	hears := func(conn net.Conn) (byte, error) {
		var b [1]byte
		_, err := io.ReadFull(conn, b[:])
		return b[0], err
	}

	conn := dial()
	say(conn, 'a')
	got, err := hears(conn)
	require.NoError(t, err)
	require.EqualValues(t, 'a', got)
	require.EqualValues(t, 'a', <-heard)

	c.set(lineStall)
	say(conn, 'b')
	require.Empty(t, heard)
	c.set(lineOpen)
	require.EqualValues(t, 'b', <-heard, "what was held back comes through")
	_, err = hears(conn)
	require.NoError(t, err)

	c.set(lineDeaf)
	say(conn, 'c')
	require.EqualValues(t, 'c', <-heard, "it is done")
	c.set(lineOpen)
	_, err = hears(conn)
	require.Error(t, err, "and its answer never comes")

	c.set(lineCut)
	_, err = hears(dial())
	require.Error(t, err)
}
