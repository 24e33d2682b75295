package woocommerce

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// facts are the few members of a body that tell which record it holds. The rest is
// checked for syntax and not kept.
type facts struct {
	ID       ident
	Status   string
	Created  stamp
	Modified stamp
	Parent   ident

	kinds  []string // of which it has members that no other kind has
	lines  bool     // an order has lines, and a refund
	legacy ident    // the record of an API older than v3, which wraps it in its kind
	fault  bool     // an error of the API in a record's place
	hook   bool     // the body of a topic action.*
}

// read takes the facts out of a body and proves that it is whole JSON.
func read(body []byte) (*facts, error) {
	f := &facts{}
	if len(bytes.TrimLeft(body, " \r\n\t")) == 0 || bytes.TrimLeft(body, " \r\n\t")[0] != '{' {
		return nil, errNoRecord
	}
	var code, message, action, arg bool
	err := wire.Members(body, func(name, value []byte) error {
		switch string(name) {
		case "id":
			return f.ID.UnmarshalJSON(value)
		case "code":
			code = true
		case "message":
			message = true
		case "action":
			action = true
		case "arg":
			arg = true
		}
		f.member(name, value)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.fault = f.ID == "" && code && message
	f.hook = f.ID == "" && action && arg
	return f, nil
}

func (f *facts) member(name, value []byte) {
	switch string(name) {
	case "status":
		f.Status = word(value)
	case "date_modified_gmt":
		f.Modified = lenient(value)
	case "date_created_gmt":
		f.Created = lenient(value)
	case "parent_id":
		if f.Parent.UnmarshalJSON(value) != nil {
			f.Parent = ""
		}
	case "line_items":
		f.lines = true
	case "order_key":
		f.kinds = append(f.kinds, commerce.KindOrder)
	case "refunded_by", "refunded_payment":
		f.kinds = append(f.kinds, commerce.KindRefund)
	case "permalink", "catalog_visibility", "manage_stock":
		f.kinds = append(f.kinds, commerce.KindProduct)
	case "discount_type", "usage_count":
		f.kinds = append(f.kinds, kindCoupon)
	case "is_paying_customer", "avatar_url":
		f.kinds = append(f.kinds, commerce.KindCustomer)
	case commerce.KindOrder, commerce.KindProduct, kindCoupon, commerce.KindCustomer:
		if id := wrapped(value); id != "" && f.legacy == "" {
			f.legacy, f.kinds = id, append(f.kinds, string(name))
		}
	}
}

// lenient is a time; a plugin may have left anything, and then there is none.
func lenient(value []byte) (at stamp) {
	if at.UnmarshalJSON(value) != nil {
		return stamp{}
	}
	return at
}

// version is when the record changed last: an account that never did was made then.
func (f *facts) version() time.Time {
	if f.Modified.IsZero() && slices.Contains(f.kinds, commerce.KindCustomer) {
		return f.Created.Time
	}
	return f.Modified.Time
}

// wrapped is the id of the record that a member holds; "" for none.
func wrapped(value []byte) ident {
	var id ident
	if value[0] != '{' || wire.Members(value, func(name, v []byte) error {
		if string(name) == "id" {
			return id.UnmarshalJSON(v)
		}
		return nil
	}) != nil {
		return ""
	}
	return id
}

// is reports whether the body may hold a record of the kind: it has members of it, or
// of none. Plugins leave members of their own in any.
func (f *facts) is(kind string) bool {
	kinds := f.kinds
	if len(kinds) == 0 && f.lines {
		kinds = []string{commerce.KindOrder}
	}
	return len(kinds) == 0 || slices.Contains(kinds, kind)
}

// word is a text without escapes; anything else is none.
func word(value []byte) string {
	var s string
	if value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
