package woocommerce

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// account is a user of the shop as payloads and the REST API (v3) tell one.
type account struct {
	ID        ident    `json:"id"`
	Created   stamp    `json:"date_created_gmt"`
	Modified  stamp    `json:"date_modified_gmt"` // null until something of it changes
	Email     text     `json:"email"`
	FirstName text     `json:"first_name"`
	LastName  text     `json:"last_name"`
	Role      text     `json:"role"`
	Paying    *truth   `json:"is_paying_customer"` // an order of it was completed
	Billing   *address `json:"billing"`
	Shipping  *address `json:"shipping"`
	Meta      metas    `json:"meta_data"`
}

// accountOf reads one account. Errors quote nothing.
func accountOf(raw []byte) (*account, error) {
	var a account
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, plain(err)
	}
	return &a, nil
}

// whole reports whether it is all of an account, by this version of the API.
func (a *account) whole() bool { return a.Paying != nil && a.Billing != nil && a.Shipping != nil }

// changed is when it changed last.
func (a *account) changed() time.Time {
	if a.Modified.IsZero() {
		return a.Created.Time
	}
	return a.Modified.Time
}

// isStaff reports whether it is of somebody who works on the site and never bought
// there. Every user is told as a customer, and those who buy have all kinds of roles:
// plugins have their own for wholesale.
func (a *account) isStaff() bool {
	staff := []text{"administrator", "shop_manager", "editor", "author", "contributor"}
	return slices.Contains(staff, a.Role) && (a.Paying == nil || *a.Paying != "true")
}

// customer maps an account. Its errors are Invalid, where the account is not whole, and
// Ignored for one of staff.
func (d decoder) customer(a *account) (*commerce.Customer, error) {
	ref := commerce.Ref{Shop: d.shop, Kind: commerce.KindCustomer, ID: string(a.ID)}
	fail := func(reason commerce.Reason, detail string) error {
		return &commerce.Error{Op: "woocommerce.decode", Reason: reason, Ref: ref, Detail: detail}
	}
	switch {
	case a.ID == "" || !a.whole():
		return nil, fail(commerce.Invalid, "the record is not a whole account")
	case a.isStaff():
		return nil, fail(commerce.Ignored, "an account of somebody who works on the site and has bought nothing there")
	}
	return &commerce.Customer{Ref: ref, URL: d.set.userURL(ref.ID), CreatedAt: a.Created.Time, UpdatedAt: a.changed(),
		Party: a.party(), Billing: a.Billing.neutral(), Shipping: a.Shipping.neutral(), Meta: d.meta(a.Meta)}, nil
}

// party is who an order of the account would come from: the checkout begins with its
// addresses, and takes from the account itself what these lack.
func (a *account) party() commerce.Party {
	b := *a.Billing
	if tidy(b.Email) == "" {
		b.Email = a.Email
	}
	if tidy(b.FirstName) == "" && tidy(b.LastName) == "" {
		b.FirstName, b.LastName = a.FirstName, a.LastName
	}
	return partyOf(a.ID, b, *a.Shipping, a.Meta)
}
