package platformtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// orders: what is read is what the payload says, and failures have their reason.
func (s Suite) orders(t *testing.T) {
	fake, shop := s.start(t)
	if shop.Orders == nil {
		return
	}
	t.Run("the order of a payload equals the one that is read", func(t *testing.T) {
		if shop.Receiver == nil {
			return // nothing is pushed
		}
		payload, err := shop.Orders.Decode(fake.Delivery().Body)
		if errors.Is(err, handlers.ErrPartial) {
			return // this platform's payloads never hold a whole order
		}
		require.NoError(t, err)
		read, err := shop.Orders.Order(t.Context(), fake.Order)
		require.NoError(t, err)
		s.Equal(t, payload, read)
		require.Equal(t, payload.Digest(), read.Digest())
	})
	t.Run("the changes hold the order", func(t *testing.T) {
		var found bool
		var at time.Time
		for change, err := range shop.Orders.Updated(t.Context(), time.Unix(0, 0), time.Time{}) {
			require.NoError(t, err)
			require.Equal(t, "fi", change.Ref.Shop)
			if change.Ref.ID == fake.Order {
				found, at = true, change.At
			}
		}
		require.True(t, found)
		read, err := shop.Orders.Order(t.Context(), fake.Order)
		require.NoError(t, err)
		require.WithinDuration(t, read.UpdatedAt, at, time.Second, "a change is of the time that the order itself tells")
		for change, err := range shop.Orders.Updated(t.Context(), time.Unix(0, 0), at.Add(-2*time.Second)) {
			require.NoError(t, err)
			require.NotEqual(t, fake.Order, change.Ref.ID, "it changed after the window")
		}
	})
	t.Run("the orders placed in a time hold the order, whole where they are read whole", func(t *testing.T) {
		want, err := shop.Orders.Order(t.Context(), fake.Order)
		require.NoError(t, err)
		from, until := want.CreatedAt, want.CreatedAt.Add(time.Second)
		found := 0
		for ref, err := range shop.Orders.Placed(t.Context(), from, until) {
			require.NoError(t, err)
			if ref == want.Ref {
				found++
			}
		}
		require.Equal(t, 1, found)
		for ref, err := range shop.Orders.Placed(t.Context(), from.Add(-time.Second), from) {
			require.NoError(t, err)
			require.NotEqual(t, want.Ref, ref, "the end of the time is not in it")
		}
		if lister, ok := shop.Orders.(handlers.OrderLister); ok {
			found = 0
			for o, err := range lister.PlacedWhole(t.Context(), from, until) {
				require.NoError(t, err)
				if o.Ref == want.Ref {
					found++
					require.Equal(t, want.Digest(), o.Digest())
				}
			}
			require.Equal(t, 1, found)
		}
	})
	t.Run("an order that is not there is not found", func(t *testing.T) {
		_, err := shop.Orders.Order(t.Context(), fake.Missing)
		s.fails(t, commerce.NotFound, err)
	})
	s.refusals(t, fake, fake.Order, func() error {
		_, err := shop.Orders.Order(t.Context(), fake.Order)
		return err
	})
	s.bodies(t, "bodies that are no order are invalid or partial", `{"line_items":7}`, func(body []byte) (bool, error) {
		o, err := shop.Orders.Decode(body)
		return o == nil, err
	})
	s.deadlines(t)
}

// refusals: a read that the shop refuses fails with its reason. It is the last of a fake:
// a rate limit holds up what comes after it.
func (s Suite) refusals(t *testing.T, fake Fake, id string, read func() error) {
	t.Run("lack of rights is denied, and says what to do", func(t *testing.T) {
		fake.Deny()
		err := read()
		s.fails(t, commerce.Denied, err)
		var e *commerce.Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Remedy)
		require.Equal(t, id, e.Ref.ID)
	})
	t.Run("a long rate limit goes back with its time", func(t *testing.T) {
		fake.Limit()
		begun := time.Now()
		err := read()
		s.fails(t, commerce.RateLimited, err)
		var e *commerce.Error
		require.ErrorAs(t, err, &e)
		require.Greater(t, e.RetryAfter, 10*time.Second)
		require.Less(t, time.Since(begun), 10*time.Second)
	})
}

// bodies: what is no record of the kind is told so, and gives none; odd is one body of
// which a member that only the kind has is wrong.
func (s Suite) bodies(t *testing.T, name, odd string, decode func(body []byte) (none bool, err error)) {
	t.Run(name, func(t *testing.T) {
		for _, body := range []string{"", "null", "[]", "{}", `{"id":1}`, `{"id":[]}`, odd, "{\"id\":1", "\xff"} {
			none, err := decode([]byte(body))
			require.Error(t, err, body)
			require.True(t, none, body)
			if !errors.Is(err, handlers.ErrPartial) {
				s.fails(t, commerce.Invalid, err)
			}
		}
	})
}

// deadlines has a fake of its own: a rate limit would hold the others up.
func (s Suite) deadlines(t *testing.T) {
	t.Run("a deadline ends every read", func(t *testing.T) {
		fake, shop := s.start(t)
		fake.Hang()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		_, err := shop.Orders.Order(ctx, fake.Order)
		require.Error(t, err)
		s.quiet(t, err)
		fake.Hang()
		for _, err := range shop.Orders.Updated(ctx, time.Now(), time.Time{}) {
			require.Error(t, err)
			s.quiet(t, err)
		}
		fake.Hang()
		for _, err := range shop.Orders.Placed(ctx, time.Now().Add(-time.Hour), time.Now()) {
			require.Error(t, err)
			s.quiet(t, err)
		}
		require.Less(t, time.Since(begun), 5*time.Second)
	})
}
