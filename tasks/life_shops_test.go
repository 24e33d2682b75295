package tasks

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// life is one order in its store, told as Shopify's fake tells it.
type life interface {
	fmt.Stringer
	GoesOn()
	Settle()
	Now() shopifytest.Ledger
}

// lived is an order of one of the shops.
type lived struct {
	life
	ref   commerce.Ref
	later bool // people settle what is paid: such money is not registered
}

// news is a delivery and the shop that it is for.
type news struct {
	shopifytest.Delivery
	to *handlers.Shop
}

// The shops, and so the platforms, of which every second order is.
const (
	shopifyShop = "fi"
	wooShop     = "de"
)

// sell places the n-th order.
func (l *lives) sell(n int) {
	if n%2 == 0 {
		one := shopifytest.NewLife(l.Rand, l.store)
		one.Plain = l.plain
		l.lives(one)
		return
	}
	one := woocommercetest.NewLife(l.Rand, l.woo)
	one.Plain = true // what is taken out of the bin diverges
	l.all = append(l.all, &lived{wooLife{one}, commerce.Ref{Shop: wooShop, Kind: commerce.KindOrder, ID: one.ID}, one.Later})
}

// lives takes in an order of the Shopify store.
func (l *lives) lives(one *shopifytest.Life) *lived {
	all := &lived{one, commerce.Ref{Shop: shopifyShop, Kind: commerce.KindOrder, ID: one.ID}, one.Later}
	l.all = append(l.all, all)
	return all
}

// untold are the deliveries of both stores that were not told yet.
func (l *lives) untold() (all []news) {
	l.Helper()
	fi, err := l.store.News()
	require.NoError(l, err)
	for _, d := range fi {
		all = append(all, news{d, l.shops[shopifyShop]})
	}
	de, err := l.woo.News()
	require.NoError(l, err)
	for _, d := range de {
		all = append(all, news{shopifytest.Delivery(d), l.shops[wooShop]})
	}
	return all
}

// present tells how an order stands.
func (l *lives) present(one *lived) news {
	l.Helper()
	if one.ref.Shop == wooShop {
		list, err := l.woo.Deliveries(one.ref.ID, "order.updated")
		require.NoError(l, err)
		return news{shopifytest.Delivery(list[0]), l.shops[wooShop]}
	}
	list, err := l.store.Deliveries(one.ref.ID, "orders/updated")
	require.NoError(l, err)
	return news{list[0], l.shops[shopifyShop]}
}

type wooLife struct{ *woocommercetest.Life }

func (l wooLife) Now() shopifytest.Ledger {
	n := l.Life.Now()
	out := shopifytest.Ledger{Number: n.Number, Cancelled: n.Cancelled, Total: n.Total, Given: n.Given, Paid: n.Paid, Moves: n.Moves, Shipping: n.Shipping}
	for _, line := range n.Lines {
		out.Lines = append(out.Lines, shopifytest.LedgerLine(line))
	}
	return out
}
