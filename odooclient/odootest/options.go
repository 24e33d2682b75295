package odootest

import (
	"net/http"
	"time"
)

// Options say what kind of Odoo to be. The zero value is Odoo 17 rounding per
// line, database "odoo", user and password "api".
type Options struct {
	// Version is 17 or 19, which has other names and JSON-2 beside JSON-RPC.
	Version int
	// Rounding is the company's method: "round_per_line" or "round_globally".
	// Empty is the version's own default: per line in 17, globally in 19.
	Rounding string
	// Database, User and Password are what the client logs in with.
	Database, User, Password string
	// APIKey opens JSON-2 for User and stands for its password elsewhere; empty:
	// one made from the name, as every account has. See Server.APIKey.
	APIKey string
	// PickingPolicy is what new orders have: "direct" (empty) or "one", a setting of
	// the database.
	PickingPolicy string
	// Latency is how long a call takes before it runs; nil: no time.
	Latency func(model, method string) time.Duration
	// Now is the server's clock; nil: the real time.
	Now func() time.Time
}

// FaultMode is what goes wrong with one call.
type FaultMode int

// The modes: nothing; the connection closes before the call ran; it closes
// after the call was committed; the proxy answers 500 before the call ran; the
// call loses against a parallel transaction; the proxy answers 502 after the call
// was committed; nothing is answered after the call was committed, until the caller
// gives up.
const (
	None FaultMode = iota
	DropBefore
	DropAfter
	Err500
	Serialize
	Err502After
	SilentAfter
)

// failed answers as the mode says, where that is not as Odoo itself would.
func (m FaultMode) failed(w http.ResponseWriter, r *http.Request) bool {
	switch m {
	case SilentAfter:
		<-r.Context().Done()
		fallthrough
	case DropBefore, DropAfter:
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	case Err500:
		page(w, http.StatusInternalServerError, "<html><h1>Internal Server Error</h1></html>")
	case Err502After:
		page(w, http.StatusBadGateway, "<html><h1>502 Bad Gateway</h1></html>")
	default:
		return false
	}
	return true
}
