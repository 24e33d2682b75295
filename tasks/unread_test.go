package tasks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// deletion is how a shop says that an order is deleted; it tells nothing else of it.
func deletion(event, id string) commerce.Event {
	e := hint(event, id, 0)
	e.Topic, e.Gone, e.Body, e.UpdatedAt = "order.deleted", true, nil, time.Time{}
	return e
}

func TestAnOrderThatTheShopDoesNotKnow(t *testing.T) {
	at := func(state string) *erp.Story {
		return &erp.Story{Order: &erp.StoryOrder{ID: 7, Name: "S00007", State: state}}
	}
	cases := map[string]struct {
		event   commerce.Event
		odoo    *erp.Story
		outcome Outcome
		reason  string
		detail  string
		remedy  string
	}{
		"deleted, and never in Odoo":     {deletion("a", "5001"), &erp.Story{}, Skipped, "deleted in the shop, and not in Odoo", "", ""},
		"deleted, and cancelled in Odoo": {deletion("a", "5001"), at("cancel"), Skipped, "deleted in the shop, and cancelled in Odoo", "", ""},
		"deleted, and in Odoo": {deletion("a", "5001"), at("sale"), Parked, "not_found", "the order was deleted in the shop, and Odoo holds it as S00007",
			"cancel S00007 in Odoo by hand, with a credit note where it is invoiced, or leave it as it is; then discard this"},
		"deleted, and people have its number in Odoo": {deletion("a", "5001"), &erp.Story{Foreign: "S00008"}, Parked, "not_found",
			"the order was deleted in the shop, and Odoo has its number on an order that we did not make, S00008",
			"cancel S00008 in Odoo by hand, with a credit note where it is invoiced, or leave it as it is; then discard this"},
		"not shown, and in Odoo": {noBody(hint("a", "5001", 1)), at("sale"), Parked, "not_found", "the shop has no such order, and Odoo holds it as S00007",
			"if it was deleted there, cancel S00007 in Odoo by hand, with a credit note where it is invoiced, or leave it as it is; then discard this; if it was not, see that we may read it: odoogate check"},
		"not shown, and not in Odoo": {noBody(hint("a", "5001", 1)), &erp.Story{}, Parked, "not_found", "order: not_found", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.books.story = c.odoo
			r.start()
			r.accept(c.event)
			line := r.ended("a", c.outcome)
			entry := r.event(c.event)
			require.Equal(t, []string{c.reason, c.detail, c.remedy}, []string{line["reason"], line["detail"], line["remedy"]})
			require.Equal(t, []string{c.reason, c.detail, c.remedy}, []string{entry.Reason, entry.Detail, entry.Remedy})
			require.Equal(t, c.outcome, r.record("5001").Outcome)
			require.Zero(t, r.books.count(), "nothing was booked")
		})
	}
}

func noBody(e commerce.Event) commerce.Event {
	e.Body = nil
	return e
}

// What the journal knows of an order that Odoo no longer finds is told all the same, and
// an Odoo that is away is asked again.
func TestAnOrderThatWasBookedAndIsDeletedInTheShopWaitsForAPerson(t *testing.T) {
	r := newRig(t)
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	r.books.set(func(b *fakeBooks) { b.story, b.down = &erp.Story{}, true })
	r.accept(deletion("b", "5001"))
	require.Eventually(t, func() bool {
		r.books.mu.Lock()
		defer r.books.mu.Unlock()
		return r.books.stories > 0
	}, time.Minute, 10*time.Millisecond)
	require.Equal(t, Done, r.record("5001").Outcome, "it waits for Odoo")
	r.books.set(func(b *fakeBooks) { b.down = false })
	require.Equal(t, "the order was deleted in the shop, and Odoo holds it as S00007", r.ended("b", Parked)["detail"])
}

// A deletion closes what waited for a person of an order that was never booked.
func TestAnOrderThatWaitedAndIsDeletedInTheShopWaitsNoMore(t *testing.T) {
	r := newRig(t)
	r.books.set(func(b *fakeBooks) {
		b.out, b.fails, b.story = &erp.Outcome{}, &commerce.Error{Op: "erp", Reason: commerce.Missing, Needs: []string{"sku/fi/X"}}, &erp.Story{}
	})
	r.start()
	a := hint("a", "5001", 1)
	r.accept(a)
	r.ended("a", Parked)
	r.accept(deletion("b", "5001"))
	r.ended("b", Skipped)
	require.Equal(t, Superseded, r.event(a).State)
	require.Empty(t, r.record("5001").Needs)
}
