package erp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// All of a line came back unrefunded, and an edit adds to the line: wherever the look at
// it is cut, what waits to be sent is what the edit added.
func TestWhatCameBackUnrefundedIsNotSentOnceMore(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			p := atLife(t, version)
			one := &scissors{}
			books := p.through(one)
			for n, cut := int64(1), true; cut; n++ {
				p.within(fmt.Sprint(n), func(p *place) {
					var last erp.Applied
					s := p.till("12.55")
					s.add("3.10", "1")
					s.pay(s.total())
					s.ship("9")
					s.sendBack(s.wares[0], dec("3"))
					s.receive(s.returns[0].ID, s.wares[0], dec("3"), "")
					p.afterCuts(books, s.order(), &last)
					s.edit(s.wares[0], "2")
					s.pay(s.total().Sub(s.paid))
					at := one.count.Load() + n
					one.after = n%2 == 0
					one.set(at)
					out, _ := books.Order(p.Context(), p.shop, s.order(), last, yes)
					last.Begun, cut = out.Writes > 0, one.count.Load() >= at
					one.set(0)
					p.afterCuts(books, s.order(), &last)
					p.judge(s, []*commerce.Order{s.order()})
					s.ship("9")
					p.afterCuts(books, s.order(), &last)
					require.Equal(p, "2", s.wares[0].with().String())
					p.judge(s, []*commerce.Order{s.order()})
				})
			}
		})
	}
}
