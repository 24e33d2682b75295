package erp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// person does in Odoo what the API's user may.
func (w *world) person(model, method string, ids []int64, args map[string]any) {
	w.t.Helper()
	c := odooclient.New(w.odoo.Config(), odooclient.Options{})
	defer c.Close()
	var done any
	require.NoError(w.t, c.Call(w.t.Context(), odooclient.Request{Model: model, Method: method, IDs: ids, Args: args}, &done))
}

// A hundred stories are told like each by itself, in calls by the batch.
func TestStoriesToldTogetherAreThoseToldAlone(t *testing.T) {
	w := newWorld(t)
	var asked []erp.Asked
	for n := range 100 {
		o := anna(n)
		if n%10 != 9 { // Odoo has none of these
			w.book(o)
		}
		asked = append(asked, erp.Asked{Ref: o.Ref, Number: o.Number})
	}
	hidden := w.odoo.Orders()[0]
	asked[0].OdooID = hidden.ID
	w.person("sale.order", "write", []int64{hidden.ID}, map[string]any{"vals": map[string]any{"client_order_ref": "theirs", "origin": false}})
	before := w.odoo.Calls()
	stories, err := w.books.Stories(t.Context(), w.shop, asked)
	require.NoError(t, err)
	spent, all := map[string]int{}, 0
	for name, n := range w.odoo.Calls() {
		if more := n - before[name]; more > 0 {
			spent[name] = more
			all += more
		}
	}
	t.Logf("100 stories took %d calls: %v", all, spent)
	require.LessOrEqual(t, all, 40, "%v", spent)
	for name := range spent {
		require.Regexp(t, `\.(search_read|get_external_id|read)$`, name, "it only reads")
	}
	for i, a := range asked {
		alone, err := w.books.Story(t.Context(), w.shop, a.Ref, a.Number)
		require.NoError(t, err)
		require.Equal(t, i%10 != 9, stories[i].Order != nil, a.Ref)
		if diff := cmp.Diff(alone, stories[i]); diff != "" {
			t.Errorf("%s (-alone +together):\n%s", a.Ref, diff)
		}
	}
}

func (w *world) dated(from, until time.Time, known func(int64) bool) (found []string) {
	w.t.Helper()
	for one, err := range w.books.Dated(w.t.Context(), w.shop, from, until, known) {
		require.NoError(w.t, err)
		found = append(found, one.Name+" "+one.Ref.ID)
	}
	return found
}

func TestOrdersOfATimeAreFoundByExternalIDOrOriginWhateverOtherShopsHave(t *testing.T) {
	w := newWorld(t)
	at := anna(0).CreatedAt
	for n := range 3 {
		w.book(anna(n)) // a second apart
	}
	other := anna(7)
	other.Ref.Shop = "se"
	for i := range other.Lines {
		other.Lines[i].ID += "7"
	}
	shop := w.shop
	w.shop = shopOf("se")
	w.book(other)
	w.shop = shop
	held := w.odoo.Orders()
	w.person("sale.order", "write", []int64{held[1].ID}, map[string]any{"vals": map[string]any{"origin": "theirs"}})
	w.person("sale.order", "create", nil, map[string]any{"vals_list": []any{map[string]any{"partner_id": held[0].Partner, "origin": held[0].Origin, "date_order": at.Format(time.DateTime)}}})
	copied := w.odoo.Orders()[4].Name
	nobody := func(int64) bool { return false }
	require.Equal(t, []string{held[0].Name + " 5000", held[1].Name + " 5001", held[2].Name + " 5002", copied + " "}, w.dated(at, at.Add(time.Hour), nobody))
	require.Equal(t, []string{held[1].Name + " 5001"}, w.dated(at.Add(1), at.Add(2*time.Second), nobody), "from then and before")
	require.Equal(t, []string{copied + " "}, w.dated(at, at.Add(time.Hour), func(id int64) bool { return id != w.odoo.Orders()[4].ID }))
}

// Sums that are equal hide taxes that are not.
func TestTaxesAreComparedByTheirRates(t *testing.T) {
	w := worldOf(t, odootest.Options{})
	w.odoo.AddTax("14% G", "14", true, "")
	o := anna(1)
	o.Lines[1].Taxes = []commerce.Tax{{Title: "VAT", Rate: dec("14"), Amount: euro("0.60")}}
	o.TotalTax = euro("5.70")
	w.book(o)
	s, err := w.books.Story(t.Context(), w.shop, o.Ref, o.Number)
	require.NoError(t, err)
	require.Equal(t, "[{25.5 5.10 EUR} {14 0.60 EUR}]", fmt.Sprint(s.Order.Taxes))
	require.Empty(t, erp.Differences(w.shop, o, s))
	s.Order.Taxes[0].Amount, s.Order.Taxes[1].Amount = euro("5.00"), euro("0.70")
	var found []string
	for _, d := range erp.Differences(w.shop, o, s) {
		found = append(found, d.What+": "+d.Shop+" | "+d.Odoo)
	}
	require.Equal(t, []string{"tax 25.5 %: 5.10 EUR | 5.00 EUR", "tax 14 %: 0.60 EUR | 0.70 EUR"}, found)
}

// Where Odoo rounds globally its lines do not tell the taxes, and its summary does.
func TestTaxesByRateAreThoseOfTheSummaryWhereLinesDoNotTellThem(t *testing.T) {
	for _, version := range []int{17, 19} {
		w := worldOf(t, odootest.Options{Version: version, Rounding: "round_globally"})
		o := anna(1)
		w.book(o)
		before := w.odoo.Calls()["sale.order.search_read"]
		s, err := w.books.Story(t.Context(), w.shop, o.Ref, o.Number)
		require.NoError(t, err)
		require.Equal(t, 2, w.odoo.Calls()["sale.order.search_read"]-before)
		require.Equal(t, "[{25.5 6.10 EUR}]", fmt.Sprint(s.Order.Taxes), version)
	}
}
