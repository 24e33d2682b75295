package spool

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []Record{
		{},
		{Kind: "order:import", ID: "fi/orders/create/order/5001/a", Received: time.Date(2026, 11, 25, 8, 0, 0, 7, time.UTC), Payload: []byte("{}\nbody")},
		{Kind: strings.Repeat("k", 1<<16-1), ID: "ä", Payload: make([]byte, 1<<20)},
	} {
		if want.Received.IsZero() {
			want.Received = time.Unix(0, 0).UTC()
		}
		raw, err := want.encode()
		require.NoError(t, err)
		got, err := decode(raw)
		require.NoError(t, err)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Record{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("another record came back (-want +got):\n%s", diff)
		}
	}
	_, err := Record{ID: strings.Repeat("x", 1<<16)}.encode()
	require.ErrorContains(t, err, "65535")
}

func TestNoByteOfARecordCanChangeUnnoticed(t *testing.T) {
	raw, err := Record{Kind: "k", ID: "id", Received: time.Now(), Payload: []byte("payload")}.encode()
	require.NoError(t, err)
	for i := range raw {
		bad := bytes.Clone(raw)
		bad[i] ^= 0x10
		_, err := decode(bad)
		require.Error(t, err, "byte %d", i)
		_, err = decode(raw[:i])
		require.Error(t, err, "cut at %d", i)
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range []Record{{}, {Kind: "order:import", ID: "fi/orders/create/order/5001/a", Received: time.Now(), Payload: []byte("{}\n")}} {
		raw, err := r.encode()
		require.NoError(f, err)
		f.Add(raw[5:])
	}
	f.Fuzz(func(t *testing.T, rest []byte) {
		if _, err := decode(rest); err == nil {
			t.Logf("a checksum was guessed")
		}
		// The fuzzer cannot find checksums, so it is given a right one.
		raw := sealed(rest)
		r, err := decode(raw)
		if err != nil {
			return
		}
		again, err := r.encode()
		require.NoError(t, err)
		require.Equal(t, raw, again, "a record has more than one form")
	})
}
