package woocommerce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// checking is a check of one store; its fields may be changed before it is run.
func checking(t *testing.T, store *woocommercetest.Store, public, block string) *checker {
	t.Helper()
	address, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	shop := openAt(t, store, address, public, block)
	c := newChecker(shop.Config, shop.Orders.(*orders), handlers.HookURL(public, "fi"))
	c.lookup = func(context.Context, string) ([]net.IPAddr, error) { return nil, errors.New("no names here") }
	return &c
}

func (c *checker) run(t *testing.T) []commerce.Finding {
	t.Helper()
	found := c.check(t.Context())
	for _, f := range found {
		require.Equal(t, "shop fi", f.Part)
		require.NotContains(t, f.Text+f.Remedy, "hush")
		require.NotContains(t, f.Text+f.Remedy, "cs_demo")
		if f.Level != commerce.OK {
			require.NotEmpty(t, f.Remedy, "%q has no remedy", f.Text)
		}
	}
	return found
}

const allNames = "order.created, order.updated, order.deleted, order.restored, product.created, product.updated, customer.created, customer.updated, coupon.created, coupon.updated"

func TestAShopThatIsSetUpHasNothingToMend(t *testing.T) {
	store := subscribed(t, woocommercetest.Options{}, allTopics()...)
	store.Generate(1, 1)
	found := checking(t, store, testPublic, "").run(t)
	require.Empty(t, platformtest.Grave(found))
	want := []string{
		"shop.example answers: WooCommerce 11.0.1, books EUR, prices with tax, taxes rounded by line",
		"orders can be read",
		"the key may read and write",
		"the clocks agree",
		"webhooks come to https://hooks.example.com/hooks/fi: " + allNames,
	}
	if diff := cmp.Diff(want, platformtest.Texts(found)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	require.Equal(t, []string{"currency/fi/EUR", "pricelist/fi/EUR"}, found[0].Needs)
	require.Equal(t, 6, store.Requests())

	old := subscribed(t, woocommercetest.Options{Old: true, TaxOnTop: true, RoundAtSubtotal: true, Currency: "SEK"}, allTopics()...)
	found = checking(t, old, testPublic, "").run(t)
	require.Equal(t, "shop.example answers: WooCommerce 7.9.0, books SEK, prices without tax, taxes rounded in the end", found[0].Text)
	require.Equal(t, "there is no order yet that could be read as a trial", found[1].Text)
}

func TestCheckTellsWhatAShopLacks(t *testing.T) {
	observed := func(c *checker) { c.mends = false }
	for _, tc := range []struct {
		name   string
		opts   woocommercetest.Options
		public string
		set    func(*checker)
		subs   []woocommercetest.Subscription
		want   []string
	}{
		{name: "a key that may only read", opts: woocommercetest.Options{Permissions: "read"}, public: testPublic, subs: allTopics(),
			want: []string{"problem: the key may not write, so webhooks can be neither made nor mended: the shop refuses: 401 woocommerce_rest_authentication_error"}},
		{name: "which does for a shop that is only observed", opts: woocommercetest.Options{Permissions: "read"}, public: testPublic, subs: allTopics(), set: observed},
		{name: "a user who may not see orders", opts: woocommercetest.Options{Denied: []string{"orders"}}, public: testPublic, subs: allTopics(),
			want: []string{"problem: the shop refuses: 403 woocommerce_rest_cannot_view"}},
		{name: "a user who may not see webhooks", opts: woocommercetest.Options{Denied: []string{"webhooks"}}, public: testPublic, subs: allTopics(),
			want: []string{"problem: the key may not write, so webhooks can be neither made nor mended: the shop refuses: 403 woocommerce_rest_cannot_edit",
				"problem: the shop's webhooks cannot be read: the shop refuses: 403 woocommerce_rest_cannot_view"}},
		{name: "a user who may not see settings", opts: woocommercetest.Options{Denied: []string{"settings", "system_status"}}, public: testPublic, subs: allTopics(),
			want: []string{"warning: the shop does not tell all of its version and settings"}},
		{name: "a clock that is late", opts: woocommercetest.Options{Now: func() time.Time { return time.Now().Add(-3 * time.Minute) }}, public: testPublic, subs: allTopics(),
			want: []string{"problem: the shop's clock is 3m0s behind ours: what changed lately may be asked for too late or twice"}},
		{name: "a shop of another name", opts: woocommercetest.Options{Home: "https://staging.shop.example"}, public: testPublic, subs: allTopics(),
			set:  func(c *checker) { c.set.URL = "https://shop.example" },
			want: []string{"problem: the shop calls itself staging.shop.example, and the settings name shop.example: its deliveries are refused"}},
		{name: "no webhooks", public: testPublic, want: []string{"warning: no webhook brings " + allNames + " to " + testHook}},
		{name: "one that was disabled", public: testPublic, subs: spoilt(func(s *woocommercetest.Subscription) { s.Status = "disabled" }),
			want: []string{"warning: order.created was disabled, which WooCommerce does after seven deliveries in a row that failed"}},
		{name: "all that lead to the host of before", public: testPublic, subs: astray(),
			want: []string{"warning: each of " + allNames + " leads to https://old.example.com/hooks/fi"}},
		{name: "one that was paused", public: testPublic, subs: spoilt(func(s *woocommercetest.Subscription) { s.Status = "paused" }),
			want: []string{"warning: order.created was paused by a person (webhook 1): its changes come with the sweeps only"}},
		{name: "an address that is not known", subs: allTopics()[:1],
			want: []string{"warning: the shop has 1 webhook; where ours must lead is not known"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := checking(t, subscribed(t, tc.opts, tc.subs...), tc.public, "")
			if tc.set != nil {
				tc.set(c)
			}
			got := platformtest.Grave(c.run(t))
			for i := range got {
				got[i] = strings.Replace(got[i], "3m1s", "3m0s", 1) // a Date has whole seconds
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAShopThatCannotBeAskedIsSaidAtOnce(t *testing.T) {
	for _, tc := range []struct {
		name         string
		answer       http.HandlerFunc
		text, remedy string
	}{
		{"a firewall", woocommercetest.Firewall(403), "the shop answered HTML, not JSON (status 403): a firewall, a login or a maintenance page", "let this machine ask"},
		{"maintenance", woocommercetest.Maintenance(), "the shop answered HTML, not JSON (status 503)", "see that this machine reaches http://127.0.0.1"},
		{"a host that limits", woocommercetest.Status(429, time.Minute), "the shop answered 429 Too Many Requests", "limits its requests"},
		{"a wrong key", woocommercetest.Error(401, "woocommerce_rest_cannot_view", "Sorry"), "the shop refuses: 401 woocommerce_rest_cannot_view", "woocommerce.auth: query"},
		{"no WordPress", woocommercetest.Status(404, 0), "the shop answered 404 Not Found", "check woocommerce.url"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := subscribed(t, woocommercetest.Options{})
			store.Script(tc.answer)
			found := checking(t, store, testPublic, "").run(t)
			require.Len(t, found, 1)
			require.Equal(t, commerce.Problem, found[0].Level)
			require.Contains(t, found[0].Text, tc.text)
			require.Contains(t, found[0].Remedy, tc.remedy)
		})
	}
	c := checker{orders: &orders{decoder: decoder{shop: "fi", set: Settings{URL: "https://shop.example"}}, client: newClient("fi", Settings{Endpoint: "http://127.0.0.1:1"}, handlers.Deps{})}}
	found := c.run(t)
	require.Len(t, found, 1)
	require.Contains(t, found[0].Text, "no answer from woocommerce: ")
}

func TestPlainPermalinksAreRecognised(t *testing.T) {
	c := checker{orders: &orders{decoder: decoder{shop: "fi", set: Settings{URL: "https://shop.example"}}, client: clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("rest_route") == "/wc/v3/" {
			says(200, `{"namespace":"wc/v3"}`)(w, r)
			return
		}
		says(404, "<html>", "Content-Type: text/html")(w, r)
	})}}
	require.Equal(t, []string{"problem: WordPress has plain permalinks, with which there is no /wp-json"}, platformtest.Grave(c.run(t)))
}

// What WordPress refuses by itself is explained, for it never says so.
func TestAddressesThatWordPressRefusesAreExplained(t *testing.T) {
	for public, want := range map[string]string{
		"https://hooks.example.com":       "",
		"http://hooks.example.com":        "",
		"http://hooks.example.com:8080":   "",
		"https://hooks.example.com:443":   "",
		"https://hooks.example.com:8443":  "WordPress posts only to the ports 80, 443 and 8080, and not to 8443",
		"https://shop.example:8443":       "WordPress posts only to the ports 80, 443 and 8080, and not to 8443",
		"https://192.168.1.5":             "WordPress posts to no private or loopback address such as 192.168.1.5",
		"https://10.0.0.1":                "WordPress posts to no private or loopback address such as 10.0.0.1",
		"https://172.20.0.2":              "WordPress posts to no private or loopback address such as 172.20.0.2",
		"https://172.32.0.2":              "",
		"https://100.64.0.9":              "WordPress posts to no private or loopback address such as 100.64.0.9",
		"https://169.254.1.1":             "WordPress posts to no private or loopback address such as 169.254.1.1",
		"https://127.0.0.1":               "WordPress posts to no private or loopback address such as 127.0.0.1",
		"https://localhost":               "WordPress posts to no private or loopback address such as localhost",
		"https://[2001:db8::1]":           "WordPress posts to no IPv6 address without a name",
		"https://me:pw@hooks.example.com": "WordPress posts to no address with a user in it",
		"https://203.0.113.9":             "",
	} {
		c := checker{orders: &orders{decoder: decoder{set: Settings{URL: "https://shop.example"}}}, hook: handlers.HookURL(public, "fi")}
		require.Equal(t, want, c.refused(), public)
	}
	same := checker{orders: &orders{decoder: decoder{set: Settings{URL: "https://10.0.0.7:8443"}}}, hook: "https://10.0.0.7:8443/hooks/fi"}
	require.Empty(t, same.refused(), "the shop's own host and port are no strangers")

	var at []woocommercetest.Subscription
	for _, s := range allTopics() {
		s.URI = "https://192.168.1.5:8443/hooks/fi"
		at = append(at, s)
	}
	found := checking(t, subscribed(t, woocommercetest.Options{}, at...), "https://192.168.1.5:8443", "").run(t)
	require.Equal(t, []string{"problem: no delivery will come to https://192.168.1.5:8443/hooks/fi: WordPress posts only to the ports 80, 443 and 8080, and not to 8443"}, platformtest.Grave(found))
	require.Contains(t, fmt.Sprint(found), "http_allowed_safe_ports")
}

func TestANameThatLeadsToAPrivateAddressIsSaid(t *testing.T) {
	for ip, want := range map[string][]string{
		"10.1.2.3":    {"warning: hooks.example.com is 10.1.2.3 as this machine sees it; if the shop sees it so too, WordPress posts nothing there"},
		"203.0.113.9": nil,
	} {
		c := checking(t, subscribed(t, woocommercetest.Options{}, allTopics()...), testPublic, "")
		c.lookup = func(context.Context, string) ([]net.IPAddr, error) { return []net.IPAddr{{IP: net.ParseIP(ip)}}, nil }
		require.Equal(t, want, platformtest.Grave(c.run(t)))
	}
}

func TestAShopOnThisMachineMayPostToIt(t *testing.T) {
	var at []woocommercetest.Subscription
	for _, s := range allTopics() {
		s.URI = "http://127.0.0.1:8069/hooks/fi"
		at = append(at, s)
	}
	found := checking(t, subscribed(t, woocommercetest.Options{}, at...), "http://127.0.0.1:8069", "").run(t)
	require.Empty(t, platformtest.Grave(found))
	require.Contains(t, fmt.Sprint(platformtest.Texts(found)), "this is for tests")
}

func TestOldShopsAreSaidToListEverything(t *testing.T) {
	for version, old := range map[string]bool{"5.7.2": true, "5.8.0": false, "5.10": false, "11.0.1": false, "4.9": true, "9": false, "5": true, "9.1-rc.1": false} {
		require.Equal(t, old, isOlder(version, oldest), version)
	}
	want := []string{"problem: the shop cannot be asked for what changed: each sweep reads all of its orders"}
	told := subscribed(t, woocommercetest.Options{}, allTopics()...)
	told.Script(woocommercetest.Text(200, `[{"id":7}]`), woocommercetest.Text(200, `{"environment":{"home_url":"https://shop.example","version":"5.7.1"}}`))
	require.Equal(t, want, platformtest.Grave(checking(t, told, testPublic, "").run(t)))

	untold := subscribed(t, woocommercetest.Options{Denied: []string{"system_status"}}, allTopics()...)
	untold.Generate(1, 1)
	require.NotContains(t, platformtest.Grave(checking(t, untold, testPublic, "").run(t)), want[0])

	store, shop := before(t, woocommercetest.Options{Denied: []string{"system_status"}, Client: nowhere}, func(store *woocommercetest.Store, _ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("modified_after") {
			woocommercetest.Text(200, `[{"id":7}]`)(w, r) // tomorrow's changes
			return
		}
		store.Handler().ServeHTTP(w, r)
	})
	store.Generate(1, 1)
	c := newChecker(shop.Config, shop.Orders.(*orders), testHook)
	require.Contains(t, platformtest.Grave(c.run(t)), want[0])
}

func TestTheWayToAShopIsJudged(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	expires := srv.Certificate().NotAfter
	for _, tc := range []struct {
		name string
		last answered
		base string
		want []string
	}{
		{"well", answered{expires: expires}, "", nil},
		{"a certificate that runs out", answered{expires: expires.AddDate(0, 0, -1)}, "", []string{"warning: the shop's certificate runs out on " + expires.AddDate(0, 0, -1).UTC().Format(time.DateOnly)}},
		{"a cache", answered{cached: true}, "", []string{"warning: an answer came out of a cache: what is read may be old"}},
		{"plain http", answered{}, "http://proxy.example", []string{"warning: the shop is asked over plain http: whoever listens reads its orders"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := Settings{URL: "https://shop.example", Endpoint: tc.base}
			c := checker{orders: &orders{decoder: decoder{set: set}, client: &client{}}, now: func() time.Time { return expires.AddDate(0, 0, -certificateDays) }}
			c.client.last.Store(&tc.last)
			f := &commerce.Findings{}
			c.way(f)
			require.Equal(t, tc.want, platformtest.Grave(f.List))
		})
	}
}

func TestAKeyInAConfigurationIsCheckedThroughTheShop(t *testing.T) {
	store := subscribed(t, woocommercetest.Options{}, allTopics()...)
	address, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	shop, err := config.NewShop("fi", Name, config.Books{}, strings.Join([]string{"url: https://shop.example", "consumer_key: ck_other", "consumer_secret: cs_other", "secrets: [hush]", "endpoint: " + address}, "\n"))
	require.NoError(t, err)
	opened, err := Platform().Open(shop, handlers.Deps{PublicURL: testPublic})
	require.NoError(t, err)
	defer opened.Orders.(*orders).client.http.CloseIdle()
	found := opened.Check(t.Context())
	require.Equal(t, []string{"problem: the shop refuses: 401 woocommerce_rest_authentication_error"}, platformtest.Grave(found))
	require.Contains(t, found[0].Remedy, "woocommerce.consumer_key")
}
