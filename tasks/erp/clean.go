package erp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// longText is how much text a line or a product gets in Odoo, in characters.
	// Titles end far below; what is longer is no title, and would fill every
	// printout.
	longText = 1000
	// longTitle is how much of that a title gets: what the buyer wrote stands after it.
	longTitle = longText / 2
	// longName is how much of a name, a street or a phone number Odoo gets.
	longName = 255
	// shortText is how much of a shop's text stands in a message to people.
	shortText = 80
)

// clean makes text of a shop fit to be shown and printed: no control characters
// but line breaks, nothing that turns the direction of the text around it, and
// most characters at most. Markup stays what it is; Odoo shows it as text.
func clean(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, text))
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
}

// cleanLine is clean on one line.
func cleanLine(text string, most int) string {
	return clean(strings.Join(strings.Fields(text), " "), most)
}
