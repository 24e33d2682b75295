package erp_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

type ties map[erp.Tie]int64

func (t ties) Ties(_ context.Context, _ string, of []erp.Tie) (map[erp.Tie]int64, error) {
	all := map[erp.Tie]int64{}
	for _, one := range of {
		if id := t[one]; id != 0 {
			all[one] = id
		}
	}
	return all, nil
}

// tied opens the world's Odoo with ties.
func (w *world) tied(t ties) {
	c := odooclient.New(w.odoo.Config(), odooclient.Options{})
	w.t.Cleanup(c.Close)
	w.books = erp.New(c, erp.Options{Ties: t})
}

func TestATiedProductAndCustomerAreTheOnesOfTheOrder(t *testing.T) {
	w := newWorld(t)
	other := w.odoo.AddProduct("OTHER", "Other", dec("1.00"))
	contact := w.odoo.AddPartner(map[string]any{"name": "Somebody known"})
	w.tied(ties{{Kind: erp.TieProduct, ID: "UNKNOWN-SKU"}: other, {Kind: erp.TieCustomer, ID: "6001"}: contact})
	o := anna(1)
	o.Customer.ID, o.Lines[0].SKU = "6001", "UNKNOWN-SKU"
	w.book(o)
	require.Equal(t, "OTHER", w.only().Lines[0].SKU)
	require.Equal(t, contact, w.only().Partner)
}

func TestAddressesOfTiedCustomersAreTheirOwn(t *testing.T) {
	w := newWorld(t)
	tied := ties{}
	for _, id := range []string{"6001", "6002"} {
		tied[erp.Tie{Kind: erp.TieCustomer, ID: id}] = w.odoo.AddPartner(map[string]any{"name": "Known as " + id, "street": "Elsewhere 1"})
	}
	w.tied(tied)
	parents := map[int64]int64{}
	for i, id := range []string{"6001", "6002"} {
		o := anna(i + 1)
		o.Customer.ID = id
		w.book(o)
		h := w.equal(o)
		for _, p := range w.odoo.Partners() {
			if p.ID == h.Shipping {
				require.Equal(t, h.Partner, p.Parent, "goods go to an address of another customer")
				require.Contains(t, p.XID, "odoogate.")
			}
		}
		parents[h.Shipping] = h.Partner
	}
	require.Len(t, parents, 2)
}

func TestWhatIsTiedToNothingThatIsThereIsForPeople(t *testing.T) {
	w := newWorld(t)
	w.tied(ties{{Kind: erp.TieProduct, ID: "MUG"}: 9999})
	require.ErrorContains(t, w.fails(anna(1), erp.Applied{}, commerce.Missing), "bound to product 9999")
	w.tied(ties{{Kind: erp.TieCustomer, ID: anna(1).Customer.ID}: 9999})
	require.ErrorContains(t, w.fails(anna(1), erp.Applied{}, commerce.Missing), "contact 9999")
	require.Empty(t, w.odoo.Orders())
}

func TestWhatCanBeBoundTo(t *testing.T) {
	w := newWorld(t)
	twice := w.odoo.AddProduct("TWICE", "One", dec("1.00"))
	w.odoo.AddProduct("TWICE", "Two", dec("1.00"))
	w.odoo.AddProduct("GONE", "Gone", dec("1.00"), odootest.Values{"active": false})
	got, err := w.books.Bindable(t.Context(), w.shop, erp.TieProduct, []string{"MUG", "#" + strconv.FormatInt(twice, 10), "TWICE", "GONE", "NONE", "#x"})
	require.NoError(t, err)
	require.Equal(t, erp.Bound{ID: w.mug}, got["MUG"])
	require.Equal(t, erp.Bound{ID: twice}, got["#"+strconv.FormatInt(twice, 10)])
	for word, why := range map[string]string{"TWICE": "several products", "GONE": "archived", "NONE": "not in Odoo", "#x": "no id"} {
		require.Contains(t, got[word].Why, why)
	}
	contact := w.odoo.AddPartner(map[string]any{"name": "Somebody known"})
	got, err = w.books.Bindable(t.Context(), w.shop, erp.TieCustomer, []string{strconv.FormatInt(contact, 10), "#" + strconv.FormatInt(contact, 10)})
	require.NoError(t, err)
	require.Equal(t, contact, got[strconv.FormatInt(contact, 10)].ID)
	require.Equal(t, contact, got["#"+strconv.FormatInt(contact, 10)].ID)
}
