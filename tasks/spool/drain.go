package spool

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// mostBatchBytes bounds a batch of Oldest: it ends with the record that passes it.
const mostBatchBytes = 1 << 20

// Oldest are up to n records in the order of arrival; none: the spool is empty.
// Those that cannot be read are set aside on the way.
func (s *Spool) Oldest(ctx context.Context, n int) (list []Record, err error) {
	err = s.call(ctx, func() error {
		for len(list) == 0 && s.live.Records > 0 {
			var bad []unread
			list, bad, err = s.read(n)
			if err != nil {
				return err
			}
			for _, b := range bad {
				if err := s.setAside(b.seq, b.why); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return list, err
}

// unread is a record that cannot be read.
type unread struct {
	seq uint64
	why error
}

func (s *Spool) read(n int) (list []Record, bad []unread, err error) {
	err = s.view(func(b *bbolt.Bucket) error {
		list, bad = nil, nil
		size := 0
		c := b.Cursor()
		for k, v := c.First(); k != nil && len(list) < n && size < mostBatchBytes; k, v = c.Next() {
			r, err := decode(v)
			r.seq = seqOf(k)
			if err != nil {
				if b.Get(k) == nil { // it could not be set aside, ever
					return fmt.Errorf("%w: record %d is found one way and not the other", errDamaged, r.seq)
				}
				bad = append(bad, unread{seq: r.seq, why: err})
				continue
			}
			list = append(list, r)
			size += len(v)
		}
		if len(list)+len(bad) == 0 && s.live.Records > 0 {
			return fmt.Errorf("%w: %d records have gone", errDamaged, s.live.Records)
		}
		return nil
	})
	return list, bad, err
}

// Delete forgets records that Oldest gave; those that have gone are no error.
// After a crash before it returned they are given once more.
func (s *Spool) Delete(ctx context.Context, list []Record) error {
	return s.call(ctx, func() error {
		seqs := make([]uint64, len(list))
		for i, r := range list {
			seqs[i] = r.seq
		}
		return s.delete(seqs)
	})
}

func (s *Spool) delete(seqs []uint64) error {
	var gone int
	var size int64
	var oldest time.Time
	err := s.update(func(b *bbolt.Bucket) error {
		gone, size, oldest = 0, 0, time.Time{}
		for _, seq := range seqs {
			v := b.Get(keyOf(seq))
			if v == nil {
				continue
			}
			gone++
			size += int64(len(v))
			if err := b.Delete(keyOf(seq)); err != nil {
				return err
			}
		}
		if k, v := b.Cursor().First(); k != nil {
			if slices.Contains(seqs, seqOf(k)) {
				return fmt.Errorf("%w: record %d is found one way and not the other", errDamaged, seqOf(k))
			}
			if r, err := decode(v); err == nil {
				oldest = r.Received
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.live.Records -= gone
	s.live.Bytes -= size
	s.live.Oldest = oldest
	if s.live.Records == 0 && gone > 0 {
		s.renew()
	}
	return nil
}

// SetAside takes a record that Oldest gave out of the way, into a file of its own
// beside the spool, and logs which and why.
func (s *Spool) SetAside(ctx context.Context, r Record, why error) error {
	return s.call(ctx, func() error { return s.setAside(r.seq, why) })
}

func (s *Spool) setAside(seq uint64, why error) error {
	var raw []byte
	if err := s.view(func(b *bbolt.Bucket) error {
		raw = bytes.Clone(b.Get(keyOf(seq)))
		return nil
	}); err != nil || raw == nil {
		return err
	}
	path := fmt.Sprintf("%s.%d.aside", s.path, seq)
	if err := writeSynced(path, raw); err != nil {
		return fmt.Errorf("set a record of the spool aside: %w", err)
	}
	if err := s.delete([]uint64{seq}); err != nil {
		return err
	}
	s.live.SetAside++
	s.opt.Log.Error("a record of the spool is set aside", "file", path, "bytes", len(raw), "detail", why.Error())
	return nil
}

// writeSynced leaves a file on the disk.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
