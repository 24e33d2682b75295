package woocommerce

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// changed is a fixture's order with one member set, or taken away (nil).
func changed(t *testing.T, name, member string, value any) []byte {
	t.Helper()
	return with(t, fixtures(t)[name].Order, member, value)
}

// with is a record with one member set, or taken away (nil).
func with(t *testing.T, raw []byte, member string, value any) []byte {
	t.Helper()
	var record map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	require.NoError(t, d.Decode(&record))
	record[member] = value
	if value == nil {
		delete(record, member)
	}
	out, err := json.Marshal(record)
	require.NoError(t, err)
	return out
}

func TestAPayloadThatIsNotWholeIsReadFromTheShop(t *testing.T) {
	for _, tc := range []struct {
		member string
		value  any
	}{
		{"refunds", []any{map[string]any{"id": 5, "total": "-1.00"}}},
		{"line_items", nil},
		{"prices_include_tax", nil},
		{"date_modified_gmt", nil}, // version 1 of the API has none
		{"status", nil},
		{"total", ""},
	} {
		_, err := testDecoder().Decode(changed(t, "gross-19-and-7", tc.member, tc.value))
		require.ErrorIs(t, err, handlers.ErrPartial, tc.member)
	}
	_, err := testDecoder().Decode([]byte(`{"order":{"id":1}}`))
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), "the receiver gives no such body on")
}

func TestStatusesSayWhatBecameOfAnOrder(t *testing.T) {
	for _, tc := range []struct {
		status     string
		cancelled  bool
		fulfilment string
		parcels    int
	}{
		{"pending", false, "", 0}, {"on-hold", false, "", 0}, {"processing", false, "", 0}, {"awaiting-pickup", false, "", 0},
		{"completed", false, "fulfilled", 1}, {"refunded", false, "", 0},
		{"cancelled", true, "", 0}, {"failed", true, "", 0}, {"trash", true, "", 0},
	} {
		o, err := testDecoder().Decode(changed(t, "gross-19-and-7", "status", tc.status))
		require.NoError(t, err, tc.status)
		require.Equal(t, tc.status, o.Financial)
		require.Equal(t, tc.cancelled, o.Cancelled(), tc.status)
		require.Equal(t, tc.fulfilment, o.Fulfilment, tc.status)
		require.Len(t, o.Shipments, tc.parcels, tc.status)
		require.True(t, o.Paid, "it was paid, whatever it is called now")
	}
	for _, draft := range []string{"checkout-draft", "auto-draft", "draft"} {
		_, err := testDecoder().Decode(changed(t, "gross-19-and-7", "status", draft))
		require.Equal(t, commerce.Ignored, commerce.ReasonOf(err), draft)
	}
}

func TestWhatPluginsAndStaffLeaveDoesNotStopAnOrder(t *testing.T) {
	for member, value := range map[string]any{
		"number": json.Number("2001"), "meta_data": map[string]any{"a": 1}, "payment_method": nil, "customer_note": nil, "refunds": []any{},
		"shipping_lines": []any{}, "a_plugins_own": []any{1, "x"}, "created_via": nil, "date_paid_gmt": nil, "transaction_id": json.Number("7"),
	} {
		_, err := testDecoder().Decode(changed(t, "gross-19-and-7", member, value))
		require.NoError(t, err, member)
	}
	o, err := testDecoder().Decode(changed(t, "gross-19-and-7", "number", "A-17"))
	require.NoError(t, err)
	require.Equal(t, "A-17", o.Number, "plugins number orders in their own way")
	o, err = testDecoder().Decode(changed(t, "gross-19-and-7", "number", ""))
	require.NoError(t, err)
	require.Equal(t, "2001", o.Number)
	for _, line := range []string{
		`{"id":9,"quantity":0,"total":"0.00","subtotal":"0.00","taxes":[]}`,
		`{"id":9,"quantity":1,"total":"0.00","subtotal":"0.00","taxes":[{"id":77,"total":"0","subtotal":"0"}],"meta_data":[{"key":"x","value":{"a":1}},7]}`,
	} {
		_, err := testDecoder().Decode(changed(t, "gross-19-and-7", "line_items", []any{json.RawMessage(line)}))
		require.NoError(t, err, line)
	}
	for _, line := range []string{
		`{"id":9,"quantity":-1,"total":"1.00"}`, `{"quantity":1,"total":"1.00"}`, `{"id":9,"quantity":1}`,
		`{"id":9,"quantity":1,"total":"1.00","taxes":[{"id":77,"total":"0.19","subtotal":"0.19"}]}`,
	} {
		_, err := testDecoder().Decode(changed(t, "gross-19-and-7", "line_items", []any{json.RawMessage(line)}))
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), line)
	}
}

func TestWhoBoughtAndWhatWasTyped(t *testing.T) {
	o := fixtures(t)["guest-company-cash-on-delivery"].mapped(t)
	require.Empty(t, o.Customer.ID, "a guest has no account")
	require.Equal(t, commerce.Party{Email: "zoe@example.com", Phone: "+49 221 5550100", FirstName: "Zoë", LastName: "Müßig", Company: "Müßig & Söhne", VAT: "DE129273398"}, o.Customer)
	require.Equal(t, "NW", o.Billing.State, "Odoo knows the region by its own code")
	require.Equal(t, `Ring "Müller" & leave`, o.Note)
	require.True(t, o.Draft, "staff wrote it")
	require.False(t, o.Paid)
	require.Empty(t, o.Payments)
	require.Equal(t, []string{"cod"}, o.Gateways)
	require.Contains(t, o.Attributes, commerce.Property{Name: "Gift text", Value: "Alles Gute"})
	require.Equal(t, []commerce.Property{{Name: "Engraving", Value: "Anna"}}, o.Lines[1].Properties)
	require.Equal(t, "2.5", o.Lines[0].Quantity.String())
	o, err := testDecoder().Decode(changed(t, "gross-19-and-7", "shipping", map[string]any{"first_name": "", "country": "DE", "state": "DE-BE"}))
	require.NoError(t, err)
	require.Nil(t, o.Shipping, "the shop's default country is no address")
}

func TestOnlyWhatTheSettingsNameComesOfTheMetaData(t *testing.T) {
	d := testDecoder()
	d.wants = config.Shop{Books: config.Books{Fields: []config.FieldRule{
		{From: "_Campaign", On: config.OnOrder, Field: "x_campaign"}, {From: "_gift", On: config.OnOrder, Field: "x_gift"},
		{From: "_points", On: config.OnCustomer, Field: "x_points"}}}}.WantsMeta
	o, err := d.Decode(changed(t, "gross-19-and-7", "meta_data", []any{
		map[string]any{"key": "_campaign", "value": "R&amp;D"}, map[string]any{"key": "_secret", "value": "hush"},
		map[string]any{"key": "_points", "value": json.Number("12.5")}, map[string]any{"key": "_gift", "value": true},
		map[string]any{"key": "_campaign", "value": map[string]any{"a": 1}}}))
	require.NoError(t, err)
	require.Equal(t, []commerce.Property{{Name: "_campaign", Value: "R&D"}, {Name: "_points", Value: "12.5"}, {Name: "_gift", Value: "true"}}, o.Meta)
}
