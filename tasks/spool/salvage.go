package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// replace moves a damaged file aside and begins a new one with every record that
// can be found in the old. Some of them may have been drained before: a task that
// comes twice is one.
func (s *Spool) replace(why error) error {
	aside := fmt.Sprintf("%s.%s.corrupt", s.path, time.Now().UTC().Format("20060102T150405.000"))
	if err := os.Rename(s.path, aside); err != nil {
		return errors.Join(fmt.Errorf("move the damaged spool aside: %w", err), why)
	}
	f, err := openFile(s.path)
	if err != nil {
		return err
	}
	err = f.begin(s.next)
	found := 0
	if err == nil {
		found, err = salvage(f, aside)
	}
	if err == nil {
		err = errors.Join(syncFolder(s.path), s.count(f))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("replace the damaged spool: %w", err), f.db.Close())
	}
	s.file = f
	s.opt.Log.Error("the spool was damaged and is replaced; look into its disk", "file", aside, "found", found, "detail", why.Error())
	return nil
}

// salvage copies the records of a damaged file into f. It follows no structure
// that may be damaged: every leaf page of the file is looked into by itself, and a
// record is what has a right checksum.
func salvage(f *file, path string) (found int, err error) {
	old, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return 0, err
	}
	size := int64(pageSize(old))
	for at := int64(0); at+size <= info.Size(); at += size {
		page, err := leaf(old, at, size, info.Size())
		if err != nil {
			return found, err
		}
		records := map[uint64][]byte{}
		leafRecords(page, records)
		if len(records) == 0 {
			continue
		}
		if err := f.take(records); err != nil {
			return found, err
		}
		found += len(records)
	}
	return found, nil
}

// take stores records under the numbers they had.
func (f *file) take(records map[uint64][]byte) error {
	return f.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucket)
		for seq, raw := range records {
			if err := b.Put(keyOf(seq), raw); err != nil {
				return err
			}
			if err := b.SetSequence(max(b.Sequence(), seq)); err != nil {
				return err
			}
		}
		return nil
	})
}

// What bbolt's file format, version 2, says of pages; numbers are in the
// machine's own order.
const (
	pageHead     = 16 // id 8, flags 2, count 2, overflow 4
	leafFlag     = 0x02
	leafElement  = 16   // flags 4, position 4, key size 4, value size 4
	bucketFlag   = 0x01 // of an element: a bucket, perhaps with its page inside
	bucketHead   = 16   // root page 8, sequence 8
	metaPageSize = pageHead + 8
	bboltMagic   = 0xED0CDAED
	mostLeaf     = 64 << 20 // larger than any record that a gateway takes
)

// pageSize is what either of the first two pages says, else the machine's.
func pageSize(f io.ReaderAt) int {
	usual := os.Getpagesize()
	for _, at := range []int64{0, int64(usual)} {
		head := make([]byte, metaPageSize+4)
		if _, err := f.ReadAt(head, at); err != nil || binary.NativeEndian.Uint32(head[pageHead:]) != bboltMagic {
			continue
		}
		if n := binary.NativeEndian.Uint32(head[metaPageSize:]); n >= 512 && n <= 1<<16 && n&(n-1) == 0 {
			return int(n)
		}
	}
	return usual
}

// leaf reads the leaf page at an offset; nil: there is none.
func leaf(f io.ReaderAt, at, size, end int64) ([]byte, error) {
	head := make([]byte, pageHead)
	if _, err := f.ReadAt(head, at); err != nil {
		return nil, err
	}
	length := (int64(binary.NativeEndian.Uint32(head[12:])) + 1) * size
	if binary.NativeEndian.Uint64(head) != uint64(at/size) || binary.NativeEndian.Uint16(head[8:]) != leafFlag || length > mostLeaf {
		return nil, nil
	}
	page := make([]byte, min(length, end-at))
	_, err := f.ReadAt(page, at)
	return page, err
}

// leafRecords adds the readable records of one leaf page to out.
func leafRecords(page []byte, out map[uint64][]byte) {
	for e := range elements(page) {
		if e.flags&bucketFlag == 0 {
			e.keep(out)
			continue
		}
		if string(e.key) == string(bucket) && len(e.value) > bucketHead { // a small bucket stands in its parent
			for inner := range elements(e.value[bucketHead:]) {
				if inner.flags&bucketFlag == 0 { // ours has none inside
					inner.keep(out)
				}
			}
		}
	}
}

// element is one key of a leaf page with its value.
type element struct {
	flags      uint32
	key, value []byte
}

func (e element) keep(out map[uint64][]byte) {
	if _, err := decode(e.value); err == nil && len(e.key) == 8 {
		out[seqOf(e.key)] = e.value
	}
}

// elements are those of a leaf page that stand within it. Whole ones never overlap,
// so together they are no longer than the page: what says otherwise is damaged, and
// reading all of it could take for ever.
func elements(page []byte) iter.Seq[element] {
	return func(yield func(element) bool) {
		if len(page) < pageHead {
			return
		}
		count, left := int(binary.NativeEndian.Uint16(page[10:])), int64(len(page))
		for i := range count {
			at := pageHead + i*leafElement
			if at+leafElement > len(page) {
				return
			}
			e := page[at:]
			flags, position := binary.NativeEndian.Uint32(e), int64(binary.NativeEndian.Uint32(e[4:]))
			keySize, valueSize := int64(binary.NativeEndian.Uint32(e[8:])), int64(binary.NativeEndian.Uint32(e[12:]))
			if position+keySize+valueSize > int64(len(e)) || keySize+valueSize > left {
				continue
			}
			left -= keySize + valueSize
			if !yield(element{flags, e[position : position+keySize], e[position+keySize : position+keySize+valueSize]}) {
				return
			}
		}
	}
}
