package erp

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// accountWords are the values of an account that no message may tell.
func accountWords(o *commerce.Order) []string {
	all := []string{o.Customer.FirstName, o.Customer.LastName, o.Customer.Email, o.Customer.Phone, o.Customer.Company, o.Customer.VAT}
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a != nil {
			all = append(all, a.FirstName, a.LastName, a.Company, a.Street, a.Street2, a.City, a.Zip, a.Phone)
		}
	}
	for _, m := range o.Meta {
		all = append(all, m.Value)
	}
	return all
}

// contactWords are those of a contact.
func contactWords(p person) []string {
	return []string{p.Name, p.Email, p.Phone, p.VAT, p.Street, p.Street2, p.City, p.Zip}
}

// quotes reports whether a text says one of the words, in whatever spelling.
func quotes(text string, words []string) bool {
	bare := normalText(text)
	return slices.ContainsFunc(words, func(w string) bool {
		w = fold(w)
		short := normalText(w)
		return len(w) > 2 && strings.Contains(fold(text), w) || len(short) > 4 && strings.Contains(bare, short)
	})
}
