package erp

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// place is what an address says, in Odoo's words.
type place struct {
	Name    string `json:"name,omitempty"`
	Street  string `json:"street,omitempty"`
	Street2 string `json:"street2,omitempty"`
	Zip     string `json:"zip,omitempty"`
	City    string `json:"city,omitempty"`
	State   int64  `json:"state,omitempty"`
	Country int64  `json:"country,omitempty"`
	Phone   string `json:"phone,omitempty"`
}

// person is a partner that Odoo has.
type person struct {
	ID, Parent int64
	Ours       bool // its external id is the buyer's
	place
}

// contact is a partner of the order: one that is there (ID), or one to be made
// under an external id. What is there is never written.
type contact struct {
	ID      int64  `json:"id,omitempty"`
	XID     string `json:"xid,omitempty"`
	Kind    string `json:"kind,omitempty"` // Odoo's type: contact, delivery, invoice
	Email   string `json:"email,omitempty"`
	Company string `json:"company,omitempty"`
	Lang    string `json:"lang,omitempty"`
	place
}

// people are the partners of an order. Delivery and Invoice are nil where the
// buyer's own address does.
type people struct {
	Buyer    contact  `json:"buyer"`
	Delivery *contact `json:"delivery,omitempty"`
	Invoice  *contact `json:"invoice,omitempty"`
}

// pick chooses the buyer among those with the e-mail: ours, else one that is
// nobody's contact, else the oldest. nil: there is none.
func pick(found []person) *person {
	if len(found) == 0 {
		return nil
	}
	rank := func(p person) int {
		switch {
		case p.Ours:
			return 0
		case p.Parent == 0:
			return 1
		}
		return 2
	}
	best := slices.MinFunc(found, func(a, b person) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return int(a.ID - b.ID)
	})
	return &best
}

// people plans the partners: known is the buyer as Odoo has it (nil: a new one),
// children are the known buyer's addresses.
func (s settings) people(o *commerce.Order, known *person, children []person) people {
	var all people
	home := s.home(o)
	if known != nil {
		all.Buyer = contact{ID: known.ID, XID: buyerXID(o, s.Company.ID)}
		home = known.place
	} else {
		all.Buyer = contact{XID: buyerXID(o, s.Company.ID), Kind: "contact", Email: email(o), place: home}
		if s.Names.CompanyName != "" {
			all.Buyer.Company = companyOf(o)
		}
		if s.Names.PartnerLang != "" {
			all.Buyer.Lang = s.language(o.Locale)
		}
	}
	all.Delivery = s.child(o, o.Shipping, "delivery", home, all.Buyer, children)
	if o.Billing != nil && o.Shipping != nil && s.placeOf(o, o.Billing).same(s.placeOf(o, o.Shipping)) {
		all.Invoice = all.Delivery
		return all
	}
	all.Invoice = s.child(o, o.Billing, "invoice", home, all.Buyer, children)
	return all
}

// child is the partner for an address: none when it is the buyer's own, one of
// the children that says the same, else a new one named after its content.
func (s settings) child(o *commerce.Order, a *commerce.Address, kind string, home place, buyer contact, children []person) *contact {
	if a == nil {
		return nil
	}
	p := s.placeOf(o, a)
	if p.same(home) || p.empty() {
		return nil
	}
	for _, c := range children {
		if p.same(c.place) {
			return &contact{ID: c.ID}
		}
	}
	if p.Name == "" {
		p.Name = home.Name
	}
	return &contact{XID: buyer.XID + "_" + p.hash(), Kind: kind, place: p}
}

// elsewhere reports whether an address of the order is not the buyer's own, so
// that the buyer's further addresses matter.
func (s settings) elsewhere(o *commerce.Order, home place) bool {
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a == nil {
			continue
		}
		if p := s.placeOf(o, a); !p.same(home) && !p.empty() {
			return true
		}
	}
	return false
}

// home is the address and name of a new buyer: that of the invoice, else that of
// the delivery.
func (s settings) home(o *commerce.Order) place {
	a := o.Billing
	if a == nil || s.placeOf(o, a).empty() {
		a = o.Shipping
	}
	var p place
	if a != nil {
		p = s.placeOf(o, a)
	}
	p.Name = buyerName(o)
	if o.Customer.Phone != "" {
		p.Phone = o.Customer.Phone
	}
	return p
}

// buyerName is the person, with stand-ins for buyers who gave no name.
func buyerName(o *commerce.Order) string {
	names := []string{fullName(o.Customer.FirstName, o.Customer.LastName)}
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a != nil {
			names = append(names, fullName(a.FirstName, a.LastName))
		}
	}
	names = append(names, companyOf(o), email(o), "Customer of "+reference(o.Ref, o.Number))
	return names[slices.IndexFunc(names, func(n string) bool { return n != "" })]
}

func companyOf(o *commerce.Order) string {
	if o.Customer.Company != "" || o.Billing == nil {
		return strings.TrimSpace(o.Customer.Company)
	}
	return strings.TrimSpace(o.Billing.Company)
}

func fullName(first, last string) string {
	return strings.TrimSpace(strings.TrimSpace(first) + " " + strings.TrimSpace(last))
}

// placeOf puts an address in Odoo's words. A country or region that Odoo does not
// know is left out: the order goes on without it. Another company than the
// buyer's stands before the name, as on a parcel.
func (s settings) placeOf(o *commerce.Order, a *commerce.Address) place {
	code := strings.ToUpper(strings.TrimSpace(a.Country))
	name := fullName(a.FirstName, a.LastName)
	if c := strings.TrimSpace(a.Company); c != "" && fold(c) != fold(companyOf(o)) {
		name = strings.TrimSuffix(c+", "+name, ", ")
	}
	return place{
		Name:   name,
		Street: strings.TrimSpace(a.Street), Street2: strings.TrimSpace(a.Street2),
		Zip: strings.TrimSpace(a.Zip), City: strings.TrimSpace(a.City), Phone: strings.TrimSpace(a.Phone),
		Country: s.Countries[code], State: s.state(code, strings.ToUpper(strings.TrimSpace(a.State))),
	}
}

// empty reports whether there is no place to send anything to.
func (p place) empty() bool {
	return p.Street == "" && p.Street2 == "" && p.Zip == "" && p.City == "" && p.Country == 0
}

// same reports whether two addresses mean the same door: spelling of case and
// spaces apart. No name and no region agree with any, and phones do not count.
func (p place) same(q place) bool {
	names := p.Name == "" || q.Name == "" || fold(p.Name) == fold(q.Name)
	states := p.State == 0 || q.State == 0 || p.State == q.State
	return names && states && p.Country == q.Country && p.door() == q.door()
}

func (p place) door() [4]string {
	return [4]string{fold(p.Street), fold(p.Street2), fold(p.Zip), fold(p.City)}
}

// hash names the content of the address.
func (p place) hash() string {
	door := p.door()
	return hash(append(door[:], fold(p.Name), itoa(p.Country), itoa(p.State))...)
}

func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
