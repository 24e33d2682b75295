package platformtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Leaves calls f for every value of a JSON text, with the text in which that one is
// replaced.
func Leaves(t *testing.T, raw []byte, with any, f func(path string, changed []byte)) {
	t.Helper()
	var root any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	require.NoError(t, d.Decode(&root))
	var walk func(path string, v any, put func(any))
	walk = func(path string, v any, put func(any)) {
		put(with)
		changed, err := json.Marshal(root)
		require.NoError(t, err)
		put(v)
		f(path, changed)
		switch v := v.(type) {
		case map[string]any:
			for k, inner := range v {
				walk(path+"."+k, inner, func(to any) { v[k] = to })
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), inner, func(to any) { v[i] = to })
			}
		}
	}
	walk("", root, func(to any) { root = to })
}
