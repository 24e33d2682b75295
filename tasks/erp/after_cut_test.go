package erp_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Generated lives of orders, each cut at every exchange of the look that books all of
// its end, before the exchange and after Odoo has done it.
func TestTheEndOfALifeMayBeCutAnywhere(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			p := atLife(t, version)
			runs, tried := 0, 0
			for seed := uint64(10_000); tried < 6; seed++ {
				life, told := p.lived(seed)
				if len(life.refunds) == 0 {
					continue
				}
				tried++
				p.within(fmt.Sprint(seed), func(p *place) {
					whole := &scissors{}
					books := p.through(whole)
					last := p.before(books, told)
					began := whole.count.Load()
					p.afterCuts(books, told[len(told)-1], &last)
					p.judge(life, told)
					calls := whole.count.Load() - began
					for n := int64(1); n <= calls; n++ {
						life, told := p.lived(seed)
						last := p.before(books, told)
						whole.at, whole.after = whole.count.Load()+n, (n+int64(seed))%2 == 0
						p.afterCuts(books, told[len(told)-1], &last)
						p.judge(life, told)
						runs++
					}
				})
			}
			t.Logf("%d lives, %d runs", tried, runs)
		})
	}
}

// before books the order as it was placed and paid for.
func (p *place) before(books *erp.Books, told []*commerce.Order) (last erp.Applied) {
	p.Helper()
	p.afterCuts(books, told[0], &last)
	require.NotEmpty(p, last.Digest)
	return last
}

// The look that credits a refund is cut, and before the next one the order is cancelled.
func TestALookThatWasCutMayBeFollowedByTheOrdersEnd(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			p := atLife(t, 17)
			one := &scissors{after: after}
			books := p.through(one)
			for n, cut := int64(1), true; cut; n++ {
				p.within(fmt.Sprint(n), func(p *place) {
					var last erp.Applied
					s := p.till("20.00")
					s.pay(s.total())
					p.afterCuts(books, s.order(), &last)
					s.refund(refunded{ware: s.wares[0], n: dec("1"), restock: commerce.RestockCancel})
					at := one.count.Load() + n
					one.set(at)
					out, _ := books.Order(p.Context(), p.shop, s.order(), last, yes)
					last.Begun, cut = out.Writes > 0, one.count.Load() >= at
					one.set(0)
					s.cancel(true)
					p.afterCuts(books, s.order(), &last)
					p.judge(s, []*commerce.Order{s.order()})
				})
			}
		})
	}
}

// The look that delivers a part is cut, and before the next one the shop changed: what
// the first had set to leave does not leave with the rest.
func TestALookThatWasCutInADeliveryMayBeFollowedByAnything(t *testing.T) {
	changes := []struct {
		name string
		do   func(*counter)
	}{
		{"all of it came back", func(s *counter) {
			s.refund(refunded{ware: s.wares[0], n: dec("2"), restock: commerce.RestockReturn})
		}},
		{"all that was sold came back", func(s *counter) {
			s.edit(s.wares[1], "-1")
			for _, w := range s.wares {
				s.refund(refunded{ware: w, n: dec("2"), restock: commerce.RestockReturn})
			}
		}},
		{"one of it came back", func(s *counter) {
			s.refund(refunded{ware: s.wares[0], n: dec("1"), restock: commerce.RestockReturn})
		}},
		{"more is ordered", func(s *counter) { s.edit(s.wares[0], "1"); s.pay(s.wares[0].price) }},
		{"the rest is cancelled", func(s *counter) { s.edit(s.wares[1], "-1") }},
		{"the rest is shipped", func(s *counter) { s.ship("3") }},
		{"the order ends", func(s *counter) { s.cancel(true) }},
	}
	for _, version := range []int{17, 19} {
		for i, c := range changes {
			t.Run(fmt.Sprint(version, " ", c.name), func(t *testing.T) {
				t.Parallel()
				p := atLife(t, version)
				one := &scissors{after: i%2 == 0}
				books := p.through(one)
				for n, cut := int64(1), true; cut; n++ {
					p.within(fmt.Sprint(n), func(p *place) {
						var last erp.Applied
						s := p.till("20.00", "5.00")
						s.edit(s.wares[0], "-1")
						s.pay(s.total())
						p.afterCuts(books, s.order(), &last)
						s.ship("2")
						at := one.count.Load() + n
						one.set(at)
						out, _ := books.Order(p.Context(), p.shop, s.order(), last, yes)
						last.Begun, cut = out.Writes > 0 && !out.Booked, one.count.Load() >= at
						one.set(0)
						c.do(s)
						p.afterCuts(books, s.order(), &last)
						p.judge(s, []*commerce.Order{s.order()})
					})
				}
			})
		}
	}
}

// refuses is a way to Odoo that is cut whenever a certain method is called.
type refuses string

func (r refuses) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil || bytes.Contains(body, []byte(r)) {
		return nil, errCut
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultTransport.RoundTrip(req)
}

// A person is told of the order that diverged, and not of its draft invoice, which
// differs for that.
func TestADivergedOrderIsToldBeforeItsDraftInvoice(t *testing.T) {
	p := atLife(t, 17)
	c := odooclient.New(p.cfg, odooclient.Options{Transport: refuses(`"action_post"`)})
	t.Cleanup(c.Close)
	s := p.till("20.00")
	s.pay(s.total())
	_, err := erp.New(c, erp.Options{}).Order(t.Context(), p.shop, s.order(), erp.Applied{}, yes)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "%v", err)
	s.edit(s.wares[0], "-1")
	_, err = p.Order(t.Context(), p.shop, s.order(), erp.Applied{}, yes)
	require.Equal(t, commerce.Diverged, commerce.ReasonOf(err), "%v", err)
}
