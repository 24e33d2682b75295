package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// linesLate is how long a line waits for others at most.
	linesLate = 10 * time.Millisecond
	// linesMost is how many bytes wait at most.
	linesMost = 32 << 10
)

// lines writes what is logged together, a moment late: a write for each line takes more
// than all else about it where thousands of deliveries come a second. What is wrong is
// written at once, see urgent. A process that is killed loses that moment's lines.
type lines struct {
	out io.Writer

	mu     sync.Mutex
	held   []byte
	due    *time.Timer // nil: nothing was ever held
	closed bool
}

// Write keeps a line for later. It fails never: nobody is told of a log that cannot
// be written.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := len(l.held) == 0
	l.held = append(l.held, line...)
	switch {
	case l.closed || len(l.held) >= linesMost:
		l.writeOut()
	case !first:
	case l.due == nil:
		l.due = time.AfterFunc(linesLate, l.flush)
	default:
		l.due.Reset(linesLate)
	}
	return len(line), nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writeOut()
}

// writeOut needs the lock: lines are written in order.
func (l *lines) writeOut() {
	if len(l.held) > 0 {
		_, _ = l.out.Write(l.held)
	}
	l.held = l.held[:0]
}

// close writes what waits; what is logged after it waits no more.
func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.due != nil {
		l.due.Stop()
	}
	l.writeOut()
}

// urgent has what is more than information written at once, with all before it.
type urgent struct {
	slog.Handler
	lines *lines
}

// Handle writes a record.
func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level > slog.LevelInfo {
		u.lines.flush()
	}
	return err
}

// WithAttrs is urgent, too.
func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.lines}
}

// WithGroup is urgent, too.
func (u urgent) WithGroup(name string) slog.Handler {
	return urgent{u.Handler.WithGroup(name), u.lines}
}
