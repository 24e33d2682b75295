package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// around is what a script finds around odoogate: a Redis, a store and an Odoo.
type around struct {
	env   []string
	store *shopifytest.Store
	woo   *woocommercetest.Store // once a script starts it
	odoo  *odootest.Server
	url   string // where odoogate is to listen
	count atomic.Int64
}

// startAround lives as long as the test.
func startAround(t *testing.T) *around {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listen := ln.Addr().String()
	require.NoError(t, ln.Close())

	a := &around{store: shopifytest.New(shopifytest.Options{}), odoo: odootest.Start(t, odootest.Options{}), url: "http://" + listen}
	seedOdoo(a.odoo)
	a.odoo.Add("crm.team", odootest.Values{"name": "Shop"})
	for _, topic := range []string{"orders/create", "orders/updated", "orders/cancelled", "orders/edited", "order_transactions/create", "refunds/create",
		"returns/request", "returns/approve", "returns/decline", "returns/cancel", "returns/close", "returns/reopen", "returns/update", "returns/process",
		"reverse_fulfillment_orders/dispose"} {
		require.NoError(t, a.store.Subscribe(shopifytest.Subscription{Topic: topic, URI: a.url + "/hooks/fi"}))
	}
	storeURL, stop, err := a.store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	odoo := a.odoo.Config()
	a.env = []string{
		"LISTEN=" + listen, "HOOKS=" + a.url, "STORE_URL=" + storeURL, "STORE_DOMAIN=" + a.store.Domain(),
		"REDIS_URL=" + redistest.Start(t, "--appendonly", "yes").URL,
		"ODOO_URL=" + odoo.URL, "ODOO_DB=" + odoo.Database, "ODOO_USER=" + odoo.User, "ODOO_PASSWORD=" + odoo.Password.Reveal(),
		"SHOP_FI_TOKEN=" + a.store.Token(), "SHOP_FI_SECRET=" + a.store.Secret(),
	}
	return a
}

func (a *around) setup(env *testscript.Env) error {
	env.Values[aroundKey{}] = a
	env.Vars = append(env.Vars, a.env...)
	env.Vars = append(env.Vars, "ODOOGATE_SPOOL_PATH="+filepath.Join(env.WorkDir, "state", "spool.db"), "ODOOGATE_SERVER_DRAIN=0s")
	return nil
}

type aroundKey struct{}

// commands are what scripts can do besides running programs.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	own := func(do func(*around, *testscript.TestScript, bool, []string)) func(*testscript.TestScript, bool, []string) {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			do(ts.Value(aroundKey{}).(*around), ts, neg, args)
		}
	}
	return map[string]func(*testscript.TestScript, bool, []string){
		"await": own((*around).await), "deliver": own((*around).deliver), "order": own((*around).order),
		"odoo-orders": own((*around).odooOrders), "odoo-state": own((*around).odooState), "notify": own((*around).notify), "webhook": own((*around).webhook),
		"people": own((*around).people), "sell": own((*around).sell), "spoil": own((*around).spoil), "webhooks": own((*around).webhooks),
		"woo": own((*around).startWoo), "account": own((*around).account), "calls": own((*around).calls), "contact": own((*around).contact),
		"person": own((*around).person), "shopper": own((*around).shopper),
		"unknown-product": own((*around).unknownProduct), "replace": replace, "mode": mode, "capture": capture, "answers": answersLike,
	}
}

// await url [pattern] waits until an address answers 200 and its text matches.
func (a *around) await(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + strings.Join(args[1:], " "))
	last := ""
	poll(ts, func() bool {
		resp, err := http.Get(args[0])
		if err != nil {
			last = err.Error()
			return false
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		last = resp.Status + " " + string(raw)
		return err == nil && resp.StatusCode == http.StatusOK && pattern.Match(raw)
	}, func() string { return fmt.Sprintf("%s did not come to match %q; last: %s", args[0], pattern, last) })
}

// deliver makes a new order in the store and posts its webhook.
func (a *around) deliver(ts *testscript.TestScript, _ bool, args []string) {
	n := a.count.Add(1)
	a.post(ts, args[0], a.store.Generate(uint64(n), 1)[0], "orders/create")
}

func (a *around) post(ts *testscript.TestScript, url, order, topic string) {
	ds, err := a.store.Deliveries(order, topic)
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	status, err := shopifytest.Post(ctx, http.DefaultClient, url, ds[0])
	ts.Check(err)
	if status != http.StatusOK {
		ts.Fatalf("the delivery was answered %d", status)
	}
}

// order [risk] makes a new order in the store, perhaps of a risk such as HIGH, and
// puts its id into $ORDER.
func (a *around) order(ts *testscript.TestScript, _ bool, args []string) {
	n := a.count.Add(1)
	id := a.store.Generate(uint64(n), 1)[0]
	if len(args) > 0 {
		ts.Check(a.store.UpdateOrder(id, func(o *shopifytest.Order) { o.RiskLevel = args[0] }))
	}
	ts.Setenv("ORDER", id)
}

// unknown-product makes the order in $ORDER one of a product that Odoo does not have.
func (a *around) unknownProduct(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(a.store.UpdateOrder(ts.Getenv("ORDER"), func(o *shopifytest.Order) { o.Lines[0].SKU = "NOT-THERE" }))
}

// notify url posts the webhook of the order in $ORDER.
func (a *around) notify(ts *testscript.TestScript, _ bool, args []string) {
	a.post(ts, args[0], ts.Getenv("ORDER"), "orders/updated")
}

// webhook url topic file posts a body that the store has signed; ! webhook one that
// somebody without its secret has signed, which must be refused.
func (a *around) webhook(ts *testscript.TestScript, neg bool, args []string) {
	body := strings.NewReplacer("{shop}.myshopify.com", a.store.Domain(), "$ORDER", ts.Getenv("ORDER")).Replace(ts.ReadFile(args[2]))
	d := a.store.Sign(args[1], []byte(body))
	if neg {
		d = d.Forged()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	status, err := shopifytest.Post(ctx, http.DefaultClient, args[0], d)
	ts.Check(err)
	if want := map[bool]int{false: http.StatusOK, true: http.StatusUnauthorized}[neg]; status != want {
		ts.Fatalf("%s was answered %d, want %d", args[1], status, want)
	}
}

// odoo-state state waits until an order of the shop is in that state in Odoo.
func (a *around) odooState(ts *testscript.TestScript, _ bool, args []string) {
	poll(ts, func() bool {
		return slices.ContainsFunc(a.odoo.Orders(), func(o odootest.Order) bool { return o.State == args[0] })
	}, func() string { return fmt.Sprintf("Odoo has no order in state %s, but %+v", args[0], a.odoo.Orders()) })
}

// odoo-orders n waits until so many of the shop's orders are in Odoo.
func (a *around) odooOrders(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	poll(ts, func() bool { return len(a.odoo.Orders()) == want },
		func() string { return fmt.Sprintf("Odoo has %d orders, want %d", len(a.odoo.Orders()), want) })
}

// people change|cancel does in Odoo what a person would with the only order there.
func (a *around) people(ts *testscript.TestScript, _ bool, args []string) {
	order := a.odoo.Orders()[0]
	req := odooclient.Request{Model: "sale.order", Method: "action_cancel", IDs: []int64{order.ID}, Context: map[string]any{"disable_cancel_warning": true}}
	if args[0] == "change" {
		req = odooclient.Request{Model: "sale.order.line", Method: "write", IDs: []int64{order.Lines[0].ID},
			Args: map[string]any{"vals": map[string]any{"product_uom_qty": 9, "price_unit": 1}}}
	}
	c := odooclient.New(a.odoo.Config(), odooclient.Options{})
	defer c.Close()
	var done any
	ts.Check(c.Call(context.Background(), req, &done))
}

// poll asks every 20 ms, for half a minute.
func poll(ts *testscript.TestScript, done func() bool, say func() string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		if done() {
			return
		}
	}
	ts.Fatalf("%s", say())
}

// replace file old new changes every line of a file.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}

// capture NAME pattern puts the first group of a pattern in the last output into $NAME.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("the output does not match %q", args[1])
	}
	ts.Setenv(args[0], m[1])
}

// mode file octal holds a file to its permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}
