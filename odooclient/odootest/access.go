package odootest

import "strings"

// level is how much a user may do.
type level int

const (
	nobody   level = iota // logs in, may read master data only
	employee              // the gateway's user: sales, stock, billing, contact creation
	system                // administrator
)

// login is one account.
type login struct {
	id       int64
	password string
	level    level
}

var verbs = map[string]string{"r": "access", "w": "modify", "c": "create", "u": "delete"}

// allowed checks a right on a model. The gateway's user may do what the model's
// access says; decimal.precision and ir.model.data are closed to it, as measured.
func (e *env) allowed(m *model, op string) error {
	if op == "" || op == "-" || e.level == system {
		return nil
	}
	if e.level == employee && strings.Contains(m.access, op) {
		return nil
	}
	if e.level == nobody && op == "r" && m.access == "r" {
		return nil
	}
	return accessError(m, verbs[op])
}
