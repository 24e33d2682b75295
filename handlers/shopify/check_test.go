package shopify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

const (
	testPublic = "https://hooks.example.com"
	testHook   = testPublic + "/hooks/fi"
)

// july is a moment at which the default API version is young.
func july() time.Time { return time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC) }

// checked runs check on a store; block is put to the end of the shop's block.
func checked(t *testing.T, store *shopifytest.Store, public, block string) []commerce.Finding {
	t.Helper()
	return checkedAs(t, store, public, block, func(*config.Shop) {})
}

// checkedAs is checked on a shop that is set up further.
func checkedAs(t *testing.T, store *shopifytest.Store, public, block string, set func(*config.Shop)) []commerce.Finding {
	t.Helper()
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	text := fmt.Sprintf("access_token: shpat_demo_token\nsecrets: [hush]\nendpoint: %s\n%s", url, block)
	if !strings.Contains(block, "domain:") {
		text += "domain: demo.myshopify.com\n"
	}
	shop, err := config.NewShop("fi", Name, config.Books{}, text)
	require.NoError(t, err)
	set(&shop)
	opened, err := Platform().Open(shop, handlers.Deps{PublicURL: public})
	require.NoError(t, err)
	t.Cleanup(func() {
		opened.Orders.(*orders).client.http.CloseIdle()
		require.NoError(t, stop())
	})
	c := newChecker(shop, opened.Orders.(*orders), handlers.HookURL(public, "fi"))
	c.now = july
	found := c.check(t.Context())
	for _, f := range found {
		require.Equal(t, "shop fi", f.Part)
		require.NotContains(t, f.Text+f.Remedy, "shpat_demo_token")
		if f.Level != commerce.OK {
			require.NotEmpty(t, f.Remedy, "%q has no remedy", f.Text)
		}
	}
	return found
}

func subscribed(t *testing.T, opts shopifytest.Options, subs ...shopifytest.Subscription) *shopifytest.Store {
	t.Helper()
	store := shopifytest.New(opts)
	for _, s := range subs {
		require.NoError(t, store.Subscribe(s))
	}
	return store
}

// allNames are the topics that a store with every scope should send.
const allNames = "orders/create, orders/updated, orders/cancelled, orders/edited, order_transactions/create, refunds/create, " +
	"returns/request, returns/approve, returns/decline, returns/cancel, returns/close, returns/reopen, returns/update, returns/process, " +
	"reverse_fulfillment_orders/dispose"

func allTopics() []shopifytest.Subscription {
	var out []shopifytest.Subscription
	for _, name := range append(neededTopics(), returnTopics()...) {
		out = append(out, shopifytest.Subscription{Topic: name, URI: testHook})
	}
	return out
}

func TestAStoreThatIsSetUpHasNothingToMend(t *testing.T) {
	store := subscribed(t, shopifytest.Options{Presentment: true}, allTopics()...)
	store.Generate(1, 1)
	found := checked(t, store, testPublic+"/", "money: presentment\n")
	require.Empty(t, platformtest.Grave(found))
	want := []string{
		`demo.myshopify.com answers: "Demo", books EUR, USD, prices with tax`,
		"the Admin API serves version 2026-07, until 2027-07-01 at least",
		"the clocks agree",
		"scopes granted: read_all_orders, read_customers, read_orders, read_returns",
		"orders and their buyers can be read",
		"webhooks come to https://hooks.example.com/hooks/fi: " + allNames,
	}
	if diff := cmp.Diff(want, platformtest.Texts(found)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	require.Equal(t, []string{"currency/fi/EUR", "pricelist/fi/EUR", "currency/fi/USD", "pricelist/fi/USD"}, found[0].Needs)
	require.Equal(t, 3, store.Requests(), "a check costs three calls")
}

func TestWhatIsWrongWithAStoreIsFound(t *testing.T) {
	for _, tc := range []struct {
		name   string
		store  shopifytest.Options
		script http.HandlerFunc
		public string
		block  string
		want   []string
	}{
		{name: "the token was revoked", script: shopifytest.Status(401, 0), want: []string{"problem: the shop answered 401 Unauthorized"}},
		{name: "the domain is nobody's", script: shopifytest.Status(404, 0), want: []string{"problem: the shop answered 404 Not Found"}},
		{name: "the token opens another store", block: "domain: other.myshopify.com\n",
			want: []string{"problem: the token opens the store demo.myshopify.com, and the settings name other.myshopify.com"}},
		{name: "the version fell forward", store: shopifytest.Options{APIVersion: "2026-10"},
			want: []string{"warning: the Admin API serves version 2026-10 instead of 2026-07, which it no longer has"}},
		{name: "the version ends soon", store: shopifytest.Options{APIVersion: "2025-07"}, block: "api_version: 2025-07\n",
			want: []string{"warning: the Admin API's version 2025-07 is supported until about 2026-07-01"}},
		{name: "the clocks are apart", store: shopifytest.Options{Now: func() time.Time { return time.Now().Add(time.Hour) }},
			want: []string{"problem: the store's clock is 1h0m0s ahead of ours: what changed lately may be asked for too late or twice"}},
		{name: "no scopes", store: shopifytest.Options{Scopes: []string{}},
			want: []string{"problem: the scope read_orders is not granted (granted: none)", "problem: the store refused the query (ACCESS_DENIED): the app was not granted it"}},
		{name: "no customers", store: shopifytest.Options{Scopes: []string{"write_orders", "read_orders", "read_returns"}},
			want: []string{"warning: the scope read_customers is not granted: the buyer of an order may be unreadable (granted: read_orders, read_returns, write_orders)"}},
		{name: "no returns", store: shopifytest.Options{Scopes: []string{"read_orders", "read_customers"}},
			want: []string{"warning: the scope read_returns is not granted: returns are not seen, only their refunds; goods that come back without a word on a refund's line stay unknown"}},
		{name: "no public address", public: "-", want: []string{"warning: the app made 15 webhook subscriptions by the API; where they must lead is not known"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := subscribed(t, tc.store, allTopics()...)
			if tc.script != nil {
				store.Script(tc.script)
			}
			public := testPublic
			if tc.public == "-" {
				public = ""
			}
			found := checked(t, store, public, tc.block)
			if tc.name == "the clocks are apart" { // a second may pass meanwhile
				for i := range found {
					found[i].Text = strings.Replace(found[i].Text, "59m59s", "1h0m0s", 1)
				}
			}
			if diff := cmp.Diff(tc.want, platformtest.Grave(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProtectedCustomerDataIsFoundByReading(t *testing.T) {
	store := subscribed(t, shopifytest.Options{}, allTopics()...)
	store.Script(func(w http.ResponseWriter, r *http.Request) {
		store.Handler().ServeHTTP(w, r)
		store.Script(shopifytest.Protected("orders", "nodes", "customer")) // for the second call
	})
	found := checked(t, store, testPublic, "")
	require.Equal(t, []string{"problem: the store refused the query at orders.nodes.customer: the app was not granted it"}, platformtest.Grave(found))
}

func TestAStoreThatIsAwayIsAProblem(t *testing.T) {
	shop, err := config.NewShop("fi", Name, config.Books{}, "domain: demo.myshopify.com\naccess_token: x\nsecrets: [y]\nendpoint: http://127.0.0.1:1\n")
	require.NoError(t, err)
	opened, err := Platform().Open(shop, handlers.Deps{})
	require.NoError(t, err)
	found := opened.Check(t.Context())
	require.Len(t, found, 1)
	require.Equal(t, commerce.Problem, found[0].Level)
	require.Contains(t, found[0].Remedy, "http://127.0.0.1:1")
}

func TestSubscriptionsAreJudged(t *testing.T) {
	at := func(topic, uri string) shopifytest.Subscription {
		return shopifytest.Subscription{Topic: topic, URI: uri}
	}
	for _, tc := range []struct {
		name string
		subs []shopifytest.Subscription
		want []string
	}{
		{"none can be seen", nil, []string{"warning: no subscription made by the API brings " + allNames + " to " + testHook}},
		{"one is missing", allTopics()[1:], []string{"warning: no subscription made by the API brings orders/create to " + testHook}},
		{"one leads to an old host too", append(allTopics(), at("orders/create", "https://old.example.com/hooks/fi")),
			[]string{"warning: orders/create leads to https://old.example.com/hooks/fi besides the right one: every event comes twice or fails there"}},
		{"one leads to another shop's address", append(allTopics()[1:], at("orders/create", testPublic+"/hooks/se")),
			[]string{"warning: no subscription made by the API brings orders/create to " + testHook, "warning: orders/create leads to https://hooks.example.com/hooks/se"}},
		{"one is XML", append(allTopics(), shopifytest.Subscription{Topic: "orders/paid", URI: testHook, Format: "XML"}),
			[]string{"problem: orders/paid comes as XML, which is answered 400"}},
		{"one is filtered", append(allTopics(), shopifytest.Subscription{Topic: "orders/paid", URI: testHook, Filter: "total_price:>100"}),
			[]string{`warning: orders/paid is filtered by "total_price:>100": other orders never come`}},
		{"one is cut", append(allTopics(), shopifytest.Subscription{Topic: "orders/paid", URI: testHook, IncludeFields: []string{"id"}}),
			[]string{"warning: orders/paid comes with only the fields id"}},
		{"others are left alone", append(allTopics(), at("orders/create", "https://erp.example.net/in"), at("refunds/create", "pubsub://project:topic")), nil},
		{"many are read in pages", func() []shopifytest.Subscription {
			var out []shopifytest.Subscription
			for i := range 120 {
				out = append(out, at("orders/create", fmt.Sprintf("https://erp.example.net/%d", i)))
			}
			return append(out, allTopics()...)
		}(), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := checked(t, subscribed(t, shopifytest.Options{}, tc.subs...), testPublic, "")
			if diff := cmp.Diff(tc.want, platformtest.Grave(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAShopWhoseRiskDecidesNeedsToHearOfIt(t *testing.T) {
	risky := func(s *config.Shop) { s.Risk.Hold = []string{"high"} }
	ruled := func(s *config.Shop) {
		s.Rules = []config.Rule{{Name: "safe", When: config.When{Risk: []string{"low"}}}}
	}
	paying := func(s *config.Shop) {
		s.Workflows = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true)}}
	}
	const read = "transactions or risk decide about orders of this shop, and no delivery tells them: each costs a read of the order"
	want := []string{"warning: orders/risk_assessment_changed is not subscribed to by the API, and risk decides about orders of this shop: " +
		"one that is found later is seen with the order's next update"}
	for name, set := range map[string]func(*config.Shop){"held": risky, "by rule": ruled} {
		t.Run(name, func(t *testing.T) {
			found := checkedAs(t, subscribed(t, shopifytest.Options{}, allTopics()...), testPublic, "", set)
			require.Equal(t, want, platformtest.Grave(found))
			require.Contains(t, platformtest.Texts(found), read)
			told := append(allTopics(), shopifytest.Subscription{Topic: riskTopic, URI: testHook})
			require.Empty(t, platformtest.Grave(checkedAs(t, subscribed(t, shopifytest.Options{}, told...), testPublic, "", set)))
		})
	}
	found := checkedAs(t, subscribed(t, shopifytest.Options{}, allTopics()...), testPublic, "", paying)
	require.Empty(t, platformtest.Grave(found), "orders/updated comes with payments")
	require.Contains(t, platformtest.Texts(found), read)
	require.NotContains(t, platformtest.Texts(checked(t, subscribed(t, shopifytest.Options{}, allTopics()...), testPublic, "")), read)
}

func TestShopifyNeedsHTTPS(t *testing.T) {
	found := checked(t, subscribed(t, shopifytest.Options{}, shopifytest.Subscription{}), "http://hooks.example.com", "")
	require.Contains(t, platformtest.Grave(found), "problem: Shopify posts to https addresses only, and this shop's is http://hooks.example.com/hooks/fi")
}

func TestOrdersThatTheAppMayNotReadForTheirAgeAreNamed(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name   string
		scopes []string
		goLive time.Time
		want   []string
	}{
		{"older ones are wanted", nil, now.AddDate(0, 0, -61),
			[]string{"warning: read_all_orders is not granted: orders made between go_live (2026-09-26) and 2026-09-27, 60 days ago, cannot be read"}},
		{"younger ones are", nil, now.AddDate(0, 0, -59), nil},
		{"nothing is wanted yet", nil, time.Time{}, nil},
		{"all may be read", []string{"read_all_orders"}, now.AddDate(-1, 0, 0), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			scopes := append([]string{"read_orders", "read_customers", "read_returns"}, tc.scopes...)
			app := &apiInstallation{}
			require.NoError(t, json.Unmarshal([]byte(`{"accessScopes":[{"handle":"`+strings.Join(scopes, `"},{"handle":"`)+`"}]}`), app))
			f := &commerce.Findings{}
			checker{orders: &orders{}, goLive: tc.goLive, now: func() time.Time { return now }}.scopes(f, app, app.grants())
			require.Equal(t, tc.want, platformtest.Grave(f.List))
		})
	}
}
