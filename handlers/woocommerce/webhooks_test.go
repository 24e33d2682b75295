package woocommerce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// nowhere answers pings without a network.
var nowhere = &http.Client{Transport: answering(200)}

type answering int

func (status answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(status), Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

func subscribed(t *testing.T, opts woocommercetest.Options, subs ...woocommercetest.Subscription) *woocommercetest.Store {
	t.Helper()
	if opts.Client == nil {
		opts.Client = nowhere
	}
	store := woocommercetest.New(opts)
	for _, s := range subs {
		require.NoError(t, store.Subscribe(s))
	}
	return store
}

// webhooksOf opens the sending side of a store.
func webhooksOf(t *testing.T, store *woocommercetest.Store, public string) handlers.Webhooks {
	t.Helper()
	address, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	shop := openAt(t, store, address, public, "")
	t.Cleanup(func() { require.NoError(t, stop()) })
	return shop.Webhooks
}

// allTopics are good webhooks of every topic that should come.
func allTopics() []woocommercetest.Subscription {
	var out []woocommercetest.Subscription
	for _, name := range wantedTopics() {
		out = append(out, woocommercetest.Subscription{Topic: name, URI: testHook})
	}
	return out
}

// spoilt are those, of which change spoils the first.
func spoilt(change func(*woocommercetest.Subscription), more ...woocommercetest.Subscription) []woocommercetest.Subscription {
	all := allTopics()
	change(&all[0])
	return append(all, more...)
}

func TestWhatIsWrongWithWebhooksIsMended(t *testing.T) {
	const old = "https://old.example.com/hooks/fi"
	const gaveUp = "order.created was disabled, which WooCommerce does after seven deliveries in a row that failed"
	fine := func(*woocommercetest.Subscription) {}
	first := func(uri, status string) woocommercetest.Subscription {
		return woocommercetest.Subscription{Topic: "order.created", URI: uri, Status: status}
	}
	for _, tc := range []struct {
		name  string
		subs  []woocommercetest.Subscription
		wrong []string
		plan  []string
		left  []woocommercetest.Subscription // besides one of each topic
	}{
		{name: "nothing", subs: allTopics()},
		{name: "one was deleted", subs: allTopics()[1:],
			wrong: []string{"order.created is not subscribed to"}, plan: []string{"create order.created"}},
		{name: "one was disabled", subs: spoilt(func(s *woocommercetest.Subscription) { s.Status = "disabled" }),
			wrong: []string{gaveUp}, plan: []string{"change order.created"}},
		{name: "one leads to the host of before", subs: spoilt(func(s *woocommercetest.Subscription) { s.URI = old }),
			wrong: []string{"order.created leads to " + old}, plan: []string{"change order.created"}},
		{name: "one leads to it and was disabled for that", subs: spoilt(func(s *woocommercetest.Subscription) { s.URI, s.Status = old, "disabled" }),
			wrong: []string{"order.created leads to " + old}, plan: []string{"change order.created"}},
		{name: "one leads to it too", subs: spoilt(fine, first(old, "")),
			wrong: []string{"order.created leads to " + old + " besides the right one: every event comes twice or fails there"}, plan: []string{"delete order.created"}},
		{name: "two lead to hosts of before", subs: spoilt(func(s *woocommercetest.Subscription) { s.URI = old }, first("http://hooks.example.com/hooks/fi", "")),
			wrong: []string{"order.created leads to " + old, "order.created leads to http://hooks.example.com/hooks/fi"},
			plan:  []string{"change order.created", "delete order.created"}},
		{name: "one stands twice", subs: spoilt(fine, first("https://HOOKS.example.com/hooks/fi", "")),
			wrong: []string{"order.created comes a second time to the same address"}, plan: []string{"delete order.created"}},
		{name: "the first of two is not the good one", subs: spoilt(func(s *woocommercetest.Subscription) { s.Status = "disabled" }, first(testHook, "")),
			wrong: []string{"order.created comes a second time to the same address"}, plan: []string{"delete order.created"}},
		{name: "one was pointed at somebody else", subs: spoilt(func(s *woocommercetest.Subscription) { s.URI = "https://erp.example.net/in" }),
			wrong: []string{"order.created is not subscribed to"}, plan: []string{"create order.created"},
			left: []woocommercetest.Subscription{first("https://erp.example.net/in", "")}},
		{name: "what is not needed, what is paused beside a good one and what another shop may own is for a person",
			subs: spoilt(fine, first(testHook, "paused"), first(old, "paused"), first(testPublic+"/hooks/se", ""),
				woocommercetest.Subscription{Topic: "product.deleted", URI: testHook, Status: "disabled"}),
			wrong: []string{"order.created leads to https://hooks.example.com/hooks/se besides the right one: every event comes twice or fails there"},
			left: []woocommercetest.Subscription{first(testHook, "paused"), first(old, "paused"), first(testPublic+"/hooks/se", ""),
				{Topic: "product.deleted", URI: testHook, Status: "disabled"}}},
		{name: "one that went astray and is paused brings nothing", subs: spoilt(func(s *woocommercetest.Subscription) { s.URI, s.Status = old, "paused" }),
			wrong: []string{"order.created is not subscribed to"}, plan: []string{"create order.created"},
			left: []woocommercetest.Subscription{first(old, "paused")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := subscribed(t, woocommercetest.Options{}, tc.subs...)
			w := webhooksOf(t, store, testPublic)
			platformtest.Mended(t, w, tc.wrong, tc.plan)
			requireTopics(t, store, tc.left...)
		})
	}
}

// requireTopics holds what stands in a store to one good webhook of each topic, and what
// is left of others.
func requireTopics(t *testing.T, store *woocommercetest.Store, left ...woocommercetest.Subscription) {
	t.Helper()
	var names []string
	var others []string
	for _, s := range store.Subscriptions() {
		if slices.ContainsFunc(left, func(l woocommercetest.Subscription) bool {
			return l.Topic == s.Topic && l.URI == s.URI && (l.Status == s.Status || l.Status == "" && s.Status == "active")
		}) {
			others = append(others, s.Topic+" "+s.URI)
			continue
		}
		require.True(t, handlers.SameAddress(s.URI, testHook), s.URI)
		require.Equal(t, "active", s.Status)
		require.Equal(t, store.Secret(), s.Secret)
		names = append(names, s.Topic)
	}
	require.ElementsMatch(t, wantedTopics(), names)
	require.Len(t, others, len(left))
}

func TestAnEmptyShopIsSubscribedToAndEmptiedAgain(t *testing.T) {
	stranger := woocommercetest.Subscription{Topic: "order.created", URI: "https://erp.example.net/in"}
	store := subscribed(t, woocommercetest.Options{}, stranger, woocommercetest.Subscription{Topic: "product.deleted", URI: "https://old.example.com/hooks/fi"})
	w := webhooksOf(t, store, testPublic)
	before := platformtest.Standing(t, w)
	require.Equal(t, 1, before.Others)
	require.Equal(t, testHook, before.Address)
	require.Equal(t, []string{"create order.created", "create order.updated", "create order.deleted", "create order.restored", "create product.created",
		"create product.updated", "create customer.created", "create customer.updated", "create coupon.created", "create coupon.updated"}, platformtest.Changes(before.Plan()))
	for _, c := range before.Plan() {
		made, err := w.Change(t.Context(), c)
		require.NoError(t, err)
		require.True(t, made)
		made, err = w.Change(t.Context(), c)
		require.NoError(t, err)
		require.False(t, made, "it stands")
	}
	require.Zero(t, platformtest.Standing(t, w).Wrong())
	for _, s := range store.Subscriptions()[2:] {
		require.Equal(t, woocommercetest.Subscription{Topic: s.Topic, URI: testHook, Name: "odoogate " + s.Topic, Secret: store.Secret(), Status: "active"}, s)
	}
	for _, c := range platformtest.Standing(t, w).Removal() {
		made, err := w.Change(t.Context(), c)
		require.NoError(t, err)
		require.True(t, made)
		made, err = w.Change(t.Context(), c)
		require.NoError(t, err)
		require.False(t, made, "it is gone")
	}
	left := store.Subscriptions()
	require.Len(t, left, 1)
	require.Equal(t, stranger.URI, left[0].URI)
}

func TestAWebhookIsPausedAndResumedOnAPersonsWord(t *testing.T) {
	store := subscribed(t, woocommercetest.Options{}, spoilt(func(s *woocommercetest.Subscription) { s.Secret = "another's" })...)
	w := webhooksOf(t, store, testPublic)
	toggle := func(do handlers.HookAction, made bool, status string) {
		got, err := w.Change(t.Context(), handlers.HookChange{Do: do, ID: "1"})
		require.NoError(t, err)
		require.Equal(t, made, got)
		require.Equal(t, status, store.Subscriptions()[0].Status)
	}
	toggle(handlers.HookPause, true, "paused")
	toggle(handlers.HookPause, false, "paused")
	subs := platformtest.Standing(t, w)
	require.Equal(t, handlers.HookPaused, subs.List[0].State)
	require.Empty(t, subs.Plan(), "it is left so")
	require.Zero(t, subs.Wrong(), "it is meant so")
	toggle(handlers.HookResume, true, "active")
	toggle(handlers.HookResume, false, "active")
	require.Equal(t, "another's", store.Subscriptions()[0].Secret, "nothing else of it changes")

	store.Resubscribe(func(s *woocommercetest.Subscription) bool { s.Status = "disabled"; return true })
	toggle(handlers.HookResume, true, "active")

	for _, id := range []string{"99", "", "x", "1/../../orders/5001"} {
		_, err := w.Change(t.Context(), handlers.HookChange{Do: handlers.HookPause, ID: id})
		want := commerce.Invalid
		if id == "99" {
			want = commerce.NotFound
		}
		require.Equal(t, want, commerce.ReasonOf(err), "%q: %v", id, err)
	}
}

// A webhook that its shop disabled is made active again with the secret of today, for
// another one may be why its deliveries were refused.
func TestADisabledWebhookSendsAgain(t *testing.T) {
	store := subscribed(t, woocommercetest.Options{Client: &http.Client{Transport: answering(401)}},
		woocommercetest.Subscription{Topic: "order.created", URI: testHook, Secret: "of before"})
	for range 7 {
		store.Generate(3, 1)
		_, _, err := store.Announce(t.Context(), &http.Client{Transport: answering(401)})
		require.NoError(t, err)
	}
	w := webhooksOf(t, store, testPublic)
	subs := platformtest.Standing(t, w)
	require.Equal(t, handlers.HookDisabled, subs.List[0].State)
	made, err := w.Change(t.Context(), *subs.List[0].Fix)
	require.NoError(t, err)
	require.True(t, made)
	require.Equal(t, "active", store.Subscriptions()[0].Status)
	require.Equal(t, store.Secret(), store.Subscriptions()[0].Secret)
}

func TestAnAddressThatWordPressRefusesKeepsNoWebhookAlive(t *testing.T) {
	all := allTopics()
	for i := range all {
		all[i].URI = strings.Replace(testHook, "hooks.example.com", "192.168.1.5:8443", 1)
	}
	all[0].Status = "disabled"
	store := subscribed(t, woocommercetest.Options{}, all...)
	subs := platformtest.Standing(t, webhooksOf(t, store, "https://192.168.1.5:8443"))
	require.Empty(t, subs.Plan(), "it would be disabled again and again")
	require.Equal(t, 1, subs.Wrong())
	require.Contains(t, subs.List[0].Wrong, "; WordPress posts only to the ports 80, 443 and 8080, and not to 8443")
	require.Contains(t, subs.List[0].Remedy, "odoogate webhooks resume fi 1")
}

func TestWhereOurAddressIsNotKnownNothingIsJudged(t *testing.T) {
	store := subscribed(t, woocommercetest.Options{}, woocommercetest.Subscription{Topic: "order.created", URI: testHook, Status: "disabled"})
	unknown := platformtest.Standing(t, webhooksOf(t, store, ""))
	want := handlers.Subscriptions{List: []handlers.Subscription{{ID: "1", Topic: "order.created", Address: testHook, State: handlers.HookDisabled}}}
	if diff := cmp.Diff(want, unknown); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	require.Empty(t, unknown.Removal())
}

func TestManyWebhooksAreReadInPages(t *testing.T) {
	for _, old := range []bool{false, true} {
		var subs []woocommercetest.Subscription
		for i := range 200 {
			subs = append(subs, woocommercetest.Subscription{Topic: "order.created", URI: fmt.Sprintf("https://erp.example.net/%d", i)})
		}
		store := subscribed(t, woocommercetest.Options{Old: old}, append(subs, allTopics()...)...)
		got := platformtest.Standing(t, webhooksOf(t, store, testPublic))
		require.Equal(t, 200, got.Others)
		require.Len(t, got.List, len(wantedTopics()))
		require.Zero(t, got.Wrong())
		require.Equal(t, 3, store.Requests())
	}
}

func TestAKeyThatMayNotWriteIsDenied(t *testing.T) {
	w := webhooksOf(t, subscribed(t, woocommercetest.Options{Permissions: "read"}), testPublic)
	plan := platformtest.Standing(t, w).Plan()
	made, err := w.Change(t.Context(), plan[0])
	require.False(t, made)
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "a key with the permission Read/Write")
	for _, do := range []handlers.HookAction{handlers.HookUpdate, handlers.HookDelete} {
		_, err = w.Change(t.Context(), handlers.HookChange{Do: do, ID: "1", Topic: "order.created", Address: testHook})
		require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	}
}

func TestAChangeThatTheShopDoesNotCarryOutIsAnError(t *testing.T) {
	store := subscribed(t, woocommercetest.Options{}, allTopics()...)
	w := webhooksOf(t, store, testPublic)
	for _, body := range []string{
		`{"id":1,"status":"disabled","topic":"order.created","delivery_url":"` + testHook + `"}`,
		`{"id":1,"status":"active","topic":"order.created","delivery_url":"https://old.example.com"}`,
		`{"id":1,"status":"active","topic":"order.updated","delivery_url":"` + testHook + `"}`,
		`{}`,
	} {
		store.Script(woocommercetest.Text(200, body))
		made, err := w.Change(t.Context(), handlers.HookChange{Do: handlers.HookUpdate, ID: "1", Topic: "order.created", Address: testHook})
		require.False(t, made)
		require.ErrorContains(t, err, "the shop did not change the webhook order.created as it was asked to; see that no plugin")
	}
	_, err := w.Change(t.Context(), handlers.HookChange{Do: handlers.HookCreate, Topic: "order.published", Address: testHook})
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "the shop refuses: 400 woocommerce_rest_shop_webhook_invalid_topic")
}

// WooCommerce does not tell the version of its API that a webhook's records are of;
// plugins that do are listened to.
func TestAWebhookOfAnotherVersionIsMadeAnew(t *testing.T) {
	hooks := []map[string]any{{"id": 4, "status": "active", "topic": "order.created", "delivery_url": testHook, "api_version": "legacy_v3"}}
	var did []string
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		did = append(did, r.Method)
		switch r.Method {
		case http.MethodDelete:
			hooks = nil
			says(200, `{}`)(w, r)
		case http.MethodPost:
			var made map[string]any
			require.NoError(t, json.NewDecoder(r.Body).Decode(&made))
			made["id"] = 5
			hooks = append(hooks, made)
			require.NoError(t, json.NewEncoder(w).Encode(made))
		default:
			if r.URL.Query().Get("page") != "1" {
				says(200, `[]`)(w, r)
				return
			}
			require.NoError(t, json.NewEncoder(w).Encode(hooks))
		}
	})
	set := Settings{URL: "https://shop.example", Secrets: []config.Secret{config.NewSecret("hush")}}
	w := webhooks{checker{orders: &orders{decoder: decoder{shop: "fi", set: set}, client: c}, hook: testHook}}
	subs := platformtest.Standing(t, w)
	require.Equal(t, "comes as the API's version legacy_v3 tells records, of which orders must be read anew", subs.List[0].Wrong)
	plan := subs.Plan()
	require.Equal(t, []string{"delete order.created", "create order.created"}, platformtest.Changes(plan)[:2])
	did = nil
	for _, change := range plan[:2] {
		made, err := w.Change(t.Context(), change)
		require.NoError(t, err)
		require.True(t, made)
	}
	require.Equal(t, []string{"DELETE", "GET", "POST"}, did)
	require.Len(t, hooks, 1)
	require.Equal(t, "hush", hooks[0]["secret"])
}
