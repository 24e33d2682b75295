package woocommerce

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func testCustomers() customers { return customers{decoder: testDecoder()} }

// changedAccount is one of them with a member set, or taken away (nil).
func changedAccount(t *testing.T, name, member string, value any) []byte {
	t.Helper()
	return with(t, accounts(t)[name], member, value)
}

// TestGoldenAccounts shows each of our accounts as the neutral one that it becomes.
func TestGoldenAccounts(t *testing.T) {
	for name, raw := range accounts(t) {
		t.Run(name, func(t *testing.T) {
			got, err := testCustomers().Decode(raw)
			require.NoError(t, err)
			golden(t, filepath.Join("accounts", name+".json"), got)
		})
	}
}

func TestAnAccountIsWhoItsOrdersWouldComeFrom(t *testing.T) {
	company, err := testCustomers().Decode(accounts(t)["company"])
	require.NoError(t, err)
	require.Equal(t, commerce.Party{ID: "41", Email: "einkauf@example.com", Phone: "+49 221 5550100", FirstName: "Zoë", LastName: "Müßig",
		Company: "Müßig & Söhne", VAT: "DE129273398"}, company.Party)
	require.Equal(t, commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: "41"}, company.Ref)
	require.Equal(t, "NW", company.Billing.State)
	require.Equal(t, `Rampe "B"`, company.Shipping.Street2)

	// The same people and places in an order give the same.
	rec, err := recordOf(changed(t, "gross-19-and-7", "customer_id", 41))
	require.NoError(t, err)
	a, err := accountOf(accounts(t)["company"])
	require.NoError(t, err)
	rec.Billing, rec.Shipping, rec.Meta = *a.Billing, *a.Shipping, a.Meta
	o, err := testDecoder().order(rec, nil)
	require.NoError(t, err)
	require.Equal(t, o.Customer, company.Party)
	require.Equal(t, []*commerce.Address{o.Billing, o.Shipping}, []*commerce.Address{company.Billing, company.Shipping})

	fresh, err := testCustomers().Decode(accounts(t)["never-changed"])
	require.NoError(t, err)
	require.Equal(t, commerce.Party{ID: "42", Email: "liisa@example.com", FirstName: "Liisa", LastName: "Korhonen"}, fresh.Party, "what the addresses lack is the account's")
	require.Nil(t, fresh.Billing, "the shop's default country is no address")
	require.Nil(t, fresh.Shipping)
	require.Equal(t, fresh.CreatedAt, fresh.UpdatedAt)
}

func TestADigestOfAnAccountIsOfWhatOdooHolds(t *testing.T) {
	first, err := testCustomers().Decode(accounts(t)["company"])
	require.NoError(t, err)
	for member, value := range map[string]any{"date_modified_gmt": "2026-11-22T00:00:00", "is_paying_customer": false, "username": "zm", "avatar_url": "x",
		"email": "another@example.com", "meta_data": json.RawMessage(`[{"key":"billing_vat_number","value":"DE129273398"},{"key":"_points","value":13}]`)} {
		same, err := testCustomers().Decode(changedAccount(t, "company", member, value))
		require.NoError(t, err, member)
		require.Equal(t, first.Digest(), same.Digest(), member)
	}
	for member, value := range map[string]any{"meta_data": nil, "billing": map[string]any{"first_name": "Zoe"}, "shipping": map[string]any{"city": "Bonn"}} {
		other, err := testCustomers().Decode(changedAccount(t, "company", member, value))
		require.NoError(t, err, member)
		require.NotEqual(t, first.Digest(), other.Digest(), member)
	}
}

func TestAnAccountThatIsNotWholeIsReadFromTheShop(t *testing.T) {
	for _, member := range []string{"billing", "shipping", "is_paying_customer"} { // version 1 of the API has no is_paying_customer
		_, err := testCustomers().Decode(changedAccount(t, "company", member, nil))
		require.ErrorIs(t, err, handlers.ErrPartial, member)
	}
	_, err := testCustomers().Decode(changedAccount(t, "never-changed", "date_created_gmt", nil))
	require.ErrorIs(t, err, handlers.ErrPartial, "it tells no time of its own")
	_, err = testCustomers().Decode([]byte(strings.TrimSuffix(strings.TrimSpace(string(accounts(t)["company"])), "}") + `,"ID":7}`))
	require.ErrorIs(t, err, handlers.ErrPartial, "a plugin's ID, beside the account's")
	for _, other := range []string{`{"customer":{"id":41}}`, `{"id":0,"is_paying_customer":true}`, apiError, string(fixtures(t)["gross-19-and-7"].Order)} {
		_, err := testCustomers().Decode([]byte(other))
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), "%.60s", other)
	}
}

func TestStaffThatNeverBoughtIsNoCustomer(t *testing.T) {
	for role, staff := range map[string]bool{"administrator": true, "shop_manager": true, "editor": true, "author": true, "contributor": true,
		"customer": false, "subscriber": false, "wholesale_customer": false, "": false} {
		_, err := testCustomers().Decode(changedAccount(t, "never-changed", "role", role))
		require.Equal(t, staff, commerce.ReasonOf(err) == commerce.Ignored, "%s: %v", role, err)
		_, err = testCustomers().Decode(changedAccount(t, "company", "role", role))
		require.NoError(t, err, "%s that bought", role)
	}
}

func TestOnlyWhatTheSettingsNameComesOfAnAccountsMetaData(t *testing.T) {
	c := testCustomers()
	c.decoder.wants = config.Shop{Books: config.Books{Fields: []config.FieldRule{{From: "_Points", On: config.OnCustomer, Field: "x_points"}}}}.WantsMeta
	got, err := c.Decode(accounts(t)["company"])
	require.NoError(t, err)
	require.Equal(t, []commerce.Property{{Name: "_points", Value: "12.5"}}, got.Meta)
}
