package odootest

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// both runs a test on each version: what it expects was measured on real ones.
func both(t *testing.T, f func(t *testing.T, s *Server, c *client)) {
	t.Helper()
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			s := Start(t, Options{Version: version})
			f(t, s, newClient(t, s, "api", "api"))
		})
	}
}

func (c *client) one(model string, id int64, fields ...any) map[string]any {
	c.t.Helper()
	return c.must(model, "read", []int64{id}, fields).([]any)[0].(map[string]any)
}

func TestAnOrderTellsWhatItWasBookedWith(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		mug := s.AddProduct("MUG", "Mug", decimal.NewFromInt(10))
		seller := s.AddUser("eva", "eva", "sales_team.group_sale_salesman")
		company := s.AddPartner(map[string]any{"name": "Firm", "is_company": true, "user_id": seller, "vat": "FI1"})
		kid := s.AddPartner(map[string]any{"name": "Kid", "parent_id": company})
		bills := s.AddPartner(map[string]any{"name": "Bills", "parent_id": company, "type": "invoice"})
		door := s.AddPartner(map[string]any{"name": "Door", "parent_id": company, "type": "delivery", "street": "X"})
		carrier := s.AddCarrier("Post")
		place := s.AddFiscalPosition("Export")
		ids, messages := c.load("sale.order", []string{"id", "name", "partner_id/.id", "picking_policy", "carrier_id/.id", "fiscal_position_id/.id",
			"commitment_date", "order_line/product_id/.id", "order_line/price_unit"},
			[][]any{{"t.o", "SHOP-1", toText(kid), "one", toText(carrier), toText(place), "2026-12-01 10:00:00", toText(mug), "5"}}, nil)
		require.Empty(t, messages)
		c.must("sale.order", "action_confirm", ids)
		o, found := s.Order(ids[0])
		require.True(t, found)
		require.Equal(t, []string{"SHOP-1", "eva", "one", "Post", "Export", "My Company"},
			[]string{o.Name, o.Salesperson, o.PickingPolicy, o.Carrier, o.FiscalPosition, o.Warehouse})
		require.Equal(t, "2026-12-01 10:00:00", o.Commitment.Format(dateTimeFormat))
		require.Equal(t, []int64{kid, bills, door, company}, []int64{o.Buyer.ID, o.InvoiceTo.ID, o.ShipTo.ID, o.Buyer.Commercial})
		require.Equal(t, "FI1", o.Buyer.VAT, "a contact has its company's number")
		require.Len(t, o.Pickings, 1)
		p := o.Pickings[0]
		require.Equal(t, []string{"WH/OUT/00001", "confirmed", "one", "WH/Stock", "Post"}, []string{p.Name, p.State, p.MoveType, p.Location, p.Carrier})
		require.Equal(t, "MUG", p.Moves[0].SKU)
		ids, messages = c.load("sale.order", []string{"id", "name", "partner_id/.id"}, [][]any{{"t.o2", "SHOP-1", toText(kid)}}, nil)
		require.Empty(t, messages, "nothing keeps two orders from one name")
		require.Len(t, ids, 1)
		id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": kid}))
		require.Equal(t, "S00001", c.one("sale.order", id, "name")["name"], "a given name draws no number")
	})
}

func toInt64(t *testing.T, v any) int64 {
	t.Helper()
	id, ok := toInt(v)
	require.True(t, ok)
	return id
}

func TestATransferGoesFromAnotherPlaceWithItsMoves(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		mug := s.AddProduct("MUG", "Mug", decimal.NewFromInt(10))
		shelf := s.AddLocation("Shelf")
		require.Equal(t, "WH/Stock/Shelf", c.one("stock.location", shelf, "complete_name")["complete_name"])
		require.Len(t, c.must("stock.location", "search", []any{[]any{"id", "child_of", s.ID("stock.location", "name", "Stock")}}), 2)
		id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": s.AddPartner(map[string]any{"name": "Ann"}),
			"order_line": []any{[]any{0, 0, map[string]any{"product_id": mug}}}}))
		c.must("sale.order", "action_confirm", []int64{id})
		o, _ := s.Order(id)
		for _, state := range []string{"confirmed", "done"} { // a done one is not protected
			s.Set("stock.picking", o.Pickings[0].ID, Values{"state": state, "location_id": s.ID("stock.location", "name", "Stock")})
			_, messages := c.load("stock.picking", []string{".id", "location_id/.id"}, [][]any{{toText(o.Pickings[0].ID), toText(shelf)}}, nil)
			require.Empty(t, messages)
			o, _ = s.Order(id)
			require.Equal(t, "WH/Stock/Shelf", o.Pickings[0].Location)
			require.Equal(t, "WH/Stock/Shelf", o.Pickings[0].Moves[0].Location)
		}
		_, messages := c.load("stock.picking", []string{".id", "location_id/.id"}, [][]any{{toText(o.Pickings[0].ID), "99999"}}, nil)
		require.Equal(t, "No matching record found for database id '99999' in field 'Source Location'", messages[0]["message"])
	})
}

func TestDatesAreReadInTheUsersTimeZoneUnlessTheContextSaysUTC(t *testing.T) {
	s, c := shop(t, Options{})
	s.Set("res.users", c.uid, Values{"tz": "Europe/Helsinki"})
	row := [][]any{{"t.o", "odoogate.ann", "2026-11-01 10:00:00"}}
	for zone, want := range map[string]string{"": "08:00", "UTC": "10:00", "Mars/Base": "08:00"} {
		_, messages := c.load("sale.order", []string{"id", "partner_id/id", "date_order"}, row, map[string]any{"tz": zone})
		require.Empty(t, messages)
		require.Equal(t, want, s.Orders()[0].DateOrder.Format("15:04"), zone)
	}
}

func TestAFiscalPositionIsFoundAndChangesTheTaxes(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		home, zero := s.AddTax("Home", "25", false, ""), s.AddTax("Zero", "0", false, "")
		product := s.AddProduct("MUG", "Mug", decimal.NewFromInt(10), Values{"taxes_id": []int64{home}})
		se, de := s.ID("res.country", "code", "SE"), s.ID("res.country", "code", "DE")
		firms := s.AddFiscalPosition("SE firms", Values{"auto_apply": true, "vat_required": true, "country_id": se})
		anyone := s.AddFiscalPosition("SE", Values{"auto_apply": true, "country_id": se})
		s.AddFiscalPosition("World", Values{"auto_apply": true, "sequence": 99})
		s.MapTax(anyone, home, zero)
		kept := []string{"Home"}
		if s.edition.major >= 19 {
			kept = nil // a position without taxes has none
		}
		for _, tt := range []struct {
			vals     map[string]any
			position string
			taxes    []string
		}{
			{map[string]any{"country_id": se}, "SE", []string{"Zero"}},
			{map[string]any{"country_id": se, "vat": "SE1"}, "SE firms", kept},
			{map[string]any{"country_id": de}, "World", kept},
			{map[string]any{}, "", []string{"Home"}},
			{map[string]any{"country_id": de, "property_account_position_id": firms}, "SE firms", kept},
		} {
			tt.vals["name"] = "Buyer"
			id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": s.AddPartner(tt.vals),
				"order_line": []any{[]any{0, 0, map[string]any{"product_id": product}}}}))
			o, _ := s.Order(id)
			require.Equal(t, tt.position, o.FiscalPosition, "%v", tt.vals)
			require.Equal(t, tt.taxes, o.Lines[0].Taxes, "%v", tt.vals)
		}
	})
}
