package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// FuzzClient: who sends is the connection's address or one that a trusted proxy
// names, never what the sender wrote before it.
func FuzzClient(f *testing.F) {
	for _, forwarded := range []string{"203.0.113.7", "203.0.113.7, 10.1.2.3", "198.51.100.1\n203.0.113.7", "2001:db8:1:2:3:4:5:6", "fe80::1%eth0", "<script>", "::ffff:203.0.113.7", ",,", " 10.0.0.1 "} {
		f.Add(forwarded, "10.0.0.0/8", "10.9.9.9")
		f.Add(forwarded, "0.0.0.0/0", "203.0.113.9")
	}
	f.Add("::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "10.0.0.1")
	app := fiber.New()
	client := func(trusted, forwarded, from string) string {
		var rc fasthttp.RequestCtx
		ip := net.ParseIP(from)
		rc.Init(&fasthttp.Request{}, &net.TCPAddr{IP: ip}, nil)
		for line := range strings.SplitSeq(forwarded, "\n") {
			rc.Request.Header.Add("X-Forwarded-For", line)
		}
		c := app.AcquireCtx(&rc)
		defer app.ReleaseCtx(c)
		return newProxies([]string{trusted}).client(c)
	}
	f.Fuzz(func(t *testing.T, forwarded, trusted, from string) {
		direct, err := netip.ParseAddr(from)
		if err != nil || direct.Zone() != "" {
			return
		}
		direct = direct.Unmap()
		got := client(trusted, forwarded, from)
		addr, err := netip.ParseAddr(got)
		require.NoError(t, err, "from %s with %q: %q", from, forwarded, got)
		require.Equal(t, household(addr), addr, "a customer's other addresses are others")
		network, err := config.ParseNetwork(trusted)
		if err != nil || !network.Contains(direct) {
			require.Equal(t, household(direct), addr, "who is no trusted proxy is believed")
			return
		}
		// What stands left of an address that is no proxy changes nothing.
		const stranger = "192.0.2.55"
		if network.Contains(netip.MustParseAddr(stranger)) {
			return
		}
		require.Equal(t, stranger, client(trusted, forwarded+"\n"+stranger, from))
		require.Equal(t, stranger, client(trusted, forwarded+","+stranger, from))
	})
}

// FuzzBody: a body is read whole and unchanged or not at all, within its limit and
// what was reserved for it, and gives its memory back.
func FuzzBody(f *testing.F) {
	f.Add([]byte(`{"id":"5001"}`), 13, 1<<20, false)
	f.Add([]byte(`{"id":"5001"}`), 0, 1<<20, true)
	f.Add([]byte(`{"id":"5001"}`), 5, 1024, true)
	f.Add(bytes.Repeat([]byte(" "), 70<<10), 0, 1<<20, false)
	f.Add([]byte{}, 1<<40, 1<<20, false)
	f.Fuzz(func(t *testing.T, body []byte, size, limit int, dribble bool) {
		if size < 0 || limit < 1024 || limit > 1<<22 { // the configuration and the caller see to it
			return
		}
		most := max(12*limit, 1<<20)
		b := newBudget(most, limit)
		h := b.hold(false)
		watched := &watch{t: t, held: h, Reader: bytes.NewReader(body)}
		in := &paced{from: watched, conn: patient{}, size: min(size, limit), within: time.Minute}
		if dribble {
			in.from = iotest.OneByteReader(watched)
		}
		got, err := h.read(in, min(size, limit), limit)
		switch reason := commerce.ReasonOf(err); {
		case err == nil:
			require.True(t, bytes.Equal(body, got), "read %d bytes of %d", len(got), len(body))
			require.LessOrEqual(t, len(got), limit)
		case reason == commerce.TooLarge:
			require.True(t, len(body) > limit || len(body) > size, "%d bytes, announced %d, limit %d", len(body), size, limit)
		default:
			t.Fatalf("%v", err)
		}
		h.release()
		for _, r := range []*room{b.small, b.large, b.store} {
			b.collect(r)
		}
		require.True(t, b.small.free.TryAcquire(int64(most/8)), "memory is not given back")
		require.True(t, b.store.free.TryAcquire(int64(copies*limit)), "memory is not given back")
	})
}

// watch looks at each read whether there is room for what has come.
type watch struct {
	*bytes.Reader
	t    *testing.T
	held *holding
}

func (w *watch) Read(p []byte) (int, error) {
	require.GreaterOrEqual(w.t, w.held.body.n, w.Size()-int64(w.Len()))
	return w.Reader.Read(p)
}

// patient is a connection that is waited for.
type patient struct{ net.Conn }

func (patient) SetReadDeadline(time.Time) error { return nil }
func (patient) RemoteAddr() net.Addr            { return &net.TCPAddr{} }

// stored counts what was accepted.
type stored struct{ events []commerce.Event }

func (s *stored) Accept(_ context.Context, e commerce.Event) (bool, error) {
	e.Body = bytes.Clone(e.Body)
	s.events = append(s.events, e)
	return false, nil
}

// FuzzHook sends any request to any path: it is answered with one of the statuses
// of the manual, 200 only for what is signed and stored, in words of our own.
func FuzzHook(f *testing.F) {
	for _, seed := range [][5]string{
		{"POST", "/hooks/fi", "good", "e1", `{"id":"5001"}`}, {"POST", "/hooks/fi", "bad", "e1", `{"id":"5001"}`},
		{"POST", "/hooks/fi", "good", "e1", `{"id":`}, {"GET", "/hooks/fi", "", "", ""}, {"POST", "/hooks/%66i", "good", "", `{"id":"1"}`},
		{"PUT", "/hooks/nobody?email=a@example.com", "good", "", "x"}, {"POST", "/hooks/fi/../../metrics", "", "", ""},
		{"GET", "/monitor/queues", "", "", ""}, {"POST", "/healthz", "", "", ""}, {"GET", "/<b>", "", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], []byte(seed[4]))
	}
	accept := &stored{}
	var log bytes.Buffer
	g := New(Options{Config: config.Server{BodyLimit: 1 << 12, InFlight: 1 << 20, RequestTimeout: time.Second, ReadTimeout: time.Minute}, Metrics: prometheus.NewRegistry(),
		Shops: map[string]*handlers.Shop{"fi": {ID: "fi", Platform: "fake", Receiver: signed{}}}, Accept: accept,
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
		Monitor: http.NotFoundHandler(), Login: &config.Monitor{User: "ops", Password: config.NewSecret("s3cret")}})
	f.Fuzz(func(t *testing.T, method, path, sign, request string, body []byte) {
		const canary = "kaisa.laine@example.com"
		accept.events = nil
		log.Reset()
		var rc fasthttp.RequestCtx
		rc.Init2(patient{}, nil, false)
		rc.Request.Header.SetMethod(method)
		rc.Request.SetRequestURI(path)
		rc.Request.Header.Set("X-Sign", sign)
		rc.Request.Header.Set(requestHeader, request)
		rc.Request.Header.Set("X-Event", "e1")
		rc.Request.Header.Set("Cookie", canary)
		rc.Request.URI().QueryArgs().Set("who", canary)
		rc.Request.SetBodyStream(bytes.NewReader(body), len(body))
		g.app.Handler()(&rc)
		status, answer := rc.Response.StatusCode(), string(rc.Response.Body())
		if !slices.Contains(fiber.DefaultMethods, string(rc.Method())) {
			require.Equal(t, 400, status, "method %q", method)
			return
		}
		switch status {
		case 200, 301, 400, 401, 404, 405, 413, 415, 426, 429, 503:
		default:
			t.Fatalf("%s %q is answered %d", method, path, status)
		}
		require.NotContains(t, answer, canary)
		require.NotContains(t, log.String(), canary)
		id := string(rc.Response.Header.Peek(requestHeader))
		require.True(t, plain(id), "request id %q", id)
		if len(accept.events) > 0 {
			require.Equal(t, "good", sign)
			require.Equal(t, 200, status)
			require.Equal(t, "POST", string(rc.Method()))
			require.Equal(t, body, accept.events[0].Body)
		}
		if status >= 400 {
			require.LessOrEqual(t, len(answer), 80, "the answer is no place for details: %q", answer)
		}
	})
}
