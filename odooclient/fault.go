package odooclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Kind says what went wrong, as far as a caller can act on it.
type Kind string

// The kinds of faults. What each says about execution: AccessDenied, NoDatabase
// and Unreachable were certainly not executed; Uncertain and BadAnswer may have
// been; every other kind is Odoo's own refusal, whose transaction is rolled back.
const (
	AccessDenied    Kind = "access_denied"  // login or key refused
	AccessError     Kind = "access_error"   // the user lacks a right, or the method is private
	MissingRecord   Kind = "missing_record" // deleted, or never there
	UserError       Kind = "user_error"     // a business rule refuses
	ValidationError Kind = "validation_error"
	BadField        Kind = "bad_field" // a field or column that this Odoo does not know
	NoMethod        Kind = "no_method"
	NoModel         Kind = "no_model"
	BadArgs         Kind = "bad_args"      // wrong arguments, found here or there
	Serialization   Kind = "serialization" // lost against a concurrent transaction
	NoDatabase      Kind = "no_database"
	Unreachable     Kind = "unreachable" // nothing was sent
	Uncertain       Kind = "uncertain"   // sent, and the answer never came
	BadAnswer       Kind = "bad_answer"  // not Odoo's JSON, too large, or another HTTP status
	Other           Kind = "other"
)

// Kinds lists every kind, for metrics that show all series from the start.
func Kinds() []Kind {
	return []Kind{AccessDenied, AccessError, MissingRecord, UserError, ValidationError, BadField, NoMethod,
		NoModel, BadArgs, Serialization, NoDatabase, Unreachable, Uncertain, BadAnswer, Other}
}

// Fault is an error that Odoo or the way to it answered with.
type Fault struct {
	Kind    Kind
	Name    string // Odoo's exception, for example "odoo.exceptions.UserError"
	Message string // its first line, no traceback
	Model   string
	Method  string
	Status  int   // the HTTP status, when there was an answer
	Err     error // the cause on our side: network, context
}

func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString("odoo: ")
	if f.Model != "" {
		b.WriteString(f.Model + ".")
	}
	if f.Method != "" {
		b.WriteString(f.Method + ": ")
	}
	b.WriteString(string(f.Kind))
	if f.Message != "" {
		b.WriteString(": " + f.Message)
	}
	return b.String()
}

// Unwrap gives the cause on our side, so that errors.Is finds a context's end.
func (f *Fault) Unwrap() error { return f.Err }

// Temporary reports whether the same call may succeed later without anybody
// changing anything.
func (f *Fault) Temporary() bool {
	switch f.Kind {
	case Unreachable, Uncertain, Serialization:
		return true
	case BadAnswer:
		return f.Status >= http.StatusInternalServerError || f.Status == http.StatusTooManyRequests
	}
	return false
}

// KindOf is the kind of the Fault within err, and "" when there is none.
func KindOf(err error) Kind {
	if f := faultOf(err); f != nil {
		return f.Kind
	}
	return ""
}

func faultOf(err error) *Fault {
	var f *Fault
	if !errors.As(err, &f) {
		return nil
	}
	return f
}

// exceptionKind knows the exceptions that mean the same whatever their text.
func exceptionKind(name string) (Kind, bool) {
	switch name {
	case "odoo.exceptions.AccessDenied", "werkzeug.exceptions.Unauthorized", "odoo.http.SessionExpiredException":
		return AccessDenied, true
	case "odoo.exceptions.AccessError":
		return AccessError, true
	case "odoo.exceptions.MissingError":
		return MissingRecord, true
	case "odoo.exceptions.UserError", "odoo.exceptions.RedirectWarning":
		return UserError, true
	case "odoo.exceptions.ValidationError":
		return ValidationError, true
	case "psycopg2.errors.SerializationFailure", "psycopg2.errors.DeadlockDetected",
		"psycopg2.errors.LockNotAvailable", "psycopg2.errors.InFailedSqlTransaction",
		"psycopg2.extensions.TransactionRollbackError",
		"odoo.exceptions.LockError", "odoo.exceptions.ConcurrencyError":
		return Serialization, true
	case "psycopg2.pool.PoolError":
		return Unreachable, true
	case "psycopg2.InterfaceError", "psycopg2.errors.AdminShutdown":
		return Uncertain, true
	case "builtins.TypeError", "werkzeug.exceptions.UnprocessableEntity", "werkzeug.exceptions.BadRequest":
		return BadArgs, true
	}
	return Other, false
}

// classify finds the kind of an exception by its name and, where Python's own
// exceptions say too little, by its text. named is whether the call named fields.
func classify(name, text string, named bool) Kind {
	kind, known := exceptionKind(name)
	switch {
	case kind == UserError && strings.HasPrefix(text, "Object ") && strings.HasSuffix(text, "doesn't exist"):
		return NoModel
	case known:
		return kind
	case name == "psycopg2.OperationalError":
		return databaseKind(text)
	case name == "builtins.AttributeError" && noMethod(text):
		return NoMethod
	case name == "werkzeug.exceptions.NotFound" && noMethod(text):
		return NoMethod
	case name == "werkzeug.exceptions.NotFound" && strings.HasPrefix(text, "the model "):
		return NoModel
	case name == "builtins.ValueError" && strings.HasPrefix(text, "Invalid field"):
		return BadField
	case name == "builtins.ValueError" && strings.HasPrefix(text, "Wrong value for"):
		return ValidationError
	// A KeyError names an unknown column; in a method without arguments it is a
	// record that the method's code cannot cope with.
	case name == "builtins.KeyError" && named:
		return BadField
	case transient(text):
		return Serialization
	}
	return Other
}

// noMethod recognises the texts of 17 ("The method 'm' does not exist on the
// model 'x'") and 19 ("The method 'x.m' does not exist"); neither is translated.
func noMethod(text string) bool {
	return strings.HasPrefix(text, "The method '") && strings.Contains(text, "' does not exist")
}

// exception is the fault of one Python exception, named as classify wants it.
func exception(name, text string, status int, named bool) *Fault {
	kind, line := classify(name, text, named), firstLine(text)
	if kind == BadField && name == "builtins.KeyError" {
		line = fmt.Sprintf("unknown field %q", strings.Trim(line, "'"))
	}
	return &Fault{Kind: kind, Name: name, Message: line, Status: status}
}

// databaseKind tells the ways in which Odoo cannot use PostgreSQL apart.
func databaseKind(text string) Kind {
	switch {
	case strings.Contains(text, "database \"") && strings.Contains(text, "does not exist"):
		return NoDatabase
	case strings.HasPrefix(text, "connection to server"):
		return Unreachable
	case transient(text):
		return Serialization
	}
	return Uncertain
}

// transient reports whether a text is PostgreSQL's word for "lost against a
// concurrent transaction". load passes these on as row messages, and blames
// records of a transaction that is broken already with the last of them.
func transient(text string) bool {
	return strings.Contains(text, "could not serialize access") ||
		strings.Contains(text, "deadlock detected") ||
		strings.Contains(text, "could not obtain lock") ||
		strings.Contains(text, "current transaction is aborted")
}

// firstLine is the sentence for people; the lines after it are lists of groups,
// constraint names or tracebacks. A sentence that leads to such a list gets its
// last line, where 17 names the field.
func firstLine(text string) string {
	text = strings.TrimSpace(text)
	line, rest, _ := strings.Cut(text, "\n")
	if line = strings.TrimSpace(line); rest != "" && strings.HasSuffix(line, ":") {
		line += " " + strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
	}
	return line
}
