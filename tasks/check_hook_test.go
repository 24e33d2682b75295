package tasks

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestWhatStandsAtTheHooksAddressIsRecognised(t *testing.T) {
	for _, tc := range []struct {
		status int
		want   commerce.Level
	}{
		{http.StatusUnauthorized, commerce.OK},
		{http.StatusMovedPermanently, commerce.Problem},
		{http.StatusNotFound, commerce.Problem},
		{http.StatusForbidden, commerce.Problem},
		{http.StatusBadGateway, commerce.Warning},
		{http.StatusServiceUnavailable, commerce.Warning},
		{http.StatusOK, commerce.Warning},
	} {
		t.Run(http.StatusText(tc.status), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				require.Equal(t, http.MethodPost, r.Method)
				w.Header().Set("Location", "https://elsewhere.example.com/")
				w.WriteHeader(tc.status)
			}))
			defer server.Close()
			f := &commerce.Findings{Part: "shop fi"}
			tryHook(t.Context(), f, server.URL+"/hooks/fi")
			require.Len(t, f.List, 1)
			require.Equal(t, tc.want, f.List[0].Level, f.List[0].Text)
			require.Equal(t, tc.want != commerce.OK, f.List[0].Remedy != "")
		})
	}
}

func TestAnAddressWithoutAnAnswerIsToldByItsReason(t *testing.T) {
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are refused
	tls.StartTLS()
	defer tls.Close()
	for _, tc := range []struct {
		name, hook string
		want       commerce.Level
		text       string
	}{
		{"nobody listens", "http://127.0.0.1:1/hooks/fi", commerce.Warning, "nothing answers at"},
		{"its certificate is not trusted", tls.URL + "/hooks/fi", commerce.Problem, "refuse the certificate"},
		{"it is no address", "http://127.0.0.1:1/\x7f", commerce.Problem, "no address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &commerce.Findings{Part: "shop fi"}
			tryHook(t.Context(), f, tc.hook)
			require.Len(t, f.List, 1)
			require.Equal(t, tc.want, f.List[0].Level, f.List[0].Text)
			require.Contains(t, f.List[0].Text, tc.text)
		})
	}
	f := &commerce.Findings{}
	tryHook(t.Context(), f, "")
	require.Empty(t, f.List, "without a public address there is nothing to try")
}
