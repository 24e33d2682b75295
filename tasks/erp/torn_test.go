package erp_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Goods come back once, also where several look at an order at the same moment, or
// people validate its return while it is read.
func TestGoodsComeBackOnceThoughSeveralLookAtOnce(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			p := atLife(t, version)
			for n := range 12 {
				p.within(fmt.Sprint(n), func(p *place) {
					s := p.till("12.55")
					var last erp.Applied
					s.pay(s.total())
					s.ship("9")
					p.tell(s, &last)
					s.refund(refunded{ware: s.wares[0], n: dec("1"), restock: commerce.RestockReturn})
					s.edit(s.wares[0], "2")
					s.sendBack(s.wares[0], dec("1"))
					var all sync.WaitGroup
					for range 3 {
						all.Go(func() { _, _ = p.Order(p.Context(), p.shop, s.order(), last, yes) })
					}
					all.Wait()
					p.tell(s, &last)
					require.Equal(p, s.ought(), p.ends(s))
				})
			}
		})
	}
}
