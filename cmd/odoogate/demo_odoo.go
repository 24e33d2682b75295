package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// demoOdoo names a real Odoo to book into; empty: the in-memory one.
type demoOdoo struct{ url, database, user string }

// openOdoo starts the in-memory Odoo with what a Finnish shop needs, unless a
// real one was named.
func (w *world) openOdoo(opt demoOptions, p process) (config.Odoo, error) {
	if real := opt.odoo; real.url != "" {
		set := config.Default().Odoo
		set.URL, set.Database, set.User = real.url, real.database, real.user
		for _, e := range p.environ {
			if v, ok := strings.CutPrefix(e, "ODOO_PASSWORD="); ok {
				set.Password = config.NewSecret(v)
			}
		}
		w.look = w.lookInto(set)
		return set, nil
	}
	w.odoo = odootest.New(odootest.Options{Latency: opt.latency})
	seedOdoo(w.odoo)
	w.look = func(context.Context) []odootest.Order { return w.odoo.Orders() }
	_, stop, err := w.odoo.Listen("127.0.0.1:0")
	if err != nil {
		return config.Odoo{}, err
	}
	w.closers = append(w.closers, func() error { stop(); return nil })
	return w.odoo.Config(), nil
}

// lookInto reads the orders of a real Odoo, at most once a second.
func (w *world) lookInto(set config.Odoo) func(context.Context) []odootest.Order {
	client := odooclient.New(set, odooclient.Options{})
	w.closers = append(w.closers, func() error { client.Close(); return nil })
	var mu sync.Mutex
	var read time.Time
	var last []odootest.Order
	return func(ctx context.Context) []odootest.Order {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(read) < time.Second {
			return last
		}
		var rows []odooclient.Row
		err := client.Call(ctx, odooclient.Request{Model: "sale.order", Method: "search_read", Args: map[string]any{
			"domain": []any{[]any{"origin", "=like", demoShop + "/%"}},
			"fields": []any{"name", "client_order_ref", "state", "currency_id", "amount_tax", "amount_total"},
		}}, &rows)
		if err != nil {
			return last // asked again in the next round
		}
		read, last = time.Now(), nil
		for _, r := range rows {
			_, currency := r.Ref("currency_id")
			digits := commerce.Digits(currency)
			last = append(last, odootest.Order{Name: r.Str("name"), Ref: r.Str("client_order_ref"), State: r.Str("state"),
				Currency: currency, Tax: r.Dec("amount_tax").Round(digits), Total: r.Dec("amount_total").Round(digits)})
		}
		return last
	}
}

func seedOdoo(odoo *odootest.Server) {
	for _, p := range shopifytest.Catalogue() {
		odoo.AddProduct(p.SKU, p.Name, p.Price)
	}
	service := odootest.Values{"detailed_type": "service"}
	odoo.AddProduct(demoShipping, "Delivery", shopifytest.Catalogue()[0].Price, service)
	for _, p := range [][2]string{{"GIFTCARD", "Gift card"}, {"TIP", "Tip"}, {"DUTY", "Duties"}, {"FEE", "Fees"}, {demoRounding, "Rounding"}, {"REFUND", "Refunds"}} {
		odoo.AddProduct(p[0], p[1], decimal.Zero, service)
	}
	for _, rate := range []string{"25.5", "14"} {
		odoo.AddTax(rate+" %", rate, false, "FI")
		odoo.AddTax(rate+" % incl.", rate, true, "FI")
	}
}
