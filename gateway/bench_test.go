package gateway

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// BenchmarkAcceptHook is one delivery of 3 KB from the parsed request to our
// answer, stored in a real Redis; the network to the sender is left out.
func BenchmarkAcceptHook(b *testing.B) {
	srv := redistest.Start(b)
	rdb, err := tasks.OpenAccept(config.Redis{URL: config.NewSecret(srv.URL), AcceptTimeout: 5 * time.Second, PoolSize: 128})
	require.NoError(b, err)
	defer rdb.Close()
	g := New(Options{
		Config: config.Server{BodyLimit: 16 << 20, InFlight: 256 << 20, RequestTimeout: 5 * time.Second},
		Shops:  map[string]*handlers.Shop{"fi": {ID: "fi", Platform: "fake", Receiver: signed{}}},
		Accept: tasks.NewQueue(rdb, 0), Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	handle := g.app.Handler()
	body := `{"id":"5001","note":"` + strings.Repeat("x", 3000) + `"}`
	n := 0
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var c fasthttp.RequestCtx
		c.Request.Header.SetMethod(http.MethodPost)
		c.Request.SetRequestURI("/hooks/fi")
		c.Request.Header.Set("X-Sign", "good")
		c.Request.Header.Set("X-Event", fmt.Sprint(n))
		c.Request.SetBodyString(body)
		handle(&c)
		if n++; c.Response.StatusCode() != http.StatusOK {
			b.Fatalf("status %d", c.Response.StatusCode())
		}
	}
}
