package commerce

import (
	"fmt"
	"time"
)

// Level is how grave a finding is.
type Level string

// The levels: as it must be; works, but a person should look; does not work.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Problem Level = "problem"
)

// Finding is one thing that a check looked at. It holds no secret and nobody's
// personal data.
type Finding struct {
	// Part is what was looked at: "redis", "odoo", "shop fi".
	Part  string `json:"part"`
	Level Level  `json:"level"`
	// Text is what was found, in one sentence without a full stop.
	Text string `json:"text"`
	// Remedy is what a person should do; where all is well it may hold advice.
	Remedy string `json:"remedy,omitempty"`
	// Needs are things that must be on the other side for this to work, written
	// as in Error.Needs, for example "pricelist/fi/SEK".
	Needs []string `json:"-"`
}

// Findings are those of one part, in the order of looking.
type Findings struct {
	Part string
	List []Finding
}

// OK notes something that is well.
func (f *Findings) OK(format string, args ...any) {
	f.List = append(f.List, Finding{Part: f.Part, Level: OK, Text: fmt.Sprintf(format, args...)})
}

// Warn notes something that works and that a person should look at.
func (f *Findings) Warn(remedy, format string, args ...any) {
	f.List = append(f.List, Finding{Part: f.Part, Level: Warning, Text: fmt.Sprintf(format, args...), Remedy: remedy})
}

// Problem notes something that does not work.
func (f *Findings) Problem(remedy, format string, args ...any) {
	f.List = append(f.List, Finding{Part: f.Part, Level: Problem, Text: fmt.Sprintf(format, args...), Remedy: remedy})
}

// The clocks of two machines may be this far apart.
const (
	skewFine = 5 * time.Second
	skewBad  = 2 * time.Minute
)

// Skew judges how far another clock is ahead of ours.
func (f *Findings) Skew(whose string, ahead time.Duration) {
	ahead = ahead.Round(time.Second)
	const remedy = "let NTP set the clock of this machine and of the other one"
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	switch apart := ahead.Abs(); {
	case apart <= skewFine:
		f.OK("the clocks agree")
	case apart <= skewBad:
		f.Warn(remedy, "%s clock is %s %s ours", whose, apart, way)
	default:
		f.Problem(remedy, "%s clock is %s %s ours: what changed lately may be asked for too late or twice", whose, apart, way)
	}
}
