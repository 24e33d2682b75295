package erp

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// identity is what tells the buyer of an order from all others: the keys by which
// he is looked for, and the external ids under which he is made. Both are named
// after the same thing, so two first orders at one moment make one contact.
//
// A buyer with a VAT number is a company, whatever customers.guests says. The
// person is a contact under it whose external id begins with the company's: the
// same e-mail outside of it is another contact and is never moved.
type identity struct {
	Keys    []key  // in the order in which they are tried; guests that share or are archived have none
	Guest   string // shared or archived; empty: looked for like everybody
	Tied    int64  // the contact that he is tied to; 0: none
	Company string // external id of the company; empty: a private buyer
	Buyer   string // external id of the buyer
}

// key is one thing that contacts are found by.
type key struct {
	Kind  string // vat, email, phone, reference; name of a shared guest; parent and id of contacts
	Value string // normalised
	Typed string // as it was given, where people may have copied it like that
}

// identity is who bought the order.
func (s settings) identity(o *commerce.Order) identity {
	if partner := s.Ties[Tie{TieCustomer, o.Customer.ID}]; partner != 0 {
		return identity{Tied: partner, Keys: []key{{Kind: "id", Value: itoa(partner)}}, Buyer: s.scope() + "_tied_" + itoa(partner)}
	}
	var id identity
	vat := s.vat(o)
	if o.Customer.ID == "" && vat.Value == "" {
		switch s.Books.Customers.Guests {
		case "shared":
			name := strings.TrimSpace(s.Books.Customers.Guest)
			return identity{Guest: "shared", Keys: []key{{Kind: "name", Value: name}}, Buyer: s.scope() + "_guest_" + hash(fold(name))}
		case "archived":
			return identity{Guest: "archived", Buyer: orderXID(o.Ref) + "_partner"}
		}
	}
	var first key
	for _, kind := range s.Books.Customers.Match {
		var k key
		switch kind {
		case "vat":
			k = vat
		case "email":
			k = s.emailKey(o)
		case "phone":
			k = phoneKey(o)
		case "reference":
			k = key{Kind: kind, Value: printable(o.Customer.ID)}
		}
		switch {
		case k.Value == "":
			continue
		case kind == "vat":
			id.Company = s.scope() + "_vat_" + hash(k.Value)
		case first.Kind == "":
			first = k
		}
		id.Keys = append(id.Keys, k)
	}
	id.Buyer = s.buyerXID(o, id.Company, first)
	return id
}

// buyerXID is named after the first key that the buyer has; after the shop's
// customer where that is the key or there is none; else after the order.
func (s settings) buyerXID(o *commerce.Order, company string, first key) string {
	named := o.Ref.Shop + "_customer_" + part(o.Customer.ID)
	switch {
	case first.Kind == "email":
		return cmp.Or(company, s.scope()) + "_mail_" + hash(first.Value)
	case first.Kind == "phone":
		return cmp.Or(company, s.scope()) + "_phone_" + hash(first.Value)
	case o.Customer.ID == "":
		named = strings.TrimPrefix(orderXID(o.Ref), module) + "_partner"
	}
	if company == "" {
		return module + named
	}
	return company + "_" + named
}

// scope begins the external ids of what is known in a whole company.
func (s settings) scope() string { return module + "c" + itoa(s.Company.ID) }

// vat is the buyer's VAT number: the shop's, else the one that books.fields gives him.
// Where customers.match leaves VAT numbers out, nobody is a company by one.
func (s settings) vat(o *commerce.Order) key {
	if !slices.Contains(s.Books.Customers.Match, "vat") {
		return key{}
	}
	if k := s.shopsVAT(o); k.Value != "" {
		return k
	}
	if v := s.mappedVAT(o); v != "" {
		return key{Kind: "vat", Value: v, Typed: v}
	}
	return key{}
}

// shopsVAT is the number in the shop's field, else in the first of what the order has
// under a name of customers.vat_attributes.
func (s settings) shopsVAT(o *commerce.Order) key {
	given := []string{o.Customer.VAT}
	for _, name := range s.Books.Customers.VATAttributes {
		for _, a := range slices.Concat(o.Attributes, o.Meta) {
			if config.SameWord(a.Name, name) {
				given = append(given, a.Value)
			}
		}
	}
	for _, text := range given {
		if v := normalVAT(text); v != "" {
			return key{Kind: "vat", Value: v, Typed: printable(text)}
		}
	}
	return key{}
}

// normalVAT is a VAT number in capital letters and digits alone; "" for what is
// none, such as a dash.
func normalVAT(text string) string {
	v := normalText(text)
	if len(v) < 5 || len(v) > 20 || !strings.ContainsAny(v, "0123456789") {
		return ""
	}
	return v
}

func normalText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToUpper(r)
		}
		return -1
	}, text)
}

// emailKey is the buyer's e-mail address, where it is one and stands for a person.
func (s settings) emailKey(o *commerce.Order) key {
	mail := email(o)
	name, domain, _ := strings.Cut(mail, "@")
	if name == "" || !strings.Contains(domain, ".") || strings.ContainsAny(mail, " ,;<>") || s.alias(domain) {
		return key{}
	}
	return key{Kind: "email", Value: mail}
}

// phoneKey is the buyer's phone number: digits, after a plus where the country's
// number is in it.
func phoneKey(o *commerce.Order) key {
	v := normalPhone(o.Customer.Phone)
	return key{Kind: "phone", Value: v, Typed: printable(o.Customer.Phone)}
}

func normalPhone(text string) string {
	text = strings.TrimSpace(text)
	plus := strings.HasPrefix(text, "+")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !plus {
		plus, digits = true, rest
	}
	switch {
	case len(digits) < 6:
		return ""
	case plus:
		return "+" + digits
	}
	return digits
}

// printable is a text without what no database keeps or nobody sees.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text))
}

// is reports whether the contact has the key.
func (k key) is(p person) bool {
	switch k.Kind {
	case "vat":
		return normalVAT(p.VAT) == k.Value
	case "email":
		return p.Email == k.Value
	case "phone":
		return normalPhone(p.Phone) == k.Value || p.Sanitized == k.Value
	case "reference":
		return p.Ref == k.Value
	case "name":
		return p.Name == k.Value
	}
	return false
}
