package erp_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// people does in Odoo what a person there would.
func (w *world) people(model, method string, id int64, args map[string]any) {
	w.t.Helper()
	cfg := w.odoo.Config()
	c := odooclient.New(cfg, odooclient.Options{})
	defer c.Close()
	require.NoError(w.t, c.Call(w.t.Context(), odooclient.Request{Model: model, Method: method, IDs: []int64{id}, Args: args}, nil))
}

func (w *world) write(model string, id int64, vals map[string]any) {
	w.t.Helper()
	w.people(model, "write", id, map[string]any{"vals": vals})
}

func applied(o *commerce.Order, out erp.Outcome) erp.Applied {
	return erp.Applied{Digest: o.Digest(), Lines: o.LinesDigest(), UpdatedAt: o.UpdatedAt, OdooID: out.OdooID}
}

func TestAnEditInTheShopChangesTheConfirmedOrder(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	last := applied(o, w.book(o))
	mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
	out := w.bookAfter(o, last)
	require.Equal(t, "updated", out.Action)
	require.Equal(t, 2, out.Writes, "the promised day, and the lines")
	require.Len(t, w.equal(o).Lines, 2)
	last = applied(o, out)

	o.Lines = append(o.Lines, item("555", "TEE", "1", "20.00", "20.00", "4.06"))
	o.Lines[0].Quantity = dec("0")
	o.Total, o.TotalTax = euro("24.90"), euro("5.06")
	last = applied(o, w.bookAfter(o, last))
	h := w.equal(o)
	require.Len(t, h.Lines, 3)
	require.True(t, h.Lines[0].Quantity.IsZero(), "a confirmed line is emptied, not removed")
	require.Equal(t, "unchanged", w.bookAfter(o, last).Action)
	require.Equal(t, "unchanged", w.book(o).Action, "also with nothing remembered")
}

func TestPeoplesWorkOnAConfirmedOrderStays(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	out := w.book(o)
	w.write("sale.order.line", w.only().Lines[0].ID, map[string]any{"product_uom_qty": 5, "price_unit": 12.55})
	require.Equal(t, "unchanged", w.bookAfter(o, applied(o, out)).Action)
	e := w.fails(o, erp.Applied{}, commerce.Diverged)
	require.Contains(t, e.Detail, "lines: 1 changed")
	require.True(t, w.only().Lines[0].Quantity.Equal(dec("5")))
}

func TestAnotherAddressInTheShopLeavesPeoplesWorkOnTheLines(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	last := applied(o, w.book(o))
	w.write("sale.order.line", w.only().Lines[0].ID, map[string]any{"price_unit": 11})
	away := *o.Shipping
	away.Street = "Elsewhere 1"
	o.Shipping = &away
	require.Equal(t, "unchanged", w.bookAfter(o, last).Action)
	require.Equal(t, "11", w.only().Lines[0].Price.String())
}

// A shop that takes an edit back tells the state again that was applied last, and
// Odoo holds the edit.
func TestAnEditThatIsTakenBackIsTakenBackInOdooToo(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	out := w.book(o)
	last := applied(o, out)
	tax := w.odoo.ID("account.tax", "name", "25.5% G")
	w.odoo.Set("account.tax", tax, odootest.Values{"amount": "25"})
	mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
	w.fails(o, last, commerce.Mismatch)
	w.odoo.Set("account.tax", tax, odootest.Values{"amount": "25.5"})
	mugs(o, "2", "25.10", "5.10", "30.00", "6.10")
	last.Begun = true
	require.Equal(t, "updated", w.bookAfter(o, last).Action)
	w.equal(o)
}

func TestAQuotationIsMadeEqual(t *testing.T) {
	w := newWorld(t)
	w.shop.Books.Draft = new(true)
	o := anna(1)
	o.Lines = append(o.Lines, item("555", "TEE", "1", "20.00", "20.00", "4.06"))
	o.Total, o.TotalTax = euro("50.00"), euro("10.16")
	require.Equal(t, "created", w.book(o).Action)
	require.Equal(t, "draft", w.only().State)
	require.Equal(t, "unchanged", w.book(o).Action)

	o.Lines = o.Lines[:2]
	mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
	out := w.book(o)
	require.Equal(t, "updated", out.Action)
	require.Equal(t, 2, out.Writes)
	require.Len(t, w.only().Lines, 2, "a line no longer there is removed")

	w.shop.Books.Draft = new(false)
	require.Equal(t, "confirmed", w.book(o).Action)
	w.equal(o)
}

func TestCancelledOrders(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	o.CancelledAt = o.CreatedAt.Add(time.Hour)
	out := w.book(o)
	require.Equal(t, []any{"skipped", "cancelled before import (import.cancelled is skip)", 0, false}, []any{out.Action, out.Reason, out.Writes, out.Booked})
	require.NotZero(t, out.Planned)
	require.Zero(t, out.Verified)
	require.Empty(t, w.odoo.Orders())

	o.CancelledAt = time.Time{}
	out = w.book(o)
	o.CancelledAt = o.CreatedAt.Add(time.Hour)
	require.Equal(t, "cancelled", w.bookAfter(o, applied(o, out)).Action)
	require.Equal(t, "cancel", w.only().State)
	require.Equal(t, "unchanged", w.book(o).Action)

	o.CancelledAt = time.Time{}
	w.fails(o, erp.Applied{}, commerce.Diverged)
}

// Cancelled orders that are to be seen in Odoo stand there as cancelled quotations.
func TestAnOrderCancelledBeforeItCameMayComeAsACancelledQuotation(t *testing.T) {
	w := newWorld(t)
	w.shop.Import.Cancelled = "quotation"
	o := anna(1)
	o.CancelledAt, o.Financial = o.CreatedAt.Add(time.Hour), "voided"
	require.Equal(t, "cancelled", w.book(o).Action)
	require.Equal(t, "cancel", w.only().State)
	require.Equal(t, "unchanged", w.book(o).Action)

	w = newWorld(t)
	w.shop.Import.Cancelled = "quotation"
	lost, asked := errors.New("the lease is lost"), 0
	_, err := w.books.Order(t.Context(), w.shop, o, erp.Applied{}, func(context.Context) error {
		if asked++; asked > 2 {
			return lost
		}
		return nil
	})
	require.Same(t, lost, err)
	require.Equal(t, "draft", w.only().State)
	require.Equal(t, "cancelled", w.book(o).Action, "a run that ended between the two is finished by the next")
}

func TestACancelledQuotationNeedsNoProducts(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	w.shop.Books.Draft = new(true)
	w.book(o)
	o.Lines[0].SKU = "NOPE"
	o.CancelledAt = o.CreatedAt
	require.Equal(t, "cancelled", w.book(o).Action)
}

func TestAnOrderThatSomebodyElseMadeIsNotTouched(t *testing.T) {
	w := newWorld(t)
	partner := w.odoo.AddPartner(odootest.Values{"name": "By hand"})
	w.odoo.Add("sale.order", odootest.Values{"partner_id": partner, "client_order_ref": "#1001"})
	e := w.fails(anna(1), erp.Applied{}, commerce.Exists)
	require.Contains(t, e.Detail, "already there")
	require.Len(t, w.odoo.Orders(), 1)
}

func TestShopsMayHaveEqualNumbers(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	w.book(o)
	other := anna(1)
	other.Ref.Shop = "se"
	w.shop = shopOf("se")
	w.book(other)
	require.Len(t, w.odoo.Orders(), 2)
	w.equal(o)
	w.equal(other)
	require.Len(t, buyers(w, "anna@example.com"), 1, "one buyer in two shops is one partner")
}

func TestAnOrderIsFoundAfterPeopleChangedItsReference(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	out := w.book(o)
	w.write("sale.order", out.OdooID, map[string]any{"client_order_ref": "PO 4711"})
	require.Equal(t, "unchanged", w.book(o).Action)
	w.write("sale.order", out.OdooID, map[string]any{"origin": "by phone"})
	last := applied(o, out)
	last.Digest = "of an older state"
	require.Equal(t, "unchanged", w.bookAfter(o, last).Action)
	require.Len(t, w.odoo.Orders(), 1)
}

func TestAnExistingPartnerIsUsedAndNeverWritten(t *testing.T) {
	w := newWorld(t)
	id := w.odoo.AddPartner(odootest.Values{"name": "A. Virtanen (VIP)", "email": "ANNA@example.com", "street": "Old road 1"})
	w.book(anna(1))
	h := w.equal(anna(1))
	require.Equal(t, id, h.Partner)
	require.NotEqual(t, id, h.Shipping)
	require.Equal(t, h.Invoice, h.Shipping, "one address for both")
	w.book(anna(2))
	again := w.equal(anna(2))
	require.Equal(t, h.Shipping, again.Shipping, "the address is used again")
	for _, p := range w.odoo.Partners() {
		switch p.ID {
		case id:
			require.Equal(t, "Old road 1", p.Street)
			require.Equal(t, "A. Virtanen (VIP)", p.Name)
		case h.Shipping:
			require.Equal(t, id, p.Parent)
			require.Equal(t, "Mannerheimintie 1", p.Street)
			require.Equal(t, "FI", p.Country)
		}
	}
}

func TestOurOwnPartnerComesFirst(t *testing.T) {
	w := newWorld(t)
	w.book(anna(1))
	ours := w.equal(anna(1)).Partner
	w.odoo.AddPartner(odootest.Values{"name": "Twin", "email": "anna@example.com"})
	w.book(anna(2))
	require.Equal(t, ours, w.equal(anna(2)).Partner)
}

func TestAnOrderKeepsThePartnerPeopleGaveIt(t *testing.T) {
	w := newWorld(t)
	w.shop.Books.Draft = new(true)
	o := anna(1)
	out := w.book(o)
	other := w.odoo.AddPartner(odootest.Values{"name": "Mother of Anna"})
	w.write("sale.order", out.OdooID, map[string]any{"partner_id": other})
	mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
	require.Equal(t, "updated", w.book(o).Action)
	require.Equal(t, other, w.only().Partner)
}

func TestTheDateIsRepairedAfterACrashOnly(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	out := w.book(o)
	w.write("sale.order", out.OdooID, map[string]any{"date_order": "2027-01-01 00:00:00"})
	require.Equal(t, "unchanged", w.bookAfter(o, applied(o, out)).Action)
	again := w.book(o)
	require.Equal(t, "updated", again.Action)
	require.Equal(t, 1, again.Writes)
	w.equal(o)
}

func TestOfSeveralCompaniesTheShopsIsUsed(t *testing.T) {
	w := newWorld(t)
	partner := w.odoo.AddPartner(odootest.Values{"name": "Second Ltd"})
	w.odoo.Add("res.company", odootest.Values{"name": "Second Ltd", "partner_id": partner, "currency_id": 2})
	w.book(anna(1)) // the user's own
	w.equal(anna(1))
	w.shop.Books.Company = "My Company"
	w.book(anna(2))
	w.equal(anna(2))
}

func TestWhatPeopleAddedShowsWhenTheShopChanges(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	last := applied(o, w.book(o))
	w.odoo.Add("sale.order.line", odootest.Values{"order_id": last.OdooID, "product_id": w.mug, "product_uom_qty": 1, "price_unit": dec("1.00")})
	mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
	w.fails(o, last, commerce.Mismatch)
	w.fails(o, last, commerce.Mismatch)
	h := w.only()
	require.Len(t, h.Lines, 3)
	require.True(t, h.Lines[0].Quantity.Equal(dec("3")), "what the shop changed is written")
}
