package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// A piece is refunded and kept while others are on their way back: those that are
// received then are others than the one that the buyer keeps.
func TestWhatIsKeptIsNotWhatComesBackUnrefunded(t *testing.T) {
	after(t, func(p *place) {
		s := p.till("12.55")
		w := s.wares[0]
		var last erp.Applied
		s.pay(s.total())
		s.ship("3")
		p.tell(s, &last)
		back := s.sendBack(w, dec("2"))
		p.tell(s, &last)
		s.refund(refunded{ware: w, n: dec("1"), restock: commerce.RestockNone})
		p.tell(s, &last)
		s.receive(back, w, dec("2"), "")
		p.tell(s, &last)
		require.Equal(p, s.ought(), p.ends(s))
		require.Equal(p, "3 1 3;", p.ends(s).Lines)
		s.refund(refunded{ware: w, n: dec("2"), restock: commerce.RestockNone, of: back})
		s.close(back, commerce.ReturnClosed)
		p.tell(s, &last)
		require.Equal(p, s.ought(), p.ends(s))
		require.Equal(p, "1 1 1;", p.ends(s).Lines)
	})
}
