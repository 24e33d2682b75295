package commerce

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"
)

// Redact takes out of text whatever people gave with this order: names, addresses,
// numbers, notes, tags, in any case and as HTML too. It is for what others say of
// the order, such as an error that quotes a value. Words of fewer than three
// letters are left: they say nothing of anybody.
func (o *Order) Redact(text string) string {
	var words []string
	for _, given := range o.personal() {
		for line := range strings.Lines(given) {
			line = strings.TrimSpace(line)
			if len([]rune(line)) >= 3 {
				words = append(words, spaced(line), spaced(html.EscapeString(line)))
			}
		}
	}
	if len(words) == 0 {
		return text
	}
	// The longest first, so that no part of one is left when a shorter is found in it.
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	given, err := regexp.Compile("(?i)" + strings.Join(slices.Compact(words), "|"))
	if err != nil { // such as text that is no UTF-8: then nothing of it is shown
		return "[…]"
	}
	return given.ReplaceAllString(text, "[…]")
}

// spaced matches a line with any space between its words: they may have been sent
// with one where two were given.
func spaced(line string) string {
	words := strings.Fields(line)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return strings.Join(words, `[\s\v\x{85}\p{Z}]+`) // what Fields splits at
}

// personal lists what people gave.
func (o *Order) personal() []string {
	c := o.Customer
	words := []string{c.Email, c.FirstName, c.LastName, c.FirstName + " " + c.LastName, c.Phone, c.Company, c.VAT, o.Note, o.PurchaseOrder}
	for _, a := range []*Address{o.Billing, o.Shipping} {
		if a == nil {
			continue
		}
		words = append(words, a.FirstName, a.LastName, a.FirstName+" "+a.LastName, a.Street, a.Street2, a.Company, a.Phone,
			a.Zip, a.City, a.City+" "+a.Zip, a.Zip+" "+a.City)
	}
	words = append(words, o.Tags...)
	for _, p := range slices.Concat(o.Attributes, o.Meta) {
		words = append(words, p.Value)
	}
	for _, l := range o.Lines {
		for _, p := range l.Properties {
			words = append(words, p.Value)
		}
	}
	return words
}
