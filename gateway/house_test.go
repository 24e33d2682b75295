package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		beGateway()
		return
	}
	tasks.RouteRedisLog(slog.New(slog.DiscardHandler))
	openapi3filter.RegisterBodyDecoder("application/gzip", openapi3filter.FileBodyDecoder)
	// fasthttp keeps one goroutine for its date header for ever, and one for each
	// stopped server until its next tick.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/gofiber/fiber/v2/utils.StartTimeStampUpdater.func1.1"))
}

// signed takes deliveries whose X-Sign is "good"; the body names the record.
type signed struct{}

func (signed) Verify(d handlers.Delivery) error {
	if d.Header.Get("x-sign") != "good" {
		return &commerce.Error{Op: "verify", Reason: commerce.Unauthorized, Detail: "no secret matches"}
	}
	return nil
}

func (signed) Events(d handlers.Delivery) ([]commerce.Event, error) {
	if d.Header.Get("X-Topic") == "unheard/of" {
		return nil, &commerce.Error{Op: "events", Reason: commerce.Ignored, Detail: "topic unheard/of"}
	}
	var body struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(d.Body, &body); err != nil || body.ID == "" {
		return nil, &commerce.Error{Op: "events", Reason: commerce.Invalid, Detail: "no id"}
	}
	ref := commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: body.ID}
	return []commerce.Event{{ID: strings.Clone(d.Header.Get("X-Event")), Topic: "orders/create", Hint: commerce.HintOrder, Ref: ref, Aggregate: ref,
		Received: d.Received, Body: d.Body}}, nil
}

// house is a gateway that listens, over a real Redis.
type house struct {
	t     *testing.T
	url   string
	redis *redistest.Server
	reg   *prometheus.Registry
	log   *lockedBuffer
	stop  func() error // at once
	drain func()       // begins to stop
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func open(t *testing.T, change func(*Options)) *house {
	t.Helper()
	h := &house{t: t, redis: redistest.Start(t), reg: prometheus.NewRegistry(), log: &lockedBuffer{}}
	cfg := config.Redis{URL: config.NewSecret(h.redis.URL), AcceptTimeout: 300 * time.Millisecond, PoolSize: 20}
	rdb, err := tasks.OpenAccept(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rdb.Close() })
	queue := tasks.NewQueue(rdb, 750*time.Millisecond)
	opt := Options{
		Config: config.Server{Listen: "127.0.0.1:0", BodyLimit: 16 << 20, InFlight: 256 << 20, ReadTimeout: 5 * time.Second,
			RequestTimeout: 5 * time.Second, Grace: 5 * time.Second},
		Shops:  map[string]*handlers.Shop{"fi": {ID: "fi", Platform: "fake", Receiver: signed{}}},
		Accept: queue, Metrics: h.reg, Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Checks: []Check{{Name: "redis", Store: true, Ask: queue.Ping}},
	}
	if change != nil {
		change(&opt)
	}
	g := New(opt)
	ln, err := net.Listen("tcp", opt.Config.Listen)
	require.NoError(t, err)
	h.url = "http://" + ln.Addr().String()
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Serve(ctx, ln) }()
	h.drain = func() { cancel(nil) }
	h.stop = sync.OnceValue(func() error { cancel(ErrAtOnce); return <-ended })
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		require.NoError(t, h.stop())
	})
	return h
}

func (h *house) post(path string, body io.Reader, header ...string) (int, string) {
	h.t.Helper()
	req, err := http.NewRequest(http.MethodPost, h.url+path, body)
	require.NoError(h.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(h.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(h.t, err)
	require.NotEmpty(h.t, resp.Header.Get("X-Request-Id"))
	return resp.StatusCode, string(text)
}

func (h *house) stored() int64 {
	h.t.Helper()
	n, err := h.redis.Client().LLen(context.Background(), "asynq:{live}:pending").Result()
	require.NoError(h.t, err)
	return n
}

func (h *house) counted(outcome string) float64 {
	h.t.Helper()
	families, err := h.reg.Gather()
	require.NoError(h.t, err)
	for _, f := range families {
		if f.GetName() != "odoogate_deliveries_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "outcome" && l.GetValue() == outcome {
					return m.GetCounter().GetValue()
				}
			}
		}
	}
	h.t.Fatalf("no series with outcome %s", outcome)
	return 0
}

func (h *house) get(path string, login ...string) (int, string) {
	h.t.Helper()
	req, err := http.NewRequest(http.MethodGet, h.url+path, nil)
	require.NoError(h.t, err)
	if len(login) == 2 {
		req.SetBasicAuth(login[0], login[1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(h.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(h.t, err)
	return resp.StatusCode, string(text)
}
