package gateway

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAConnectionOverWhichNothingCameIsClosedWithoutAnAnswer(t *testing.T) {
	h := open(t, func(o *Options) { o.Config.ReadTimeout = 100 * time.Millisecond })
	for send, answer := range map[string]string{"": "", "POST /hooks/fi HT": "HTTP/1.1 408 Request Timeout"} {
		conn := h.dial()
		require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
		_, err := io.WriteString(conn, send)
		require.NoError(t, err)
		said, err := io.ReadAll(conn)
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(said), "\r\n")
		require.Equal(t, answer, first)
	}
}
