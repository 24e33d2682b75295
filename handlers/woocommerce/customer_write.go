package woocommerce

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

var _ handlers.CustomerSetter = customers{}

// Operations on accounts, as errors name them.
const (
	opCustomerWith = "woocommerce.customer_with"
	opCreate       = "woocommerce.create_customer"
	opSet          = "woocommerce.set_customer"
)

// Announces says that a shop greets whoever gets an account by its API as one who
// registered (the action woocommerce_created_customer, which sends "New account").
func (customers) Announces() string {
	return "WooCommerce makes the password, and mails the person its message \"New account\" unless that is off there (Settings, Emails)"
}

// CustomerWith asks for the user with an e-mail address, of whatever role: it is unique
// among all of the site. The address stands in the query, where the shop's own access log
// has it.
func (c customers) CustomerWith(ctx context.Context, email string) (*commerce.Customer, error) {
	k := call{op: opCustomerWith, ref: c.decoder.store(), path: api + "customers",
		query: url.Values{"email": {email}, "role": {"all"}, "per_page": {"10"}}}
	var rows []json.RawMessage
	if _, err := c.client.ask(ctx, k, &rows); err != nil {
		return nil, err
	}
	for _, raw := range rows {
		a, err := accountOf(raw)
		if err != nil {
			return nil, k.notUnderstood(raw, err)
		}
		if strings.EqualFold(tidy(a.Email), email) { // plugins find users by more than that
			return c.decoder.customer(a)
		}
	}
	return nil, k.fail(commerce.NotFound, "no account of the shop has the e-mail address")
}

// CreateCustomer makes a user with the role of customers. The shop makes name and password
// of it.
func (c customers) CreateCustomer(ctx context.Context, w commerce.CustomerWrite) (*commerce.Customer, error) {
	k := call{op: opCreate, ref: c.decoder.store(), method: http.MethodPost, path: api + "customers", body: bodyFor(w), once: true}
	return c.written(ctx, k, "")
}

// SetCustomer changes those members that are given: the shop leaves all others as they are.
func (c customers) SetCustomer(ctx context.Context, id string, w commerce.CustomerWrite) (*commerce.Customer, error) {
	k := call{op: opSet, ref: c.ref(id), method: http.MethodPut, path: api + "customers/" + id}
	if !isDigits(id) {
		return nil, k.fail(commerce.NotFound, "this is no id of an account")
	}
	w.Email = ""
	k.body = bodyFor(w)
	return c.written(ctx, k, id)
}

// written makes a call that writes an account; its answer is the account.
func (c customers) written(ctx context.Context, k call, id string) (*commerce.Customer, error) {
	var raw json.RawMessage
	if _, err := c.client.ask(ctx, k, &raw); err != nil {
		return nil, err
	}
	a, err := accountOf(raw)
	if err != nil {
		return nil, k.notUnderstood(raw, err)
	}
	if a.ID == "" || id != "" && string(a.ID) != id {
		return nil, k.fail(commerce.Unavailable, "the shop answered with another record than was written")
	}
	return c.decoder.customer(a)
}

// bodyFor is what is sent: members that are given, and no others.
func bodyFor(w commerce.CustomerWrite) map[string]any {
	out, bill := map[string]any{}, map[string]string{}
	if w.Email != "" {
		out["email"], bill["email"] = w.Email, w.Email
	}
	if w.FirstName != "" || w.LastName != "" {
		out["first_name"], out["last_name"] = w.FirstName, w.LastName
		bill["first_name"], bill["last_name"] = w.FirstName, w.LastName
	}
	for name, value := range map[string]string{"company": w.Company, "phone": w.Phone} {
		if value != "" {
			bill[name] = value
		}
	}
	if w.Billing != nil {
		door(bill, *w.Billing)
	}
	if len(bill) > 0 {
		out["billing"] = bill
	}
	if a := w.Shipping; a != nil {
		ship := map[string]string{"first_name": a.FirstName, "last_name": a.LastName, "company": a.Company}
		door(ship, *a)
		out["shipping"] = ship
	}
	return out
}

// door puts all of an address down but the names: what it lacks is emptied.
func door(into map[string]string, a commerce.Address) {
	into["address_1"], into["address_2"], into["city"], into["postcode"] = a.Street, a.Street2, a.City, a.Zip
	into["country"], into["state"] = a.Country, a.State
	if a.State != "" && prefixed(a.Country) {
		into["state"] = a.Country + "-" + a.State
	}
}

// prefixed are the countries whose regions' codes begin with the country's in WooCommerce
// (i18n/states.php).
func prefixed(country string) bool {
	return slices.Contains([]string{"AL", "BD", "BG", "CL", "CO", "CR", "DE", "DO", "DZ", "EC", "GT", "HN", "JM", "NI", "PA", "PY", "SV", "TH", "UY", "VE", "ZM"}, country)
}
