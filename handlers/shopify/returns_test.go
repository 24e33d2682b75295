package shopify

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// returning is a shop that maps places to warehouses, on a store that tells them.
func returning(t *testing.T, scopes ...string) (*shopifytest.Store, *handlers.Shop) {
	if scopes == nil {
		scopes = []string{"read_orders", "read_customers", "read_locations", "read_returns"}
	}
	store, plain := serving(t, shopifytest.Options{Bucket: 1e6, Scopes: scopes, Domain: testDomain}, "shop")
	set, err := config.NewShop("fi", Name, config.Books{Warehouses: map[string]string{"11": "Helsinki"}},
		"domain: "+testDomain+"\naccess_token: "+store.Token()+"\nsecrets: [x]\nendpoint: "+plain.Orders.(*orders).set.Endpoint)
	require.NoError(t, err)
	shop, err := Platform().Open(set, handlers.Deps{})
	require.NoError(t, err)
	t.Cleanup(shop.Orders.(*orders).client.http.CloseIdle)
	return store, shop
}

// shipped is an order of which everything but one B has left.
func shipped(t *testing.T, store *shopifytest.Store) string {
	id := store.AddOrder(sold())
	require.NoError(t, store.FulfillLines(id, "Posti", "JJFI1", map[int]int{0: 3, 1: 1}))
	require.Error(t, store.FulfillLines(id, "Posti", "JJFI2", map[int]int{0: 1}), "more than there is")
	return id
}

func asked(t *testing.T, shop *handlers.Shop, id string) *commerce.Order {
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	return o
}

func TestAReturnIsToldFromTheRequestToTheShelf(t *testing.T) {
	store, shop := returning(t)
	helsinki := shopifytest.Location{ID: 11, Name: "Helsinki"}
	id := shipped(t, store)
	_, err := store.RequestReturn(id, map[int]int{1: 2})
	require.Error(t, err, "one B has not left")
	require.Empty(t, asked(t, shop, id).Returns)

	ret, err := store.RequestReturn(id, map[int]int{0: 2, 1: 1})
	require.NoError(t, err)
	o := asked(t, shop, id)
	a, b := o.Lines[0].ID, o.Lines[1].ID
	two, one := decimal.NewFromInt(2), decimal.NewFromInt(1)
	want := commerce.Return{ID: ret, Status: commerce.ReturnRequested, Lines: []commerce.ReturnLine{{LineID: a, Quantity: two}, {LineID: b, Quantity: one}}}
	require.Empty(t, cmp.Diff([]commerce.Return{want}, o.Returns))

	require.NoError(t, store.ApproveReturn(id, ret, shopifytest.Line{SKU: "C", Title: "C", Quantity: 1, Price: decimal.NewFromInt(7)}))
	o = asked(t, shop, id)
	want.Status, want.Exchange = commerce.ReturnOpen, []string{o.Lines[2].ID}
	require.Equal(t, "C", o.Lines[2].SKU, "what is exchanged is a line of the order")
	require.Empty(t, cmp.Diff([]commerce.Return{want}, o.Returns))
	require.Equal(t, "7.00 EUR", o.Outstanding.String())

	require.NoError(t, store.ReceiveReturn(id, ret, map[int]int{0: 2}, helsinki))
	require.Error(t, store.ReceiveReturn(id, ret, map[int]int{0: 1}, helsinki), "more than comes back")
	want.Received = []commerce.Received{{LineID: a, Quantity: two, Location: "11"}}
	require.Empty(t, cmp.Diff([]commerce.Return{want}, asked(t, shop, id).Returns))

	// B comes back by the word of the refund, A already lies on the shelf.
	refund, err := store.RefundWith(id, shopifytest.RefundRequest{Return: ret, Lines: []shopifytest.RefundItem{
		{Line: 0, Quantity: 2, Restock: "NO_RESTOCK"}, {Line: 1, Quantity: 1, Restock: "RETURN", Location: helsinki}}})
	require.NoError(t, err)
	require.NoError(t, store.ReceiveReturn(id, ret, map[int]int{1: 1}, helsinki))
	require.NoError(t, store.CloseReturn(id, ret))
	o = asked(t, shop, id)
	want.Status = commerce.ReturnClosed
	require.Empty(t, cmp.Diff([]commerce.Return{want}, o.Returns), "the refund tells that B came back, the return does not repeat it")
	require.Len(t, o.Refunds, 1)
	require.Equal(t, ret, o.Refunds[0].Return)
	require.Equal(t, refund, o.Refunds[0].ID)
	require.Equal(t, "8.99 EUR", o.Refunds[0].Amount.String(), "5.99 and 10.00 less 7.00 for the C")
	require.Equal(t, []string{commerce.RestockNone, ""}, []string{o.Refunds[0].Lines[0].Restock, o.Refunds[0].Lines[0].Location})
	require.Equal(t, []string{commerce.RestockReturn, "11"}, []string{o.Refunds[0].Lines[1].Restock, o.Refunds[0].Lines[1].Location})
	require.True(t, o.Outstanding.IsZero())
}

func TestPlacesOfReturnsAreReadWhereTheyAreMapped(t *testing.T) {
	store, plain := serving(t, shopifytest.Options{Bucket: 1e6, Scopes: []string{"read_orders", "read_customers", "read_locations", "read_returns"}}, "shop")
	set, err := config.NewShop("fi", Name, config.Books{Returns: config.Returns{Locations: map[string]string{"11": "WH/Stock/Returns"}}},
		"domain: "+store.Domain()+"\naccess_token: "+store.Token()+"\nsecrets: [x]\nendpoint: "+plain.Orders.(*orders).set.Endpoint)
	require.NoError(t, err)
	shop, err := Platform().Open(set, handlers.Deps{})
	require.NoError(t, err)
	t.Cleanup(shop.Orders.(*orders).client.http.CloseIdle)
	id := shipped(t, store)
	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Location = shopifytest.Location{ID: 11, Name: "Helsinki"} }))
	_, err = store.RefundWith(id, shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: 0, Quantity: 1, Location: shopifytest.Location{ID: 11}}}})
	require.NoError(t, err)
	o := asked(t, shop, id)
	require.Equal(t, "11", o.Refunds[0].Lines[0].Location)
	require.Empty(t, o.Location, "that of the order needs another scope, and nobody asked")
	o, err = plain.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, o.Refunds[0].Lines[0].Location)
}

func TestReturnsThatComeToNothing(t *testing.T) {
	store, shop := returning(t)
	id := shipped(t, store)
	for range 3 {
		_, err := store.RequestReturn(id, map[int]int{0: 1})
		require.NoError(t, err)
	}
	ids := asked(t, shop, id).Returns
	require.NoError(t, store.DeclineReturn(id, ids[0].ID))
	require.NoError(t, store.ApproveReturn(id, ids[1].ID))
	require.NoError(t, store.CancelReturn(id, ids[1].ID))
	require.Error(t, store.CloseReturn(id, ids[1].ID))
	var got []string
	for _, r := range asked(t, shop, id).Returns {
		got = append(got, r.Status)
	}
	require.Equal(t, []string{commerce.ReturnDeclined, commerce.ReturnCancelled, commerce.ReturnRequested}, got)
	require.NoError(t, store.DeclineReturn(id, ids[2].ID))
	before := store.Requests()
	require.Empty(t, asked(t, shop, id).Returns, "nothing goes back any more")
	require.Equal(t, 2, store.Requests()-before, "the order and its place: such an order costs no read of its returns")
	_, err := shop.Orders.Decode(delivered(t, store, id, "orders/updated").Body)
	require.ErrorIs(t, err, handlers.ErrPartial)
}

func TestOrdersAreReadWithoutTheRightToReturns(t *testing.T) {
	store, shop := returning(t, "read_orders", "read_customers", "read_locations")
	id := shipped(t, store)
	ret, err := store.RequestReturn(id, map[int]int{0: 1})
	require.NoError(t, err)
	o := asked(t, shop, id)
	require.Empty(t, o.Returns)
	require.Len(t, o.Lines, 3)
	_, err = shop.Orders.(handlers.OrderFinder).OrderOf(t.Context(), commerce.Ref{Shop: "fi", Kind: kindReturn, ID: ret})
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
}

func TestAFailureToReadReturnsFailsTheOrder(t *testing.T) {
	store, shop := returning(t)
	id := shipped(t, store)
	_, err := store.RequestReturn(id, map[int]int{0: 1})
	require.NoError(t, err)
	store.Script(func(w http.ResponseWriter, r *http.Request) {
		store.Handler().ServeHTTP(w, r)
		store.Script(shopifytest.Status(401, 0)) // for the second call
	})
	_, err = shop.Orders.Order(t.Context(), id)
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err), "a revoked token is no order without returns")
}

func TestLongReturnsAreReadInPages(t *testing.T) {
	store, shop := returning(t)
	id := store.AddOrder(long(store))
	require.NoError(t, store.Fulfill(id, "Posti", "JJFI"))
	all := map[int]int{}
	var exchange []shopifytest.Line
	for i := range 170 {
		all[i] = 1
		exchange = append(exchange, shopifytest.Line{SKU: "X", Title: "X", Quantity: 1})
	}
	var last string
	for range 7 {
		ret, err := store.RequestReturn(id, all)
		require.NoError(t, err)
		last = ret
	}
	require.NoError(t, store.ApproveReturn(id, last, exchange...))
	require.NoError(t, store.ReceiveReturn(id, last, all, shopifytest.Location{ID: 11}))
	for i := range 60 {
		_, err := store.RefundWith(id, shopifytest.RefundRequest{Return: last, Amount: amountOf("0.01"),
			Lines: []shopifytest.RefundItem{{Line: i, Quantity: 1, Restock: "NO_RESTOCK"}}})
		require.NoError(t, err)
	}
	o := asked(t, shop, id)
	require.Len(t, o.Returns, 7)
	got := o.Returns[6]
	require.Equal(t, []int{170, 170, 170}, []int{len(got.Lines), len(got.Exchange), len(got.Received)})
	for _, r := range o.Refunds {
		require.Equal(t, last, r.Return)
	}
	require.Len(t, o.Refunds, 60)
}

func TestWhatHappensInTheStoreLeadsToTheOrder(t *testing.T) {
	store, shop := returning(t)
	_, err := store.News()
	require.NoError(t, err)
	id := shipped(t, store)
	ret, err := store.RequestReturn(id, map[int]int{0: 1})
	require.NoError(t, err)
	require.NoError(t, store.ApproveReturn(id, ret))
	require.NoError(t, store.ReceiveReturn(id, ret, map[int]int{0: 1}, shopifytest.Location{ID: 11}))
	refund, err := store.RefundWith(id, shopifytest.RefundRequest{Return: ret, Pending: true, Lines: []shopifytest.RefundItem{{Line: 0, Quantity: 1}}})
	require.NoError(t, err)
	require.NoError(t, store.SettleRefund(id, refund))
	require.NoError(t, store.CloseReturn(id, ret))
	require.NoError(t, store.RaiseLine(id, 1, 1))
	require.NoError(t, store.Pay(id))
	require.NoError(t, store.CancelOrder(id))
	var got []string
	news, err := store.News()
	require.NoError(t, err)
	for _, d := range news {
		events, err := testReceiver().Events(handlers.Delivery{Header: d.Header(), Body: d.Body})
		require.NoError(t, err, "%s %s", d.Topic, d.Body)
		of := events[0].Aggregate.ID
		if events[0].Aggregate.Kind != commerce.KindOrder {
			of, err = shop.Orders.(handlers.OrderFinder).OrderOf(t.Context(), events[0].Ref)
			require.NoError(t, err)
		}
		require.Equal(t, id, of, d.Topic)
		if d.Topic != "orders/updated" {
			got = append(got, d.Topic)
		}
	}
	require.Equal(t, []string{"orders/create", "order_transactions/create", "fulfillments/create", "returns/request", "returns/approve", "reverse_fulfillment_orders/dispose",
		"refunds/create", "order_transactions/create", "order_transactions/create", "returns/close", "orders/edited",
		"order_transactions/create", "orders/paid", "orders/cancelled"}, got)
	news, err = store.News()
	require.NoError(t, err)
	require.Empty(t, news)
}

func TestTheOrderOfAReturnIsFound(t *testing.T) {
	store, shop := returning(t)
	id := shipped(t, store)
	ret, err := store.RequestReturn(id, map[int]int{0: 1})
	require.NoError(t, err)
	require.NoError(t, store.ApproveReturn(id, ret))
	finder := shop.Orders.(handlers.OrderFinder)
	events, err := testReceiver().Events(delivered(t, store, id, "returns/update"))
	require.NoError(t, err)
	require.Equal(t, "fi/return/"+ret, events[0].Ref.String())
	for _, kind := range []string{kindReturn, kindReverse, kindParcel} { // the last two have the return's number here
		of, err := finder.OrderOf(t.Context(), commerce.Ref{Shop: "fi", Kind: kind, ID: ret})
		require.NoError(t, err)
		require.Equal(t, id, of)
		_, err = finder.OrderOf(t.Context(), commerce.Ref{Shop: "fi", Kind: kind, ID: "42"})
		require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
	}
	_, err = finder.OrderOf(t.Context(), commerce.Ref{Shop: "fi", Kind: commerce.KindProduct, ID: "42"})
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
}
