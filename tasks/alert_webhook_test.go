package tasks

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

const hookSecret = "a secret of the receiver"

// receiver takes posts as somebody outside would, checking what the manual says.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	posts  []posted
	seen   map[string]bool // deliveries by id
	tries  int
	more   chan struct{}
}

func openReceiver(t *testing.T) *receiver {
	r := &receiver{status: http.StatusNoContent, seen: map[string]bool{}, more: make(chan struct{})}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	at := req.Header.Get("X-Odoogate-Timestamp")
	sent, numErr := strconv.ParseInt(at, 10, 64)
	var p posted
	bad := err != nil || numErr != nil || time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute ||
		req.Header.Get("X-Odoogate-Signature") != "v1="+signature(config.NewSecret(hookSecret), at, body) || json.Unmarshal(body, &p) != nil
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries++
	defer func() { close(r.more); r.more = make(chan struct{}) }()
	switch id := req.Header.Get("X-Odoogate-Delivery"); {
	case bad:
		w.WriteHeader(http.StatusUnauthorized)
	case r.status/100 != 2:
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(r.status)
	case r.seen[id]:
	default:
		r.seen[id] = true
		r.posts = append(r.posts, p)
		w.WriteHeader(r.status)
	}
}

// until waits for what was taken and tried to be so.
func (r *receiver) until(t *testing.T, what string, ok func(posts []posted, tries int) bool) []posted {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		r.mu.Lock()
		posts, tries, more := slices.Clone(r.posts), r.tries, r.more
		r.mu.Unlock()
		if ok(posts, tries) {
			return posts
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("waited a minute for %s; there are %d posts of %d tries", what, len(posts), tries)
		}
	}
}

func (r *receiver) wait(t *testing.T, n int) []posted {
	t.Helper()
	return r.until(t, strconv.Itoa(n)+" posts", func(posts []posted, _ int) bool { return len(posts) >= n })
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) settings() config.AlertWebhook {
	return config.AlertWebhook{URL: config.NewSecret(r.URL + "/token"), Secret: config.NewSecret(hookSecret)}
}

func TestAnAnswerDecidesWhetherAPostIsTriedAgain(t *testing.T) {
	for _, tc := range []struct {
		status int
		want   commerce.Reason
	}{
		{200, ""}, {202, ""}, {204, ""}, {301, commerce.Invalid}, {307, commerce.Invalid}, {400, commerce.Invalid}, {401, commerce.Invalid},
		{404, commerce.Invalid}, {408, commerce.Unavailable}, {410, commerce.Invalid}, {429, commerce.RateLimited},
		{500, commerce.Unavailable}, {502, commerce.Unavailable}, {503, commerce.Unavailable},
	} {
		t.Run(strconv.Itoa(tc.status), func(t *testing.T) {
			r := openReceiver(t)
			r.answer(tc.status)
			err := newPoster(r.settings()).tell(t.Context(), noticeOf(oddAlert))
			require.Equal(t, tc.want, commerce.ReasonOf(err), "%v", err)
			require.Equal(t, 1, r.tries, "no redirect is followed")
			if err != nil {
				require.NotContains(t, err.Error(), "token")
			}
		})
	}
}

func TestAPostCannotBeForgedOrReplayed(t *testing.T) {
	r := openReceiver(t)
	for _, tc := range []struct {
		name   string
		change func(p *poster)
	}{
		{"another secret", func(p *poster) { p.secret = config.NewSecret("a secret of somebody") }},
		{"an old time", func(p *poster) { p.now = func() time.Time { return time.Now().Add(-10 * time.Minute) } }},
	} {
		p := newPoster(r.settings())
		tc.change(p)
		require.ErrorContains(t, p.tell(t.Context(), noticeOf(oddAlert)), "answered 401", tc.name)
	}
	p := newPoster(r.settings())
	require.NoError(t, p.tell(t.Context(), noticeOf(oddAlert)))
	require.NoError(t, p.tell(t.Context(), noticeOf(oddAlert)), "what is sent again has the same id")
	require.Len(t, r.posts, 1)
	got := r.posts[0]
	require.Equal(t, posted{Version: 1, ID: "abc", State: "open", Subject: got.Subject, Alerts: got.Alerts}, got)
	require.Equal(t, oddAlert, got.Alerts[0].Alert)
}

func TestAWebhookThatIsAwayIsToldWithoutItsAddress(t *testing.T) {
	p := newPoster(config.AlertWebhook{URL: config.NewSecret("http://127.0.0.1:1/token"), Secret: config.NewSecret(hookSecret)})
	err := p.tell(t.Context(), noticeOf(oddAlert))
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.NotContains(t, err.Error(), "token")
}

func TestHowLongAReceiverWantsToBeLeftAlone(t *testing.T) {
	now := time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 10 * time.Second, "7": 7 * time.Second, "-1": 10 * time.Second, "999999": time.Hour,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): time.Second, strings.Repeat("9", 40): 10 * time.Second} {
		require.Equal(t, want, retryAfter(text, now), text)
	}
}
