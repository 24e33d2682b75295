package erp

import "context"

// CustomerApplied is what the journal remembers of the runs before about one account;
// zero: nothing.
type CustomerApplied struct {
	OdooID int64 // of its contact
	// Fields are marks of the values that the shop had of each field when it was last
	// brought to the contact, by field; they are too short to tell the values.
	Fields map[string]string
	// Begun says that a run since then wrote something and did not end well.
	Begun bool
	// Begins is as of Applied.
	Begins func(context.Context) error
}

// CustomerOutcome is what became of an account.
type CustomerOutcome struct {
	Action   string // created, updated, unchanged, skipped, observed
	Reason   string // why it was skipped
	OdooID   int64
	OdooName string            // of the contact: its id as text, for names are personal
	Fields   map[string]string // to be remembered; nil: nothing was applied
	Writes   int
	Plan     []string // observed: what would have been written, a step a line, without values
	Needs    []string // what in Odoo lets it go on by itself
	Notices  []string // what a person may want to look at; no personal data
}
