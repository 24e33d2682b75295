package shopify

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// webhooksOf opens the sending side of a store.
func webhooksOf(t *testing.T, store *shopifytest.Store, public string) handlers.Webhooks {
	t.Helper()
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	shop, err := config.NewShop("fi", Name, config.Books{}, "domain: demo.myshopify.com\naccess_token: shpat_demo_token\nsecrets: [hush]\nendpoint: "+url+"\n")
	require.NoError(t, err)
	opened, err := Platform().Open(shop, handlers.Deps{PublicURL: public})
	require.NoError(t, err)
	t.Cleanup(func() {
		opened.Orders.(*orders).client.http.CloseIdle()
		require.NoError(t, stop())
	})
	return opened.Webhooks
}

// spoilt is a store with every topic, of which change spoils the first.
func spoilt(change func(*shopifytest.Subscription), more ...shopifytest.Subscription) []shopifytest.Subscription {
	all := allTopics()
	change(&all[0])
	return append(all, more...)
}

func TestWhatIsWrongWithSubscriptionsIsMended(t *testing.T) {
	const old = "https://old.example.com/hooks/fi"
	fine := func(*shopifytest.Subscription) {}
	for _, tc := range []struct {
		name  string
		subs  []shopifytest.Subscription
		wrong []string
		plan  []string
		left  []shopifytest.Subscription // besides one of each topic
	}{
		{name: "nothing", subs: allTopics()},
		{name: "one was deleted", subs: allTopics()[1:],
			wrong: []string{"orders/create is not subscribed to by the API"}, plan: []string{"create orders/create"}},
		{name: "one leads to the host of before", subs: spoilt(func(s *shopifytest.Subscription) { s.URI = old }),
			wrong: []string{"orders/create leads to " + old}, plan: []string{"change orders/create"}},
		{name: "one leads to it too", subs: spoilt(fine, shopifytest.Subscription{Topic: "orders/create", URI: old}),
			wrong: []string{"orders/create leads to " + old + " besides the right one: every event comes twice or fails there"}, plan: []string{"delete orders/create"}},
		{name: "two lead to hosts of before", subs: spoilt(func(s *shopifytest.Subscription) { s.URI = old }, shopifytest.Subscription{Topic: "orders/create", URI: "http://hooks.example.com/hooks/fi"}),
			wrong: []string{"orders/create leads to " + old, "orders/create leads to http://hooks.example.com/hooks/fi"},
			plan:  []string{"change orders/create", "delete orders/create"}},
		{name: "one stands twice", subs: spoilt(fine, shopifytest.Subscription{Topic: "orders/create", URI: "https://HOOKS.example.com/hooks/fi"}),
			wrong: []string{"orders/create comes a second time to the same address"}, plan: []string{"delete orders/create"}},
		{name: "the first of two is not the good one",
			subs:  spoilt(func(s *shopifytest.Subscription) { s.Filter = "test:true" }, shopifytest.Subscription{Topic: "orders/create", URI: "https://HOOKS.example.com/hooks/fi"}),
			wrong: []string{"orders/create comes a second time to the same address"}, plan: []string{"delete orders/create"}},
		{name: "one is XML", subs: spoilt(func(s *shopifytest.Subscription) { s.Format = "XML" }),
			wrong: []string{"orders/create comes as XML, which is answered 400"}, plan: []string{"change orders/create"}},
		{name: "one is filtered", subs: spoilt(func(s *shopifytest.Subscription) { s.Filter = "test:true" }),
			wrong: []string{`orders/create is filtered by "test:true": other orders never come`}, plan: []string{"change orders/create"}},
		{name: "one is cut", subs: spoilt(func(s *shopifytest.Subscription) { s.IncludeFields = []string{"id"} }),
			wrong: []string{"orders/create comes with only the fields id"}, plan: []string{"change orders/create"}},
		{name: "one was pointed at somebody else", subs: spoilt(func(s *shopifytest.Subscription) { s.URI = "https://erp.example.net/in" }),
			wrong: []string{"orders/create is not subscribed to by the API"}, plan: []string{"create orders/create"},
			left: []shopifytest.Subscription{{Topic: "orders/create", URI: "https://erp.example.net/in"}}},
		{name: "what is not needed and what another shop may own is for a person",
			subs: spoilt(fine, shopifytest.Subscription{Topic: "orders/paid", URI: testHook, Filter: "test:true"}, shopifytest.Subscription{Topic: "orders/create", URI: testPublic + "/hooks/se"}),
			wrong: []string{`orders/paid is filtered by "test:true": other orders never come`,
				"orders/create leads to https://hooks.example.com/hooks/se besides the right one: every event comes twice or fails there"},
			left: []shopifytest.Subscription{{Topic: "orders/paid", URI: testHook, Filter: "test:true"}, {Topic: "orders/create", URI: testPublic + "/hooks/se"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := subscribed(t, shopifytest.Options{}, tc.subs...)
			w := webhooksOf(t, store, testPublic)
			platformtest.Mended(t, w, tc.wrong, tc.plan)
			requireTopics(t, store, tc.left...)
		})
	}
}

// requireTopics holds what stands in a store to one good subscription of each topic,
// and what is left of others.
func requireTopics(t *testing.T, store *shopifytest.Store, left ...shopifytest.Subscription) {
	t.Helper()
	var names []string
	var others []shopifytest.Subscription
	for _, s := range store.Subscriptions() {
		if slices.ContainsFunc(left, func(l shopifytest.Subscription) bool { return l.Topic == s.Topic && l.URI == s.URI }) {
			others = append(others, s)
			continue
		}
		require.True(t, handlers.SameAddress(s.URI, testHook), s.URI)
		require.NotEqual(t, "XML", s.Format)
		require.Empty(t, s.Filter)
		require.Empty(t, s.IncludeFields)
		names = append(names, s.Topic)
	}
	want := append(neededTopics(), returnTopics()...)
	slices.Sort(names)
	slices.Sort(want)
	require.Equal(t, want, names)
	if diff := cmp.Diff(left, others); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
}

func TestAnEmptyStoreIsSubscribedToAndEmptiedAgain(t *testing.T) {
	stranger := shopifytest.Subscription{Topic: "orders/create", URI: "https://erp.example.net/in"}
	store := subscribed(t, shopifytest.Options{}, stranger, shopifytest.Subscription{Topic: "orders/paid", URI: "https://old.example.com/hooks/fi"})
	w := webhooksOf(t, store, testPublic)
	before := platformtest.Standing(t, w)
	require.Equal(t, 1, before.Others)
	require.Equal(t, testHook, before.Address)
	for _, c := range before.Plan() {
		_, err := w.Change(t.Context(), c)
		require.NoError(t, err)
	}
	require.Len(t, store.Subscriptions(), 2+len(allTopics()))
	after := platformtest.Standing(t, w)
	require.Zero(t, after.Wrong())
	require.Empty(t, platformtest.Grave(checked(t, store, testPublic, "")), "check says the same")
	for _, c := range after.Removal() {
		made, err := w.Change(t.Context(), c)
		require.NoError(t, err)
		require.True(t, made)
	}
	require.Equal(t, []shopifytest.Subscription{stranger}, store.Subscriptions())
}

func TestWhoWasSlowerChangesNothing(t *testing.T) {
	store := subscribed(t, shopifytest.Options{}, shopifytest.Subscription{Topic: "orders/create", URI: testHook, Declared: true})
	w := webhooksOf(t, store, testPublic)
	create := handlers.HookChange{Do: handlers.HookCreate, Topic: "orders/create", Address: testHook}
	require.Contains(t, platformtest.Standing(t, w).Plan(), create, "what the app's file declares is not listed")
	made, err := w.Change(t.Context(), create)
	require.NoError(t, err, "it stands: that is all that is wanted")
	require.False(t, made)
	require.Len(t, store.Subscriptions(), 1)

	made, err = w.Change(t.Context(), handlers.HookChange{Do: handlers.HookDelete, ID: "99", Topic: "orders/paid"})
	require.NoError(t, err)
	require.False(t, made)
	_, err = w.Change(t.Context(), handlers.HookChange{Do: handlers.HookUpdate, ID: "99", Topic: "orders/paid", Address: testHook})
	require.ErrorContains(t, err, "the store refuses to change the webhook orders/paid (Webhook subscription does not exist)")
}

func TestWhatShopifyCannotDoIsSaid(t *testing.T) {
	w := webhooksOf(t, subscribed(t, shopifytest.Options{}, allTopics()...), testPublic)
	for _, do := range []handlers.HookAction{handlers.HookPause, handlers.HookResume} {
		_, err := w.Change(t.Context(), handlers.HookChange{Do: do, ID: "1"})
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
		require.ErrorContains(t, err, "Shopify cannot "+string(do)+" a single webhook; let the shop's orders wait with `odoogate shop pause fi`")
	}
}

func TestATopicThatTheAppMayNotHaveIsDenied(t *testing.T) {
	store := subscribed(t, shopifytest.Options{Scopes: []string{"read_orders"}})
	w := webhooksOf(t, store, testPublic)
	require.NotContains(t, platformtest.Changes(platformtest.Standing(t, w).Plan()), "create returns/request", "what cannot be seen is not asked for")
	_, err := w.Change(t.Context(), handlers.HookChange{Do: handlers.HookCreate, Topic: "returns/request", Address: testHook})
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "You do not have permission")
}

func TestNothingIsPlannedForAnAddressThatCannotBePostedTo(t *testing.T) {
	old := shopifytest.Subscription{Topic: "orders/create", URI: "https://old.example.com/hooks/fi"}
	store := subscribed(t, shopifytest.Options{}, old)
	unknown := platformtest.Standing(t, webhooksOf(t, store, ""))
	require.Equal(t, handlers.Subscriptions{List: []handlers.Subscription{{ID: "1", Topic: "orders/create", Address: old.URI, State: handlers.HookActive}}}, unknown)
	require.Empty(t, unknown.Plan())
	require.Empty(t, unknown.Removal())

	plain := platformtest.Standing(t, webhooksOf(t, store, "http://hooks.example.com"))
	require.Empty(t, plain.Plan())
	require.Equal(t, len(allTopics()), plain.Wrong())
	for _, s := range plain.List {
		if s.State == handlers.HookMissing {
			require.Contains(t, s.Remedy, "begin server.public_url with https://")
		}
	}
}

func TestAChangeThatTheStoreDoesNotCarryOutIsAnError(t *testing.T) {
	store := subscribed(t, shopifytest.Options{}, allTopics()...)
	store.Script(shopifytest.Text(200, `{"data":{"changed":{"webhookSubscription":{"id":"gid://shopify/WebhookSubscription/1","topic":"ORDERS_CREATE",`+
		`"uri":"`+testHook+`","format":"JSON","filter":"test:true","includeFields":[]},"userErrors":[]}}}`))
	w := webhooksOf(t, store, testPublic)
	_, err := w.Change(t.Context(), handlers.HookChange{Do: handlers.HookUpdate, ID: "1", Topic: "orders/create", Address: testHook})
	require.ErrorContains(t, err, "the store did not change the webhook orders/create as it was asked to; delete the webhook with")
}
