package erp

import (
	"cmp"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// staff plans the partners of a buyer with a VAT number: the company, which gets
// the invoice, and under it the person who ordered. The addresses stand under the
// company, so that all of its people share them.
func (s settings) staff(o *commerce.Order, id identity, h have) people {
	company := contact{XID: id.Company, Kind: "contact", Legal: true, VAT: s.shopsVAT(o).Value, Lang: s.tongue(o), place: s.home(o)}
	company.Name, company.Phone = cmp.Or(companyOf(o), buyerName(o)), ""
	seat := company.place
	if h.Company != nil {
		company, seat = contact{ID: h.Company.ID, XID: id.Company}, h.Company.place
	}
	all := people{Company: &company, Buyer: s.newcomer(o, id)}
	desk := seat // where the buyer gets parcels
	switch person := personOf(o); {
	case h.Buyer != nil && h.Company != nil && h.Buyer.ID == h.Company.ID:
		all.Buyer, all.Company = company, nil
	case h.Buyer != nil:
		all.Buyer, desk = contact{ID: h.Buyer.ID, XID: id.Buyer}, h.Buyer.place
	case person == "" || fold(person) == fold(seat.Name):
		company.Email, company.Phone = all.Buyer.Email, cleanLine(o.Customer.Phone, longName)
		if company.ID != 0 {
			company.Email, company.Phone = "", ""
		}
		all.Buyer, all.Company = company, nil
	default:
		all.Buyer.Name, all.Buyer.Phone = person, s.own(o, seat).Phone
		desk.Name = person
	}
	under := parent{contact: company, place: seat, bare: h.Company != nil && seat.empty(), children: h.Children}
	all.Delivery = s.child(o, o.Shipping, "delivery", desk, under)
	if all.Delivery != nil && s.together(o) && !s.atSeat(o, seat) {
		all.Invoice = all.Delivery
		return all
	}
	if all.Invoice = s.billed(o, seat, under); all.Invoice == nil {
		all.Invoice = all.Company
	}
	return all
}

// billed is the address that the company's invoice goes to; nil: its own.
func (s settings) billed(o *commerce.Order, seat place, under parent) *contact {
	if s.atSeat(o, seat) {
		return nil
	}
	return s.child(o, o.Billing, "invoice", seat, under)
}

// atSeat reports whether the invoice goes to the company's own address: whose
// desk it lands on does not matter.
func (s settings) atSeat(o *commerce.Order, seat place) bool {
	if o.Billing == nil {
		return true
	}
	p := s.placeOf(o, o.Billing)
	p.Name = ""
	return p.same(seat)
}
