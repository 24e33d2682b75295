package odooclient

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzAnswer feeds the whole way from an answer's bytes to a caller's values:
// whatever comes, there is a result or a Fault in one line, and no panic.
func FuzzAnswer(f *testing.F) {
	paths, err := filepath.Glob("testdata/rpc/*.json")
	require.NoError(f, err)
	for _, path := range paths {
		body, err := json.Marshal(readRecording(f, path).Response.Body)
		require.NoError(f, err)
		f.Add(body)
	}
	for _, odd := range []string{``, `null`, `[]`, `{}`, `{"id":1}`, `{"id":1,"result":{"ids":[null]}}`, `{"id":1,"error":null}`,
		`{"id":1,"error":{"data":{"name":5}}}`, `{"id":1,"result":[{"id":1e400,"f":1e-999999999}]}`, `{"id":1,"result":{"ids":false,"messages":[{"record":-1}]}}`} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		raw, err := readAnswer(body, 1, true)
		if err != nil {
			oneLine(t, err)
			return
		}
		var rows []Row
		if err := decode(raw, &rows, Request{}); err != nil {
			oneLine(t, err)
		}
		for _, row := range rows {
			for name := range row {
				_, _ = row.Ref(name)
				_, _, _ = row.IDs(name), row.Time(name), row.Bool(name)
				_ = row.Dec(name).String()
				_ = keyText(row[name])
			}
		}
		var got loaded
		if err := decode(raw, &got, Request{}); err != nil {
			oneLine(t, err)
			return
		}
		members := []*member[packed, int64]{{ctx: t.Context(), done: make(chan struct{})}}
		c := &Client{scrub: func(s string) string { return s }}
		if err := c.blame(Shape{Model: "x", Fields: []string{"id", "a/id"}}, members, got.Messages); err != nil {
			oneLine(t, err)
		} else if !members[0].answered {
			t.Fatal("neither a culprit nor an error")
		}
	})
}

func oneLine(t *testing.T, err error) {
	t.Helper()
	if KindOf(err) == "" || strings.Contains(err.Error(), "\n") {
		t.Fatalf("got %q", err)
	}
}
