package shopify

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// dashboardShop is a shop whose app shows a client id and no token.
func dashboardShop(t *testing.T, store *shopifytest.Store, secret string) *orders {
	t.Helper()
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	shop, err := config.NewShop("fi", Name, config.Books{}, "domain: "+store.Domain()+"\nclient_id: "+store.ClientID()+
		"\nsecrets: ["+secret+"]\nendpoint: "+url)
	require.NoError(t, err)
	opened, err := Platform().Open(shop, handlers.Deps{})
	require.NoError(t, err)
	o := opened.Orders.(*orders)
	t.Cleanup(func() {
		o.client.http.CloseIdle()
		require.NoError(t, stop())
	})
	return o
}

func TestATokenIsFetchedOnceForAllWhoWait(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{Bucket: 20_000, Restore: 1_000})
	ids := store.Generate(1, 8)
	o := dashboardShop(t, store, store.Secret())
	var all sync.WaitGroup
	errs := make(chan error, len(ids))
	for _, id := range ids {
		all.Go(func() {
			_, err := o.Order(t.Context(), id)
			errs <- err
		})
	}
	all.Wait()
	for range ids {
		require.NoError(t, <-errs)
	}
	require.Equal(t, 1, store.Fetched())
}

func TestATokenIsFetchedAgainBeforeItsDayIsOver(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{})
	id := store.Generate(1, 1)[0]
	o := dashboardShop(t, store, store.Secret())
	now := time.Now()
	o.client.tokens.now = func() time.Time { return now }
	for _, step := range []struct {
		later   time.Duration
		fetched int
	}{{0, 1}, {23 * time.Hour, 1}, {50 * time.Minute, 2}, {time.Hour, 2}} {
		now = now.Add(step.later)
		_, err := o.Order(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, step.fetched, store.Fetched(), "after another %s", step.later)
	}
}

func TestATokenThatTheStoreNoLongerTakesIsReplacedAtOnce(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{})
	id := store.Generate(1, 1)[0]
	o := dashboardShop(t, store, store.Secret())
	_, err := o.Order(t.Context(), id)
	require.NoError(t, err)
	store.Revoke()
	_, err = o.Order(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, 2, store.Fetched())

	denied := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	store.Script(denied, denied)
	_, err = o.Order(t.Context(), id)
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err), "refused with a fresh token too: that is the answer")
	require.Equal(t, 3, store.Fetched())
}

func TestAWrongClientSecretIsNamedAndNotShown(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{})
	id := store.Generate(1, 1)[0]
	o := dashboardShop(t, store, "not-the-secret")
	_, err := o.Order(t.Context(), id)
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "check shopify.client_id")
	require.NotContains(t, err.Error(), "not-the-secret")
	require.Zero(t, store.Requests(), "the Admin API was not asked without a token")
}

func TestWhyAnExchangeIsRefusedIsSaidInPlainWords(t *testing.T) {
	for body, remedy := range map[string]string{
		`{"error":"shop_not_permitted"}`:    "same organization",
		"<p>Oauth error app_not_installed:": "install the app",
		`{"error":"invalid_client"}`:        "client_id",
	} {
		err := exchangeRefused(&commerce.Error{Reason: commerce.Invalid, Detail: "the shop answered 400"}, body)
		require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
		require.ErrorContains(t, err, remedy)
	}
	away := &commerce.Error{Reason: commerce.Unavailable}
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(exchangeRefused(away, "")), "comes again by itself")
}

func TestAShopHasEitherAClientIDOrAToken(t *testing.T) {
	for name, keys := range map[string]string{"neither": "", "both": "\nclient_id: c\naccess_token: t"} {
		shop, err := config.NewShop("fi", Name, config.Books{}, "domain: x.myshopify.com\nsecrets: [x]"+keys)
		require.NoError(t, err)
		_, err = Platform().Open(shop, handlers.Deps{})
		require.ErrorContains(t, err, "client_id", name)
	}
}
