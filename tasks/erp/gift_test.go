package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// More was given than the order is worth at last. What one refund settled of that stays
// with it when the order ends: nothing can be invoiced any more then.
func TestWhatARefundSettledOfAGiftStaysWithItWhenTheOrderEnds(t *testing.T) {
	after(t, func(p *place) {
		s := p.till()
		w := s.add("7.95", "1")
		var last erp.Applied
		s.pay(s.total())
		p.tell(s, &last)
		s.refund(refunded{beyond: dec("5.00")})
		p.tell(s, &last)
		s.refund(refunded{ware: w, n: dec("1"), restock: commerce.RestockCancel, beyond: dec("-0.10")})
		p.tell(s, &last)
		s.refund(refunded{postage: dec("0.21"), none: true})
		p.tell(s, &last)
		require.Equal(p, "0.00", p.ends(s).Invoiced)
		s.cancel(false)
		p.tell(s, &last)
		require.Equal(p, "0.00", p.ends(s).Invoiced)
		require.Equal(p, "0.00", p.ends(s).Receivable)
	})
}
