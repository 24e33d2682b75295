package odooclient

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheOtherClockIsReadOffAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte(`{"jsonrpc":"2.0","id":1,"result":{"server_version":"17.0","server_serie":"17.0"}}`))
	}))
	defer server.Close()
	c := New(testConfig(server.URL, 1), Options{})
	defer c.Close()
	_, ok := c.Skew()
	require.False(t, ok, "nothing has been answered yet")
	_, err := c.Version(t.Context())
	require.NoError(t, err)
	ahead, ok := c.Skew()
	require.True(t, ok)
	require.InDelta(t, time.Hour.Seconds(), ahead.Seconds(), 5)
}
