package gateway

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// WooCommerce asks before it sends a body of 1 MiB or more (curl does).
func TestASenderThatAsksBeforeALargeBodyIsToldToGoOn(t *testing.T) {
	h := open(t, nil)
	for i, asks := range []string{"100-Continue", "100-continue"} {
		h.asks(asks)
		require.EqualValues(t, i+1, h.stored())
	}
}

// asks posts a large body once it is told to go on.
func (h *house) asks(expect string) {
	t := h.t
	t.Helper()
	conn := h.dial()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	body := `{"id":"5001"` + strings.Repeat(" ", 2<<20) + "}"
	_, err := fmt.Fprintf(conn, "POST /hooks/fi HTTP/1.1\r\nHost: x\r\nX-Sign: good\r\nX-Event: %[1]s\r\nExpect: %[1]s\r\nConnection: close\r\nContent-Length: %[2]d\r\n\r\n", expect, len(body))
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
	_, err = answers.ReadString('\n')
	require.NoError(t, err)
	_, err = conn.Write([]byte(body))
	require.NoError(t, err)
	resp, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
}
