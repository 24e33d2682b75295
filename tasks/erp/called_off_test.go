package erp_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// A part of an order was refunded that was no goods, and the order is cancelled after
// that, with no refund of the rest: all of it is credited in the end, each part once and
// with its tax, and what was told one by one is on a credit note each.
func TestACancelledOrderCreditsWhatItsRefundsLeft(t *testing.T) {
	atPrices := map[string]func(*testing.T, int) *place{"gross": atLife, "net": atNetPrices}
	cases := map[string]struct {
		refunds []refunded
		bills   []string // after the invoice
	}{
		"shipping": {[]refunded{{postage: dec("1.00")}, {postage: dec("2.00")}}, []string{"1.00 0.21", "2.00 0.40", "39.55 8.04"}},
		"a gift":   {[]refunded{{beyond: dec("3.00")}}, []string{"3.00 0.61", "39.55 8.04"}},
		"both":     {[]refunded{{beyond: dec("3.00")}, {postage: dec("2.00")}}, []string{"3.00 0.61", "2.00 0.41", "37.55 7.63"}},
	}
	for _, version := range []int{17, 19} {
		for prices, at := range atPrices {
			for name, c := range cases {
				for _, together := range []bool{false, true} { // the last refund and the end are told at once
					t.Run(fmt.Sprint(version, prices, name, together), func(t *testing.T) {
						p := at(t, version)
						s := p.till("12.55")
						var last erp.Applied
						tell := func() {
							o := s.order()
							if prices == "net" {
								net(o)
							}
							p.toldOf(o, &last)
						}
						s.pay(s.total())
						tell()
						for i, of := range c.refunds {
							s.refund(of)
							if i < len(c.refunds)-1 || !together {
								tell()
							}
						}
						s.ended = true
						s.tick()
						tell()
						owed := "-" + s.paid.StringFixed(2)
						for range 2 {
							if !together {
								require.Equal(t, append([]string{"42.55 8.65"}, c.bills...), p.bills(s), p.documents(s.order()))
							}
							got := p.ends(s)
							require.Equal(t, []string{"0.00", "0.00", "cancelled", owed}, []string{got.Invoiced, got.Tax, got.Total, got.Receivable})
							last.Begun = true
							tell()
						}
					})
				}
			}
		}
	}
}

// bills are what the order's invoices and credit notes come to, and the tax in it, the
// oldest first.
func (p *place) bills(t *counter) (all []string) {
	p.Helper()
	orders := p.rows("sale.order", []string{"state"}, []any{"client_order_ref", "=", t.first.Number})
	require.Len(p, orders, 1)
	found := p.invoices(orders[0].ID())
	slices.SortFunc(found, func(a, b odooclient.Row) int { return cmp.Compare(a.ID(), b.ID()) })
	for _, v := range found {
		all = append(all, v.Dec("amount_total").StringFixed(2)+" "+v.Dec("amount_tax").StringFixed(2))
	}
	return all
}
