package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// demoWoo is a WooCommerce shop. It sells into the same Odoo, with tax in its prices,
// and posts what happens by itself, by the webhooks that odoogate makes there.
const demoWoo = "woo"

const demoWooConfig = `  - id: ` + demoWoo + `
    platform: woocommerce
    mode: live
    go_live: 2000-01-01
    woocommerce: {url: %q, endpoint: %q, consumer_key: %q, consumer_secret: %q, secrets: [%q]}
    import: {fulfilled: import}
    books:
      products: {shipping: SHIP, rounding: ROUND, refund: REFUND, fee: FEE}
      payments: {journals: {stripe: Bank, "": Bank}}
      editable_until: always
    workflow: online
    workflows: [{name: online, invoice: post, pay: true, deliver: shipped}]
    write_back: {delivered: completed, accounts: all}
`

// wooShop is the store with the network that its deliveries go through.
type wooShop struct {
	*woocommercetest.Store
	net    *losing
	writes int // of the order that echoes, before odoogate completes it
}

// losing is a network on which whatever is posted about one order is lost.
type losing struct {
	http.RoundTripper
	order atomic.Pointer[string] // its id; nil: nothing is lost
	lost  atomic.Int64
}

func (l *losing) RoundTrip(r *http.Request) (*http.Response, error) {
	id := l.order.Load()
	if id == nil || r.GetBody == nil {
		return l.RoundTripper.RoundTrip(r)
	}
	copied, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(copied)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(body, []byte(`"id":`+*id+`,`)) {
		return l.RoundTripper.RoundTrip(r)
	}
	l.lost.Add(1)
	return nil, errors.Join(r.Body.Close(), errors.New("it was lost on the way"))
}

// openWoo starts the WooCommerce shop, which posts until the world ends, and returns its
// part of the configuration.
func (w *world) openWoo(ctx context.Context) (string, error) {
	lines := &losing{RoundTripper: &http.Transport{}}
	w.woo = &wooShop{net: lines, Store: woocommercetest.New(woocommercetest.Options{Home: "https://woo.example.com", Client: &http.Client{Transport: lines}})}
	url, stop, err := w.woo.Listen("127.0.0.1:0")
	if err != nil {
		return "", err
	}
	w.closers = append(w.closers, stop)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- w.woo.Run(ctx) }()
	w.closers = append(w.closers, func() error { cancel(); return <-ended })
	return fmt.Sprintf(demoWooConfig, w.woo.Home(), url, w.woo.ConsumerKey(), w.woo.ConsumerSecret(), w.woo.Secret()), nil
}

// wooOpens sells the first orders, which are posted while all else goes on.
func (w *world) wooOpens(seed uint64) {
	if w.woo == nil {
		return
	}
	n := len(w.woo.Generate(seed, woocommercetest.Scenarios))
	w.say("Beside it a WooCommerce shop sells %d orders into the same Odoo. It posts once what happens, by %d webhooks\nthat odoogate made.\n",
		n, len(w.woo.Subscriptions()))
}

// wooStands waits until the WooCommerce shop's orders stand in Odoo and says how many do.
func (w *world) wooStands(ctx context.Context) error {
	if w.woo == nil {
		return nil
	}
	w.await(ctx, func() bool { return len(w.wooWrong()) == 0 })
	n, wrong := len(w.woo.Orders()), w.wooWrong()
	w.say("WooCommerce: %d orders. In Odoo exactly once, equal to the cent and invoiced: %d. Wrong: %d.\n\n", n, n-len(wrong), len(wrong))
	return errors.Join(wrong...)
}

// wooWrong is every order that Odoo has not as the shop has it.
func (w *world) wooWrong() []error {
	var wrong []error
	booked := w.booked()
	for _, o := range w.woo.Orders() {
		b, right := w.wooFate(o.ID).in(booked)
		if right && o.Cancelled || right && b.total.Equal(o.Total) && b.tax.Equal(o.TotalTax) {
			continue
		}
		wrong = append(wrong, fmt.Errorf("order %s of %s is %s with tax of %s, Odoo has %s with tax of %s: %s", o.Number, demoWoo,
			o.Total.StringFixed(2), o.TotalTax.StringFixed(2), b.total.StringFixed(2), b.tax.StringFixed(2), b))
	}
	return wrong
}

// wooFate is what became of an order of the WooCommerce shop.
func (w *world) wooFate(id string) fate {
	f := fate{shop: demoWoo, id: id}
	now, err := w.woo.Ledger(id)
	if err != nil {
		return f
	}
	f.number, f.worth, f.paid, f.over = now.Number, now.Total.Sub(now.Given), now.Paid, now.Cancelled
	for _, line := range now.Lines {
		f.with += line.With
	}
	return f
}
