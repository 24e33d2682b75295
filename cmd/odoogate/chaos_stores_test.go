package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// store is what the chaos needs of a platform's fake.
type store interface {
	Listen(addr string) (url string, stop func() error, err error)
	// settings are the lines of its shop's configuration that are the platform's own.
	settings(url string) string
	// sell places an order of that buyer, whose life is a plain one: of gifts and what is
	// taken back of them, cents are a matter of their own. later says that people settle
	// what is paid: such money is not registered.
	sell(rng *rand.Rand, email string) (id string, later bool, l life, err error)
	// news are the deliveries that were not told yet, in the order of what happened.
	news() ([]delivery, error)
	post(ctx context.Context, client *http.Client, url string, d delivery) (status int, err error)
	// repeats says whether it posts again what was not answered 200.
	repeats() bool
	// told is what it has of each order beside the ledgers, by the order's number.
	told() map[string]told
}

// Of lives, ledgers and deliveries the chaos speaks as Shopify's fake does.
type (
	ledger     = shopifytest.Ledger
	ledgerLine = shopifytest.LedgerLine
	delivery   = shopifytest.Delivery
)

// life is one order in a store, and what happens to it.
type life interface {
	fmt.Stringer
	GoesOn()
	Settle()
	Now() ledger
}

type told struct {
	tax  decimal.Decimal // in its total
	skus []string        // by the places of lines; of dropped ones there are none
}

// outlet is a store, the shop that odoogate knows it as, and its mail.
type outlet struct {
	store
	id   string
	shop *handlers.Shop
	mail mail
}

type shopifyStore struct{ *shopifytest.Store }

func (s shopifyStore) settings(url string) string {
	return fmt.Sprintf("platform: shopify\n    shopify: {domain: %s, endpoint: %q, access_token: %q, secrets: [%q]}", s.Domain(), url, s.Token(), s.Secret())
}

func (s shopifyStore) sell(rng *rand.Rand, email string) (string, bool, life, error) {
	l := shopifytest.NewLife(rng, s.Store)
	l.Plain = true
	return l.ID, l.Later, l, s.UpdateOrder(l.ID, func(o *shopifytest.Order) { o.Email = email })
}

func (s shopifyStore) news() ([]delivery, error) { return s.News() }

func (shopifyStore) post(ctx context.Context, client *http.Client, url string, d delivery) (int, error) {
	return shopifytest.Post(ctx, client, url, d)
}

func (shopifyStore) repeats() bool { return true }

func (s shopifyStore) told() map[string]told {
	out := map[string]told{}
	for _, o := range s.Orders() {
		out[o.Number] = told{o.TotalTax, o.SKUs}
	}
	return out
}

type wooStore struct{ *woocommercetest.Store }

func (s wooStore) settings(url string) string {
	return fmt.Sprintf("platform: woocommerce\n    woocommerce: {url: %q, endpoint: %q, consumer_key: %q, consumer_secret: %q, secrets: [%q]}",
		s.Home(), url, s.ConsumerKey(), s.ConsumerSecret(), s.Secret())
}

func (s wooStore) sell(rng *rand.Rand, email string) (string, bool, life, error) {
	l := woocommercetest.NewLife(rng, s.Store)
	l.Plain = true
	return l.ID, l.Later, wooLife{l}, s.UpdateOrder(l.ID, func(o *woocommercetest.Order) { o.Billing.Email = email })
}

func (s wooStore) news() (list []delivery, err error) {
	news, err := s.News()
	for _, d := range news {
		list = append(list, delivery(d))
	}
	return list, err
}

func (wooStore) post(ctx context.Context, client *http.Client, url string, d delivery) (int, error) {
	return woocommercetest.Post(ctx, client, url, woocommercetest.Delivery(d))
}

func (wooStore) repeats() bool { return false }

func (s wooStore) told() map[string]told {
	out := map[string]told{}
	for _, o := range s.Orders() {
		now, err := s.Ledger(o.ID)
		if err != nil {
			panic(err) // it was listed, and none is deleted for good
		}
		out[o.Number] = told{now.Tax, o.SKUs}
	}
	return out
}

type wooLife struct{ *woocommercetest.Life }

func (l wooLife) Now() ledger {
	n := l.Life.Now()
	out := ledger{Number: n.Number, Cancelled: n.Cancelled, Total: n.Total, Given: n.Given, Paid: n.Paid, Moves: n.Moves, Shipping: n.Shipping}
	for _, line := range n.Lines {
		out.Lines = append(out.Lines, ledgerLine(line))
	}
	return out
}
