package tasks

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func encoded(t testing.TB, e commerce.Event) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, encodeEvent(&out, e))
	return out.Bytes()
}

func TestAnEventIsStoredByteForByte(t *testing.T) {
	noise := make([]byte, 3*packedFrom) // cannot be packed
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	text := strings.Repeat(`{"name":"Kaisa","quantity":1},`, packedFrom)
	for name, body := range map[string]string{
		"small": "{\"a\":1}\n\x00\xff tail", "none": "", "just small": text[:packedFrom-1], "just large": text[:packedFrom],
		"lines": strings.Repeat("\n", packedFrom), "large": text, "noise": string(noise),
	} {
		e := hint("a", "5001", 1)
		e.Body = []byte(body)
		raw := encoded(t, e)
		got, err := decodeEvent(raw)
		require.NoError(t, err, name)
		require.Equal(t, body, string(got.Body), name)
		require.Equal(t, e.TaskID(), got.TaskID(), name)
		require.True(t, e.UpdatedAt.Equal(got.UpdatedAt), name)
		require.Less(t, len(raw), len(body)+roomForHead, name)
	}
}

func TestTheBodyOfAnOrderIsPacked(t *testing.T) {
	e := hint("a", "5001", 1)
	e.Body = []byte(strings.Repeat(`{"name":"Kaisa","quantity":1},`, 100))
	require.Less(t, 3*len(encoded(t, e)), len(e.Body))
}

// What an earlier version stored is read, and what says to be packed and is not is no event.
func TestABodyIsReadInTheFormThatItsHeadNames(t *testing.T) {
	const line = `{"id":"a","topic":"orders/create","ref":{"shop":"fi","kind":"order","id":"1"}`
	body := strings.Repeat("x", packedFrom)
	e, err := decodeEvent([]byte(line + "}\n" + body))
	require.NoError(t, err)
	require.Equal(t, body, string(e.Body))
	tooLarge := []byte{0xff, 0xff, 0xff, 0xff, 0x0f} // as long as it says to be
	for _, packed := range []string{"", body, string(s2.Encode(nil, []byte(body))[:20]), string(tooLarge)} {
		_, err := decodeEvent([]byte(line + `,"body":"s2"}` + "\n" + packed))
		require.Error(t, err, fmt.Sprintf("%.20q", packed))
	}
	_, err = decodeEvent([]byte(line + `,"body":"s9"}` + "\n" + body))
	require.ErrorContains(t, err, "s9")
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add(encoded(f, commerce.Event{ID: "a", Topic: "orders/create", Ref: ref("1"), Body: []byte("{}")}))
	f.Add(encoded(f, commerce.Event{ID: "a", Topic: "orders/create", Ref: ref("1"), Body: bytes.Repeat([]byte("{}"), packedFrom)}))
	f.Add([]byte("{}"))
	f.Add([]byte("\n"))
	f.Add([]byte(strings.Repeat("[", 1000) + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := decodeEvent(raw)
		if err != nil {
			return
		}
		back, err := decodeEvent(encoded(t, e))
		require.NoError(t, err)
		require.Equal(t, e.TaskID(), back.TaskID())
		require.Equal(t, string(e.Body), string(back.Body))
	})
}
