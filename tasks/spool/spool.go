// Package spool keeps what was accepted while the queue could not take it: one
// bbolt file of this machine, synced before Put returns. It belongs to one process.
// What was put is there after a kill and a power cut; a damaged file is moved
// aside, what can be read of it is kept, and the process goes on.
package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options bound a spool.
type Options struct {
	// MaxBytes bounds what is stored and not deleted; the file is larger by its
	// pages, a third for records of 3 KB.
	MaxBytes int64
	// MinFree is how many bytes stay free on the disk, for others.
	MinFree int64
	Log     *slog.Logger
}

var (
	// ErrFull says that a bound is reached; drain, or give more room.
	ErrFull = errors.New("the spool is full")
	// ErrClosed says that Close was called.
	ErrClosed = errors.New("the spool is closed")
	// ErrTaken says that another process has the spool.
	ErrTaken = errors.New("another process has this spool; give each gateway a spool.path of its own")
)

// Stats say how a spool stands.
type Stats struct {
	Records  int
	Bytes    int64
	Limit    int64     // Options.MaxBytes
	Oldest   time.Time // when the oldest record was received; zero: there is none
	Refused  int64     // Puts that failed, since Open
	SetAside int64     // records that could not be read, since Open
}

// Spool is an open spool. It is safe for concurrent use.
type Spool struct {
	path string
	opt  Options

	puts    chan *put
	calls   chan func()
	quit    chan struct{}
	done    chan struct{}
	closing sync.Once
	more    chan struct{} // holds one token while something was put

	stats   atomic.Pointer[Stats]
	refused atomic.Int64

	// What follows belongs to the goroutine of run.
	file *file
	live Stats
	next uint64 // the last number given to a record: none is given twice
	// A change failed and may stand in the file all the same: what there is must be
	// counted before anything is made of live.
	unsure bool
}

// Open opens the spool in the file path, or makes it and the folder. Close it.
//
// ErrTaken: another process has it. A damaged file is moved aside as
// path.<time>.corrupt, what can be read of it is taken over, and that is logged;
// any other error is the operating system's about the place.
func Open(path string, opt Options) (*Spool, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil { //nolint:gosec // the operator names it
		return nil, fmt.Errorf("make the spool's folder: %w", err)
	}
	s := &Spool{path: path, opt: opt, puts: make(chan *put), calls: make(chan func()), more: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{})}
	if err := s.open(); err != nil {
		return nil, err
	}
	s.publish()
	if s.live.Records > 0 {
		s.more <- struct{}{}
	}
	go s.run()
	return s, nil
}

// Close ends the spool after what has begun. Puts and calls after it get ErrClosed.
func (s *Spool) Close() error {
	s.closing.Do(func() { close(s.quit) })
	<-s.done
	if s.file == nil {
		return nil
	}
	err := s.file.db.Close()
	s.file = nil
	return err
}

// Stats is how the spool stands; it never blocks.
func (s *Spool) Stats() Stats {
	st := *s.stats.Load()
	st.Refused, st.Limit = s.refused.Load(), s.opt.MaxBytes
	return st
}

// More receives after something was put, and once after Open when something is
// there; look until it is empty then.
func (s *Spool) More() <-chan struct{} { return s.more }

// CanTake says why a small record would be refused now; nil: it would be taken.
func (s *Spool) CanTake() error {
	if st := s.Stats(); st.Bytes >= s.opt.MaxBytes {
		return fmt.Errorf("%w: %d bytes of spool.max_size are used", ErrFull, st.Bytes)
	}
	select {
	case <-s.done:
		return ErrClosed
	default:
	}
	return s.room(0)
}

// room says whether so many bytes leave MinFree on the disk.
func (s *Spool) room(bytes int64) error {
	free, err := Free(filepath.Dir(s.path))
	if err != nil {
		return fmt.Errorf("ask for the disk's free space: %w", err)
	}
	if free-bytes < s.opt.MinFree {
		return fmt.Errorf("%w: %d bytes are free on its disk, and spool.min_free is %d", ErrFull, free, s.opt.MinFree)
	}
	return nil
}

func (s *Spool) publish() {
	st := s.live
	s.stats.Store(&st)
}

// run owns the file: puts and calls come to it one group or call at a time.
func (s *Spool) run() {
	defer close(s.done)
	for {
		select {
		case p := <-s.puts:
			s.commit(s.group(p))
		case f := <-s.calls:
			f()
		case <-s.quit:
			return
		}
	}
}

// call runs f as the file's owner and returns when it has run.
func (s *Spool) call(ctx context.Context, f func() error) error {
	ended := make(chan error, 1)
	select {
	case s.calls <- func() { err := f(); s.publish(); ended <- err }:
		return <-ended // f ends by itself, and writes to what the caller reads
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrClosed
	}
}
