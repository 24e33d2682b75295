package erp

import (
	"context"
	"errors"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Applied is what the journal remembers of the run that last wrote an order; zero:
// nothing is remembered.
type Applied struct {
	Digest    string
	Lines     string // Order.LinesDigest of that state
	Fields    string // FieldsDigest of that state
	UpdatedAt time.Time
	OdooID    int64
	// Begun says that a run since then wrote something and did not end well: Odoo
	// may hold anything between both states.
	Begun bool
	// Begins, where set, is called before the first write to the order itself, and its
	// error ends the run as one of still does. What it notes is Begun: a run may die
	// before it says how it ended.
	Begins func(context.Context) error
	// Waited says that the order came before and could not be booked then.
	Waited bool
	// Released says that a person let the order go on, whatever its risk.
	Released bool
	// Unread says that the order was not read from the shop but is what an event
	// carried: it may be old, so it is enough only to make a new order.
	Unread bool
	// Forced says that a person asked for the shop's state whatever people changed in
	// Odoo since: nothing counts as settled or as changed by an unknown side.
	Forced bool
}

// ErrStands says that Odoo holds the order already and that its present state must
// be read from the shop, see Applied.Unread.
var ErrStands = errors.New("odoo holds the order already")

// Outcome is what became of an order.
type Outcome struct {
	// Booked says that the order stands in Odoo as the shop says, whatever became of
	// the rest of its workflow: it is true beside an error too.
	Booked   bool
	Filled   bool   // the same of the fields that books.fields fills
	Action   string // created, updated, confirmed, cancelled, unchanged, skipped, observed
	Reason   string // why it was skipped
	OdooID   int64
	OdooName string         // S00012
	Total    commerce.Money // what Odoo says
	Writes   int            // writes made for this order; 0: it was equal already
	Plan     []string       // observed: what would have been written, a step a line
	Would    string         // observed: the action that it would have been
	Needs    []string       // what in Odoo lets the order go on by itself
	// Delivered says that all goods of the order left the warehouse in Odoo. It is looked
	// at where the shop is told of it.
	Delivered bool
	Notices   []string // what a person may want to look at; no personal data
	// When the plan was made, the first write begun, and the order read back and found
	// equal to the cent; zero: it did not come to that.
	Planned, Written, Verified time.Time
}
