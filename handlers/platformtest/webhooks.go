package platformtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// publicURL is where the shops of the suite are reached.
const publicURL = "https://hooks.example.com"

// webhooks: what should come can be made, seen and deleted, and nothing is doubled.
func (s Suite) webhooks(t *testing.T) {
	fake, shop := s.start(t)
	if shop.Webhooks == nil {
		return
	}
	look := func(t *testing.T) handlers.Subscriptions {
		subs, err := shop.Webhooks.Subscriptions(t.Context())
		require.NoError(t, err)
		require.Equal(t, publicURL+"/hooks/fi", subs.Address)
		return subs
	}
	change := func(t *testing.T, plan []handlers.HookChange) {
		for _, c := range plan {
			_, err := shop.Webhooks.Change(t.Context(), c)
			require.NoError(t, err)
		}
	}
	missing := look(t).Plan()
	t.Run("a shop without any gets what it should send", func(t *testing.T) {
		require.NotEmpty(t, missing)
		for _, c := range missing {
			require.Equal(t, handlers.HookCreate, c.Do)
			require.Empty(t, c.ID)
			require.True(t, strings.HasPrefix(c.Address, publicURL+"/hooks/fi"), c.Address)
		}
		change(t, missing)
		s.allStand(t, look(t), len(missing))
	})
	t.Run("what is made twice stands once", func(t *testing.T) {
		change(t, missing)
		change(t, look(t).Plan())
		s.allStand(t, look(t), len(missing))
	})
	t.Run("a change that nobody knows is invalid", func(t *testing.T) {
		made, err := shop.Webhooks.Change(t.Context(), handlers.HookChange{Do: "sing", ID: "1"})
		s.fails(t, commerce.Invalid, err)
		require.False(t, made)
	})
	t.Run("lack of rights is denied", func(t *testing.T) {
		fake.Deny()
		_, err := shop.Webhooks.Subscriptions(t.Context())
		s.fails(t, commerce.Denied, err)
	})
	t.Run("all of ours are deleted, and deleting one that is gone is nothing", func(t *testing.T) {
		ours := look(t).Removal()
		require.Len(t, ours, len(missing))
		change(t, ours)
		require.Empty(t, look(t).Removal())
		require.Equal(t, missing, look(t).Plan())
		made, err := shop.Webhooks.Change(t.Context(), ours[0])
		require.NoError(t, err)
		require.False(t, made)
	})
	t.Run("a deadline ends every call", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		fake.Hang()
		_, err := shop.Webhooks.Subscriptions(ctx)
		require.Error(t, err)
		s.quiet(t, err)
		fake.Hang()
		_, err = shop.Webhooks.Change(ctx, missing[0])
		require.Error(t, err)
		s.quiet(t, err)
		require.Less(t, time.Since(begun), 5*time.Second)
	})
}

func (s Suite) allStand(t *testing.T, subs handlers.Subscriptions, n int) {
	t.Helper()
	require.Len(t, subs.List, n)
	require.Empty(t, subs.Plan())
	require.Zero(t, subs.Wrong())
	for _, one := range subs.List {
		require.Equal(t, handlers.HookActive, one.State, one.Topic)
		require.True(t, one.Ours, one.Topic)
		require.NotEmpty(t, one.ID, one.Topic)
	}
}
