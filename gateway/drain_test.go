package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhileItDrainsAGatewayTakesEverythingAndSaysThatItStops(t *testing.T) {
	h := open(t, func(o *Options) { o.Config.Drain = 2 * time.Second })
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	post := func(event string) *http.Response {
		req, err := http.NewRequest(http.MethodPost, h.url+"/hooks/fi", strings.NewReader(`{"id":"5001"}`))
		require.NoError(t, err)
		req.Header.Set("X-Sign", "good")
		req.Header.Set("X-Event", event)
		resp, err := client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		return resp
	}
	require.False(t, post("before").Close)
	h.drain()
	require.Eventually(t, func() bool {
		status, answer := h.get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(answer, `"status":"stopping"`)
	}, time.Minute, time.Millisecond)
	require.True(t, post("on a connection from before").Close, "the sender is told to come on another")
	require.True(t, post("on a new connection").Close)
	require.EqualValues(t, 3, h.stored())
	status, _ := h.get("/healthz")
	require.Equal(t, http.StatusOK, status, "a process that drains lives")
	require.NoError(t, h.stop())
	_, err := client.Get(h.url + "/healthz")
	require.Error(t, err, "the door is closed")
}

func TestWhoIsReplacedOrTakesNoDeliveriesDoesNotDrain(t *testing.T) {
	ended := func(h *house, begin func()) <-chan error {
		begin()
		done := make(chan error, 1)
		go func() { done <- h.stop() }()
		return done
	}
	replaced := open(t, func(o *Options) { o.Config.Drain = time.Hour })
	worker := open(t, func(o *Options) { o.Config.Drain, o.Accept, o.Shops = time.Hour, nil, nil })
	for _, done := range []<-chan error{ended(replaced, func() {}), ended(worker, worker.drain)} {
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(time.Minute):
			t.Fatal("it drains")
		}
	}
}
