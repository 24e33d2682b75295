package erp

import "github.com/odoogate/odoogate/handlers/commerce"

// guests plans the partners of a guest who shares one contact with all others.
// Everything of him stands on the addresses under it, e-mail and phone too, and
// they are named after all of that: two guests never share one, and the same
// guest finds his again without a look at the thousands of others.
func (s settings) guests(o *commerce.Order, id identity, h have) people {
	all := people{Buyer: contact{XID: id.Buyer, Kind: "contact",
		place: place{Name: id.Keys[0].Value, Country: s.Countries[s.Company.Country]}}}
	bare := false
	if h.Buyer != nil {
		all.Buyer, bare = contact{ID: h.Buyer.ID, XID: id.Buyer}, h.Buyer.empty()
	}
	add := func(p place, kind string) *contact {
		if p.Name == "" {
			p.Name = buyerName(o)
		}
		if p.Phone == "" {
			p.Phone = cleanLine(o.Customer.Phone, longName)
		}
		mail := email(o)
		return &contact{XID: id.Buyer + "_" + p.hash(mail), Kind: kind, Email: mail, place: p, Apart: bare && !p.empty()}
	}
	var goods, bill place
	if o.Shipping != nil {
		goods = s.placeOf(o, o.Shipping)
	}
	if o.Billing != nil {
		bill = s.placeOf(o, o.Billing)
	}
	if !goods.empty() {
		all.Delivery = add(goods, "delivery")
	}
	switch {
	case all.Delivery != nil && (bill.empty() || bill.same(goods)):
		all.Invoice = all.Delivery
	case bill.empty():
		all.Invoice = add(s.own(o, place{}), "invoice")
	default:
		all.Invoice = add(bill, "invoice")
	}
	return all
}
