package tasks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

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

// Whatever fields an event has: a new one that appendHead does not know fails here.
func TestTheHeadOfAnEventIsWrittenAsEncodingJSONWritesIt(t *testing.T) {
	texts := []string{"a-1_b/c.d", "", "Käse ☃", `"quoted\"`, "<a&b>", "\x00\n\x7f\u2028\xff"}
	at := time.Date(2026, 11, 26, 16, 0, 0, 120_000_000, time.FixedZone("", 2*60*60))
	for i := range texts {
		filled := head{Event: &commerce.Event{}, Form: texts[i]}
		fill(reflect.ValueOf(filled.Event).Elem(), func() string { i++; return texts[i%len(texts)] }, at)
		for _, h := range []head{filled, {Event: &commerce.Event{ID: texts[i%len(texts)]}}} {
			want := &bytes.Buffer{}
			require.NoError(t, json.NewEncoder(want).Encode(h))
			got, err := appendHead(nil, h.Event, h.Form)
			require.NoError(t, err)
			require.Equal(t, want.String(), string(got)+"\n")
		}
	}
	_, err := appendHead(nil, &commerce.Event{Received: at.AddDate(9000, 0, 0)}, "")
	require.Error(t, err)
}

// fill gives every field a value.
func fill(v reflect.Value, text func() string, at time.Time) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text, at)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, at)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(at))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), text, at)
		}
	case reflect.Uint8:
		v.SetUint(1)
	default:
		panic("a field of another kind: " + v.Kind().String())
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
