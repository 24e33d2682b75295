package main

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// A shop that observes takes everything in, shows what it would write, and not
// one call that writes reaches Odoo.
func TestObservingTheWholeDemoWritesNothing(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	w, err := openWorld(ctx, process{out: io.Discard, err: io.Discard}, demoOptions{listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.close()) })
	require.Equal(t, "live", w.cfg.Shops[0].Mode)
	w.cfg.Shops[0].Mode = "observe"
	a, err := w.app(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ln, err := listen(w.cfg.Server.Listen)
	require.NoError(t, err)
	served := make(chan error, 1)
	serving, end := context.WithCancel(ctx)
	go func() { served <- a.run(serving, ln) }()
	require.NoError(t, w.ready(ctx))

	s := w.script(1)
	w.post(ctx, s)
	outcomes := map[string]int{}
	require.Eventually(t, func() bool {
		clear(outcomes)
		for _, id := range s.orders {
			rec, _, err := w.journal.Get(ctx, commerce.Ref{Shop: demoShop, Kind: commerce.KindOrder, ID: id})
			require.NoError(t, err)
			if rec.Outcome == tasks.Skipped || rec.Outcome == tasks.Parked {
				outcomes[rec.Reason]++
				require.Zero(t, rec.Writes)
				require.NotContains(t, rec.Detail, "@")
				require.Equal(t, rec.Reason == "observed", strings.Contains(rec.Detail, "quotation"), rec.Detail)
			}
		}
		n := 0
		for _, c := range outcomes {
			n += c
		}
		return n == len(s.orders)
	}, 2*time.Minute, 50*time.Millisecond)
	end()
	require.NoError(t, <-served)

	require.Greater(t, outcomes["observed"], len(s.orders)-10, "%v", outcomes)
	require.Equal(t, 1, outcomes[string(commerce.Missing)], "the unknown SKU is told in time")
	require.Empty(t, w.odoo.Orders())
	reads := []string{"search_read", "read", "fields_get", "default_get", "get_external_id", "check_object_reference", "authenticate", "version"}
	for call, n := range w.odoo.Calls() {
		_, method, _ := strings.Cut(call[strings.LastIndexByte(call, '.'):], ".")
		require.True(t, slices.Contains(reads, method), "%s was called %d times", call, n)
	}
	t.Logf("%v; %d calls to Odoo, all of them reads: %v", outcomes, w.odoo.CallCount(), w.odoo.Calls())
}
