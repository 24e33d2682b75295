package erp

import "github.com/odoogate/odoogate/handlers/commerce"

// MarksOf are the marks that an import remembers of an account.
func (k *Contact) MarksOf(c *commerce.Customer) map[string]string {
	o, all := accountOrder(c), map[string]string{}
	for part, want := range k.under(o).wants(o) {
		all[part] = mark(o, part, want)
	}
	return all
}

// SentOf is what a run notes before it writes the phone number of a changed account.
func (k *Contact) SentOf(c *commerce.Customer, change func(*commerce.Customer)) string {
	change(c)
	return k.marks(c, []string{partPhone})[partPhone]
}
