package erp

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// PushPlan is what makes an account hold what its contact says.
type PushPlan struct {
	Write   commerce.CustomerWrite
	Parts   []string // what is written, as marks call it
	Notices []string // what stays as it is in the shop, and why; no personal data
	// Sent are marks of what the account has after Write of the parts that are Odoo's: to
	// be remembered before it is written, so that a run after one that broke off knows
	// whose they are.
	Sent map[string]string
}

// pushed are the parts that go to a shop.
func pushed() []string { return []string{partName, partPhone, partCompany, partBilling, partShipping} }

// New is the plan of an account that the shop does not have.
func (k *Contact) New() PushPlan {
	p := PushPlan{Write: k.all, Notices: k.Notices}
	for _, part := range pushed() {
		if !k.only(part).Empty() {
			p.Parts = append(p.Parts, part)
		}
	}
	p.Sent = k.marks(k.account(), p.Parts)
	return p
}

// Plan weighs an account against its contact, part by part. What the account lacks is
// filled. What it has otherwise is written where the shop still has what both had last, or
// what was sent to it; else its owner changed it since, or nobody knows who did, and it
// stays. What Odoo lacks says nothing.
func (k *Contact) Plan(c *commerce.Customer, last CustomerApplied, sent map[string]string) PushPlan {
	o := accountOrder(c)
	s := k.under(o)
	has := s.has(o)
	p := PushPlan{Notices: slices.Clone(k.Notices)}
	var ours, theirs, both, unknown []string
	for _, part := range pushed() {
		if k.only(part).Empty() || k.agrees(s, part, o) {
			continue
		}
		was, told := last.Fields[part]
		given := holding(*c, k.only(part))
		switch {
		case told && was == mark(o, part, has[part]), slices.Contains(strings.Fields(sent[part]), k.mark(part, has[part])):
			ours = append(ours, part)
		case !told && has[part] == "":
			ours = append(ours, part)
		case !told:
			unknown = append(unknown, part)
		case was == mark(o, part, s.has(accountOrder(&given))[part]):
			theirs = append(theirs, part)
		default:
			both = append(both, part)
		}
	}
	if email(o) != k.person.Email {
		p.Notices = append(p.Notices, "account "+c.Ref.ID+" keeps its "+partEmail+": its owner logs in by it")
	}
	for _, part := range ours {
		p.add(k.only(part))
	}
	p.Parts = ours
	next := holding(*c, p.Write)
	p.Sent = k.marks(&next, ours)
	p.keeps(c, "it was changed in the shop since", theirs)
	p.keeps(c, "it was changed in the shop and in Odoo since", both)
	p.keeps(c, "it is not known whether the shop's or Odoo's is newer: make both equal by hand", unknown)
	return p
}

func (p *PushPlan) keeps(c *commerce.Customer, why string, parts []string) {
	if len(parts) > 0 {
		p.Notices = append(p.Notices, "account "+c.Ref.ID+" keeps its "+strings.Join(parts, ", ")+": "+why)
	}
}

// add is for parts, of which no two have a member.
func (p *PushPlan) add(w commerce.CustomerWrite) {
	p.Write.FirstName, p.Write.LastName = p.Write.FirstName+w.FirstName, p.Write.LastName+w.LastName
	p.Write.Phone, p.Write.Company = p.Write.Phone+w.Phone, p.Write.Company+w.Company
	if w.Billing != nil {
		p.Write.Billing = w.Billing
	}
	if w.Shipping != nil {
		p.Write.Shipping = w.Shipping
	}
}

// only is one part of the contact; empty: Odoo has nothing of it.
func (k *Contact) only(part string) (w commerce.CustomerWrite) {
	switch all := k.all; part {
	case partName:
		w.FirstName, w.LastName = all.FirstName, all.LastName
	case partPhone:
		w.Phone = all.Phone
	case partCompany:
		w.Company = all.Company
	case partBilling:
		w.Billing = all.Billing
	case partShipping:
		w.Shipping = all.Shipping
	}
	return w
}

// has is what an account has of each part that is pushed: as wants, without stand-ins for
// names.
func (s settings) has(o *commerce.Order) map[string]string {
	all := s.wants(o)
	if personOf(o) == "" {
		all[partName] = ""
	}
	return all
}

// agrees reports whether an account has of a part what the contact has, however it is
// spelt. To an address for invoices its name does not matter: the shop has the account's
// there.
func (k *Contact) agrees(s settings, part string, o *commerce.Order) bool {
	switch part {
	case partName:
		return fold(buyerName(o)) == fold(cleanLine(k.person.Name, longName))
	case partPhone:
		phone := s.wants(o)[partPhone]
		return fold(phone) == fold(k.all.Phone) || normalPhone(phone) != "" && (normalPhone(phone) == normalPhone(k.all.Phone) || normalPhone(phone) == k.person.Sanitized)
	case partCompany:
		return fold(companyOf(o)) == fold(k.all.Company)
	case partBilling:
		return o.Billing != nil && k.all.Billing != nil && s.unnamed(o, o.Billing).same(s.unnamed(o, k.all.Billing))
	}
	switch {
	case o.Shipping == nil:
		return false
	case k.all.Shipping != nil:
		return s.placeOf(o, o.Shipping).same(s.placeOf(o, k.all.Shipping))
	}
	there := s.placeOf(o, o.Shipping)
	return slices.ContainsFunc(k.doors, there.same)
}

func (s settings) unnamed(o *commerce.Order, a *commerce.Address) place {
	p := s.placeOf(o, a)
	p.Name = ""
	return p
}

// Agreed are the marks of what an account and its contact have in common, to be remembered
// of the account: other parts keep those that they had. whole says that they agree in all
// that an import looks at.
func (k *Contact) Agreed(c *commerce.Customer, last CustomerApplied) (marks map[string]string, whole bool) {
	o := accountOrder(c)
	s := k.under(o)
	marks, whole = map[string]string{}, true
	for part, value := range s.wants(o) {
		alike := value == ""
		switch part {
		case partEmail:
			alike = alike || value == k.person.Email
		case partVAT:
			alike = alike || value == normalVAT(k.person.VAT)
		case partAddress:
			alike = alike || k.agrees(s, s.homePart(o), o)
		default:
			alike = alike || slices.Contains(pushed(), part) && k.agrees(s, part, o)
		}
		was, told := last.Fields[part]
		switch {
		case alike:
			marks[part] = mark(o, part, value)
		case told:
			marks[part], whole = was, false
		default:
			whole = false
		}
	}
	return marks, whole
}

// homePart is the part that home takes the address from.
func (s settings) homePart(o *commerce.Order) string {
	first, second, from := partBilling, partShipping, o.Billing
	if s.Books.Customers.MainAddress == "shipping" {
		first, second, from = partShipping, partBilling, o.Shipping
	}
	if from == nil || s.placeOf(o, from).empty() {
		return second
	}
	return first
}

// marks are those of what an account has of some parts, under the contact's name: the
// account's is not known before it is made.
func (k *Contact) marks(c *commerce.Customer, parts []string) map[string]string {
	o := accountOrder(c)
	has, all := k.under(o).has(o), map[string]string{}
	for _, part := range parts {
		all[part] = k.mark(part, has[part])
	}
	return all
}

func (k *Contact) mark(part, value string) string {
	return mark(&commerce.Order{Ref: k.ref()}, part, value)
}

// holding is an account after a write, as far as it is known before.
func holding(c commerce.Customer, w commerce.CustomerWrite) commerce.Customer {
	var bill commerce.Address
	if c.Billing != nil {
		bill = *c.Billing
	}
	if w.Email != "" {
		c.Email = w.Email
	}
	if w.FirstName != "" || w.LastName != "" {
		c.FirstName, c.LastName = w.FirstName, w.LastName
		bill.FirstName, bill.LastName = w.FirstName, w.LastName
	}
	if w.Phone != "" {
		c.Phone, bill.Phone = w.Phone, w.Phone
	}
	if w.Company != "" {
		c.Company, bill.Company = w.Company, w.Company
	}
	if a := w.Billing; a != nil {
		bill.Street, bill.Street2, bill.City, bill.Zip, bill.State, bill.Country = a.Street, a.Street2, a.City, a.Zip, a.State, a.Country
	}
	if bill != (commerce.Address{}) {
		c.Billing = &bill
	}
	if w.Shipping != nil {
		goods := *w.Shipping
		c.Shipping = &goods
	}
	return c
}
