package erp_test

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// turns is a run's way to Odoo on which another gets its turn once: before or after the
// first exchange that holds a word.
type turns struct {
	wire  http.RoundTripper
	word  string
	after bool
	take  func()
	once  sync.Once
}

func (t *turns) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	here := t.take != nil && (strings.HasSuffix(r.URL.Path, "/"+t.word) || bytes.Contains(body, []byte(`"`+t.word+`"`)))
	if here && !t.after {
		t.once.Do(t.take)
	}
	resp, err := t.wire.RoundTrip(r)
	if here && t.after {
		t.once.Do(t.take)
	}
	return resp, err
}

// by are the books of a run that takes turns.
func (p *place) by(t *turns) *erp.Books {
	t.wire = cmp.Or(wire(p.memory), http.DefaultTransport)
	return p.over(t)
}

// together lets two runs have an order at once, as after a lease was lost: the first
// stops once, the second comes as far as it is let and goes on when the first has ended.
func (p *place) together(older, newer *commerce.Order, last erp.Applied, first, second *turns) (errs [2]error) {
	p.Helper()
	stopped, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	second.take = func() { close(stopped); <-goOn }
	b := p.by(second)
	first.take = func() {
		go func() {
			defer close(ended)
			_, errs[1] = b.Order(p.Context(), p.shop, newer, last, yes)
		}()
		select {
		case <-stopped:
		case <-ended:
		}
	}
	_, errs[0] = p.by(first).Order(p.Context(), p.shop, older, last, yes)
	first.once.Do(func() { close(ended); p.Error("the first run did not come to its stop") })
	close(goOn)
	<-ended
	return errs
}

// overlapping is a place where orders go all the way and may always be edited.
func overlapping(t *testing.T, test func(p *place)) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Books.EditableUntil, p.shop.Import.Fulfilled = "always", "import"
		p.shop.Books.Products.Refund, p.shop.Books.Products.Rounding = "ERP-POST", "ERP-POST"
		test(p)
	})
}

// shippedInPart is an order of three that is paid and booked; two have left since.
func (p *place) shippedInPart() (s *counter, last erp.Applied) {
	p.Helper()
	s = p.till("12.55")
	s.pay(s.total())
	p.tell(s, &last)
	s.ship("2")
	last.Begun = true
	return s, last
}

// A lease that is lost lets two runs have one order. Whatever the second one has written
// by then, what the first one set is what goes out; where it is not, people are told.
func TestTwoRunsAtOneDeliveryEndRightOrAreTold(t *testing.T) {
	const set, validate, lines, end = "product_uom/.id", "button_validate", "order_line/product_uom_qty", "never"
	more, less := func(s *counter) { s.edit(s.wares[0], "2") }, func(s *counter) { s.edit(s.wares[0], "-1") }
	cancel, ship, same := func(s *counter) { s.cancel(true) }, func(s *counter) { s.ship("1") }, func(*counter) {}
	cases := []struct {
		name          string
		newer         func(*counter)
		first, second string // where each stops
		after         bool   // the second one
		told          string
	}{
		{"more is ordered", more, validate, lines, true, ""},
		{"less is ordered", less, validate, lines, true, ""},
		{"the rest is cancelled", cancel, validate, lines, true, ""},
		{"more is shipped", ship, validate, validate, false, `3 of "[ERP-GOODS] Goods" were delivered with it and 2 had left`},
		{"more is shipped, and done", ship, validate, end, false, `3 of "[ERP-GOODS] Goods" were delivered with it and 2 had left`},
		{"the same", same, validate, validate, false, ""},
		{"the same, and done", same, validate, end, false, ""},
		{"more is ordered before it is set", more, set, lines, true, ""},
		{"less is ordered before it is set", less, set, lines, true, ""},
		{"the rest is cancelled before it is set", cancel, set, lines, true, ""},
		{"more is set", ship, set, validate, false, ""},
		{"more is done before it is set", ship, set, end, false, "a transfer was validated or cancelled in Odoo meanwhile"},
		{"the same is done before it is set", same, set, end, false, "a transfer was validated or cancelled in Odoo meanwhile"},
	}
	overlapping(t, func(p *place) {
		for _, c := range cases {
			p.within(c.name, func(p *place) {
				s, last := p.shippedInPart()
				older := s.order()
				c.newer(s)
				errs := p.together(older, s.order(), last, &turns{word: c.first}, &turns{word: c.second, after: c.after})
				_, err := p.Order(p.Context(), p.shop, s.order(), last, yes)
				p.Logf("the first: %v\nthe second: %v\nlooked at again: %v", errs[0], errs[1], err)
				if c.told != "" {
					require.ErrorContains(p, errs[0], c.told)
				}
				for _, err := range append(errs[:], err) {
					require.Contains(p, []commerce.Reason{"", commerce.Mismatch, commerce.Conflict}, commerce.ReasonOf(err))
				}
				want, got := s.ought(), p.ends(s)
				require.Equal(p, want.Lines, got.Lines)
				if err == nil {
					require.Equal(p, want, got)
				}
			})
		}
	})
}

// Goods that others add to a delivery before it is validated leave Odoo with it, and no
// later run tells of them. They may stay delivered where the shop is to ship them.
func TestWhatLeftWithADeliveryIsToldWhereItWasNotDue(t *testing.T) {
	cases := []struct {
		name, quantity string
		then           func(p *place, s *counter, picking int64)
	}{
		{"more, which is shipped later", "3", func(_ *place, s *counter, _ int64) { s.ship("1") }},
		{"more, which comes back", "3", func(p *place, s *counter, picking int64) {
			p.takeBack(picking, 1)
			s.edit(s.wares[0], "-1")
		}},
		{"less", "1", func(*place, *counter, int64) {}},
	}
	overlapping(t, func(p *place) {
		for _, c := range cases {
			p.within(c.name, func(p *place) {
				s, last := p.shippedInPart()
				picking := p.pickings(last.OdooID)[0].ID()
				first := &turns{word: "button_validate", take: func() {
					for _, m := range p.rows("stock.move", []string{"state"}, []any{"picking_id", "=", picking}) {
						p.write("stock.move", m.ID(), map[string]any{"quantity": dec(c.quantity).InexactFloat64()})
					}
				}}
				_, err := p.by(first).Order(p.Context(), p.shop, s.order(), last, yes)
				require.Equal(p, commerce.Mismatch, commerce.ReasonOf(err), "%v", err)
				name := p.rows("stock.picking", []string{"name"}, []any{"id", "=", picking})[0].Str("name")
				require.ErrorContains(p, err, name+` was changed in Odoo while it was validated: `+c.quantity+` of "[ERP-GOODS] Goods" were delivered with it and 2 had left`)
				require.ErrorContains(p, err, "odoogate pull orders --shop fi --ids "+s.first.Ref.ID)
				c.then(p, s, picking)
				p.tell(s, &last)
				require.Equal(p, s.ought(), p.ends(s))
			})
		}
	})
}

// dies is a run's way to Odoo that ends before the first exchange that holds a word.
type dies struct {
	wire http.RoundTripper
	word string
	dead atomic.Bool
}

func (d *dies) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(body, []byte(d.word)) || strings.HasSuffix(r.URL.Path, d.word) {
		d.dead.Store(true)
	}
	if d.dead.Load() {
		return nil, errCut
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return d.wire.RoundTrip(r)
}

// A run dies when it has set what leaves, and before the next one goods come back: they
// neither leave with the rest nor wait to be sent.
func TestWhatADeadRunSetToLeaveAndCameBackStays(t *testing.T) {
	overlapping(t, func(p *place) {
		for name, back := range map[string][]int{"of one line": {0}, "of all": {0, 1}} {
			p.within(name, func(p *place) {
				s := p.till("12.55", "5.00")
				for _, w := range s.wares {
					s.edit(w, "-1")
				}
				s.pay(s.total())
				var last erp.Applied
				p.tell(s, &last)
				s.ship("2")
				way := &dies{wire: cmp.Or(wire(p.memory), http.DefaultTransport), word: "button_validate"}
				_, err := p.over(way).Order(p.Context(), p.shop, s.order(), last, yes)
				require.True(p, way.dead.Load(), "%v", err)
				for _, i := range back {
					s.refund(refunded{ware: s.wares[i], n: dec("2"), restock: commerce.RestockReturn})
				}
				last.Begun = false // a run that only delivers does not note that it begins
				p.tell(s, &last)
				require.Equal(p, s.ought(), p.ends(s))
				for _, t := range p.pickings(last.OdooID) {
					require.Contains(p, []string{"done", "cancel"}, t.Str("state"))
				}
			})
		}
	})
}

// What people add to an order and set to leave, leaves with what the shop says has left,
// after a run that broke off too.
func TestWhatPeopleAddedToADeliveryLeavesWithIt(t *testing.T) {
	overlapping(t, func(p *place) {
		s, last := p.shippedInPart()
		order, gift := last.OdooID, []any{"name", "=", "A gift " + p.run}
		product, _ := p.rows("sale.order.line", []string{"product_id"}, []any{"order_id", "=", order}, []any{"product_id.default_code", "=", "ERP-GOODS"})[0].Ref("product_id")
		var made any
		require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "sale.order.line", Method: "create", Args: map[string]any{"vals_list": []any{
			map[string]any{"order_id": order, "product_id": product, "product_uom_qty": 1, "price_unit": 0, "name": gift[2]}}}}, &made))
		for _, m := range p.rows("stock.move", []string{"product_uom_qty"}, []any{"picking_id", "=", p.pickings(order)[0].ID()}) {
			p.write("stock.move", m.ID(), map[string]any{"quantity": m.Dec("product_uom_qty").InexactFloat64(), "picked": true})
		}
		s.ship("3")
		_, err := p.Order(p.Context(), p.shop, s.order(), last, yes)
		p.Logf("what else differs: %v", err)
		require.Equal(p, "1", p.rows("sale.order.line", []string{"qty_delivered"}, gift)[0].Dec("qty_delivered").String())
		require.Equal(p, "done", p.pickings(order)[0].Str("state"))
	})
}
