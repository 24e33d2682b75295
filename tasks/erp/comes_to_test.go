package erp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Cents stand on rows that depend on what was invoiced when they were planned. Once all
// is forgotten, other rows for them are no reason to ask a person; other amounts are.
func TestOtherRowsForCentsAreNoDifferenceOnceAllIsForgotten(t *testing.T) {
	for _, version := range []int{17, 19} {
		for _, apart := range []bool{false, true} {
			t.Run(fmt.Sprint(version, apart), func(t *testing.T) {
				p := atNetPrices(t, version)
				s := p.till()
				s.add("538.3950", "3")
				coffee := s.add("9.0630", "2")
				coffee.rate = dec("14")
				s.add("18.6995", "3")
				s.pay(s.total())
				var last erp.Applied
				p.toldOf(net(s.order()), &last)
				s.add("68.6485", "2")
				if apart {
					p.toldOf(net(s.order()), &last)
				}
				s.pay(s.total().Sub(s.paid))
				s.refund(refunded{ware: coffee, n: dec("2"), restock: commerce.RestockCancel, beyond: coffee.total(dec("2")).Neg().Add(dec("0.07"))})
				p.toldOf(net(s.order()), &last)
				documents := p.documents(s.order())
				out, err := p.Order(p.Context(), p.shop, net(s.order()), erp.Applied{}, yes)
				require.NotEqual(t, commerce.Diverged, commerce.ReasonOf(err), "%v", err) // 19 is a cent of tax off, and says so
				require.Equal(t, "unchanged", out.Action)
				require.Equal(t, documents, p.documents(s.order()))

				s.edit(s.wares[2], "1")
				_, err = p.Order(p.Context(), p.shop, net(s.order()), erp.Applied{}, yes)
				require.Equal(t, commerce.Diverged, commerce.ReasonOf(err))
			})
		}
	}
}
