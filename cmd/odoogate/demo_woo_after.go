package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
)

// wooTale is what happens to one order of the WooCommerce shop.
type wooTale struct {
	what   string
	status string // that it begins with
	do     func(ctx context.Context, w *world, id string) error
	id     string
}

func wooTales() []*wooTale {
	return []*wooTale{
		{"the card is charged later", "pending", func(_ context.Context, w *world, id string) error { return w.woo.Pay(id) }, ""},
		{"completed; one of three is refunded", "processing", func(_ context.Context, w *world, id string) error {
			return errors.Join(w.woo.Complete(id), w.woo.Refund(id, 0, 1))
		}, ""},
		{"nobody pays, cancelled", "pending", func(_ context.Context, w *world, id string) error { return w.woo.CancelOrder(id) }, ""},
		{"its deliveries were lost, a sweep finds it", "processing", swept, ""},
		{"delivered in Odoo, so completed in the shop", "processing", deliveredInOdoo, ""},
	}
}

// Where in wooTales the two are that the demo itself asks about.
const (
	wooLost   = 3
	wooEchoes = 4
)

// wooGoesOn sells an order for each tale, waits until they are invoiced, lets happen what
// happens, and shows how Odoo stands.
func (w *world) wooGoesOn(ctx context.Context) error {
	if w.woo == nil {
		return nil
	}
	all := wooTales()
	for i, t := range all {
		t.id = strconv.Itoa(7001 + i)
		if i == wooLost {
			w.woo.net.order.Store(&t.id)
		}
		w.woo.AddOrder(wooOrder(7001+i, i*3, t.status))
	}
	told := slices.Delete(slices.Clone(all), wooLost, wooLost+1)
	w.await(ctx, func() bool { return w.woo.net.lost.Load() > 1 && w.wooRight(told) }) // created and updated
	w.woo.net.order.Store(nil)
	var err error
	for _, t := range all {
		err = errors.Join(err, t.do(ctx, w, t.id))
	}
	w.await(ctx, func() bool { return w.wooRight(all) })
	w.say("What happens in the WooCommerce shop, which repeats nothing:\n\n")
	for _, t := range all {
		err = errors.Join(err, w.tell(t.what, w.wooFate(t.id)))
	}
	return errors.Join(err, w.echoed(ctx, all[wooEchoes].id))
}

// wooOrder is three of one product, bought a minute ago.
func wooOrder(id, product int, status string) woocommercetest.Order {
	home := woocommercetest.Address{First: "Aino", Last: "Laine", Street: "Katu 1", City: "Turku", Zip: "20100", Country: "FI", Email: fmt.Sprintf("woo%d@example.com", id)}
	return woocommercetest.Order{ID: int64(id), Status: status, PricesIncludeTax: true, PaymentMethod: "stripe", PaymentTitle: "Credit card",
		Billing: home, Shipping: home, CreatedAt: time.Now().Add(-time.Minute),
		Lines:         []woocommercetest.Line{woocommercetest.LineOf(woocommercetest.Catalogue()[product], 3)},
		ShippingLines: []woocommercetest.ShippingLine{woocommercetest.Parcel("5.90")}}
}

func (w *world) wooRight(tales []*wooTale) bool {
	var want []fate
	for _, t := range tales {
		want = append(want, w.wooFate(t.id))
	}
	return w.balanced(want)
}

// swept has the shop asked for what changed, as happens by itself every five minutes.
func swept(ctx context.Context, w *world, id string) error {
	if w.woo.net.lost.Load() == 0 {
		return fmt.Errorf("no delivery of order %s was lost", id)
	}
	return w.api(ctx, http.MethodPost, "/api/shops/"+demoWoo+"/jobs/"+tasks.JobSweep+"/run", "", nil)
}

// deliveredInOdoo lets somebody in Odoo send an order's goods off, and has the order
// looked at, as happens by itself within a minute.
func deliveredInOdoo(ctx context.Context, w *world, id string) error {
	person := odooclient.New(w.odoo.ConfigOf("admin"), odooclient.Options{})
	defer person.Close()
	for _, p := range w.wooInOdoo(id).Pickings {
		calls := []odooclient.Request{}
		for _, m := range p.Moves {
			calls = append(calls, odooclient.Request{Model: "stock.move", Method: "write", IDs: []int64{m.ID},
				Args: map[string]any{"vals": map[string]any{"quantity": m.Demand.InexactFloat64(), "picked": true}}})
		}
		for _, c := range append(calls, odooclient.Request{Model: "stock.picking", Method: "button_validate", IDs: []int64{p.ID}}) {
			var done any
			if err := person.Call(ctx, c, &done); err != nil {
				return err
			}
		}
	}
	w.woo.writes = w.wooInOdoo(id).Writes
	return w.api(ctx, http.MethodPost, "/api/shops/"+demoWoo+"/orders/pull", `{"ids": ["`+id+`"]}`, nil)
}

// wooInOdoo is an order as it stands there; the zero value where it does not.
func (w *world) wooInOdoo(id string) (o odootest.Order) {
	if all := w.booked()[demoWoo+"/"+id]; len(all) > 0 {
		o = all[0]
	}
	return o
}

// echoed waits for what the shop posts because odoogate completed its order, and sees
// that it wrote nothing.
func (w *world) echoed(ctx context.Context, id string) error {
	ref := commerce.Ref{Shop: demoWoo, Kind: commerce.KindOrder, ID: id}
	ended := []tasks.Outcome{tasks.Done, tasks.Skipped, tasks.Stale, tasks.Coalesced}
	var echo tasks.Entry
	w.await(ctx, func() bool {
		updates := 0
		for e, err := range w.journal.Events(ctx, tasks.Query{Shop: demoWoo, Ref: ref, States: ended, Oldest: true}) {
			if err == nil && e.Topic == "order.updated" {
				updates, echo = updates+1, e
			}
		}
		return updates > 1 // of the order itself, and of its status
	})
	writes := w.wooInOdoo(id).Writes - w.woo.writes
	w.say("  What odoogate wrote into %s came back as a delivery (%s): %s in Odoo.\n\n", id, echo.State, commerce.Count(writes, "write"))
	if writes != 0 || echo.State == "" {
		return fmt.Errorf("the echo of order %s is %q and wrote %d times", id, echo.State, writes)
	}
	return nil
}

// wooSells sells one more thing and says what became of it.
func (w *world) wooSells(ctx context.Context, seed uint64) {
	start := time.Now()
	f := w.wooFate(w.woo.Generate(seed, 1)[0])
	w.await(ctx, func() bool { return w.balanced([]fate{f}) })
	if ctx.Err() != nil {
		return
	}
	o := w.wooInOdoo(f.id)
	w.say(demoSold, f.number, f.worth.StringFixed(2)+" EUR", o.Total.StringFixed(2)+" EUR", stateWord(o.State)+" "+o.Name, time.Since(start).Milliseconds())
}
