package erp

import (
	"cmp"
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

// placeOf puts an address in Odoo's words. A country or region that Odoo does not
// know is left out: the order goes on without it. Another company than the
// buyer's stands before the name, as on a parcel. Texts are clean and end at
// longName: Odoo keeps an index of names, which refuses longer ones.
func (s settings) placeOf(o *commerce.Order, a *commerce.Address) place {
	code := strings.ToUpper(strings.TrimSpace(a.Country))
	name := fullName(a.FirstName, a.LastName)
	if c := cleanLine(a.Company, longName); c != "" && fold(c) != fold(companyOf(o)) {
		name = cleanLine(strings.TrimSuffix(c+", "+name, ", "), longName)
	}
	text := func(s string) string { return cleanLine(s, longName) }
	return place{
		Name:   name,
		Street: text(a.Street), Street2: text(a.Street2), Zip: text(a.Zip), City: text(a.City), Phone: text(a.Phone),
		Country: s.Countries[code], State: s.state(code, strings.ToUpper(strings.TrimSpace(a.State))),
	}
}

// home is the address of a new contact itself, by customers.main_address; the
// other one where that says nothing.
func (s settings) home(o *commerce.Order) place {
	first, second := o.Billing, o.Shipping
	if s.Books.Customers.MainAddress == "shipping" {
		first, second = second, first
	}
	for _, a := range []*commerce.Address{first, second} {
		if a != nil {
			if p := s.placeOf(o, a); !p.empty() || a == second {
				return p
			}
		}
	}
	return place{}
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

// hash names the content of the address, and whatever else tells it from others.
func (p place) hash(more ...string) string {
	door := p.door()
	return hash(append(append(door[:], fold(p.Name), itoa(p.Country), itoa(p.State)), more...)...)
}

func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// personOf is who bought, by name; "" where nobody is named.
func personOf(o *commerce.Order) string {
	if n := fullName(o.Customer.FirstName, o.Customer.LastName); n != "" {
		return n
	}
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a != nil {
			if n := fullName(a.FirstName, a.LastName); n != "" {
				return n
			}
		}
	}
	return ""
}

// buyerName is the person, with stand-ins for buyers who gave no name.
func buyerName(o *commerce.Order) string {
	name := cmp.Or(personOf(o), companyOf(o), email(o), "Customer of "+reference(o.Ref, o.Number))
	return cleanLine(name, longName)
}

func companyOf(o *commerce.Order) string {
	if o.Customer.Company != "" || o.Billing == nil {
		return cleanLine(o.Customer.Company, longName)
	}
	return cleanLine(o.Billing.Company, longName)
}

func fullName(first, last string) string {
	return cleanLine(first+" "+last, longName)
}

// email is the buyer's address as Odoo normalises it.
func email(o *commerce.Order) string { return strings.ToLower(strings.TrimSpace(o.Customer.Email)) }
