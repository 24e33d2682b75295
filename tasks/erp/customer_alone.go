package erp

import (
	"slices"
	"strings"
)

// alone reports whether a contact that an order or an account made was made of this very
// account, as far as its own values tell. Several accounts may have one e-mail address for
// their orders, as of a family, or belong to one company, and each has an address of its own.
func (w *weighing) alone(p *person, f facet) bool {
	if p.Company {
		return !w.colleagues()
	}
	return f.Kin
}

// anotherPerson reports whether a contact has another first name than the account: a
// household has one address and perhaps one telephone, and who marries a new last name. An
// e-mail address in place of a name is nobody's.
func (w *weighing) anotherPerson(p *person) bool {
	theirs, _, _ := strings.Cut(fold(p.Name), " ")
	ours, _, _ := strings.Cut(fold(personOf(w.o)), " ")
	return ours != "" && theirs != ours && !strings.Contains(theirs, "@")
}

// colleagues reports whether anybody else belongs to the company.
func (w *weighing) colleagues() bool {
	return slices.ContainsFunc(w.l.Children, func(c person) bool { return c.contact() && c.ID != w.l.Buyer.ID })
}

// same reports whether a contact has what tells one customer from another, as the account
// has it: an e-mail address is how it was found.
func (f facet) same() bool {
	return slices.Contains([]string{partName, partPhone, partAddress}, f.Name) && f.Now != "" && (f.Alike || f.Want == f.Now)
}

// below reports whether the account's address is one that the contact has below it, as a
// push sends it, and so none that it should have itself.
func (w *weighing) below() bool {
	home := w.home(w.o)
	return slices.ContainsFunc(w.l.Children, func(c person) bool { return !c.contact() && home.at(c.place).same(c.place) })
}
