package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/odoogate/odoogate/config"
)

// behindLogin is a gateway whose monitor is a page that says "inside".
func behindLogin(t *testing.T, change func(*Options)) *house {
	return open(t, func(o *Options) {
		o.Monitor = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") })
		o.Login = &config.Monitor{User: "ops", Password: config.NewSecret("s3cret")}
		if change != nil {
			change(o)
		}
	})
}

func TestNoRouteButHooksHealthAndMetricsWorksWithoutCredentials(t *testing.T) {
	g := New(Options{Config: config.Server{BodyLimit: 1024, InFlight: 1024, RequestTimeout: time.Second}, Metrics: prometheus.NewRegistry(),
		Monitor: http.NotFoundHandler(), Login: &config.Monitor{User: "ops", Password: config.NewSecret("s3cret")}})
	public := map[string]bool{"/hooks/:shop": true, "/healthz": true, "/readyz": true, "/metrics": true}
	walked := 0
	for _, r := range g.app.GetRoutes() {
		if public[r.Path] || r.Path == "/" { // "/" is what stands before every route
			continue
		}
		walked++
		var c fasthttp.RequestCtx
		c.Request.Header.SetMethod(r.Method)
		c.Request.SetRequestURI(r.Path)
		g.app.Handler()(&c)
		require.Equal(t, http.StatusUnauthorized, c.Response.StatusCode(), "%s %s answers without credentials", r.Method, r.Path)
	}
	require.NotZero(t, walked, "the monitor is not among the routes")
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	h := behindLogin(t, nil)
	for _, path := range []string{"/healthz", "/monitor", "/nowhere", "/hooks/fi"} {
		resp, err := http.Get(h.url + path)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, "nosniff", resp.Header.Get(fiber.HeaderXContentTypeOptions), path)
		require.Equal(t, "DENY", resp.Header.Get(fiber.HeaderXFrameOptions), path)
		require.Equal(t, "no-store", resp.Header.Get(fiber.HeaderCacheControl), path)
	}
}

func TestGuessingThePasswordIsThrottledPerAddress(t *testing.T) {
	h := behindLogin(t, func(o *Options) { o.Config.TrustedProxies = []string{"127.0.0.0/8"} })
	ask := func(from, password string) int {
		req, err := http.NewRequest(http.MethodGet, h.url+"/monitor", nil)
		require.NoError(t, err)
		req.Header.Set("X-Forwarded-For", from)
		req.SetBasicAuth("ops", password)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	for range 50 {
		require.Equal(t, 200, ask("203.0.113.1", "s3cret"), "who knows the password is never throttled")
	}
	for i := range mostFailures {
		require.Equal(t, 401, ask("203.0.113.7", "guess"), "guess %d", i)
	}
	require.Equal(t, 429, ask("203.0.113.7", "guess"))
	require.Equal(t, 429, ask("203.0.113.7", "s3cret"), "nor may the right one be found that way")
	require.Equal(t, 429, ask("198.51.100.1, 203.0.113.7", "guess"), "what the sender claims to be is not believed")
	require.Equal(t, 401, ask("203.0.113.8", "guess"), "another address is not meant")
}

func TestOnlyATrustedProxyIsBelieved(t *testing.T) {
	rows := []struct {
		name      string
		trusted   []string
		forwarded string
		want      string
	}{
		{"no proxy is trusted", nil, "203.0.113.7", "0.0.0.0"},
		{"the proxy names the sender", []string{"0.0.0.0"}, "203.0.113.7", "203.0.113.7"},
		{"two proxies", []string{"0.0.0.0", "10.0.0.0/8"}, "203.0.113.7, 10.1.2.3", "203.0.113.7"},
		{"the sender claims to be somebody", []string{"0.0.0.0"}, "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		{"the proxy adds a line of its own", []string{"0.0.0.0"}, "198.51.100.1\n203.0.113.7", "203.0.113.7"},
		{"version 6", []string{"0.0.0.0"}, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"nonsense", []string{"0.0.0.0"}, "<script>", "0.0.0.0"},
		{"mapped addresses of proxies", []string{"::ffff:0.0.0.0", "::ffff:10.0.0.0/104"}, "203.0.113.7, 10.1.2.3", "203.0.113.7"},
		{"mapped addresses", []string{"0.0.0.0"}, "::ffff:203.0.113.7", "203.0.113.7"},
	}
	app := fiber.New()
	for _, r := range rows {
		var rc fasthttp.RequestCtx // its connection comes from 0.0.0.0
		for line := range strings.SplitSeq(r.forwarded, "\n") {
			rc.Request.Header.Add("X-Forwarded-For", line)
		}
		c := app.AcquireCtx(&rc)
		require.Equal(t, r.want, newProxies(r.trusted).client(c), r.name)
		app.ReleaseCtx(c)
	}
}

func TestAForeignRequestIDIsTakenOnlyIfItIsAPlainWord(t *testing.T) {
	h := open(t, nil)
	for id, kept := range map[string]bool{"abc-123_X": true, "a b": false, strings.Repeat("x", 65): false, "x\"y": false} {
		req, err := http.NewRequest(http.MethodGet, h.url+"/healthz", nil)
		require.NoError(t, err)
		req.Header.Set("X-Request-Id", id)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, kept, resp.Header.Get("X-Request-Id") == id, "id %q", id)
	}
}
