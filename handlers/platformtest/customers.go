package platformtest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// customers: an account that is read is what the payload says, and lists hold all that
// they promise.
func (s Suite) customers(t *testing.T) {
	fake, shop := s.start(t)
	require.Equal(t, shop.Customers == nil, fake.Accounts == nil, "a shop that reads accounts has a fake with some")
	if shop.Customers == nil {
		return
	}
	accounts := *fake.Accounts
	t.Run("a delivery about an account names it, and holds what is read", func(t *testing.T) {
		if shop.Receiver == nil {
			return // nothing is pushed
		}
		read, err := shop.Customers.Customer(t.Context(), accounts.Account)
		require.NoError(t, err)
		require.Equal(t, commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: accounts.Account}, read.Ref)
		require.Equal(t, accounts.Account, read.ID, "an order of it names it so")
		e := s.one(t, shop, accounts.Delivery())
		require.Equal(t, commerce.HintCustomer, e.Hint)
		require.Equal(t, []commerce.Ref{read.Ref, read.Ref}, []commerce.Ref{e.Ref, e.Aggregate})
		require.NotEqual(t, e.TaskID(), s.one(t, shop, accounts.Delivery()).TaskID())
		payload, err := shop.Customers.Decode(accounts.Delivery().Body)
		if errors.Is(err, handlers.ErrPartial) {
			return // this platform's payloads never hold a whole account
		}
		require.NoError(t, err)
		require.Equal(t, read, payload)
		require.Equal(t, read.Digest(), payload.Digest())
		require.Equal(t, read.UpdatedAt, e.UpdatedAt, "the version that the event tells is the account's")
		require.NotEmpty(t, e.Body, "the payload goes on with its event")
	})
	t.Run("an account that is not there is not found", func(t *testing.T) {
		_, err := shop.Customers.Customer(t.Context(), accounts.Missing)
		s.fails(t, commerce.NotFound, err)
		id := accounts.Register(time.Unix(1_700_000_000, 0))
		accounts.Delete(id)
		_, err = shop.Customers.Customer(t.Context(), id)
		s.fails(t, commerce.NotFound, err)
	})
	s.registered(t, shop, accounts)
	s.refusals(t, fake, accounts.Account, func() error {
		_, err := shop.Customers.Customer(t.Context(), accounts.Account)
		return err
	})
	s.bodies(t, "bodies that are no account are invalid or partial", `{"id":1,"email":{}}`, func(body []byte) (bool, error) {
		c, err := shop.Customers.Decode(body)
		return c == nil, err
	})
	s.customersInTime(t)
	s.customersSet(t)
}

// registered: the list of accounts.
func (s Suite) registered(t *testing.T, shop *handlers.Shop, accounts Accounts) {
	begin := time.Date(2021, 3, 4, 5, 6, 0, 0, time.UTC)
	var made []string // a second apart, but for the last two, which are of one
	for i := range 6 {
		made = append(made, accounts.Register(begin.Add(time.Duration(min(i, 4))*time.Second)))
	}
	t.Run("the accounts of a time come once each, and its end is not in it", func(t *testing.T) {
		for _, tc := range []struct {
			from, until time.Time
			want        []string
		}{
			{begin, begin.Add(5 * time.Second), made},
			{begin.Add(time.Second), begin.Add(4 * time.Second), made[1:4]},
			{begin.Add(time.Second + time.Millisecond), begin.Add(4*time.Second + time.Millisecond), made[2:]},
			{begin.Add(-time.Hour), begin, nil},
			{begin, begin, nil},
		} {
			require.ElementsMatch(t, tc.want, ids(t, shop.Customers.Registered(t.Context(), tc.from, tc.until)), "%s to %s", tc.from, tc.until)
		}
		all := ids(t, shop.Customers.Registered(t.Context(), time.Time{}, time.Time{}))
		require.Subset(t, all, append([]string{accounts.Account}, made...), "without bounds it is all of them")
		require.Subset(t, all, ids(t, shop.Customers.Registered(t.Context(), begin, time.Time{})))
	})
	t.Run("a change is of the time that the account itself tells", func(t *testing.T) {
		accounts.Edit(made[0])
		read, err := shop.Customers.Customer(t.Context(), made[0])
		require.NoError(t, err)
		require.True(t, read.UpdatedAt.After(read.CreatedAt))
		require.Equal(t, begin, read.CreatedAt)
		for change, err := range shop.Customers.Registered(t.Context(), begin, begin.Add(time.Second)) {
			require.NoError(t, err)
			require.Equal(t, handlers.Change{Ref: read.Ref, At: read.UpdatedAt}, change)
		}
	})
	t.Run("accounts that go and come meanwhile hide no other", func(t *testing.T) { s.churn(t, shop, accounts) })
}

// churn deletes accounts in front of the place that a list has reached, more than fit a
// page, while others register.
func (s Suite) churn(t *testing.T, shop *handlers.Shop, accounts Accounts) {
	begin := time.Date(2022, 3, 4, 5, 6, 0, 0, time.UTC)
	var made, gone, got []string
	for i := range 330 {
		made = append(made, accounts.Register(begin.Add(time.Duration(i/3)*time.Second)))
	}
	for change, err := range shop.Customers.Registered(t.Context(), begin, time.Time{}) {
		require.NoError(t, err)
		got = append(got, change.Ref.ID)
		if n := len(got); n == 30 || n == 180 {
			for _, id := range got[len(gone):n] {
				accounts.Delete(id)
				gone = append(gone, id)
				accounts.Register(begin)
			}
		}
	}
	require.Len(t, gone, 180)
	slices.Sort(got)
	require.Equal(t, slices.Compact(slices.Clone(got)), got, "each comes once")
	require.Subset(t, got, made)
}

func ids(t *testing.T, list func(func(handlers.Change, error) bool)) (all []string) {
	t.Helper()
	for change, err := range list {
		require.NoError(t, err)
		require.Equal(t, commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: change.Ref.ID}, change.Ref)
		require.NotContains(t, all, change.Ref.ID, "each comes once")
		all = append(all, change.Ref.ID)
	}
	return all
}

// customersInTime has a fake of its own, as deadlines.
func (s Suite) customersInTime(t *testing.T) {
	t.Run("a deadline ends every read of accounts, and nothing comes after an error", func(t *testing.T) {
		fake, shop := s.start(t)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		fake.Hang()
		_, err := shop.Customers.Customer(ctx, fake.Accounts.Account)
		require.Error(t, err)
		s.quiet(t, err)
		fake.Hang()
		s.ends(t, shop.Customers.Registered(ctx, time.Time{}, time.Time{}))
		require.Less(t, time.Since(begun), 5*time.Second)

		fake, shop = s.start(t)
		fake.Deny()
		require.Equal(t, commerce.Denied, commerce.ReasonOf(s.ends(t, shop.Customers.Registered(t.Context(), time.Time{}, time.Time{}))))
	})
}

// ends wants a list to yield one error and nothing after it.
func (s Suite) ends(t *testing.T, list func(func(handlers.Change, error) bool)) (failure error) {
	t.Helper()
	for change, err := range list {
		require.NoError(t, failure, "something came after an error")
		require.Error(t, err)
		require.Zero(t, change)
		s.quiet(t, err)
		failure = err
	}
	require.Error(t, failure)
	return failure
}
