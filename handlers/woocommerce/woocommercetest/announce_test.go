package woocommercetest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatHappensIsToldAsRealShopsTellIt(t *testing.T) {
	goods := []Line{LineOf(Catalogue()[0], 1), LineOf(Catalogue()[2], 1)}
	topics := []string{"order.created", "order.updated", "order.deleted", "order.restored", "product.updated", "product.deleted", "product.restored",
		"coupon.deleted", "customer.created", "customer.updated", "customer.deleted", "action.woocommerce_order_status_completed"}
	for name, tt := range map[string]struct {
		old  bool
		do   func(t *testing.T, s *Store, id string)
		want []string // @ is the order
	}{
		"completed":                 {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.Complete(id)) }, want: []string{"order.updated @", "customer.updated 2", "action "}},
		"refunded in part":          {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.Refund(id, 0, 1)) }, want: []string{"product.updated 100", "product.updated 102", "order.updated @"}},
		"trashed":                   {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.TrashOrder(id)) }, want: []string{"order.deleted @"}},
		"trashed, orders are posts": {old: true, do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.TrashOrder(id)) }, want: []string{"coupon.deleted @", "product.deleted @", "order.deleted @"}},
		"deleted for good":          {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.DeleteOrder(id)) }},
		"put without a change": {do: func(t *testing.T, s *Store, id string) {
			require.Equal(t, 200, ask(t, s, "PUT", "orders/"+id, "{}").status)
		},
			want: []string{"order.updated @"}},
		"a product is trashed": {do: func(t *testing.T, s *Store, _ string) { require.NoError(t, s.Trash(100)) }, want: []string{"product.deleted 100", "coupon.deleted 100"}},
		"a customer goes":      {do: func(_ *testing.T, s *Store, _ string) { s.DeleteCustomer(2) }, want: []string{"customer.deleted 2"}},
		"a customer registers": {do: func(_ *testing.T, s *Store, _ string) { s.AddCustomer(Customer{}) }, want: []string{"customer.created 3", "customer.updated 3"}},
		"a profile is edited":  {do: editProfile(2), want: []string{"customer.updated 2"}},
		"staff comes and goes": {do: func(_ *testing.T, s *Store, _ string) {
			s.DeleteCustomer(s.AddCustomer(Customer{Role: "shop_manager"}))
		},
			want: []string{"customer.created ", "customer.updated "}},
		"a draft, orders are posts": {old: true, do: func(_ *testing.T, s *Store, _ string) { s.AddOrder(Order{ID: 7, Status: draft}) }, want: []string{"order.created 7"}},
		"a draft":                   {do: func(_ *testing.T, s *Store, _ string) { s.AddOrder(Order{ID: 7, Status: draft}) }, want: []string{"order.updated 7"}},
		"block checkout":            {do: func(_ *testing.T, s *Store, _ string) { s.AddOrder(Order{ID: 7, CreatedVia: "store-api"}) }, want: []string{"order.updated 7", "order.created 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := New(Options{BasicOverHTTP: true, Old: tt.old}), listen(t)
			buyer := s.AddCustomer(Customer{Email: "a@example.com"})
			id := s.AddOrder(Order{Status: "processing", PaymentMethod: "stripe", Customer: buyer, Lines: goods})
			e.hears(t, s, topics...)
			tt.do(t, s, id)
			announce(t, s)
			told, _ := e.take(t)
			for i := range told {
				told[i] = strings.TrimPrefix(strings.ReplaceAll(told[i], id, "@"), "")
				if strings.HasPrefix(told[i], "action.") {
					told[i] = "action "
				}
			}
			require.Equal(t, tt.want, told)
		})
	}
}

func editProfile(id int64) func(*testing.T, *Store, string) {
	return func(t *testing.T, s *Store, _ string) {
		require.NoError(t, s.UpdateCustomer(id, func(c *Customer) { c.Billing.City = "Turku" }))
	}
}

func TestANewAccountIsToldTwiceAlike(t *testing.T) {
	s := New(Options{Topics: []string{"customer.created", "customer.updated", "customer.deleted"}})
	id := s.AddCustomer(Customer{First: "Zoë", Email: "zoe@example.com"})
	news, err := s.News()
	require.NoError(t, err)
	require.Len(t, news, 2)
	require.Equal(t, news[0].Body, news[1].Body)
	require.NotEqual(t, news[0].Topic, news[1].Topic)
	s.DeleteCustomer(id)
	news, err = s.News()
	require.NoError(t, err)
	require.Len(t, news, 1)
	require.JSONEq(t, `{"id":2}`, string(news[0].Body))
	require.NotEqual(t, id, s.AddCustomer(Customer{}), "no number is given twice")
}

func TestGoodsComeGoAndComeBack(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	e.hears(t, s, "product.created", "product.deleted", "product.restored", "coupon.created", "coupon.deleted", "coupon.restored")
	product, code := s.AddProduct(Product{SKU: "NEW", Name: "New"}), s.AddCoupon("five")
	require.NoError(t, s.Trash(product))
	require.NoError(t, s.Restore(product))
	require.Error(t, s.Restore(product))
	require.NoError(t, s.Trash(code))
	require.NoError(t, s.Restore(code))
	announce(t, s)
	told, _ := e.take(t)
	p, c := strconv.FormatInt(product, 10), strconv.FormatInt(code, 10)
	require.Equal(t, []string{"product.created " + p, "coupon.created " + c, "product.deleted " + p, "coupon.deleted " + p, "product.restored " + p,
		"product.deleted " + c, "coupon.deleted " + c, "coupon.restored " + c}, told, "trashing tells of both kinds")
	require.Equal(t, "NEW", ask(t, s, "GET", "products/"+p, "").object(t)["sku"])
}

func TestRestoringAnOrderTellsOfAProductThatIsNone(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true, Old: true}), listen(t)
	id := s.Generate(1, 1)[0]
	require.NoError(t, s.TrashOrder(id))
	e.hears(t, s, "order.restored", "product.restored", "order.updated")
	require.NoError(t, s.RestoreOrder(id))
	announce(t, s)
	require.Len(t, e.heard, 3)
	require.Contains(t, string(e.heard[0].Body), `"line_items":[{`)
	require.JSONEq(t, `{"code":"woocommerce_rest_product_invalid_id","message":"Invalid ID.","data":{"status":404}}`, string(e.heard[1].Body))
	require.Equal(t, Signature(`geheim&<x"`, e.heard[1].Body), e.heard[1].Headers["X-Wc-Webhook-Signature"])
}

func TestPayloadsAreBuiltLateAndTogether(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	e.hears(t, s, "order.created", "order.updated")
	id := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}})
	for _, status := range []string{"on-hold", "processing", "completed"} {
		require.NoError(t, s.SetStatus(id, status))
	}
	announce(t, s)
	require.Len(t, e.heard, 2, "three changes are one delivery")
	require.Contains(t, string(e.heard[0].Body), `"status":"completed"`)
	e.take(t)

	require.NoError(t, s.SetStatus(id, "processing"))
	e.during = func() {
		e.during = nil
		require.NoError(t, s.SetStatus(id, "completed"))
	}
	announce(t, s)
	told, _ := e.take(t)
	require.Len(t, told, 2, "what changes while a delivery is under way is told apart")

	trashed := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}})
	require.NoError(t, s.TrashOrder(trashed))
	announce(t, s)
	require.Contains(t, string(e.heard[0].Body), `"status":"trash"`)
	e.take(t)
	gone := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}})
	require.NoError(t, s.DeleteOrder(gone))
	announce(t, s)
	require.JSONEq(t, `{"code":"woocommerce_rest_invalid_shop_order_id","message":"Invalid ID.","data":{"status":404}}`, string(e.heard[0].Body))
	require.Equal(t, "order.created", e.heard[0].Topic)
}

func TestARunningShopPostsAsThingsHappen(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	e.hears(t, s, "order.created")
	<-e.came // its ping
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for range 3 {
		s.Generate(1, 1)
		select {
		case <-e.came:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing comes")
		}
	}
	cancel()
	require.NoError(t, <-done)
	told, _ := e.take(t)
	require.Len(t, told, 3)
	require.True(t, slices.IsSorted(told))
}
