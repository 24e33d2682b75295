package woocommercetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// contracts are the vendor's samples, which stand beside the project and are not part
// of it. Without them our own shapes are checked.
var contracts = filepath.Join("..", "..", "..", "..", "shared", "contracts", "woocommerce")

// sample is one of the vendor's records; nil where they are not at hand.
func sample(t *testing.T, name string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(contracts, name))
	if os.IsNotExist(err) {
		t.Logf("%s is not at hand: only our own shapes are checked", name)
		return nil
	}
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

// full is an order with everything in it, as the API tells it.
func full(t *testing.T, s *Store) (order, refund map[string]any) {
	t.Helper()
	buyer := s.AddCustomer(Customer{First: "Zoë", Email: "zoe@example.com"})
	id := s.AddOrder(Order{Status: "processing", PaymentMethod: "stripe", PricesIncludeTax: true, Customer: buyer,
		Lines: []Line{LineOf(Catalogue()[2], 2)}, ShippingLines: []ShippingLine{Parcel("5.90")}, Coupons: []Coupon{coupon("save10", "percent", "10")},
		Fees: []Fee{{Name: "COD fee", Amount: dec("2"), Taxes: []TaxRate{standardRate()}}}, Meta: []Meta{{Key: "_a", Value: "b"}}})
	_, err := s.RefundWith(id, RefundRequest{Lines: []RefundItem{{Line: 0, Quantity: 1}}, FullShipping: true, Fees: true})
	require.NoError(t, err)
	return body(t, s, id, "order.updated"), refundsOf(t, s, id)[0]
}

// kinds are the paths of a record with what each is: lists are told by their first.
func kinds(v any, path string, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		into[path] = "object"
		for key, one := range v {
			kinds(one, path+"/"+key, into)
		}
	case []any:
		into[path] = "list"
		if len(v) > 0 {
			kinds(v[0], path+"/0", into)
		}
	case nil:
		into[path] = "null"
	default:
		into[path] = fmt.Sprintf("%T", v)
	}
}

// loose are the paths of which the type is known to change, and those below them.
var loose = map[string]bool{
	"/date_completed": true, "/date_completed_gmt": true, "/date_paid": true, "/date_paid_gmt": true,
	"/line_items/0/meta_data/0/value": true, "/line_items/0/meta_data/0/display_value": true, "/meta_data/0/value": true, "/line_items/0/parent_name": true,
}

// holds requires that a record has every member of a sample, of the same type. Lists
// that are empty on either side say nothing.
func holds(t *testing.T, name string, got, want map[string]any) {
	t.Helper()
	is, ought := map[string]string{}, map[string]string{}
	kinds(got, "", is)
	kinds(want, "", ought)
	compared := 0
	for _, path := range slices.Sorted(maps.Keys(ought)) {
		at := strings.LastIndex(path, "/")
		if _, there := is[path]; !there && (at < 0 || is[path[:at]] == "" || path[at:] == "/0") {
			continue // the list above it is empty
		}
		require.Contains(t, is, path, name)
		if !loose[path] {
			require.Equal(t, ought[path], is[path], "%s %s", name, path)
		}
		compared++
	}
	require.Greater(t, compared, 10, name)
}

func TestTheFakesRecordsHaveTheVendorsShapes(t *testing.T) {
	s := New(Options{BasicOverHTTP: true})
	order, refund := full(t, s)
	for _, name := range []string{"order_docs_v3.json", "order_tax_inclusive_coupon.json", "order_tax_exclusive_coupon_fee.json", "order_partially_refunded.json", "order_guest_cod.json"} {
		if want := sample(t, name); want != nil {
			holds(t, name, order, want)
		}
	}
	if want := sample(t, "refund.json"); want != nil {
		holds(t, "refund.json", refund, want)
	}
	if want := sample(t, "customer.json"); want != nil {
		holds(t, "customer.json", ask(t, s, "GET", "customers/2", "").object(t), want)
	}
	hook := ask(t, s, "POST", "webhooks", `{"topic":"order.updated","delivery_url":"http://127.0.0.1:1/"}`).object(t)
	if want := sample(t, "webhook_resource.json"); want != nil {
		holds(t, "webhook_resource.json", hook, want)
	}
	// Our own: what old and new shops were seen to tell, that the samples lack.
	for _, path := range []string{"/line_items/0/global_unique_id", "/shipping_lines/0/instance_id", "/refunds/0/total_tax", "/coupon_lines/0/nominal_amount", "/fee_lines/0/amount", "/tax_lines/0/rate_percent"} {
		is := map[string]string{}
		kinds(order, "", is)
		require.Contains(t, is, path)
	}
	old, _ := full(t, New(Options{BasicOverHTTP: true, Old: true}))
	is := map[string]string{}
	kinds(old, "", is)
	for _, path := range []string{"/line_items/0/global_unique_id", "/refunds/0/total_tax", "/coupon_lines/0/nominal_amount"} {
		require.NotContains(t, is, path)
	}
	require.Equal(t, "coupon_data", objects(objects(old, "coupon_lines")[0], "meta_data")[0]["key"])
	require.IsType(t, map[string]any{}, objects(objects(old, "coupon_lines")[0], "meta_data")[0]["value"])
}
