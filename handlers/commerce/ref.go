// Package commerce holds the neutral words that shops and Odoo share: what a
// record is called, what an event says, what an order is, and how things fail.
// It knows no shop system, no Odoo and no network.
package commerce

import (
	"fmt"
	"strings"
)

// Record kinds used in a Ref. A contact is one of Odoo, by its id there, that is brought to
// the shop.
const (
	KindOrder    = "order"
	KindRefund   = "refund"
	KindProduct  = "product"
	KindCustomer = "customer"
	KindContact  = "contact"
	KindShop     = "shop"
)

// Ref names one record of one shop. Shop is the id from the configuration, ID
// the platform's own id as text. Its text form is "shop/kind/id".
type Ref struct {
	Shop string `json:"shop"`
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

func (r Ref) String() string { return r.Shop + "/" + r.Kind + "/" + r.ID }

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// ParseRef reads the form that String writes.
func ParseRef(s string) (Ref, error) {
	parts := strings.SplitN(s, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return Ref{}, fmt.Errorf("%q is not a record: want shop/kind/id, for example fi/order/5001", s)
	}
	return Ref{Shop: parts[0], Kind: parts[1], ID: parts[2]}, nil
}
