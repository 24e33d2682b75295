package woocommerce

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

func TestAShopThatMakesNoPasswordsSaysWhatToSet(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{AsksPasswords: true})
	_, err := shop.Customers.(handlers.CustomerSetter).CreateCustomer(t.Context(), commerce.CustomerWrite{Email: "a@example.com"})
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "have WooCommerce make user names and passwords of new accounts")
	require.Empty(t, store.Greeted())
}

func TestAnAddressThatTheShopTakesForNoneIsToldWithoutIt(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	store.Script(woocommercetest.Text(http.StatusBadRequest, `{"code":"registration-error-invalid-email","message":"zoe@example.com is none","data":{"status":400}}`))
	_, err := shop.Customers.(handlers.CustomerSetter).CreateCustomer(t.Context(), commerce.CustomerWrite{Email: "zoe@example.com"})
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "where that is the e-mail address, correct it in Odoo")
	require.NotContains(t, err.Error(), "zoe")
}

// An answer that is lost says nothing of whether the account was made, so it is not asked
// for again behind anybody's back.
func TestAnAccountIsAskedForOnce(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	setter := shop.Customers.(handlers.CustomerSetter)
	store.Script(woocommercetest.Status(http.StatusBadGateway, 0))
	asked := store.Requests()
	_, err := setter.CreateCustomer(t.Context(), commerce.CustomerWrite{Email: "a@example.com"})
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.Equal(t, 1, store.Requests()-asked)
	_, err = setter.CreateCustomer(t.Context(), commerce.CustomerWrite{Email: "a@example.com"})
	require.NoError(t, err)
	require.Equal(t, []string{"a@example.com"}, store.Greeted())
}

// It may stand for somebody who was found by other means than the address, or for staff.
func TestOnlyTheAccountWithTheVeryAddressIsFound(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	setter := shop.Customers.(handlers.CustomerSetter)
	store.AddCustomer(woocommercetest.Customer{Role: "shop_manager", Email: "boss@example.com"})
	_, err := setter.CustomerWith(t.Context(), "boss@example.com")
	require.Equal(t, commerce.Ignored, commerce.ReasonOf(err))
	store.AddCustomer(woocommercetest.Customer{Role: "wholesale_customer", Email: "ville@example.com"})
	found, err := setter.CustomerWith(t.Context(), "ville@example.com")
	require.NoError(t, err)
	require.Equal(t, "ville@example.com", found.Email)
	store.Script(woocommercetest.Text(http.StatusOK, `[`+string(accounts(t)["company"])+`]`))
	_, err = setter.CustomerWith(t.Context(), "another@example.com")
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
}

func TestRegionsAreWrittenAsTheShopCallsThem(t *testing.T) {
	for country, want := range map[string]string{"DE": "DE-NW", "CH": "NW", "US": "NW"} {
		body := bodyFor(commerce.CustomerWrite{Billing: &commerce.Address{Country: country, State: "NW"}})
		require.Equal(t, want, body["billing"].(map[string]string)["state"], country)
	}
}
