package tasks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// pushRig is a WooCommerce shop, an Odoo in memory, and a worker between them whose tasks
// are run by hand, one after another.
type pushRig struct {
	*rig
	woo  *woocommercetest.Store
	odoo *odootest.Server
	w    *Worker
	cut  atomic.Pointer[cut]
}

// cut is a call to the shop that is lost: before the shop has it, or its answer.
type cut struct {
	at     int64
	after  bool
	called atomic.Int64
}

func newPushRig(t *testing.T) *pushRig {
	r := &pushRig{rig: newRig(t), odoo: odootest.Start(t, odootest.Options{Version: 17}),
		woo: woocommercetest.New(woocommercetest.Options{BasicOverHTTP: true, Topics: []string{"customer.created", "customer.updated"}})}
	front := httptest.NewServer(http.HandlerFunc(r.serve))
	cfg, err := config.NewShop("fi", woocommerce.Name, config.Books{Customers: config.Customers{Accounts: "all"}},
		fmt.Sprintf("url: %s\nendpoint: %s\nconsumer_key: %s\nconsumer_secret: %s\nsecrets: [%s]\n", r.woo.Home(), front.URL, r.woo.ConsumerKey(), r.woo.ConsumerSecret(), r.woo.Secret()))
	require.NoError(t, err)
	cfg.Mode, cfg.WriteBack.Accounts = config.Live, "all"
	shop, err := woocommerce.Platform().Open(cfg, handlers.Deps{})
	require.NoError(t, err)
	t.Cleanup(front.Close)
	client := odooclient.New(r.odoo.Config(), odooclient.Options{})
	t.Cleanup(client.Close)
	r.opt.Config.Lease = time.Minute // tasks are run by hand: no machine is too slow for it
	r.opt.Shops, r.opt.Metrics = map[string]*handlers.Shop{"fi": shop}, nil
	r.opt.Books = erp.New(client, erp.Options{Ties: NewTies(r.rdb)})
	r.w = NewWorker(r.opt)
	r.w.base = t.Context()
	t.Cleanup(r.w.odoo.close)
	return r
}

// serve lets calls through to the shop, but for the one that is cut.
func (r *pushRig) serve(w http.ResponseWriter, req *http.Request) {
	c := r.cut.Load()
	if c == nil || c.called.Add(1) != c.at {
		r.woo.Handler().ServeHTTP(w, req)
		return
	}
	if c.after {
		r.woo.Handler().ServeHTTP(httptest.NewRecorder(), req)
	}
	panic(http.ErrAbortHandler)
}

// anna is a contact with an address for each kind.
func (r *pushRig) anna() int64 {
	at := func(street string, more map[string]any) map[string]any {
		all := map[string]any{"street": street, "zip": "20100", "city": "Turku", "country_id": r.odoo.ID("res.country", "code", "FI")}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	id := r.odoo.AddPartner(at("Kotikatu 1", map[string]any{"name": "Anna Liisa Virtanen", "email": "Anna@example.com", "phone": "+358 40 1234567"}))
	for kind, street := range map[string]string{"invoice": "Laskukatu 2", "delivery": "Varastokatu 3", "other": "Salakatu 4", "contact": "Muukatu 5"} {
		r.odoo.AddPartner(at(street, map[string]any{"parent_id": id, "type": kind, "name": "Anna " + kind}))
	}
	return id
}

// push runs the task of one push as often as it asks for it, and returns how it ended.
func (r *pushRig) push(id int64) Entry {
	r.t.Helper()
	e := lookOf(contactRef("fi", id), pushTopic, uuid.NewString())
	for range 8 {
		if r.w.pushCustomer(r.t.Context(), e) == nil {
			return r.event(e)
		}
	}
	entry := r.event(e)
	r.t.Fatalf("the push did not end in eight runs: %s, %s", entry.Reason, entry.Detail)
	return entry
}

// ends wants a push to end so, and returns what it was told beside.
func (r *pushRig) ends(id int64, outcome Outcome, reason string) Entry {
	r.t.Helper()
	e := r.push(id)
	require.Equal(r.t, []any{outcome, reason}, []any{e.State, e.Reason}, "%s; %s", e.Detail, e.Remedy)
	return e
}

// echoes brings what the shop tells of its accounts and wants it to change nothing.
func (r *pushRig) echoes() {
	r.t.Helper()
	before := r.odoo.Partners()
	news, err := r.woo.News()
	require.NoError(r.t, err)
	require.NotEmpty(r.t, news)
	for _, d := range news {
		require.Equal(r.t, Done, r.deliver(d).State)
	}
	require.Equal(r.t, before, r.odoo.Partners(), "an echo was written")
}

// deliver imports what one delivery is about.
func (r *pushRig) deliver(d woocommercetest.Delivery) Entry {
	r.t.Helper()
	in := handlers.Delivery{Header: d.Header(), Body: d.Body, Received: time.Now()}
	receiver := r.opt.Shops["fi"].Receiver
	require.NoError(r.t, receiver.Verify(in))
	events, err := receiver.Events(in)
	require.NoError(r.t, err)
	require.NoError(r.t, r.w.importCustomer(r.t.Context(), events[0]))
	return r.event(events[0])
}

// account is the only one of the shop.
func (r *pushRig) account() woocommercetest.Customer {
	r.t.Helper()
	all := r.woo.Customers()
	require.Len(r.t, all, 1)
	return all[0]
}

// nothingPersonal wants nothing of anna in the log, and nothing in what Redis keeps.
func (r *pushRig) nothingPersonal() {
	r.t.Helper()
	r.lines.mu.Lock()
	logged := fmt.Sprint(r.lines.lines)
	r.lines.mu.Unlock()
	for _, word := range []string{"Virtanen", "anna@", "Anna@", "1234567", "Kotikatu", "Laskukatu", "Varastokatu", "Salakatu"} {
		require.NotContains(r.t, logged, word)
		require.Empty(r.t, r.holding(word), word)
	}
}

func (r *pushRig) recordOf(ref commerce.Ref) Record {
	r.t.Helper()
	rec, _, err := r.w.journal.Get(context.Background(), ref)
	require.NoError(r.t, err)
	return rec
}
