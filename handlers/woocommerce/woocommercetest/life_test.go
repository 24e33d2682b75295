package woocommercetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// Whatever happens to orders, what the API tells of them adds up to what the ledger
// says.
func TestLivesAddUp(t *testing.T) {
	c := newClock()
	for _, plain := range []bool{true, false} {
		s := New(Options{BasicOverHTTP: true, Now: c.now})
		r := rand.New(rand.NewPCG(7, 1))
		seen := map[string]int{}
		for range 150 {
			l := NewLife(r, s)
			l.Plain, l.Deletes = plain, !plain
			for range 1 + r.IntN(8) {
				c.passes(time.Duration(r.IntN(3)) * time.Second)
				l.GoesOn()
			}
			now := l.Now()
			seen[now.Status]++
			if now.Gone {
				seen["gone"]++
				require.Equal(t, 404, ask(t, s, "GET", "orders/"+l.ID, "").status)
				continue
			}
			order, back, taken := body(t, s, l.ID, "order.updated"), decimal.Zero, decimal.Zero
			for _, one := range refundsOf(t, s, l.ID) {
				back = back.Add(amount(t, one, "amount"))
				for _, kind := range []string{"line_items", "shipping_lines", "fee_lines"} {
					for _, line := range objects(one, kind) {
						taken = taken.Sub(amount(t, line, "total")).Sub(amount(t, line, "total_tax"))
					}
				}
			}
			total := amount(t, order, "total")
			require.False(t, total.Sub(back).IsNegative(), l)
			if order["date_paid_gmt"] != nil {
				require.Equal(t, total.Sub(back).StringFixed(2), now.Paid.StringFixed(2), l)
			}
			if !now.Cancelled && now.Status != refunded {
				require.Equal(t, total.Sub(taken).StringFixed(2), now.Total.StringFixed(2), l)
				require.Equal(t, back.Sub(taken).StringFixed(2), now.Given.StringFixed(2), l)
			}
			if plain {
				require.True(t, now.Given.IsZero(), "%s\n%+v", l, now)
			}
		}
		for _, status := range []string{"processing", completed, refunded, "cancelled", trash} {
			require.NotZero(t, seen[status], "no life ends %s: %v", status, seen)
		}
		require.Equal(t, plain, seen["gone"] == 0, seen)
	}
}

func TestLivesFollowFromTheirRandomNumbers(t *testing.T) {
	story := func() (out string) {
		c := newClock()
		s := New(Options{Now: c.now})
		r := rand.New(rand.NewPCG(3, 4))
		for range 20 {
			l := NewLife(r, s)
			for range 6 {
				l.GoesOn()
			}
			out += l.String() + "\n"
		}
		return out
	}
	require.Equal(t, story(), story())
}
