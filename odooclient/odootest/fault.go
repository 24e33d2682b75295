package odootest

import (
	"fmt"
	"strings"
)

// fault is an exception as Odoo reports it: the Python class, the text, and for
// load the way the text is put into a row message.
type fault struct {
	name string
	text string
	args []any
	// status is the HTTP status of an exception of the web layer, 0 for others.
	status int
	row    func(m *model) map[string]any // nil: load reports the plain text
}

func (f *fault) Error() string { return f.name + ": " + f.text }

func newFault(name, format string, args ...any) *fault {
	text := fmt.Sprintf(format, args...)
	return &fault{name: name, text: text, args: []any{text}}
}

func userError(format string, args ...any) *fault {
	return newFault("odoo.exceptions.UserError", format, args...)
}

func validationError(format string, args ...any) *fault {
	return newFault("odoo.exceptions.ValidationError", format, args...)
}

func valueError(format string, args ...any) *fault {
	return newFault("builtins.ValueError", format, args...)
}

func typeError(format string, args ...any) *fault {
	return newFault("builtins.TypeError", format, args...)
}

func keyError(key string) *fault { return newFault("builtins.KeyError", "%s", key) }

func attributeError(format string, args ...any) *fault {
	return newFault("builtins.AttributeError", format, args...)
}

func indexError(what string) *fault {
	return newFault("builtins.IndexError", "%s index out of range", what)
}

func missingError(m *model, id, uid int64) *fault {
	return newFault("odoo.exceptions.MissingError",
		"Record does not exist or has been deleted.\n(Record: %s(%d,), User: %d)", m.name, id, uid)
}

// verbOf is what a right is called in refusals.
func verbOf(op string) string {
	return map[string]string{"r": "access", "w": "modify", "c": "create", "u": "delete"}[op]
}

// accessError names the groups that would be allowed, as the real one does.
func accessError(m *model, op string) *fault {
	groups := "No group currently allows this operation."
	if names := m.edition.groupNames(m.rights[op]); len(names) > 0 {
		groups = "This operation is allowed for the following groups:\n\t- " + strings.Join(names, "\n\t- ")
	}
	return newFault("odoo.exceptions.AccessError",
		"You are not allowed to %s '%s' (%s) records.\n\n%s\n\nContact your administrator to request access if necessary.",
		verbOf(op), m.label, m.name, groups)
}

// notNull is PostgreSQL's refusal of a missing required column.
func notNull(m *model, f *field) *fault {
	e := validationError("The operation cannot be completed:\n"+
		"- Create/update: a mandatory field is not set.\n"+
		"- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n"+
		"Model: %s (%s)\nField: %s (%s)\n", m.label, m.name, f.label, f.name)
	if m.edition.major >= 19 {
		e = validationError("The operation cannot be completed: Missing required value for the field '%s' (%s).\nModel: '%s' (%s)\n"+
			"- create/update: a mandatory field is not set\n"+
			"- delete: another model requires the record being deleted, you can archive it instead\n", f.label, f.name, m.label, m.name)
	}
	e.row = func(loaded *model) map[string]any {
		if loaded != m {
			return map[string]any{"message": fmt.Sprintf("Missing required value for the field '%s'", f.name)}
		}
		text := fmt.Sprintf("Missing required value for the field '%s' (%s)", f.label, f.name)
		if m.edition.major >= 19 {
			text = strings.TrimPrefix(e.text, "The operation cannot be completed: ")
		}
		return map[string]any{"message": text, "field": f.name}
	}
	return e
}

// foreignKey is the refusal of a many2one to a record that is not there. Its
// text speaks of a deletion in the real one too.
func foreignKey(m *model, f *field) *fault {
	key := m.sqlName() + "_" + f.name + "_fkey"
	e := validationError("The operation cannot be completed: another model requires the record being deleted. "+
		"If possible, archive it instead.\n\nModel: %s (%s)\nConstraint: %s\n", m.label, m.name, key)
	if m.edition.major >= 19 {
		e = validationError("The operation cannot be completed: Another model is using the record you are trying to delete.\n\n"+
			"The troublemaker is: '%s' (%s)\nThanks to the following constraint: '%s' (%s)\nHow about archiving the record instead?",
			m.label, m.name, f.label, f.name)
	}
	e.row = func(*model) map[string]any {
		return map[string]any{"message": fmt.Sprintf(
			"insert or update on table %q violates foreign key constraint %q\n", m.sqlName(), key)}
	}
	return e
}

// checkFailed is the refusal of the SQL constraint called name, with the text
// that the model declares for it.
func checkFailed(m *model, name, text string) *fault {
	e := validationError("The operation cannot be completed: %s", text)
	e.row = func(loaded *model) map[string]any {
		if loaded != m {
			return map[string]any{"message": fmt.Sprintf(
				"new row for relation %q violates check constraint %q\n", m.sqlName(), m.sqlName()+"_"+name)}
		}
		return map[string]any{"message": "'" + text + "'"}
	}
	return e
}

// serializeText is what PostgreSQL says to the loser of two transactions.
const serializeText = "could not serialize access due to concurrent update\n"

func serializationFailure() *fault {
	return newFault("psycopg2.errors.SerializationFailure", "%s", serializeText)
}

// rowMessage is the part of a load message that the error itself decides.
func rowMessage(loaded *model, err *fault) map[string]any {
	switch {
	case err.row != nil:
		return err.row(loaded)
	case strings.HasPrefix(err.name, "odoo.exceptions."), strings.HasPrefix(err.name, "psycopg2."):
		return map[string]any{"message": err.text}
	}
	return map[string]any{
		"message":  fmt.Sprintf("Unknown error during import: <class '%s'>: %s", strings.TrimPrefix(err.name, "builtins."), err.text),
		"moreinfo": "Resolve other errors first",
	}
}
