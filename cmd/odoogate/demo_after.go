package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// demoAfter is a second shop, whose orders are invoiced, paid and shipped, and then
// refunded, sent back, edited and cancelled.
const demoAfter = "outlet"

const demoAfterConfig = `  - id: ` + demoAfter + `
    platform: shopify
    mode: live
    go_live: 2000-01-01
    shopify: {domain: %s, endpoint: %q, access_token: %q, secrets: [%q]}
    books:
      products: {shipping: SHIP, rounding: ROUND, refund: REFUND}
      payments: {journals: {shopify_payments: Bank}}
      editable_until: always
    workflow: online
    workflows: [{name: online, invoice: post, pay: true, deliver: shipped}]
`

// openAfter starts the second shop's store and returns its part of the configuration.
func (w *world) openAfter() (string, error) {
	w.outlet = shopifytest.New(shopifytest.Options{Domain: "outlet.myshopify.com", Secret: w.store.Secret() + "-2", Token: w.store.Token() + "_2", Bucket: 20_000, Restore: 1000})
	url, stop, err := w.outlet.Listen("127.0.0.1:0")
	if err != nil {
		return "", err
	}
	w.closers = append(w.closers, stop)
	return fmt.Sprintf(demoAfterConfig, w.outlet.Domain(), url, w.outlet.Token(), w.outlet.Secret()), nil
}

// after is what happens to one order once it is invoiced and paid.
type after struct {
	what string
	do   func(s *shopifytest.Store, id string) error
	id   string
}

func afterwards() []*after {
	refund := func(restock string) func(*shopifytest.Store, string) error {
		return func(s *shopifytest.Store, id string) error {
			_, err := s.RefundWith(id, shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: 0, Quantity: 1, Restock: restock}}})
			return err
		}
	}
	return []*after{
		{what: "one of three is refunded before it left", do: refund("CANCEL")},
		{what: "a gift of 5.00 for the late parcel", do: func(s *shopifytest.Store, id string) error {
			five := decimal.NewFromInt(5)
			_, err := s.RefundWith(id, shopifytest.RefundRequest{Amount: &five})
			return err
		}},
		{what: "shipped, one comes back and is refunded", do: sentBack},
		{what: "an edit orders one more, paid later", do: func(s *shopifytest.Store, id string) error {
			return errors.Join(s.RaiseLine(id, 0, 1), s.Pay(id))
		}},
		{what: "cancelled, everything is given back", do: func(s *shopifytest.Store, id string) error {
			_, err := s.CancelAndRefund(id)
			return err
		}},
	}
}

func sentBack(s *shopifytest.Store, id string) error {
	if err := s.Fulfill(id, "Posti", "JJFI1"); err != nil {
		return err
	}
	ret, err := s.RequestReturn(id, map[int]int{0: 1})
	if err != nil {
		return err
	}
	if err := errors.Join(s.ApproveReturn(id, ret), s.ReceiveReturn(id, ret, map[int]int{0: 1}, shopifytest.Location{})); err != nil {
		return err
	}
	_, err = s.RefundWith(id, shopifytest.RefundRequest{Return: ret, Lines: []shopifytest.RefundItem{{Line: 0, Quantity: 1, Restock: "NO_RESTOCK"}}})
	return errors.Join(err, s.CloseReturn(id, ret))
}

// liveOn sells the orders, waits until they are invoiced and paid, lets happen what
// happens, each delivery doubled and all of them shuffled, and shows how Odoo stands.
func (w *world) liveOn(ctx context.Context) error {
	if w.outlet == nil {
		return nil
	}
	all := afterwards()
	for i, a := range all {
		p := shopifytest.Catalogue()[i*4]
		tax := []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}
		a.id = w.outlet.AddOrder(shopifytest.Order{Number: 9001 + i, TaxesIncluded: true, Gateway: "shopify_payments", Email: fmt.Sprintf("outlet%d@example.com", i),
			Lines:         []shopifytest.Line{{SKU: p.SKU, Title: p.Name, Quantity: 3, Current: 3, Price: p.Price, Taxes: tax}},
			ShippingLines: []shopifytest.ShippingLine{{Code: "post", Title: "Post", Price: decimal.RequireFromString("5.90"), Taxes: tax}}})
	}
	err := w.stands(ctx, all)
	for _, a := range all {
		err = errors.Join(err, a.do(w.outlet, a.id))
	}
	w.say("What comes after the order, in a second shop that invoices and registers payments:\n\n")
	err = errors.Join(err, w.stands(ctx, all))
	for _, a := range all {
		b, right := w.balance(a)
		mark := "✓"
		if !right {
			mark = "✗"
			err = errors.Join(err, fmt.Errorf("order %s (%s): Odoo has %s", b.number, a.what, b))
		}
		w.say("  %-7s %-40s %s %s\n", b.number, a.what, mark, b)
	}
	w.say("\n")
	return err
}

// stands posts the store's news and waits until Odoo says the same as the store.
func (w *world) stands(ctx context.Context, all []*after) error {
	news, err := w.outlet.News()
	if err != nil {
		return err
	}
	s := &script{}
	for _, d := range append(news, news...) {
		s.genuine = append(s.genuine, post{path: "/hooks/" + demoAfter, d: d, want: http.StatusOK})
	}
	w.post(ctx, s)
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	for slices.ContainsFunc(all, func(a *after) bool { _, right := w.balance(a); return !right }) && ctx.Err() == nil {
		pause(ctx, 20*time.Millisecond)
	}
	return nil
}

// balance is how an order stands in Odoo's books.
type balance struct {
	number                  string
	invoices, credits       int
	invoiced, open          decimal.Decimal
	delivered, wantDelivery decimal.Decimal
}

func (b balance) String() string {
	parts := []string{fmt.Sprintf("%d invoiced", b.invoices)}
	if b.credits > 0 {
		parts = append(parts, fmt.Sprintf("%d credited", b.credits))
	}
	parts = append(parts, b.invoiced.StringFixed(2)+" EUR in all", "open "+b.open.StringFixed(2))
	if b.wantDelivery.IsPositive() {
		parts = append(parts, b.delivered.String()+" with the buyer")
	}
	return strings.Join(parts, ", ")
}

// balance holds what Odoo has of an order against the store.
func (w *world) balance(a *after) (b balance, right bool) {
	now, err := w.outlet.Ledger(a.id)
	if err != nil {
		return b, false
	}
	b.number = now.Number
	for _, line := range now.Lines {
		b.wantDelivery = b.wantDelivery.Add(decimal.NewFromInt(int64(line.With)))
	}
	orders := slices.DeleteFunc(w.odoo.Orders(), func(o odootest.Order) bool { return o.Ref != now.Number })
	if len(orders) != 1 {
		return b, false
	}
	for _, line := range orders[0].Lines {
		if line.SKU != demoShipping {
			b.delivered = b.delivered.Add(line.Delivered)
		}
	}
	posted := true
	for _, v := range orders[0].Invoices {
		posted = posted && v.State == "posted"
		switch v.Type {
		case "out_refund":
			b.credits, b.invoiced, b.open = b.credits+1, b.invoiced.Sub(v.Total), b.open.Sub(v.Residual)
		default:
			b.invoices, b.invoiced, b.open = b.invoices+1, b.invoiced.Add(v.Total), b.open.Add(v.Residual)
		}
	}
	worth := now.Total.Sub(now.Given)
	return b, posted && b.invoices > 0 && b.invoiced.Equal(worth) && b.open.Equal(worth.Sub(now.Paid)) && b.delivered.Equal(b.wantDelivery)
}
