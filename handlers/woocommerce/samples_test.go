package woocommerce

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// contracts are the vendor's samples, which stand beside the project and are
// not part of it. Every check here also runs on our own fixtures.
var contracts = filepath.Join("..", "..", "..", "shared", "contracts", "woocommerce")

// samples are the vendor's files by name, all that are at hand.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	out := files(t, contracts)
	if len(out) == 0 {
		t.Log("the vendor's samples are not at hand: only our own fixtures are checked")
	}
	return out
}

// What each sample is as a delivery: the topic that it comes under, and the record that
// it names or why it is ignored. Every file is in the list.
func TestEverySampleOfTheVendorHasItsOutcome(t *testing.T) {
	type outcome struct{ topic, ref, ignored string }
	known := map[string]outcome{
		"order_docs_v3":                  {"order.created", "fi/order/727", ""},
		"order_docs_v3_with_refunds":     {"order.updated", "fi/order/723", ""},
		"order_guest_cod":                {"order.created", "fi/order/1003", ""},
		"order_partially_refunded":       {"order.updated", "fi/order/1004", ""},
		"order_tax_exclusive_coupon_fee": {"order.created", "fi/order/1001", ""},
		"order_tax_inclusive_coupon":     {"order.restored", "fi/order/1002", ""},
		"order_checkout_draft":           {"order.updated", "", "at the checkout"},
		"order_note":                     {"order.updated", "fi/order/281", ""}, // has nothing of its own kind; the shop is read
		"deleted":                        {"order.deleted", "fi/order/727", ""},
		"refund":                         {"order.updated", "", "another kind of record"},
		"product_simple":                 {"product.updated", "fi/product/794", ""},
		"product_variable":               {"product.created", "fi/product/799", ""},
		"product_variation":              {"product.updated", "fi/product/732", ""},
		"customer":                       {"customer.updated", "fi/customer/25", ""},
		"coupon":                         {"coupon.updated", "fi/coupon/719", ""},
		"webhook_resource":               {"order.updated", "fi/order/142", ""},
		"batch_update_response":          {"order.updated", "", ""},
		"shipment_tracking":              {"order.updated", "", ""},
		"errors":                         {"order.updated", "", ""},
		"delivery_headers":               {"order.created", "", ""},
	}
	for name, raw := range samples(t) {
		want, ok := known[name]
		require.True(t, ok, "%s is new: say what comes of it", name)
		events, err := testReceiver().Events(deliver(want.topic, string(raw)))
		switch {
		case want.ref != "":
			require.NoError(t, err, name)
			require.Equal(t, want.ref, events[0].Ref.String(), name)
		case want.ignored != "":
			require.Equal(t, commerce.Ignored, commerce.ReasonOf(err), name)
			require.ErrorContains(t, err, want.ignored, name)
		default: // no shop sends it
			require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), name)
		}
	}
}

func TestEveryErrorOfTheVendorIsIgnoredInTheBodyOfADelivery(t *testing.T) {
	all := map[string]json.RawMessage{"own": json.RawMessage(apiError)}
	if raw, ok := samples(t)["errors"]; ok {
		require.NoError(t, json.Unmarshal(raw, &all))
		delete(all, "batch_item_error_inside_200")
	}
	for name, body := range all {
		_, err := testReceiver().Events(deliver("order.created", string(body)))
		require.Equal(t, commerce.Ignored, commerce.ReasonOf(err), name)
		_, err = testDecoder().Decode(body)
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), name)
	}
}

func TestTheVendorsHeadersAreThoseOfADelivery(t *testing.T) {
	raw, ok := samples(t)["delivery_headers"]
	if !ok {
		return
	}
	var both map[string]struct {
		Headers map[string]string
		Body    string
	}
	require.NoError(t, json.Unmarshal(raw, &both))
	header := func(name string) http.Header {
		h := http.Header{}
		for k, v := range both[name].Headers {
			h.Set(k, v)
		}
		return h
	}
	r := newReceiver(testVerifier("hush"), "fi", Settings{URL: "https://example.com"})
	events, err := r.Events(handlers.Delivery{Header: header("delivery"), Body: []byte(`{"id":1,"order_key":"x"}`)})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(events[0].ID, "5-7bd24954a13224617b4d752484fb6c9c-"), events[0].ID)
	ping := handlers.Delivery{Header: header("ping"), Body: []byte(both["ping"].Body)}
	require.NoError(t, r.Verify(ping))
	_, err = r.Events(ping)
	require.Equal(t, commerce.Ignored, commerce.ReasonOf(err))
}

func TestTheVendorsOrdersAreMapped(t *testing.T) {
	all := samples(t)
	for _, tc := range []struct {
		file, refunds string
		total, tax    string
		first         string // price and total of the first line
		taxes         string
	}{
		{"order_docs_v3", "", "29.35", "1.35", "3.00 6.00", "State Tax 7.5"},
		{"order_docs_v3_with_refunds", "refund", "39.00", "0.00", "9.00 9.00", ""},
		{"order_guest_cod", "", "207.38", "33.11", "100.00 200.00", "VAT 19"},
		{"order_partially_refunded", "", "205.00", "32.73", "100.00 200.00", "VAT 19"},
		{"order_tax_exclusive_coupon_fee", "", "221.58", "35.38", "100.00 180.00", "VAT 19"},
		{"order_tax_inclusive_coupon", "", "185.00", "29.54", "100.00 180.00", "VAT 19"},
	} {
		raw, ok := all[tc.file]
		if !ok {
			continue
		}
		rec, err := recordOf(raw)
		require.NoError(t, err, tc.file)
		var refunds []refund
		if tc.refunds != "" {
			refunds, err = refundsOf(append(append([]byte("["), all[tc.refunds]...), ']'))
			require.NoError(t, err)
		}
		o, err := testDecoder().order(rec, refunds)
		require.NoError(t, err, tc.file)
		require.Equal(t, tc.total+" "+o.Currency, o.Total.String(), tc.file)
		require.Equal(t, tc.tax+" "+o.Currency, o.TotalTax.String(), tc.file)
		first := o.Lines[0]
		require.Equal(t, tc.first, first.UnitPrice.Amount.StringFixed(2)+" "+first.Total.Amount.StringFixed(2), tc.file)
		if tc.taxes != "" {
			require.Equal(t, tc.taxes, first.Taxes[0].Title+" "+first.Taxes[0].Rate.String(), tc.file)
		}
		addsUp(t, o)
		_, err = testDecoder().Decode(raw)
		if len(rec.Refunds) > 0 {
			require.ErrorIs(t, err, handlers.ErrPartial, tc.file)
		} else {
			require.NoError(t, err, tc.file)
		}
	}
	if raw, ok := all["order_checkout_draft"]; ok {
		_, err := testDecoder().Decode(raw)
		require.Equal(t, commerce.Ignored, commerce.ReasonOf(err))
	}
	if raw, ok := all["order_tax_inclusive_coupon"]; ok {
		o, err := testDecoder().Decode(raw)
		require.NoError(t, err)
		require.Equal(t, "T-Shirt – Größe M, Rot", o.Lines[0].Title)
		require.Len(t, o.Lines[0].Discounts, 1)
		require.Equal(t, "save10 20.00 EUR", o.Lines[0].Discounts[0].Title+" "+o.Lines[0].Discounts[0].Amount.String())
		require.Equal(t, []commerce.Property{{Name: "Size", Value: "M"}, {Name: "Color", Value: "Red"}}, o.Lines[0].Properties)
		require.Equal(t, "flat_rate:3", o.Lines[1].Code)
		require.Equal(t, "NW", o.Billing.State)
		require.Equal(t, "zoe@example.com", o.Customer.Email)
		require.True(t, o.Paid)
	}
}

func TestTheVendorsAccountIsMapped(t *testing.T) {
	raw, ok := samples(t)["customer"]
	if !ok {
		return
	}
	got, err := testCustomers().Decode(raw)
	require.NoError(t, err)
	home := &commerce.Address{FirstName: "John", LastName: "Doe", Street: "969 Market", City: "San Francisco", Zip: "94103", State: "CA", Country: "US", Phone: "(555) 555-5555"}
	there := *home
	there.Phone = ""
	require.Equal(t, &commerce.Customer{
		Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: "25"}, URL: testURL + "/wp-admin/user-edit.php?user_id=25",
		CreatedAt: time.Date(2017, 3, 21, 19, 9, 28, 0, time.UTC), UpdatedAt: time.Date(2017, 3, 21, 19, 9, 30, 0, time.UTC),
		Party:   commerce.Party{ID: "25", Email: "john.doe@example.com", Phone: "(555) 555-5555", FirstName: "John", LastName: "Doe"},
		Billing: home, Shipping: &there}, got)
	for name, other := range samples(t) {
		if name != "customer" {
			_, err := testCustomers().Decode(other)
			require.Error(t, err, name)
		}
	}
}
