package commerce

import (
	"strconv"
	"strings"
	"time"
)

// Count is a number with its noun, which agrees with it: 1 change, 2 changes, 2 bodies.
func Count(n int, noun string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(noun, "y"); ok {
			noun = stem + "ie"
		}
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// Span is how long something takes as people write it, and no more exact than they want
// to know: 250ms, 4.2s, 5m, 1h30m.
func Span(d time.Duration) string {
	switch long := d.Abs(); {
	case long < time.Second:
		d = d.Round(time.Millisecond)
	case long < time.Minute:
		d = d.Round(100 * time.Millisecond)
	default:
		d = d.Round(time.Second)
	}
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
