package odooclient

import (
	"strconv"
	"strings"

	"github.com/odoogate/odoogate/config"
)

// account is who we are at which database, the same in both protocols.
type account struct {
	database string
	user     string
	password config.Secret // or API key
}

// hide keeps the password out of a fault that quotes what Odoo answered.
func (a account) hide(f *Fault) *Fault {
	f.Name, f.Message = a.scrub(f.Name), a.scrub(f.Message)
	return f
}

// scrub takes the password out of a text that came from outside, as it is and as
// Go, JSON and Python quote it. Very short ones are left: replacing them everywhere
// would mark where they are.
func (a account) scrub(text string) string {
	secret := a.password.Reveal()
	if len(secret) < 6 {
		return text
	}
	quoted, python := strconv.Quote(secret), strings.ReplaceAll(secret, `\`, `\\`)
	const hidden = "[secret]"
	return strings.NewReplacer(secret, hidden, quoted[1:len(quoted)-1], hidden,
		strings.ReplaceAll(python, `'`, `\'`), hidden, python, hidden).Replace(text)
}

// sendable reports whether a text can stand in an HTTP header as it is.
func sendable(text string) bool {
	for _, b := range []byte(text) {
		if b < 0x20 || b == 0x7f {
			return false
		}
	}
	return text != "" && text == strings.TrimSpace(text)
}
