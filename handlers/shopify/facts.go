package shopify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// facts are the few fields of a body that name its record. The rest of the body
// is checked for syntax and not kept.
type facts struct {
	ID          ident     `json:"id"`
	AdminID     string    `json:"admin_graphql_api_id"`
	UpdatedAt   time.Time `json:"updated_at"`
	CreatedAt   present   `json:"created_at"`
	LineItems   present   `json:"line_items"`
	OrderID     ident     `json:"order_id"`
	Order       named     `json:"order"`
	Customer    named     `json:"customer"`
	CustomerGID ident     `json:"customerId"`

	OrderEdit struct {
		OrderID ident `json:"order_id"`
	} `json:"order_edit"`
	FulfilmentOrder named `json:"fulfillment_order"`
	InventoryItemID ident `json:"inventory_item_id"`

	ShopID          ident         `json:"shop_id"`
	ShopDomain      string        `json:"shop_domain"`
	MyshopifyDomain optional      `json:"myshopify_domain"`
	OrdersToRedact  idents        `json:"orders_to_redact"`
	OrdersRequested idents        `json:"orders_requested"`
	DataRequest     optionalNamed `json:"data_request"`
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
type named struct {
	ID ident `json:"id"`
}

// optionalNamed is a nested record, and whether its key was there.
type optionalNamed struct {
	named
	set bool
}

// UnmarshalJSON notes the key and takes the id.
func (o *optionalNamed) UnmarshalJSON(raw []byte) error {
	o.set = true
	return json.Unmarshal(raw, &o.named)
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
	if f.ID == "" && isDigits(fromGID(f.AdminID)) {
		return ident(fromGID(f.AdminID))
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
		if f.AdminID != "" && !strings.HasPrefix(f.AdminID, gid(kind, "")) {
			return fmt.Errorf("the body of a deletion is of another kind of record than %s", kind)
		}
		return nil
	}
}

// ofShop is what the compliance topics have in common. Unlike the header, the
// domain in the body is signed.
func ofShop(f *facts, domain string) error {
	if f.ShopID == "" || !strings.EqualFold(f.ShopDomain, domain) {
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
