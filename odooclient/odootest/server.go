// Package odootest is an Odoo 17 or 19 in memory that answers over HTTP as the real
// one does: the envelope of /jsonrpc, the error shapes, load with external ids,
// domains, the rules of sale orders, stock, invoices and payments, and Odoo's tax
// arithmetic. Tests and the demo
// run against it.
//
// Every call is one transaction and transactions run one after the other, so a
// failing call leaves no trace. What is written is looked at with Orders, which
// shows transfers, invoices and payments too, Partners, Invoices, Payments,
// Activities, Calls and MailsSent. It shares no code with the client or a solver:
// what it computes is a second opinion.
package odootest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/odoogate/odoogate/config"
)

// Server is the in-memory Odoo. All methods may be called at any time from any
// goroutine.
type Server struct {
	// URL is where it listens; empty before Start or Listen.
	URL string

	opt     Options
	edition *edition
	now     func() time.Time
	models  map[string]*model
	base    map[string]*method

	mu          sync.Mutex // one transaction at a time; guards what follows
	tables      map[string]*table
	xids        map[string]xid
	names       map[recordKey][]string
	logins      map[string]login
	writes      map[int64]int // write operations by sale order
	lastData    int64
	lastOrder   int
	lastPicking map[int64]int    // by operation type
	lastEntry   map[string]int64 // by prefix, the last number of invoices and payments

	watch sync.Mutex // guards the counters and the fault plan
	calls map[string]int
	fault func(model, method string) FaultMode
}

// New returns a server with master data: the company in euros, currencies,
// countries with the states of the US and Canada, the pricelists "EUR" and
// "USD", a warehouse, a delivery product and the user of the options. An unknown
// version or rounding method panics: it is a mistake in a test.
func New(opt Options) *Server {
	if opt.Version == 0 {
		opt.Version = 17
	}
	ed := editionOf(opt.Version)
	if ed != nil && opt.Rounding == "" {
		opt.Rounding = ed.rounding
	}
	if opt.PickingPolicy == "" {
		opt.PickingPolicy = "direct"
	}
	if ed == nil || opt.Rounding != "round_per_line" && opt.Rounding != "round_globally" {
		panic(fmt.Sprintf("odootest: version %d with %q is not spoken; use 17 or 19 with round_per_line or round_globally", opt.Version, opt.Rounding))
	}
	for _, d := range []struct {
		v  *string
		to string
	}{{&opt.Database, "odoo"}, {&opt.User, "api"}, {&opt.Password, "api"}} {
		if *d.v == "" {
			*d.v = d.to
		}
	}
	s := &Server{
		opt: opt, edition: ed, now: opt.Now, models: models(ed), base: baseMethods(ed), tables: map[string]*table{}, xids: map[string]xid{},
		names: map[recordKey][]string{}, logins: map[string]login{}, writes: map[int64]int{}, calls: map[string]int{}, lastPicking: map[int64]int{}, lastEntry: map[string]int64{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	for name, m := range s.models {
		s.tables[name] = newTable(m)
	}
	s.seed()
	return s
}

// Handler answers POST /jsonrpc and GET /web/health, and in 19 GET /web/version
// and POST /json/2/<model>/<method>, which wants the database in X-Odoo-Database:
// the server stands for one with several databases.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/jsonrpc", s.serveRPC)
	mux.HandleFunc("GET /web/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status": "pass"}`)) // a client that left needs no answer
	})
	if s.edition.major >= 19 {
		mux.HandleFunc("/json/2/", s.serveJSON2)
		mux.HandleFunc("GET /web/version", func(w http.ResponseWriter, _ *http.Request) {
			writeJSON2(w, map[string]any{"version_info": s.edition.info(), "version": s.edition.release}, nil)
		})
	}
	return mux
}

// Listen serves HTTP on addr ("127.0.0.1:0" for a free port) until stop is
// called, which waits for calls in flight.
func (s *Server) Listen(addr string) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("odootest: listen on %s: %w", addr, err)
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("odootest: serve: %v", err))
		}
	}()
	s.URL = "http://" + l.Addr().String()
	var once sync.Once
	return s.URL, func() {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			if srv.Shutdown(ctx) != nil {
				_ = srv.Close() // calls that outlast the grace are cut
			}
			<-done
		})
	}, nil
}

// Start is New and Listen on a free port for the length of a test.
func Start(t testing.TB, opt Options) *Server {
	t.Helper()
	s := New(opt)
	_, stop, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return s
}

// Config is how a client reaches this server as User; valid after Start or
// Listen. The password is the API key where the version has JSON-2.
func (s *Server) Config() config.Odoo { return s.ConfigOf(s.opt.User) }

// ConfigOf is Config for another account; an unknown one panics.
func (s *Server) ConfigOf(user string) config.Odoo {
	secret := s.APIKey(user)
	if s.edition.major < 19 {
		s.mu.Lock()
		secret = s.logins[user].password
		s.mu.Unlock()
	}
	return config.Odoo{
		URL: s.URL, Database: s.opt.Database, User: user, Password: config.NewSecret(secret),
		Connections: 4, Timeout: 30 * time.Second,
	}
}

// APIKey is the key of an account; an unknown login panics.
func (s *Server) APIKey(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins[user]
	if !ok {
		panic(fmt.Sprintf("odootest: no user %q", user))
	}
	return l.key
}

// Fault sets what goes wrong with the calls that follow; nil: nothing. It is
// asked once a call, from the goroutine that answers it; logins are the model
// "common".
func (s *Server) Fault(f func(model, method string) FaultMode) {
	s.watch.Lock()
	defer s.watch.Unlock()
	s.fault = f
}

func (s *Server) faultFor(model, method string) FaultMode {
	s.watch.Lock()
	f := s.fault
	s.watch.Unlock()
	if f == nil {
		return None
	}
	return f(model, method)
}

func (s *Server) count(call string) {
	s.watch.Lock()
	defer s.watch.Unlock()
	s.calls[call]++
}

// Calls is how often each "model.method" was run; logins are
// "common.authenticate".
func (s *Server) Calls() map[string]int {
	s.watch.Lock()
	defer s.watch.Unlock()
	return maps.Clone(s.calls)
}

// CallCount is the number of calls of all methods.
func (s *Server) CallCount() int {
	n := 0
	for _, c := range s.Calls() {
		n += c
	}
	return n
}

// user checks uid and password, as every object call does.
func (s *Server) user(uid int64, password any) (login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.logins {
		if l.id == uid && l.opens(password) {
			return l, true
		}
	}
	return login{}, false
}
