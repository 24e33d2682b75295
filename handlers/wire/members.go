package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
)

// mostNested is how deep encoding/json reads, too.
const mostNested = 10_000

var errNoJSON = errors.New("not a whole JSON object")

// Members calls each with every member of a JSON object in the order they stand
// there, a key that comes twice twice; null has none. value is the member's bytes,
// for an UnmarshalJSON. What encoding/json does not take is refused, when the
// members before it were seen. It reads the body once and copies nothing.
func Members(raw []byte, each func(name, value []byte) error) error {
	i := skipSpace(raw, 0)
	end, err := -1, error(nil)
	if i < len(raw) && raw[i] == '{' {
		end, err = skipObject(raw, i, 1, each)
	} else if bytes.HasPrefix(raw[i:], []byte("null")) {
		end = i + len("null")
	}
	if err == nil && (end < 0 || skipSpace(raw, end) < len(raw)) {
		err = errNoJSON
	}
	return err
}

// The functions below say where in b that ends which begins at i, -1 where it is
// not JSON. depth counts the objects and arrays around.

func skipObject(b []byte, i, depth int, each func(name, value []byte) error) (int, error) {
	if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for i < len(b) && b[i] == '"' {
		name := i
		if i = skipText(b, i); i < 0 {
			break
		}
		nameEnd := i
		if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
			break
		}
		i = skipSpace(b, i+1)
		at := i
		if i = skipValue(b, i, depth); i < 0 {
			break
		}
		if each != nil {
			if err := each(unquoted(b[name:nameEnd]), b[at:i]); err != nil {
				return -1, err
			}
		}
		if i = skipSpace(b, i); i >= len(b) {
			break
		}
		switch b[i] {
		case '}':
			return i + 1, nil
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1, nil
		}
	}
	return -1, nil
}

func skipArray(b []byte, i, depth int) int {
	if i = skipSpace(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = skipValue(b, i, depth); i < 0 {
			return -1
		}
		if i = skipSpace(b, i); i >= len(b) {
			return -1
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
}

func skipValue(b []byte, i, depth int) int {
	if i >= len(b) || depth == mostNested && (b[i] == '{' || b[i] == '[') {
		return -1
	}
	switch b[i] {
	case '"':
		return skipText(b, i)
	case '{':
		end, _ := skipObject(b, i, depth+1, nil)
		return end
	case '[':
		return skipArray(b, i, depth+1)
	case 'n':
		return skipWord(b, i, "null")
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	}
	return skipNumber(b, i)
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func skipWord(b []byte, i int, want string) int {
	if len(b)-i < len(want) || string(b[i:i+len(want)]) != want {
		return -1
	}
	return i + len(want)
}

// skipText looks at eight bytes at once for the next that does not stand for itself: a
// quote, a backslash or a control character. Bytes above ASCII stand for themselves,
// UTF-8 or not: apps leave what is none in notes.
func skipText(b []byte, i int) int {
	for i++; i < len(b); i++ {
		if len(b)-i >= 8 {
			found := special(binary.LittleEndian.Uint64(b[i:]))
			if found == 0 {
				i += 7
				continue
			}
			i += bits.TrailingZeros64(found) / 8
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			if i = skipEscape(b, i+1); i < 0 {
				return -1
			}
		case c < ' ':
			return -1
		}
	}
	return -1
}

// special marks by its highest bit the lowest byte of w that does not stand for itself
// in a text; 0: all do. A byte is below a bound where subtracting it borrows; turning
// one bit of all puts the quote below that of the control characters. What is borrowed
// from higher bytes may mark these wrongly.
func special(w uint64) uint64 {
	const each = 0x0101010101010101
	back := w ^ '\\'*each
	return ((w^2*each-('"'^2+1)*each)&^w | (back-each)&^back) & (0x80 * each)
}

// escape says where the last byte of it stands.
func skipEscape(b []byte, i int) int {
	if i >= len(b) || bytes.IndexByte([]byte(`"\/bfnrtu`), b[i]) < 0 {
		return -1
	}
	if b[i] != 'u' {
		return i
	}
	if len(b)-i < 5 {
		return -1
	}
	for _, c := range b[i+1 : i+5] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return -1
		}
	}
	return i + 4
}

func skipNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	whole := i
	if i = skipDigits(b, i); i < 0 || b[whole] == '0' && i > whole+1 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i = skipDigits(b, i+1); i < 0 {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return skipDigits(b, i)
	}
	return i
}

// digits wants one at least.
func skipDigits(b []byte, i int) int {
	from := i
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

// unquoted is what a text says; names of shops hold no escapes as a rule.
func unquoted(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	var s string
	_ = json.Unmarshal(raw, &s) // it was read before
	return []byte(s)
}

// PlainJSON keeps of an error of encoding/json what is wrong and where, without
// quoting what was read.
func PlainJSON(err error) error {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		return fmt.Errorf("field %s has the wrong type", t.Field)
	}
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return fmt.Errorf("JSON ends or breaks at byte %d", s.Offset)
	}
	return errors.New("a field has a wrong value")
}
