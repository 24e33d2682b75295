package commerce

import "time"

// Customer is one account of a shop, as the shop says it is now. Buyers without an
// account are no customers: they are known by their orders alone.
type Customer struct {
	Ref                  Ref
	URL                  string // the account in the shop's administration, "" for none
	CreatedAt, UpdatedAt time.Time
	// Party is whoever an order of this account would come from: its ID is Ref.ID, its
	// e-mail address and the rest what the shop would give an order of it now.
	Party
	Billing, Shipping *Address
	// Meta are values that settings name, as of Order.
	Meta []Property `json:",omitempty"`
}

// Digest is a short fingerprint of all that decides what Odoo must hold.
func (c *Customer) Digest() string {
	return fingerprint([]any{c.Party, c.Billing, c.Shipping, c.Meta})
}

// CustomerWrite is what an account of a shop is to hold. What is empty stays as it is:
// nothing is emptied by it.
type CustomerWrite struct {
	Email               string // of a new account: one that is there keeps its own
	FirstName, LastName string // both are written where one is given
	Phone, Company      string
	// Billing says where to alone: its names are those of the account. Shipping has names
	// of its own.
	Billing, Shipping *Address
}

// Empty reports whether there is nothing to write.
func (w CustomerWrite) Empty() bool { return w == CustomerWrite{} }
