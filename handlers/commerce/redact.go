package commerce

import "strings"

// Redact takes out of text whatever the buyer gave with this order: names,
// addresses, numbers. It is for what others say of the order, such as an error
// that quotes a value. Words of fewer than three letters are left: they say
// nothing of anybody.
func (o *Order) Redact(text string) string {
	for _, word := range o.personal() {
		if len([]rune(word)) >= 3 {
			text = strings.ReplaceAll(text, word, "[…]")
		}
	}
	return text
}

// personal lists what people gave, the longest forms first where one holds another.
func (o *Order) personal() []string {
	c := o.Customer
	words := []string{c.Email, c.FirstName + " " + c.LastName, c.Phone, c.Company, c.VAT, o.Note}
	parts := []string{c.FirstName, c.LastName}
	for _, a := range []*Address{o.Billing, o.Shipping} {
		if a == nil {
			continue
		}
		words = append(words, a.FirstName+" "+a.LastName, a.Street, a.Street2, a.Company, a.Phone, a.City+" "+a.Zip, a.Zip+" "+a.City)
		parts = append(parts, a.FirstName, a.LastName, a.Zip, a.City)
	}
	for _, p := range o.Attributes {
		words = append(words, p.Value)
	}
	for _, l := range o.Lines {
		for _, p := range l.Properties {
			words = append(words, p.Value)
		}
	}
	return append(words, parts...)
}
