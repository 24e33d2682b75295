package gateway

import (
	"errors"
	"io"
	"net"
	"os"
)

// quiet closes a connection over which nothing ever came without a word. Senders open
// some in advance; fasthttp would answer them 408 once the read timeout is over, and a
// sender that begins in that moment would take it for the answer to its delivery.
type quiet struct{ net.Listener }

func (q quiet) Accept() (net.Conn, error) {
	conn, err := q.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &quietConn{Conn: conn}, nil
}

type quietConn struct {
	net.Conn
	heard bool // read by one goroutine at a time
}

func (c *quietConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n == 0 && !c.heard && errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, io.EOF
	}
	c.heard = c.heard || n > 0
	return n, err
}
