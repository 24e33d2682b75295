package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func TestAnEventKnowsTheRequestThatBroughtIt(t *testing.T) {
	h := open(t, nil)
	status, _ := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1", "X-Request-Id", "proxy-77_A")
	require.Equal(t, 200, status)
	payload, err := h.redis.Client().HGet(context.Background(), "asynq:{live}:t:fi/orders/create/order/5001/e1", "msg").Result()
	require.NoError(t, err)
	require.Contains(t, payload, `"request":"proxy-77_A"`)
	require.Contains(t, h.log.String(), "request=proxy-77_A")
}

func zipped(t *testing.T, size int) io.Reader {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(bytes.Repeat([]byte(" "), size))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return &b
}

func TestBadInputGetsItsStatusAndLeavesNothing(t *testing.T) {
	h := open(t, nil)
	const canary = "kaisa.laine@example.com"
	good := `{"id":"5001","email":"` + canary + `"}`
	rows := []struct {
		name, path string
		body       io.Reader
		header     []string
		want       int
		outcome    string
	}{
		{"forged", "/hooks/fi", strings.NewReader(good), []string{"X-Sign", "bad"}, 401, "unauthorized"},
		{"unsigned", "/hooks/fi", strings.NewReader(good), nil, 401, "unauthorized"},
		{"empty and unsigned", "/hooks/fi", http.NoBody, nil, 401, "unauthorized"},
		{"empty and signed", "/hooks/fi", http.NoBody, []string{"X-Sign", "good"}, 400, "invalid"},
		{"truncated", "/hooks/fi", strings.NewReader(good[:9]), []string{"X-Sign", "good"}, 400, "invalid"},
		{"not JSON", "/hooks/fi", strings.NewReader("<html>"), []string{"X-Sign", "good"}, 400, "invalid"},
		{"wrong types", "/hooks/fi", strings.NewReader(`{"id":{"a":1}}`), []string{"X-Sign", "good"}, 400, "invalid"},
		{"17 MiB", "/hooks/fi", bytes.NewReader(make([]byte, 17<<20)), []string{"X-Sign", "good"}, 413, "too_large"},
		{"17 MiB without saying so", "/hooks/fi", io.MultiReader(bytes.NewReader(make([]byte, 17<<20))), []string{"X-Sign", "good"}, 413, "too_large"},
		{"gzip bomb", "/hooks/fi", zipped(t, 64<<20), []string{"X-Sign", "good", "Content-Encoding", "gzip"}, 415, "encoded"},
		{"gzip bomb, unsaid", "/hooks/fi", zipped(t, 64<<20), []string{"X-Sign", "good"}, 400, "invalid"},
		{"unknown shop", "/hooks/se", strings.NewReader(good), []string{"X-Sign", "good"}, 404, ""},
		{"no shop", "/hooks/", strings.NewReader(good), []string{"X-Sign", "good"}, 404, ""},
		{"unknown topic", "/hooks/fi", strings.NewReader(good), []string{"X-Sign", "good", "X-Topic", "unheard/of"}, 200, "ignored"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			before := 0.0
			if r.outcome != "" {
				before = h.counted(r.outcome)
			}
			status, answer := h.post(r.path, r.body, r.header...)
			require.Equal(t, r.want, status, answer)
			require.LessOrEqual(t, len(answer), 80, "the answer is no place for details")
			require.NotContains(t, answer, canary)
			if r.outcome != "" {
				require.Equal(t, before+1, h.counted(r.outcome), "counted as %s", r.outcome)
			}
		})
	}
	require.Zero(t, h.stored())
	require.NotContains(t, h.log.String(), canary)
}

// misses notes which shops it was told of.
type misses struct {
	mu   sync.Mutex
	told []string
}

func (m *misses) Missed(_ context.Context, shop string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = append(m.told, shop)
}

func TestADeliveryThatIsTooLargeIsLookedForInItsShop(t *testing.T) {
	m := &misses{}
	h := open(t, func(o *Options) { o.Misses = m })
	status, _ := h.post("/hooks/fi", bytes.NewReader(make([]byte, 17<<20)), "X-Sign", "good")
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	require.Equal(t, []string{"fi"}, m.told)
	status, _ = h.post("/hooks/fi", strings.NewReader(`{"id":"1"}`), "X-Sign", "bad")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, []string{"fi"}, m.told)
}

func TestAWrongMethodIsTold(t *testing.T) {
	h := open(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		req, err := http.NewRequest(method, h.url+"/hooks/fi", nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 405, resp.StatusCode, method)
		require.Equal(t, "POST", resp.Header.Get("Allow"))
	}
}

func TestAGenuineDeliveryIsStoredBeforeItIsAnswered(t *testing.T) {
	h := open(t, nil)
	status, _ := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1")
	require.Equal(t, 200, status)
	require.EqualValues(t, 1, h.stored())
	require.Contains(t, h.log.String(), "ref=fi/order/5001")
	status, _ = h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1")
	require.Equal(t, 200, status, "a repeat")
	require.EqualValues(t, 1, h.stored())
	require.Equal(t, 1.0, h.counted("duplicate"))
}

func TestAHundredCopiesAtOnceAreStoredOnceAndAllAnswered200(t *testing.T) {
	h := open(t, nil)
	var wg sync.WaitGroup
	var bad atomic.Int32
	for range 100 {
		wg.Go(func() {
			if status, _ := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1"); status != 200 {
				bad.Add(1)
			}
		})
	}
	wg.Wait()
	require.Zero(t, bad.Load())
	require.EqualValues(t, 1, h.stored())
}

func TestAStalledRedisIsAnsweredWithinASecond(t *testing.T) {
	h := open(t, nil)
	status, _ := h.post("/hooks/fi", strings.NewReader(`{"id":"1"}`), "X-Sign", "good", "X-Event", "warm")
	require.Equal(t, 200, status)
	h.redis.Stall()
	defer h.redis.Resume()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	for range 40 { // twice as many as the pool has connections: they wait for one, too
		wg.Go(func() {
			start := time.Now()
			status, answer := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1")
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(start))
			if status != 503 {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	prompt(t, took)
}

// slow stores nothing before its time is over.
type slow struct{}

func (slow) Accept(ctx context.Context, _ commerce.Event) (bool, error) {
	<-ctx.Done()
	return false, &commerce.Error{Op: "accept", Reason: commerce.Unavailable, Err: ctx.Err()}
}

func TestARequestTimeoutBelowASecondEndsWhatStores(t *testing.T) {
	h := open(t, func(o *Options) { o.Accept, o.Config.RequestTimeout = slow{}, 100*time.Millisecond })
	status, _ := h.post("/hooks/fi", strings.NewReader(`{"id":"5001"}`), "X-Sign", "good", "X-Event", "e1")
	require.Equal(t, 503, status)
}

func TestReadinessIsHonest(t *testing.T) {
	odoo := errors.New("away")
	h := open(t, func(o *Options) {
		o.Checks = append(o.Checks, Check{Name: "odoo", Ask: func(context.Context) error { return odoo }})
	})
	status, answer := h.get("/readyz")
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"status":"degraded","parts":{"redis":"ok","odoo":"away"}}`, answer)
	status, _ = h.get("/healthz")
	require.Equal(t, 200, status)

	h.redis.Kill()
	require.Eventually(t, func() bool { status, answer = h.get("/readyz"); return status == 503 }, time.Minute, 50*time.Millisecond)
	require.JSONEq(t, `{"status":"not ready","parts":{"redis":"away","odoo":"away"}}`, answer)
}

func TestTheMonitorStandsBehindItsLoginAndChangesNothing(t *testing.T) {
	var page interface {
		http.Handler
		Close() error
	}
	h := open(t, nil)
	status, _ := h.get("/monitor")
	require.Equal(t, 404, status, "without a login there is no monitor")
	var err error
	page, err = tasks.Monitor(config.Redis{URL: config.NewSecret(h.redis.URL)}, MonitorPath)
	require.NoError(t, err)
	defer page.Close()
	behind := open(t, func(o *Options) {
		o.Monitor, o.Login = page, &config.Monitor{User: "ops", Password: config.NewSecret("s3cret")}
	})
	status, _ = behind.get("/monitor/api/queues")
	require.Equal(t, 401, status)
	status, _ = behind.get("/monitor/api/queues", "ops", "wrong")
	require.Equal(t, 401, status)
	h.post("/hooks/fi", strings.NewReader(`{"id":"5001","email":"kaisa.laine@example.com"}`), "X-Sign", "good", "X-Event", "e1")
	status, answer := behind.get("/monitor/api/queues/live/pending_tasks", "ops", "s3cret")
	require.Equal(t, 200, status)
	require.Contains(t, answer, "fi/orders/create/order/5001/e1")
	require.NotContains(t, answer, "kaisa", "the monitor shows people's data")
	status, answer = behind.get("/monitor", "ops", "s3cret")
	require.Equal(t, 200, status)
	require.Contains(t, answer, "<html")

	req, err := http.NewRequest(http.MethodDelete, behind.url+"/monitor/api/queues/live/pending_tasks:delete_all", nil)
	require.NoError(t, err)
	req.SetBasicAuth("ops", "s3cret")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.NotEqual(t, 2, resp.StatusCode/100)
	require.EqualValues(t, 1, h.stored(), "the monitor deleted a task")
}

func TestABodyThatNobodyReadIsNotTakenForTheNextRequest(t *testing.T) {
	h := open(t, nil)
	for _, head := range []string{"GET /healthz", "GET /readyz", "GET /monitor", "GET /nowhere", "POST /hooks/nobody", "PUT /hooks/fi", "GET /metrics"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		require.NoError(t, err)
		smuggled := strings.Repeat("GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", 4000)
		_, err = fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", head, len(smuggled), smuggled)
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		answers, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.LessOrEqual(t, bytes.Count(answers, []byte("HTTP/1.1 ")), 2, "%s: a body was read as requests", head)
	}
}

func TestStoppingUnderLoadLosesNothing(t *testing.T) {
	h := open(t, nil)
	var answered atomic.Int64
	var wg sync.WaitGroup
	begun := make(chan struct{})
	var once sync.Once
	for w := range 8 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for i := range 2000 {
				body := strings.NewReader(`{"id":"` + string(rune('a'+w)) + strings.Repeat("x", i%50) + `"}`)
				req, _ := http.NewRequest(http.MethodPost, h.url+"/hooks/fi", body)
				req.Header.Set("X-Sign", "good")
				req.Header.Set("X-Event", string(rune('a'+w))+"-"+time.Now().Format("150405.000000000"))
				resp, err := client.Do(req)
				if err != nil {
					return // the door is closed
				}
				_ = resp.Body.Close()
				if resp.StatusCode == 200 {
					if answered.Add(1) > 200 {
						once.Do(func() { close(begun) })
					}
				}
			}
		})
	}
	<-begun
	require.NoError(t, h.stop())
	wg.Wait()
	require.GreaterOrEqual(t, h.stored(), answered.Load(), "an answered delivery is not stored")
}

func TestMetricsAreServedFromTheStart(t *testing.T) {
	h := open(t, nil)
	status, text := h.get("/metrics")
	require.Equal(t, 200, status)
	require.Contains(t, text, `odoogate_deliveries_total{outcome="accepted",platform="fake"} 0`)
}
