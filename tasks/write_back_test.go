package tasks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// settingShop is a shop whose orders' status can be set; each setting is an update.
type settingShop struct {
	*fakeShop
	set []string
	err error // of the next one
	too func(o *commerce.Order)
}

func (s *settingShop) SetStatus(_ context.Context, id, status string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err; err != nil {
		s.err = nil
		return false, err
	}
	o := *s.orders[id]
	if o.Financial == status || o.Cancelled() {
		return false, nil
	}
	s.set = append(s.set, id+" "+status)
	o.Financial, o.UpdatedAt = status, at(100+len(s.set))
	if s.too != nil {
		s.too(&o)
	}
	s.orders[id] = &o
	return true, nil
}

func (s *settingShop) done() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.set...)
}

// tells gives the rig a shop that is told of deliveries, and an order that waits for its.
func (r *rig) tells() *settingShop {
	shop := &settingShop{fakeShop: r.shop}
	r.follows()
	r.opt.Shops["fi"].Orders = shop
	r.opt.Shops["fi"].Config.WriteBack = config.WriteBack{Delivered: "completed"}
	r.books.out = booked("delivered/fi/7")
	o := order("5001", 1)
	o.Financial = "processing"
	r.shop.put(o)
	return shop
}

// delivers lets the order of tells be delivered in Odoo.
func (r *rig) delivers() {
	r.books.set(func(b *fakeBooks) {
		b.out = booked()
		b.out.Delivered = true
		b.met["delivered/fi/7"] = true
	})
	r.retestNow()
	opt := r.opt
	opt.Metrics = nil
	require.NoError(r.t, (&carer{Worker: NewWorker(opt)}).retest(context.Background()))
}

func TestADeliveryInOdooIsToldToTheShopOnceAndItsEchoDoesNothing(t *testing.T) {
	r := newRig(t)
	shop := r.tells()
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	require.Empty(t, shop.done())
	r.delivers()
	r.ended("needs", Done)
	require.Equal(t, []string{"5001 completed"}, shop.done())
	require.Empty(t, r.waits())
	require.Equal(t, "completed", r.record("5001").Told)

	looks := r.books.count()
	r.accept(hint("echo", "5001", 101))
	require.Equal(t, "unchanged", r.ended("echo", Done)["reason"])
	require.Equal(t, looks, r.books.count(), "Odoo was asked for the echo")

	// Somebody in the shop takes it back: that stands.
	back := order("5001", 110)
	back.Financial = "processing"
	r.shop.put(back)
	r.accept(hint("back", "5001", 110))
	r.ended("back", Done)
	require.Equal(t, []string{"5001 completed"}, shop.done())
}

func TestWhatChangedWithTheStatusIsBookedToo(t *testing.T) {
	r := newRig(t)
	shop := r.tells()
	shop.too = func(o *commerce.Order) { o.Payments = []commerce.Payment{{ID: "1", Kind: "sale"}} }
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	r.delivers()
	r.ended("needs", Done)
	r.books.set(func(b *fakeBooks) { b.out = nil })
	looks := r.books.count()
	r.accept(hint("echo", "5001", 101))
	r.ended("echo", Done)
	require.Equal(t, looks+1, r.books.count())
}

func TestAShopThatCannotBeToldIsToldLater(t *testing.T) {
	r := newRig(t)
	shop := r.tells()
	shop.err = &commerce.Error{Op: "set_status", Reason: commerce.Conflict}
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	r.delivers()
	r.ended("needs", Retry)
	require.Equal(t, "S00007", r.record("5001").OdooName)
	r.ended("needs", Done)
	require.Equal(t, []string{"5001 completed"}, shop.done())
}

func TestAStatusThatIsNotToBeSetYetIsSetLater(t *testing.T) {
	r := newRig(t)
	shop := r.tells()
	shop.err = &commerce.Error{Reason: commerce.Ignored, Err: handlers.ErrNotYet}
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	r.delivers()
	r.ended("needs", Done)
	require.Empty(t, shop.done())
	require.Empty(t, r.record("5001").Told)

	paid := order("5001", 2)
	paid.Financial = "processing"
	r.shop.put(paid)
	r.accept(hint("b", "5001", 2))
	r.ended("b", Done)
	require.Equal(t, []string{"5001 completed"}, shop.done())
}
