package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	progressWidth = 30
	progressEvery = 100 * time.Millisecond
)

// progress is a bar on the terminal that a command is watched at. Where nobody
// watches it writes nothing.
type progress struct {
	out   io.Writer // nil: nobody watches
	last  time.Time
	drawn bool // it is on the screen
}

// watched is a bar on the process's errors, which are apart from what it prints.
func (p process) watched() *progress {
	if isTerminal(p.err) {
		return &progress{out: p.err}
	}
	return &progress{}
}

// show draws how much is done, from 0 to 1; beyond that it is not known.
func (b *progress) show(share float64, text string) {
	if b.out == nil || time.Since(b.last) < progressEvery {
		return
	}
	b.last, b.drawn = time.Now(), true
	bar := ""
	if share >= 0 && share <= 1 {
		full := int(share * progressWidth)
		bar = fmt.Sprintf("[%s%s] %3.0f %% ", strings.Repeat("█", full), strings.Repeat("░", progressWidth-full), share*100)
	}
	_, _ = fmt.Fprintf(b.out, "\r\x1b[K%s%s", bar, text) // a terminal that went away misses nothing
}

// end wipes the bar, before anything else is printed.
func (b *progress) end() {
	if b.drawn {
		_, _ = fmt.Fprint(b.out, "\r\x1b[K")
		b.drawn = false
	}
}
