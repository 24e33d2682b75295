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

// customersSet: what is written to an account is what is read of it, and an e-mail
// address has one account.
func (s Suite) customersSet(t *testing.T) {
	fake, shop := s.start(t)
	set, ok := shop.Customers.(handlers.CustomerSetter)
	if !ok {
		return // this platform's accounts are its own
	}
	const email = "Inka.Uusi@example.com"
	quiet := func(t *testing.T, err error) {
		t.Helper()
		require.NotContains(t, strings.ToLower(err.Error()), "inka", "an error tells who it is")
	}
	home := &commerce.Address{Street: "Ågatan 2", Street2: "B 4", City: "Turku", Zip: "20100", Country: "FI"}
	goods := &commerce.Address{FirstName: "Bo", LastName: "Ek", Company: "Ek Ab", Street: "Lagerweg 1", City: "Bonn", Zip: "53111", Country: "DE", State: "NW"}
	var made *commerce.Customer
	t.Run("an account that is made is read as it was given, and found by its e-mail address", func(t *testing.T) {
		_, err := set.CustomerWith(t.Context(), email)
		s.fails(t, commerce.NotFound, err)
		quiet(t, err)
		made, err = set.CreateCustomer(t.Context(), commerce.CustomerWrite{Email: email, FirstName: "Inka", LastName: "Uusi", Phone: "+358 40 1234567",
			Company: "Uusi Oy", Billing: home, Shipping: goods})
		require.NoError(t, err)
		require.Equal(t, []string{email, "Inka", "Uusi", "+358 40 1234567", "Uusi Oy"}, []string{made.Email, made.FirstName, made.LastName, made.Phone, made.Company})
		require.Equal(t, []string{"Ågatan 2", "B 4", "Turku", "20100", "FI"}, doorOf(made.Billing))
		require.Equal(t, *goods, *made.Shipping)
		for _, spelt := range []string{email, strings.ToLower(email)} {
			found, err := set.CustomerWith(t.Context(), spelt)
			require.NoError(t, err)
			require.Equal(t, made, found)
		}
		read, err := shop.Customers.Customer(t.Context(), made.Ref.ID)
		require.NoError(t, err)
		require.Equal(t, read, made)
		require.NotEmpty(t, set.Announces())
	})
	t.Run("a second account with an e-mail address is refused", func(t *testing.T) {
		_, err := set.CreateCustomer(t.Context(), commerce.CustomerWrite{Email: strings.ToUpper(email), LastName: "Zwei"})
		s.fails(t, commerce.Exists, err)
		quiet(t, err)
	})
	t.Run("only what is given is written, and the e-mail address stays", func(t *testing.T) {
		for range 2 {
			now, err := set.SetCustomer(t.Context(), made.Ref.ID, commerce.CustomerWrite{Email: "other@example.com", Phone: "+358 50 7654321"})
			require.NoError(t, err)
			want := *made
			want.Phone, want.UpdatedAt = "+358 50 7654321", now.UpdatedAt
			want.Billing = now.Billing // it has the phone number too
			require.Equal(t, doorOf(made.Billing), doorOf(now.Billing))
			require.Equal(t, &want, now)
		}
		moved := &commerce.Address{Street: "Katu 9", City: "Oulu", Zip: "90100", Country: "FI"}
		now, err := set.SetCustomer(t.Context(), made.Ref.ID, commerce.CustomerWrite{Billing: moved})
		require.NoError(t, err)
		require.Equal(t, doorOf(moved), doorOf(now.Billing), "an address is written as a whole")
		require.Equal(t, []string{"Inka", "Uusi", "Uusi Oy"}, []string{now.FirstName, now.LastName, now.Company})
		require.Equal(t, *goods, *now.Shipping)
	})
	t.Run("an account that is not there is not written", func(t *testing.T) {
		_, err := set.SetCustomer(t.Context(), fake.Accounts.Missing, commerce.CustomerWrite{Phone: "+358 40 1"})
		s.fails(t, commerce.NotFound, err)
		_, err = set.SetCustomer(t.Context(), "..", commerce.CustomerWrite{Phone: "+358 40 1"})
		s.fails(t, commerce.NotFound, err)
	})
	s.refusals(t, fake, fake.Accounts.Account, func() error {
		_, err := set.SetCustomer(t.Context(), fake.Accounts.Account, commerce.CustomerWrite{Phone: "+358 40 1"})
		return err
	})
	t.Run("errors and deadlines tell nothing of whom it is about", func(t *testing.T) {
		calls := []func(context.Context, handlers.CustomerSetter) error{
			func(ctx context.Context, set handlers.CustomerSetter) error {
				_, err := set.CustomerWith(ctx, email)
				return err
			},
			func(ctx context.Context, set handlers.CustomerSetter) error {
				_, err := set.CreateCustomer(ctx, commerce.CustomerWrite{Email: "inka2@example.com", LastName: "Inka"})
				return err
			},
		}
		for _, call := range calls {
			fake, shop := s.start(t)
			set, _ := shop.Customers.(handlers.CustomerSetter)
			fake.Deny()
			err := call(t.Context(), set)
			s.fails(t, commerce.Denied, err)
			quiet(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			fake.Hang()
			err = call(ctx, set)
			cancel()
			require.Error(t, err)
			s.quiet(t, err)
			quiet(t, err)
		}
	})
}

// doorOf is where an address is, without its names.
func doorOf(a *commerce.Address) []string {
	return []string{a.Street, a.Street2, a.City, a.Zip, a.Country}
}
