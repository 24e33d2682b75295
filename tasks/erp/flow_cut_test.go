package erp_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// scissors cut one exchange with Odoo: before it is sent, or after Odoo has done
// it, so that the answer never comes.
type scissors struct {
	wire  http.RoundTripper
	at    int64 // of the exchanges, from 1; 0: none
	after bool
	count atomic.Int64
	mu    sync.Mutex // guards at, for set
}

// set says which exchange is cut next.
func (s *scissors) set(at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
}

func (s *scissors) cuts(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return n == s.at
}

var errCut = errors.New("cut")

func (s *scissors) RoundTrip(r *http.Request) (*http.Response, error) {
	n := s.count.Add(1)
	cut := s.cuts(n)
	if cut && !s.after {
		return nil, errCut
	}
	resp, err := s.wire.RoundTrip(r)
	if cut && err == nil {
		_ = resp.Body.Close()
		return nil, errCut
	}
	return resp, err
}

// through are books whose exchanges go through the scissors.
func (p *place) through(s *scissors) *erp.Books {
	s.wire = cmp.Or(wire(p.memory), http.DefaultTransport)
	return p.over(s)
}

// over are books with a way to Odoo of their own.
func (p *place) over(way http.RoundTripper) *erp.Books {
	c := odooclient.New(p.cfg, odooclient.Options{Transport: way})
	p.Cleanup(c.Close)
	return erp.New(c, erp.Options{})
}

// documents is the order's net state, without the names that numbering gives.
func (p *place) documents(o *commerce.Order) string {
	p.Helper()
	var b strings.Builder
	orders := p.rows("sale.order", []string{"state", "amount_total", "amount_tax", "invoice_ids", "date_order"}, []any{"client_order_ref", "=", o.Number})
	for _, r := range orders {
		fmt.Fprintf(&b, "order %s %s tax %s\n", r.Str("state"), r.Dec("amount_total").Round(2), r.Dec("amount_tax").Round(2))
		for _, l := range p.rows("sale.order.line", []string{"product_uom_qty", "qty_delivered", "qty_invoiced"}, []any{"order_id", "=", r.ID()}) {
			fmt.Fprintf(&b, "  line %s delivered %s invoiced %s\n", l.Dec("product_uom_qty"), l.Dec("qty_delivered"), l.Dec("qty_invoiced"))
		}
		for _, v := range p.invoices(r.ID()) {
			fmt.Fprintf(&b, "  %s %s %s tax %s open %s %s\n", v.Str("move_type"), v.Str("state"), v.Dec("amount_total").Round(2), v.Dec("amount_tax").Round(2),
				v.Dec("amount_residual").Round(2), v.Str("payment_state"))
		}
	}
	memo := "memo"
	if fields, err := p.admin.Fields(p.Context(), "account.payment"); err == nil {
		memo = fields.First("memo", "ref")
	}
	sum := decimal.Zero
	payments := p.rows("account.payment", []string{"amount", memo, "date"}, []any{memo, "like", o.Number + " "})
	slices.SortFunc(payments, func(a, b odooclient.Row) int { return strings.Compare(a.Str(memo), b.Str(memo)) })
	for _, r := range payments {
		sum = sum.Add(r.Dec("amount").Round(2))
		fmt.Fprintf(&b, "  %s %s of %s\n", r.Str(memo), r.Dec("amount").Round(2), r.Str("date"))
	}
	fmt.Fprintf(&b, "%d payments of %s", len(payments), sum)
	return strings.NewReplacer(o.Number, "#", o.Ref.ID, "id").Replace(b.String())
}

// life is an order with everything: paid in two parts, one piece shipped.
func (p *place) life() *commerce.Order {
	o := p.order()
	p.goods(o, 1000)
	paid(o, "1", "Shopify Payments", "sale", "success", "20.00")
	paid(o, "2", "gift_card", "sale", "success", "22.55")
	shipped(o, "f1", "2", "TRACK")
	return o
}

// Whichever exchange with Odoo is cut, before it is sent or after Odoo has done it,
// the next run leads to the same documents, and none of them is there twice.
func TestACutAnywhereLeavesOneOfEverything(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		whole := &scissors{}
		books := p.through(whole)
		warm := p.life()
		_, err := books.Order(p.Context(), p.shop, warm, erp.Applied{}, yes)
		require.NoError(p, err)
		before := whole.count.Load()
		o := p.life()
		_, err = books.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
		require.NoError(p, err)
		want, calls := p.documents(o), whole.count.Load()-before
		require.Contains(p, want, "2 payments of 42.55")
		require.Equal(p, 1, strings.Count(want, "out_invoice"))
		p.Logf("%d exchanges a life:\n%s", calls, want)
		for _, after := range []bool{false, true} {
			for n := int64(1); n <= calls; n++ {
				s := &scissors{after: after}
				books := p.through(s)
				warmed := p.order() // so that master data is read
				_, err := books.Order(p.Context(), p.shop, warmed, erp.Applied{}, yes)
				require.NoError(p, err)
				o := p.life()
				s.at = s.count.Load() + n
				var last erp.Applied
				var out erp.Outcome
				for try := 0; ; try++ {
					require.Less(p, try, 5, "exchange %d, after %t: %v", n, after, err)
					if out, err = books.Order(p.Context(), p.shop, o, last, yes); err == nil {
						break
					}
					require.Contains(p, []commerce.Reason{commerce.Unavailable, commerce.Conflict}, commerce.ReasonOf(err), "exchange %d, after %t: %v", n, after, err)
					if out.Booked {
						last = applied(o, out)
					}
				}
				require.Equal(p, want, p.documents(o), "exchange %d, after %t", n, after)
			}
		}
	})
}
