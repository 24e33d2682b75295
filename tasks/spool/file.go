package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

var bucket = []byte("records")

// file is one bbolt file that we have the lock of.
type file struct {
	db *bbolt.DB
	os *os.File
}

// errDamaged says that the file's own structure cannot be followed.
var errDamaged = errors.New("the spool's file is damaged")

// guard runs what reads the mapped file. On damage bbolt panics, reading beyond the
// end of a cut file is a fault of memory, and a page of a number that cannot be is
// written where no file reaches: all become errDamaged.
func guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	if err = do(); errors.Is(err, syscall.EFBIG) {
		err = fmt.Errorf("%w: %w", errDamaged, err)
	}
	return err
}

// lockWait is how long the lock of a process that is just ending is waited for.
const lockWait = time.Second

// openFile opens or makes the file and takes its lock.
func openFile(path string) (*file, error) {
	f := &file{}
	err := guard(func() (err error) {
		f.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout: lockWait, FreelistType: bbolt.FreelistMapType, NoStatistics: true,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				opened, err := os.OpenFile(name, flag, mode)
				f.os = opened
				return opened, err
			},
		})
		return err
	})
	var ofSystem syscall.Errno
	switch {
	case err == nil:
		return f, f.sure(path)
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrTaken
	case errors.Is(err, errDamaged):
		return nil, errors.Join(err, f.os.Close()) // bbolt panicked and holds the lock
	case errors.As(err, &ofSystem):
		return nil, fmt.Errorf("open the spool: %w", err)
	}
	return nil, fmt.Errorf("%w: %w", errDamaged, err)
}

// sure closes a file that another process replaced while we waited for its lock.
func (f *file) sure(path string) error {
	ours, err := f.os.Stat()
	if err != nil {
		return errors.Join(err, f.db.Close())
	}
	there, err := os.Stat(path)
	if err != nil || !os.SameFile(ours, there) {
		return errors.Join(ErrTaken, f.db.Close())
	}
	return nil
}

// begin makes the bucket and goes on counting after last.
func (f *file) begin(last uint64) error {
	return guard(func() error {
		return f.db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(bucket)
			if err != nil {
				return err
			}
			return b.SetSequence(max(b.Sequence(), last))
		})
	})
}

// open opens the spool's file, counts what it holds, and replaces a damaged one.
func (s *Spool) open() error {
	f, err := openFile(s.path)
	if err == nil {
		if err = f.tree(); err == nil {
			err = f.begin(s.next)
		}
		if err == nil {
			err = s.count(f)
		}
		if err == nil {
			s.file = f
			return nil
		}
		if !errors.Is(err, errDamaged) {
			return errors.Join(fmt.Errorf("open the spool: %w", err), f.db.Close())
		}
		_ = f.os.Close() // and with it the lock; the rest of it cannot be trusted
	}
	if errors.Is(err, errDamaged) {
		return s.replace(err)
	}
	return err
}

// count finds out how many records there are, how large, and how old.
func (s *Spool) count(f *file) error {
	live := Stats{SetAside: s.live.SetAside}
	info, err := f.os.Stat()
	if err != nil {
		return err
	}
	return guard(func() error {
		return f.db.View(func(tx *bbolt.Tx) error {
			if tx.Size() > info.Size() {
				return fmt.Errorf("%w: it holds %d bytes of %d", errDamaged, info.Size(), tx.Size())
			}
			b := tx.Bucket(bucket)
			s.next = b.Sequence()
			last := uint64(0)
			c := b.Cursor()
			for k, v := c.First(); k != nil; k, v = c.Next() {
				if len(k) != 8 || seqOf(k) <= last {
					return fmt.Errorf("%w: %x stands after %x", errDamaged, k, last)
				}
				last = seqOf(k)
				if live.Records++; live.Oldest.IsZero() {
					if r, err := decode(v); err == nil {
						live.Oldest = r.Received
					}
				}
				live.Bytes += int64(len(v))
			}
			s.live, s.unsure = live, false
			return nil
		})
	})
}

func seqOf(key []byte) uint64 { return binary.BigEndian.Uint64(key) }

// update changes the records in one synced step. Where that shows the file to be
// damaged, it is replaced and the change is made in the new one. After any other
// error the change may be there: bbolt leaves it in the file when the last sync fails.
func (s *Spool) update(change func(*bbolt.Bucket) error) error {
	err := s.with(func(f *file) error {
		return f.db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucket)
			b.FillPercent = 1 // records only come at the end
			return change(b)
		})
	})
	s.unsure = s.unsure || err != nil
	return err
}

func (s *Spool) view(look func(*bbolt.Bucket) error) error {
	return s.with(func(f *file) error {
		return f.db.View(func(tx *bbolt.Tx) error { return look(tx.Bucket(bucket)) })
	})
}

func (s *Spool) with(do func(*file) error) error {
	if s.file == nil { // replacing it failed before
		if err := s.open(); err != nil {
			return err
		}
	}
	err := guard(func() error {
		if s.unsure {
			if err := s.count(s.file); err != nil {
				return err
			}
		}
		return do(s.file)
	})
	if !errors.Is(err, errDamaged) {
		return err
	}
	_ = s.file.os.Close()
	s.file = nil
	if err := s.replace(err); err != nil {
		return err
	}
	return guard(func() error { return do(s.file) })
}

// renew puts a new file in the place of an emptied one: bbolt's files do not
// shrink, and what was deleted from one still stands in it.
func (s *Spool) renew() {
	next := s.path + ".new"
	err := os.Remove(next)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		err = s.renewAs(next)
	}
	if err != nil {
		s.opt.Log.Error("the emptied spool keeps its file", "file", s.path, "detail", err.Error())
	}
}

func (s *Spool) renewAs(path string) error {
	f, err := openFile(path)
	if err != nil {
		return err
	}
	if err = f.begin(s.next); err == nil {
		err = os.Rename(path, s.path)
	}
	if err != nil {
		return errors.Join(err, f.db.Close(), os.Remove(path))
	}
	old := s.file
	s.file = f
	return errors.Join(syncFolder(s.path), guard(old.db.Close))
}

// syncFolder makes a file's name last.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
