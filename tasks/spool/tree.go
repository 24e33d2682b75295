package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.etcd.io/bbolt"
)

const (
	branchFlag    = 0x01
	branchElement = 16 // position 4, key size 4, page 8
)

// tree follows the branches of the file before bbolt does: one that leads back to
// where it came from would be followed without end, in all the memory there is.
func (f *file) tree() error {
	return guard(func() error {
		return f.db.View(func(tx *bbolt.Tx) error {
			w := walk{file: f.os, size: int64(f.db.Info().PageSize), seen: map[uint64]bool{}}
			if err := w.below(uint64(tx.Cursor().Bucket().Root())); err != nil {
				return err
			}
			if b := tx.Bucket(bucket); b != nil && b.Root() != 0 { // 0: a small one stands in its parent
				return w.below(uint64(b.Root()))
			}
			return nil
		})
	})
}

type walk struct {
	file io.ReaderAt
	size int64
	seen map[uint64]bool // branches
}

// below looks at a page and all that hang on it. What is no branch ends the walk:
// bbolt itself tells whether it is a leaf.
func (w walk) below(page uint64) error {
	if page > 1<<40 {
		return fmt.Errorf("%w: there is no page %d", errDamaged, page)
	}
	at := int64(page) * w.size
	head := make([]byte, pageHead)
	if err := w.read(head, at); err != nil {
		return err
	}
	if binary.NativeEndian.Uint16(head[8:])&branchFlag == 0 {
		return nil
	}
	if w.seen[page] {
		return fmt.Errorf("%w: two ways lead to page %d", errDamaged, page)
	}
	w.seen[page] = true
	children := make([]byte, branchElement*int(binary.NativeEndian.Uint16(head[10:])))
	if err := w.read(children, at+pageHead); err != nil {
		return err
	}
	for ; len(children) > 0; children = children[branchElement:] {
		if err := w.below(binary.NativeEndian.Uint64(children[8:])); err != nil {
			return err
		}
	}
	return nil
}

func (w walk) read(into []byte, at int64) error {
	_, err := w.file.ReadAt(into, at)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends before byte %d", errDamaged, at+int64(len(into)))
	}
	return err
}
