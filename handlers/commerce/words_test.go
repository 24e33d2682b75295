package commerce

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCountsAndSpansReadAsPeopleWriteThem(t *testing.T) {
	for want, got := range map[string]string{
		"0 changes": Count(0, "change"), "1 change": Count(1, "change"), "2 changes": Count(2, "change"),
		"1 body": Count(1, "body"), "3 bodies": Count(3, "body"),
		"0s": Span(0), "250ms": Span(250*time.Millisecond + 4), "1s": Span(time.Second), "4.2s": Span(4232 * time.Millisecond),
		"30s": Span(30 * time.Second), "5m": Span(5 * time.Minute), "5m1s": Span(5*time.Minute + 900*time.Millisecond), "10m": Span(10 * time.Minute),
		"1h": Span(time.Hour), "1h30m": Span(90 * time.Minute), "1h0m30s": Span(time.Hour + 30*time.Second), "48h": Span(48 * time.Hour),
		"1m": Span(59999 * time.Millisecond), "-5m": Span(-5 * time.Minute),
	} {
		require.Equal(t, want, got)
	}
}
