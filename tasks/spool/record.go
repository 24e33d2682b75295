package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"
)

// Record is one task as the queue will hold it.
type Record struct {
	Kind     string    // the task's kind
	ID       string    // under which the queue holds it: the same task twice is one
	Received time.Time // to the nanosecond, UTC
	Payload  []byte

	seq uint64 // its place in the order of arrival; 0: not read from a spool
}

// A record is stored as
//
//	version 1 | CRC-32C of all after it, 4 | received ns, 8 | len kind, 2 | kind | len id, 2 | id | payload
//
// with numbers in big endian. What was written has exactly one form.
const (
	version    = 1
	headLength = 1 + 4 + 8 + 2 + 2
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode writes a record down; it fails only where kind or id is longer than 64 KiB.
func (r Record) encode() ([]byte, error) {
	if len(r.Kind) > math.MaxUint16 || len(r.ID) > math.MaxUint16 {
		return nil, fmt.Errorf("kind or id of %d and %d bytes; at most %d fit", len(r.Kind), len(r.ID), math.MaxUint16)
	}
	out := make([]byte, 5, headLength+len(r.Kind)+len(r.ID)+len(r.Payload))
	out = binary.BigEndian.AppendUint64(out, uint64(r.Received.UnixNano()))
	out = binary.BigEndian.AppendUint16(out, uint16(len(r.Kind)))
	out = append(out, r.Kind...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(r.ID)))
	out = append(out, r.ID...)
	out = append(out, r.Payload...)
	out[0] = version
	binary.BigEndian.PutUint32(out[1:], crc32.Checksum(out[5:], castagnoli))
	return out, nil
}

var (
	errTorn    = errors.New("its checksum is wrong: it was torn or damaged on the disk")
	errForeign = errors.New("it is of a version that this odoogate does not know")
)

// decode reads a record; the result shares nothing with raw.
func decode(raw []byte) (Record, error) {
	if len(raw) > 0 && raw[0] != version {
		return Record{}, fmt.Errorf("%w: %d", errForeign, raw[0])
	}
	if len(raw) < headLength || binary.BigEndian.Uint32(raw[1:]) != crc32.Checksum(raw[5:], castagnoli) {
		return Record{}, errTorn
	}
	r := Record{Received: time.Unix(0, int64(binary.BigEndian.Uint64(raw[5:]))).UTC()}
	rest := raw[13:]
	var ok bool
	if r.Kind, rest, ok = text(rest); !ok {
		return Record{}, errTorn
	}
	if r.ID, rest, ok = text(rest); !ok {
		return Record{}, errTorn
	}
	r.Payload = append([]byte{}, rest...)
	return r, nil
}

// text cuts a text with its length before it off.
func text(raw []byte) (s string, rest []byte, ok bool) {
	if len(raw) < 2 {
		return "", nil, false
	}
	n := int(binary.BigEndian.Uint16(raw)) + 2
	if len(raw) < n {
		return "", nil, false
	}
	return string(raw[2:n]), raw[n:], true
}

// keyOf is where a record stands: keys sort in the order of arrival.
func keyOf(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }
