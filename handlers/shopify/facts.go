package shopify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/odoogate/odoogate/handlers/wire"
)

// facts are the few fields of a body that name its record. The rest of the body
// is checked for syntax and not kept.
type facts struct {
	ID          ident
	AdminID     written
	UpdatedAt   time.Time
	CreatedAt   present
	LineItems   present
	OrderID     ident
	Order       named
	Customer    named
	CustomerGID ident

	OrderEdit       edit
	FulfilmentOrder named
	InventoryItemID ident

	ShopID          ident
	ShopDomain      written
	MyshopifyDomain optional
	OrdersToRedact  idents
	OrdersRequested idents
	DataRequest     optionalNamed
}

// UnmarshalJSON takes an object or null; of a key that comes twice the last one
// counts, as with encoding/json; unlike there, a key is written as the shop writes it.
func (f *facts) UnmarshalJSON(body []byte) error {
	return wire.Members(body, func(name, value []byte) error {
		if fact := f.field(name); fact != nil {
			return fact.UnmarshalJSON(value)
		}
		return nil
	})
}

// field is the fact that a body has under that name; nil: it is none.
func (f *facts) field(name []byte) json.Unmarshaler {
	switch string(name) {
	case "id":
		return &f.ID
	case "admin_graphql_api_id":
		return &f.AdminID
	case "updated_at":
		return &f.UpdatedAt
	case "created_at":
		return &f.CreatedAt
	case "line_items":
		return &f.LineItems
	case "order_id":
		return &f.OrderID
	case "order":
		return &f.Order
	case "customer":
		return &f.Customer
	case "customerId":
		return &f.CustomerGID
	case "order_edit":
		return &f.OrderEdit
	case "fulfillment_order":
		return &f.FulfilmentOrder
	case "inventory_item_id":
		return &f.InventoryItemID
	case "shop_id":
		return &f.ShopID
	case "shop_domain":
		return &f.ShopDomain
	case "myshopify_domain":
		return &f.MyshopifyDomain
	case "orders_to_redact":
		return &f.OrdersToRedact
	case "orders_requested":
		return &f.OrdersRequested
	case "data_request":
		return &f.DataRequest
	}
	return nil
}

// idents is a list of ids that may be null, and whether its key was there.
type idents struct {
	list []ident
	set  bool
}

// UnmarshalJSON notes the key and takes a list or null.
func (i *idents) UnmarshalJSON(raw []byte) error {
	i.set = true
	return json.Unmarshal(raw, &i.list)
}

// texts are the ids as the neutral words have them.
func (i idents) texts() []string {
	var out []string
	for _, id := range i.list {
		if id != "" {
			out = append(out, string(id))
		}
	}
	return out
}

// named is a nested record of which only the id matters.
type named struct{ ID ident }

// UnmarshalJSON takes the id.
func (n *named) UnmarshalJSON(raw []byte) error { return one(raw, "id", &n.ID) }

// edit is what an edit was made of.
type edit struct{ OrderID ident }

// UnmarshalJSON takes the order's id.
func (e *edit) UnmarshalJSON(raw []byte) error { return one(raw, "order_id", &e.OrderID) }

// one takes one member out of an object or null.
func one(raw []byte, name string, into *ident) error {
	return wire.Members(raw, func(n, value []byte) error {
		if string(n) != name {
			return nil
		}
		return into.UnmarshalJSON(value)
	})
}

// optionalNamed is a nested record, and whether its key was there.
type optionalNamed struct {
	named
	set bool
}

// UnmarshalJSON notes the key and takes the id.
func (o *optionalNamed) UnmarshalJSON(raw []byte) error {
	o.set = true
	return o.named.UnmarshalJSON(raw)
}

// written is a text or null.
type written string

// UnmarshalJSON takes either.
func (w *written) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) { // as good as all are
		*w = written(raw[1 : len(raw)-1])
		return nil
	}
	return json.Unmarshal(raw, (*string)(w))
}

// present is true for a key that the body has, whatever its value.
type present bool

// UnmarshalJSON notes that the key was there.
func (p *present) UnmarshalJSON([]byte) error {
	*p = true
	return nil
}

// optional is a text that may be null, and whether its key was there.
type optional struct {
	text string
	set  bool
}

// UnmarshalJSON notes the key and takes text or null.
func (o *optional) UnmarshalJSON(raw []byte) error {
	o.set = true
	if string(raw) == "null" {
		return nil
	}
	if len(raw) < 2 || raw[0] != '"' {
		return fmt.Errorf("want a text")
	}
	o.text = string(raw[1 : len(raw)-1])
	return nil
}

func first(ids ...ident) ident {
	for _, id := range ids {
		if id != "" {
			return id
		}
	}
	return ""
}

func (f *facts) root() ident {
	if f.ID == "" && isDigits(fromGID(string(f.AdminID))) {
		return ident(fromGID(string(f.AdminID)))
	}
	return f.ID
}

func (f *facts) order() ident { return first(f.OrderID, f.Order.ID, f.OrderEdit.OrderID) }

func rootID(f *facts) ident          { return f.root() }
func orderID(f *facts) ident         { return f.order() }
func orderOrRoot(f *facts) ident     { return first(f.order(), f.root()) }
func customerID(f *facts) ident      { return first(f.Customer.ID, f.CustomerGID) }
func shopID(f *facts) ident          { return f.ShopID }
func inventoryItemID(f *facts) ident { return f.InventoryItemID }
func fulfilmentOrderID(f *facts) ident {
	return first(f.FulfilmentOrder.ID, f.root())
}

// gone is the shape of a deleted record: its id, perhaps its global id, and
// nothing of a living one.
func gone(kind string) func(*facts, string) error {
	return func(f *facts, _ string) error {
		if bool(f.CreatedAt) || bool(f.LineItems) || !f.UpdatedAt.IsZero() || f.order() != "" {
			return fmt.Errorf("the body of a deletion holds a living record")
		}
		if f.AdminID != "" && !strings.HasPrefix(string(f.AdminID), gid(kind, "")) {
			return fmt.Errorf("the body of a deletion is of another kind of record than %s", kind)
		}
		return nil
	}
}

// ofShop is what the compliance topics have in common. Unlike the header, the
// domain in the body is signed.
func ofShop(f *facts, domain string) error {
	if f.ShopID == "" || !strings.EqualFold(string(f.ShopDomain), domain) {
		return fmt.Errorf("the body does not name the configured store")
	}
	if f.root() != "" || bool(f.LineItems) {
		return fmt.Errorf("the body holds a record of its own")
	}
	return nil
}

func dataRequest(f *facts, domain string) error {
	if !f.DataRequest.set {
		return fmt.Errorf("the body has no data_request")
	}
	return ofShop(f, domain)
}

func customerRedact(f *facts, domain string) error {
	if !f.OrdersToRedact.set {
		return fmt.Errorf("the body has no orders_to_redact")
	}
	return ofShop(f, domain)
}

// shopRedact refuses what the other compliance bodies hold: those could be sent
// again under this topic.
func shopRedact(f *facts, domain string) error {
	if f.DataRequest.set || f.OrdersToRedact.set || f.Customer.ID != "" {
		return fmt.Errorf("the body is about a customer, not about the store")
	}
	return ofShop(f, domain)
}

// uninstalled wants the store's own record. Its domain can be null.
func uninstalled(f *facts, domain string) error {
	if !f.MyshopifyDomain.set || bool(f.LineItems) || f.order() != "" {
		return fmt.Errorf("the body is not the store's record")
	}
	if d := f.MyshopifyDomain.text; d != "" && !strings.EqualFold(d, domain) {
		return fmt.Errorf("the body does not name the configured store")
	}
	return nil
}
