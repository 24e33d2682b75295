package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
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
	w.say("What comes after the order, in a second Shopify shop that invoices and registers payments:\n\n")
	err = errors.Join(err, w.stands(ctx, all))
	for _, a := range all {
		err = errors.Join(err, w.tell(a.what, w.outletFate(a.id)))
	}
	w.say("\n")
	return err
}

// outletFate is what became of an order of the second shop.
func (w *world) outletFate(id string) fate {
	f := fate{shop: demoAfter, id: id}
	now, err := w.outlet.Ledger(id)
	if err != nil {
		return f
	}
	f.number, f.worth, f.paid = now.Number, now.Total.Sub(now.Given), now.Paid
	for _, line := range now.Lines {
		f.with += line.With
	}
	return f
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
	w.await(ctx, func() bool {
		var want []fate
		for _, a := range all {
			want = append(want, w.outletFate(a.id))
		}
		return w.balanced(want)
	})
	return nil
}
