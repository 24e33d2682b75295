package tasks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestAnOrderOfWhichOnlyAFieldsValueChangedReachesTheBooks(t *testing.T) {
	r := newRig(t)
	shop := r.opt.Shops["fi"]
	shop.Config.Books.Fields = []config.FieldRule{{From: "_gift", On: config.OnOrder, Field: "x_gift"}}
	with := func(version int, gift string) *commerce.Order {
		o := order("5001", 1)
		o.UpdatedAt, o.Meta = at(version), []commerce.Property{{Name: "_gift", Value: gift}}
		return o
	}
	tell := func(event string, o *commerce.Order) {
		r.shop.put(o)
		e := hint(event, "5001", o.UpdatedAt.Second())
		e.Body = nil // so that the shop is asked, whose orders have values
		r.accept(e)
	}
	r.start()
	tell("first", with(1, "Hi"))
	r.ended("first", Done)
	first := r.record("5001")
	require.Equal(t, erp.FieldsDigest(shop.Config, with(1, "Hi")), first.Fields)

	tell("none", with(2, "Hi"))
	require.Equal(t, "unchanged", r.ended("none", Done)["reason"])

	tell("second", with(3, "Hello"))
	r.ended("second", Done)
	require.Equal(t, first.Fields, r.applied().Fields, "the books know what they had")
	second := r.record("5001")
	require.Equal(t, first.Digest, second.Digest, "no line is looked at for it")
	require.NotEqual(t, first.Fields, second.Fields)

	// Beside an error, what was filled is remembered, and only that.
	for _, filled := range []bool{false, true} {
		r.books.set(func(b *fakeBooks) {
			b.out, b.fails = &erp.Outcome{Booked: true, Filled: filled, OdooID: 7}, &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Detail: "a payment"}
		})
		name := map[bool]string{false: "third", true: "fourth"}[filled]
		tell(name, with(4, "Bye"))
		r.ended(name, Parked)
		require.Equal(t, filled, r.record("5001").Fields != second.Fields)
	}
}
