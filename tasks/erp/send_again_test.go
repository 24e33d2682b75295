package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// A line stands on two rows, and the goods of the one that left come back: what is to
// be sent yet leaves all the same.
func TestWhatIsToBeSentLeavesThoughItsRowCameBack(t *testing.T) {
	p := atNetPrices(t, 17)
	s := p.till()
	mugs := s.add("4.48", "2")
	var last erp.Applied
	s.pay(s.total())
	p.toldOf(net(s.order()), &last)
	s.ship("1")
	p.toldOf(net(s.order()), &last)
	require.Len(t, p.rowsOf(mugs.id), 2, "cents need two rows")
	s.refund(refunded{ware: mugs, n: dec("1"), restock: commerce.RestockReturn})
	p.toldOf(net(s.order()), &last)
	s.ship("1")
	p.toldOf(net(s.order()), &last)
	require.Equal(t, s.ought(), p.ends(s))
}
