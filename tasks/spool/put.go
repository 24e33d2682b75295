package spool

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

const (
	mostGroup      = 1000    // records of one commit
	mostGroupBytes = 8 << 20 // begun with less than that
)

// put is a record on its way to the disk.
type put struct {
	ctx      context.Context
	raw      []byte
	received time.Time
	done     chan error // has room for the one answer
}

// Put stores a record and returns when it is on the disk. Puts that come while
// another is being synced share the next sync. ErrFull: a bound is reached.
// When ctx ends first the record may or may not be stored.
func (s *Spool) Put(ctx context.Context, r Record) error {
	err := s.put(ctx, r)
	if err != nil {
		s.refused.Add(1)
	}
	return err
}

func (s *Spool) put(ctx context.Context, r Record) error {
	raw, err := r.encode()
	if err != nil {
		return err
	}
	p := &put{ctx: ctx, raw: raw, received: r.Received, done: make(chan error, 1)}
	select {
	case s.puts <- p:
	case <-ctx.Done():
		return fmt.Errorf("wait for the spool's disk: %w", ctx.Err())
	case <-s.done:
		return ErrClosed
	}
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the spool's disk: %w", ctx.Err())
	}
}

// group is a put with all that wait beside it.
func (s *Spool) group(first *put) []*put {
	group, bytes := []*put{first}, len(first.raw)
	for len(group) < mostGroup && bytes < mostGroupBytes {
		select {
		case p := <-s.puts:
			group = append(group, p)
			bytes += len(p.raw)
		default:
			return group
		}
	}
	return group
}

// commit stores a group with one sync and answers each of it. A record that does
// not fit is refused alone.
func (s *Spool) commit(group []*put) {
	var fit []*put
	var bytes int64
	for _, p := range group {
		size := int64(len(p.raw))
		switch err := p.ctx.Err(); {
		case err != nil:
			p.done <- err
		case s.live.Bytes+bytes+size > s.opt.MaxBytes:
			p.done <- fmt.Errorf("%w: %d bytes of spool.max_size are used", ErrFull, s.live.Bytes)
		default:
			fit = append(fit, p)
			bytes += size
		}
	}
	if len(fit) == 0 {
		return
	}
	err := s.room(bytes)
	if err == nil {
		err = s.update(func(b *bbolt.Bucket) error {
			for _, p := range fit {
				seq, err := b.NextSequence()
				if err != nil {
					return err
				}
				if err := b.Put(keyOf(seq), p.raw); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		s.counted(fit, bytes)
	}
	for _, p := range fit {
		p.done <- err
	}
}

// counted notes that a group is stored, before anybody is told.
func (s *Spool) counted(group []*put, bytes int64) {
	if s.live.Records == 0 {
		s.live.Oldest = group[0].received
	}
	s.live.Records += len(group)
	s.live.Bytes += bytes
	s.next += uint64(len(group))
	s.publish()
	select {
	case s.more <- struct{}{}:
	default:
	}
}
