package erp

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// gifted is an order of some equal lines of which an amount was given back for none.
func gifted(lines int, included bool, gift commerce.Money) *commerce.Order {
	o := &commerce.Order{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: "1"}, Currency: gift.Currency, PricesIncludeTax: included}
	for i := range lines {
		l := sold(fmt.Sprint(i), "MUG", "1", "1255", "1255", "25.5", "255")
		o.Lines = append(o.Lines, l)
	}
	o.Total.Amount, o.TotalTax.Amount = lineSums(o)
	o.Taxes = []commerce.Tax{{Title: "VAT", Rate: dec("25.5"), Amount: o.TotalTax}}
	o.Refunds = []commerce.Refund{{ID: "r", Amount: gift}}
	return o
}

// A gift is taken off once, however small it is beside the cents that a shop of so many
// lines may round by: by us, or by the shop, which may do so with the total or the tax alone.
func TestASmallGiftIsTakenOffOnce(t *testing.T) {
	for _, lines := range []int{1, 2, 12} {
		for _, included := range []bool{false, true} {
			for _, gift := range []commerce.Money{eur("0.01"), eur("0.03"), eur("0.13"), eur("5.00"), money("1", "JPY"), money("4", "JPY"), money("13", "JPY")} {
				for _, off := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
					name := fmt.Sprintf("%d lines, tax included %t, %s, total and tax lowered: %t", lines, included, gift, off)
					o := gifted(lines, included, gift)
					total, tax := lineSums(books().restate(o, nil, nil).Order)
					require.True(t, total.Equal(o.Total.Amount.Sub(gift.Amount)), name)
					if off[0] {
						o.Total.Amount = total
					}
					if off[1] {
						o.TotalTax.Amount, o.Taxes[0].Amount.Amount = tax, tax
					}
					got := books().restate(o, nil, nil)
					require.True(t, got.Total.Amount.Equal(total), "%s: a total of %s and not %s", name, got.Total, total)
					require.True(t, got.TotalTax.Amount.Equal(tax), "%s: a tax of %s and not %s", name, got.TotalTax, tax)
					require.True(t, got.Taxes[0].Amount.Amount.Equal(tax), name)
				}
			}
		}
	}
}

// A shop that takes off no gift rounds in the end: its sums are a gift less than those of
// its lines by chance.
func TestAGiftIsTakenOffSumsThatRoundingMadeAsMuchLess(t *testing.T) {
	for _, included := range []bool{false, true} {
		o := gifted(3, included, eur("0.02"))
		o.GivenInTotal = true
		total, tax := lineSums(books().restate(o, nil, nil).Order)
		cents := dec("0.02")
		o.Total.Amount = o.Total.Amount.Sub(cents)
		got := books().restate(o, nil, nil)
		require.True(t, got.Total.Amount.Equal(total.Sub(cents)), "a total of %s and not %s", got.Total, total.Sub(cents))
		require.True(t, got.TotalTax.Amount.Equal(tax), "a tax of %s and not %s", got.TotalTax, tax)
	}
}
