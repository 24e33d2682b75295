package erp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// accountPlan is what makes a contact follow its account.
type accountPlan struct {
	Skip    string // why nothing is done
	Made    bool   // contacts are made
	People  people // those without an ID are made
	Edits   []edit // of contacts that are there, the company first
	Marks   map[string]string
	Notices []string
	Asks    asks // what must be known for a plan: all else is nothing until then

	waits []string // parts that are tried again
	words []string // see quotes
}

// edit is what is written to one contact.
type edit struct {
	ID    int64
	Firm  bool     // it is the company that the account's person belongs to
	Parts []string // what of it, as marks call it
	Set   []filled
	Soft  []filled // what Odoo may refuse by itself

	words []string // see quotes
}

func (e edit) String() string {
	if e.Firm {
		return "company " + itoa(e.ID)
	}
	return "contact " + itoa(e.ID)
}

// The parts of an account, as marks and people know them; those of books.fields are
// partField and the field's name.
const (
	partName     = "name"
	partPhone    = "phone"
	partEmail    = "e-mail address"
	partCompany  = "company name"
	partAddress  = "address"
	partVAT      = "VAT number"
	partBilling  = "billing address"
	partShipping = "shipping address"
	partField    = "field "
)

// wants is what the shop has of each part, each as one text.
func (s settings) wants(o *commerce.Order) map[string]string {
	home := s.home(o)
	all := map[string]string{partName: buyerName(o), partPhone: cmp.Or(cleanLine(o.Customer.Phone, longName), home.Phone), partEmail: email(o),
		partCompany: companyOf(o), partAddress: home.block(), partVAT: s.vat(o).Value}
	for part, a := range map[string]*commerce.Address{partBilling: o.Billing, partShipping: o.Shipping} {
		if a != nil {
			if p := s.placeOf(o, a); !p.empty() {
				all[part] = p.hash()
			}
		}
	}
	for _, g := range givenFor(s.Books.Fields, o, config.OnCustomer) {
		all[partField+g.Field] = s.fieldWant(o, g)
	}
	return all
}

// mark stands for a value of an account: enough to see that it is another. What has few
// values can be guessed by it, so an erasure removes it. Nothing has no mark.
func mark(o *commerce.Order, part, value string) string {
	if value == "" {
		return ""
	}
	return hash(o.Ref.String(), part, value)[:8]
}

// tried reports whether a value of which this is the mark may be ours though it was not
// brought last.
func (last CustomerApplied) tried(mark string) bool {
	return last.Begun && mark != "" && slices.Contains(last.Tried, mark)
}

// settledAccount reports whether the shop has of every part what it had when the contact
// was last looked at.
func (s settings) settledAccount(o *commerce.Order, last CustomerApplied) bool {
	if last.Begun {
		return false
	}
	for part, want := range s.wants(o) {
		if was, told := last.Fields[part]; !told || was != mark(o, part, want) {
			return false
		}
	}
	return true
}

// planAccount decides what to write so that the contact follows the account. It reads
// nothing and depends on nothing but its arguments.
func (s settings) planAccount(o *commerce.Order, l accountLook) accountPlan {
	p := accountPlan{Marks: map[string]string{}, Skip: l.Skip}
	if l.Skip != "" || l.Twins != nil {
		return p
	}
	p.People = s.people(o, l.have)
	if p.People.Buyer.ID == 0 {
		return p.make(o, s, l)
	}
	l.copied()
	if l.Buyer == nil { // the company is the buyer
		l.Buyer = l.Company
		if l.Skip = s.untouchable(l); l.Skip != "" {
			p.Skip = l.Skip
			return p
		}
	}
	p.People = people{Buyer: contact{ID: l.Buyer.ID}}
	if s.settledAccount(o, l.Last) {
		maps.Copy(p.Marks, l.Last.Fields)
		return p
	}
	w := weighing{settings: s, o: o, l: &l, p: &p, want: s.wants(o)}
	w.weigh()
	if p.Asks == (asks{}) {
		p.addressed(o, s, &l)
	}
	if p.Asks != (asks{}) {
		return accountPlan{Asks: p.Asks}
	}
	return p
}

// make plans the contacts of an account that has none.
func (p accountPlan) make(o *commerce.Order, s settings, l accountLook) accountPlan {
	switch {
	case s.Books.Customers.Accounts != "all":
		p.Skip = "no contact yet: it comes with the first order (customers.accounts is known)"
		return p
	case !l.Done.Records:
		return accountPlan{Asks: asks{Records: true}}
	}
	p.Made = true
	p.Notices = append(s.notices(o), s.fillCustomer(o, l.have, &p.People)...)
	for part, want := range s.wants(o) {
		p.Marks[part] = mark(o, part, want)
	}
	return p
}

// addressed plans the addresses that the account has anew, and looks at no others: one
// that people deleted does not come back.
func (p *accountPlan) addressed(o *commerce.Order, s settings, l *accountLook) {
	fresh := *o
	want := s.wants(o)
	for part, a := range map[string]**commerce.Address{partBilling: &fresh.Billing, partShipping: &fresh.Shipping} {
		was, told := l.Last.Fields[part]
		now := mark(o, part, want[part])
		if told && was == now && !l.Last.Begun {
			*a = nil
		}
		p.Marks[part] = now
	}
	p.Notices = append(p.Notices, s.notices(&fresh)...)
	home := l.Buyer.place
	if l.Company != nil {
		home = l.Company.place
	}
	switch {
	case !s.elsewhere(&fresh, home) && !s.elsewhere(&fresh, l.Buyer.place):
		return
	case !l.Done.Children:
		p.Asks.Children = true
		return
	}
	p.words = contactWords(*l.Buyer)
	if l.Company == nil {
		p.People = s.alone(&fresh, s.identity(o), l.have)
		return
	}
	p.People = s.people(&fresh, l.have)
}

// block is the address of a contact as one text, "" for none.
func (p place) block() string {
	if p.empty() && p.State == 0 {
		return ""
	}
	return strings.Join([]string{p.Street, p.Street2, p.Zip, p.City, itoa(p.State), itoa(p.Country)}, "\x00")
}

// columns are those of the address, to be written.
func (p place) columns() []filled {
	return []filled{{Field: "street", Value: p.Street}, {Field: "street2", Value: p.Street2}, {Field: "zip", Value: p.Zip}, {Field: "city", Value: p.City},
		{Field: "state_id", Value: ref(p.State), Link: true}, {Field: "country_id", Value: ref(p.Country), Link: true}}
}

// at is the address with the name and phone number of another.
func (p place) at(name place) place {
	p.Name, p.Phone = name.Name, name.Phone
	return p
}

// told tells of parts that stay as they are in Odoo.
func (p *accountPlan) told(id int64, why string, parts ...string) {
	if len(parts) == 0 {
		return
	}
	slices.Sort(parts)
	p.Notices = append(p.Notices, fmt.Sprintf("contact %d keeps its %s: %s", id, strings.Join(parts, ", "), why))
}
