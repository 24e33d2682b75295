package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp"
)

// A part of the postage is given back, and the tax of the order needs other rows for its
// cents: what is on an invoice stays on its row, for another one would be credited and
// invoiced at other prices.
func TestWhatIsOnAnInvoiceStaysOnItsRow(t *testing.T) {
	for _, version := range []int{17, 19} {
		p := atLife(t, version)
		s := p.till()
		mugs := s.add("8.955", "4")
		s.add("3.41", "2").rate = dec("14")
		s.add("22.4533", "3")
		var last erp.Applied
		s.pay(s.total())
		p.tell(s, &last)
		s.refund(refunded{postage: dec("0.30"), apart: true})
		p.tell(s, &last)
		require.Equal(t, s.ought(), p.ends(s))
		require.Len(t, p.rowsOf(mugs.id), 1)
	}
}
