package erp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// deleted says that the order went from Odoo between two of our calls.
func deleted(ref commerce.Ref) error {
	return &commerce.Error{Op: "erp.order", Reason: commerce.Conflict, Ref: ref, Detail: "the order was deleted in Odoo meanwhile"}
}

// classify makes a *commerce.Error of whatever a call to Odoo ended with; one that
// is one already only gets the record it is about.
func classify(ref commerce.Ref, err error) error {
	var known *commerce.Error
	if errors.As(err, &known) {
		if known.Ref.IsZero() {
			named := *known
			named.Ref = ref
			return &named
		}
		return known
	}
	e := &commerce.Error{Op: "erp.order", Reason: commerce.Internal, Ref: ref, Err: err}
	var fault *odooclient.Fault
	var row *odooclient.RowError
	switch {
	case errors.As(err, &fault):
		ofFault(e, fault)
	case errors.As(err, &row):
		ofRow(e, row)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Reason, e.Detail = commerce.Unavailable, "Odoo was not waited for any longer"
	}
	return e
}

// ofFault says what a fault means for the order.
func ofFault(e *commerce.Error, f *odooclient.Fault) {
	e.Err = f.Err
	at := f.Model + "." + f.Method
	switch f.Kind {
	case odooclient.Unreachable:
		e.Reason, e.Detail = commerce.Unavailable, "Odoo cannot be reached"
	case odooclient.Uncertain:
		e.Reason, e.Detail = commerce.Unavailable, "Odoo did not answer "+at+"; the next run looks what became of it"
	case odooclient.BadAnswer:
		e.Reason, e.Detail = commerce.Unavailable, fmt.Sprintf("Odoo's address answered %s with status %d and not as Odoo does", at, f.Status)
	case odooclient.Serialization:
		e.Reason, e.Detail = commerce.Conflict, "another transaction in Odoo was first"
	case odooclient.MissingRecord:
		e.Reason, e.Detail = commerce.Conflict, "a record was deleted in Odoo meanwhile"
	case odooclient.AccessDenied:
		e.Reason, e.Detail = commerce.Denied, "Odoo refuses the login"
		e.Remedy = "check odoo.user and odoo.password; API keys expire"
	case odooclient.NoDatabase:
		e.Reason, e.Detail, e.Remedy = commerce.Denied, "Odoo does not know the database", "check odoo.database"
	case odooclient.AccessError:
		denied(e, f.Model, f.Message)
	case odooclient.UserError, odooclient.ValidationError:
		e.Reason, e.Detail = commerce.Invalid, "Odoo refuses: "+f.Message
		e.Remedy = "settle in Odoo what it says, then replay the order"
	case odooclient.NoModel:
		e.Reason, e.Detail = commerce.Denied, "Odoo has no "+f.Model
		e.Remedy = "install the Sales and Invoicing apps in Odoo"
	default:
		e.Detail = fmt.Sprintf("Odoo failed at %s: %s", at, f.Message)
	}
}

// ofRow says what a refused row of a load means: load hides rights and business
// rules in its row messages.
func ofRow(e *commerce.Error, r *odooclient.RowError) {
	text := r.Message
	switch {
	case strings.Contains(text, "not allowed to"), strings.Contains(text, "top-secret records"):
		denied(e, r.Model, text)
	case strings.Contains(text, "No matching record found"):
		e.Reason, e.Detail = commerce.Conflict, "a record was deleted in Odoo meanwhile: "+text
	case strings.Contains(text, "unauthorized or invalid companies"):
		e.Reason, e.Detail, e.Remedy = commerce.Denied, text, "give Odoo's user of the gateway that company"
	case strings.Contains(text, "modify 'model' and 'res_id'"): // in the note
		e.Reason, e.Detail = commerce.Conflict, "the order was made in Odoo meanwhile"
	case strings.Contains(text, "change the UoM for a stock move"), strings.Contains(text, "change a cancelled stock move"):
		e.Reason, e.Detail = commerce.Conflict, "a transfer was validated or cancelled in Odoo meanwhile"
	case strings.Contains(text, "locked order"), strings.Contains(text, "pricelist of a confirmed order"):
		e.Reason, e.Detail = commerce.Conflict, "the order was confirmed or locked in Odoo meanwhile"
	default:
		e.Reason, e.Detail = commerce.Invalid, "Odoo refuses: "+text
		if r.Field != "" {
			e.Detail = "Odoo refuses " + r.Field + ": " + text
		}
		e.Remedy = "settle in Odoo what it says, then replay the order"
	}
}

// denied names the group that gives the right that lacks.
func denied(e *commerce.Error, model, text string) {
	group := "Sales / User: All Documents"
	switch {
	case strings.HasPrefix(model, "res.partner"):
		group = "Extra Rights / Contact Creation"
	case strings.HasPrefix(model, "account."):
		group = "Invoicing / Billing"
	case strings.HasPrefix(model, "stock."):
		group = "Inventory / User"
	}
	e.Reason, e.Detail = commerce.Denied, "Odoo's user of the gateway lacks a right: "+text
	e.Remedy = fmt.Sprintf("give that user the group %q in Odoo", group)
	if strings.Contains(text, "unauthorized or invalid companies") {
		e.Remedy = "give that user the company in Odoo"
	}
}
