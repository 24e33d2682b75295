package erp

import (
	"github.com/odoogate/odoogate/handlers/commerce"
)

// contact is a partner of the order: one that is there (ID), or one to be made
// under an external id. What is there is never written.
type contact struct {
	ID       int64  `json:"id,omitempty"`
	XID      string `json:"xid,omitempty"`
	Kind     string `json:"kind,omitempty"` // Odoo's type: contact, delivery, invoice
	Email    string `json:"email,omitempty"`
	Company  string `json:"company,omitempty"` // the name of a company that is no partner
	Lang     string `json:"lang,omitempty"`
	Ref      string `json:"ref,omitempty"`
	Legal    bool   `json:"legal,omitempty"` // a company, no person
	VAT      string `json:"vat,omitempty"`
	Archived bool   `json:"archived,omitempty"`
	// Fields are what books.fields gives a customer.
	Fields []filled `json:"fields,omitempty"`
	// Apart: Odoo would copy the address of a first child to a parent without one,
	// so it is made alone and put under the parent then.
	Apart bool `json:"apart,omitempty"`
	place
}

// people are the partners of an order. Company is nil for a private buyer, and
// where the buyer is the company itself. Delivery and Invoice are nil where the
// buyer's own address does.
type people struct {
	Company  *contact `json:"company,omitempty"`
	Buyer    contact  `json:"buyer"`
	Delivery *contact `json:"delivery,omitempty"`
	Invoice  *contact `json:"invoice,omitempty"`
}

// root is the partner that the addresses stand under.
func (all *people) root() *contact {
	if all.Company != nil {
		return all.Company
	}
	return &all.Buyer
}

// people plans the partners of a new order from what Odoo has of them.
func (s settings) people(o *commerce.Order, h have) people {
	id := s.identity(o)
	switch {
	case id.Guest == "shared":
		return s.guests(o, id, h)
	case id.Company != "":
		return s.staff(o, id, h)
	}
	return s.alone(o, id, h)
}

// alone plans the partners of a buyer who belongs to no company.
func (s settings) alone(o *commerce.Order, id identity, h have) people {
	var all people
	home := s.home(o)
	if h.Buyer != nil {
		all.Buyer = contact{ID: h.Buyer.ID, XID: id.Buyer}
		home = h.Buyer.place
	} else {
		all.Buyer = s.newcomer(o, id)
		all.Buyer.place = s.own(o, home)
		home = all.Buyer.place
		if s.Names.CompanyName != "" {
			all.Buyer.Company = companyOf(o)
		}
	}
	under := parent{contact: all.Buyer, place: home, bare: h.Buyer != nil && h.Buyer.head() && home.empty(), children: h.Children}
	all.Delivery = s.child(o, o.Shipping, "delivery", home, under)
	all.Invoice = all.Delivery
	if all.Delivery == nil || !s.together(o) {
		all.Invoice = s.child(o, o.Billing, "invoice", home, under)
	}
	return all
}

// newcomer is a person to be made, without an address.
func (s settings) newcomer(o *commerce.Order, id identity) contact {
	c := contact{XID: id.Buyer, Kind: "contact", Email: email(o), Lang: s.tongue(o), Archived: id.Guest == "archived"}
	for _, k := range id.Keys {
		if k.Kind == "reference" {
			c.Ref = k.Value
		}
	}
	return c
}

// own is an address with the buyer's name and phone.
func (s settings) own(o *commerce.Order, p place) place {
	p.Name = buyerName(o)
	if o.Customer.Phone != "" {
		p.Phone = cleanLine(o.Customer.Phone, longName)
	}
	return p
}

// together reports whether invoice and goods go to one address.
func (s settings) together(o *commerce.Order) bool {
	return o.Billing != nil && o.Shipping != nil && s.placeOf(o, o.Billing).same(s.placeOf(o, o.Shipping))
}

// parent is what addresses are looked for and made under.
type parent struct {
	contact
	place    place
	bare     bool // it is there and has no address
	children []person
}

// child is the partner for an address: none when it is home, one of the children
// that says the same, else a new one named after its content.
func (s settings) child(o *commerce.Order, a *commerce.Address, kind string, home place, under parent) *contact {
	if a == nil {
		return nil
	}
	p := s.placeOf(o, a)
	if p.same(home) || p.empty() {
		return nil
	}
	for _, c := range under.children {
		if p.same(c.place) {
			return &contact{ID: c.ID}
		}
	}
	if p.Name == "" {
		p.Name = home.Name
	}
	return &contact{XID: under.XID + "_" + p.hash(), Kind: kind, place: p, Archived: under.Archived, Apart: under.bare}
}
