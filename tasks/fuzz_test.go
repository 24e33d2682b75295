package tasks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// FuzzReadRecord: whatever stands in Redis under an order's name, it is a record, and
// what of it cannot be read is nothing.
func FuzzReadRecord(f *testing.F) {
	f.Add("done", "2026-11-25T08:00:00.000000007Z", "17", `["sku/fi/ABC"]`, "name done", "name")
	f.Add("", "yesterday", "-99999999999999999999", `{"a":`, "", "")
	f.Add("parked", "", "1e3", `[1,null]`, " ", "x y")
	ref := commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: "5001"}
	f.Fuzz(func(t *testing.T, outcome, at, number, needs, end, forced string) {
		m := map[string]string{"outcome": outcome, "at": at, "updated": at, "odoo_id": number, "attempts": number, "writes": number, "needs": needs,
			"forced_end": end, "forced": forced, "begun": forced, "released": number, "digest": needs, "lines": end, "fields": end, "total": number}
		rec := readRecord(ref, m)
		require.Equal(t, ref, rec.Ref)
		require.Equal(t, rec, readRecord(ref, m))
		if rec.Forced != "" {
			require.Equal(t, forced, rec.Forced)
		}
		rec.Applied()
		_ = rec.At.String()
	})
}

// FuzzTick: a sign of life is read as it was written, and nothing else is one.
func FuzzTick(f *testing.F) {
	f.Add("1792000000000 8f3a 77b1")
	f.Add("x 8f3a 77b1")
	f.Add("  ")
	f.Add("99999999999999999999 a b")
	f.Fuzz(func(t *testing.T, text string) {
		tick, ok := parseTick(text)
		if !ok {
			return
		}
		again, ok := parseTick(tick.String())
		require.True(t, ok)
		require.Equal(t, tick, again)
	})
}

// FuzzReadRequest: what is written down about a person's request is read whatever
// stands there.
func FuzzReadRequest(f *testing.F) {
	f.Add("customer/7", "show", "2026-11-25T08:00:00Z", `["1","2"]`, "3")
	f.Add("", "", "soon", `{}`, "many")
	f.Fuzz(func(t *testing.T, ref, wish, at, orders, n string) {
		m := map[string]string{"ref": ref, "wish": wish, "received": at, "deadline": at, "done": at, "orders": orders, "found tasks": n, "removed seen": n}
		req := readRequest("fi", "r1", m)
		require.Equal(t, "fi", req.Shop)
		require.Equal(t, req, readRequest("fi", "r1", m))
		require.NotEmpty(t, req.Again("x").Nonce)
	})
}
