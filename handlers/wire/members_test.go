package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// A text is read eight bytes at once: any two bytes, wherever they stand in it, are
// taken or refused as encoding/json does.
func TestATextIsTakenWhereEncodingJSONTakesIt(t *testing.T) {
	none := func(_, _ []byte) error { return nil }
	for before := range 9 {
		for first := range 256 {
			for _, second := range []byte{0, ' ' - 1, ' ', '!', '"', '#', '[', '\\', ']', 'n', 0x7f, 0x80, 0xa2, 0xff} {
				body := append([]byte(`{"a":"`), bytes.Repeat([]byte{'x'}, before)...)
				body = append(body, byte(first), second)
				body = append(body, `x\nxxxxxxx"}`...)
				require.Equal(t, json.Valid(body), Members(body, none) == nil, "%q", body)
			}
		}
	}
}
