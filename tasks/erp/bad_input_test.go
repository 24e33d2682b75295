package erp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Money without lines is no order, and no reason to empty one that stands.
func TestMoneyWithoutLinesContradictsItself(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	o.Lines = nil
	w.fails(o, erp.Applied{}, commerce.Invalid)
	require.Empty(t, w.odoo.Orders())

	for n, draft := range []bool{false, true} {
		w.shop.Books.Draft = new(draft)
		o = anna(2 + n)
		last := applied(o, w.book(o))
		o.Lines[0].Quantity, o.Lines[1].Quantity = dec("0"), dec("0")
		e := w.fails(o, last, commerce.Invalid)
		require.Contains(t, e.Detail, "the order contradicts itself: the shop says a tax of 6.10 EUR")
		for _, l := range w.odoo.Orders()[n].Lines {
			require.False(t, l.Quantity.IsZero(), "nothing is written")
		}
	}
}

// What would do are a hundred rows, and more untaxed cents would change nothing:
// the order must not wait for a setting that holds already.
func TestATaxThatIsFarOffNeedsNoSettingThatHolds(t *testing.T) {
	w := newWorld(t)
	w.odoo.AddProduct("ROUND", "Rounding", dec("0"), odootest.Values{"detailed_type": "service"})
	w.shop.Books.Products.Rounding = "ROUND"
	o := anna(1)
	for n := range 80 {
		w.long(o, n)
	}
	o.TotalTax.Amount = o.TotalTax.Amount.Add(dec("0.77"))
	e := w.fails(o, erp.Applied{}, commerce.Mismatch)
	require.Empty(t, e.Needs)
	require.Contains(t, e.Detail, `of "25.5% G" 0.77 is missing`)
	require.Contains(t, e.Remedy, "compare taxes and lines with the shop")
}

func TestARoundingProductThatWouldBeDeliveredIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.shop.Books.Products.Rounding = "TEE"
	w.book(anna(1))
	o := anna(2)
	o.TotalTax = euro("6.09")
	o.Lines[0].Taxes[0].Amount = euro("5.09")
	e := w.fails(o, erp.Applied{}, commerce.Missing)
	require.Contains(t, e.Detail, "the rounding product TEE is no service: Odoo would want to deliver it")
	require.Empty(t, e.Needs)
	require.Len(t, w.odoo.Orders(), 1)
}

// A name that Odoo's index refuses is cut before anybody is made for the order.
func TestLongAndHostileNamesAndAddressesAreBooked(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	o.Customer.FirstName, o.Customer.Phone = "\x1b[31m\u202eAnna\r\n", strings.Repeat("0", 5000)
	away := *o.Shipping
	away.FirstName, away.Street = strings.Repeat("Ä", 20_000), "Road\n1\x07"
	o.Shipping = &away
	w.book(o)
	var names []string
	for _, p := range w.odoo.Partners() {
		names = append(names, p.Street+": "+p.Name)
		require.LessOrEqual(t, len([]rune(p.Name)), 255)
		require.LessOrEqual(t, len(p.Phone), 260)
	}
	require.Contains(t, names, "Mannerheimintie 1: [31mAnna Virtanen")
	require.Contains(t, names, "Road 1: "+strings.Repeat("Ä", 254)+"…")
}

func TestNumbersThatNoShopHasAreToldAsSuch(t *testing.T) {
	w := newWorld(t)
	for _, number := range []string{"1e400", "1e-400"} {
		o := anna(1)
		o.Lines[0].UnitPrice = euro(number)
		e := w.fails(o, erp.Applied{}, commerce.Mismatch)
		require.Contains(t, e.Detail, "the order has quantities, prices or rates that no shop has")
	}
	require.Empty(t, w.odoo.Orders())
}
