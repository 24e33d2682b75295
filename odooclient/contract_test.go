package odooclient_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// TestContract holds every Odoo that we speak to, in memory or real, to what the
// callers of this package rely on. A real one is named by ODOO_URL, ODOO_DB,
// ODOO_USER and ODOO_PASSWORD (or an API key); its user needs the gateway's rights
// and its database two products for sale with a SKU. Records of a run bear its own
// prefix; at the end its orders are cancelled and its contacts archived.
func TestContract(t *testing.T) {
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			o := open(t, h)
			for _, c := range clauses() {
				t.Run(c.name, func(t *testing.T) { c.check(t, o) })
			}
		})
	}
}

type clause struct {
	name  string
	check func(t *testing.T, o *odoo)
}

func clauses() []clause {
	var all []clause
	for _, group := range [][]clause{aboutClauses(), readClauses(), writeClauses(), loadClauses(), orderClauses(), faultClauses(), groupedClauses(), bookingClauses(), stockClauses(), bookClauses(), activityClauses(),
		refundClauses(), settleClauses(), returnClauses(), afterClauses()} {
		all = append(all, group...)
	}
	return all
}

// host is one way to an Odoo, and the protocol that must be found on it ("" when
// the environment does not tell).
type host struct {
	name     string
	cfg      config.Odoo
	protocol string
	memory   bool
}

func hosts(t *testing.T) []host {
	var all []host
	add := func(name string, version int, protocol string, change func(*odootest.Server, *config.Odoo)) {
		s := odootest.Start(t, odootest.Options{Version: version})
		for _, sku := range []string{"CUP", "PLATE"} {
			s.AddProduct(sku, "A "+sku, decimal.New(1200, -2))
		}
		s.AddTax("25.5 %", "25.5", false, "FI")
		s.Set("res.users", s.ID("res.users", "login", "api"), odootest.Values{"tz": "Europe/Helsinki"})
		cfg := s.Config()
		change(s, &cfg)
		all = append(all, host{name, cfg, protocol, true})
	}
	secret := func(of func(*odootest.Server) string) func(*odootest.Server, *config.Odoo) {
		return func(s *odootest.Server, c *config.Odoo) { c.Password = config.NewSecret(of(s)) }
	}
	password := func(*odootest.Server) string { return "api" }
	key := func(s *odootest.Server) string { return s.APIKey("api") }
	add("17 in memory", 17, "jsonrpc", secret(password))
	add("19 in memory with a password", 19, "jsonrpc", secret(password))
	add("19 in memory with an API key", 19, "json2", secret(key))
	add("19 in memory with an API key over JSON-RPC", 19, "jsonrpc", func(s *odootest.Server, c *config.Odoo) {
		secret(key)(s, c)
		c.Protocol = "jsonrpc"
	})
	return append(all, real(t)...)
}

// real is the server that the environment names, over each protocol that it and
// the secret know.
func real(t *testing.T) []host {
	if os.Getenv("ODOO_URL") == "" {
		return nil
	}
	cfg := config.Odoo{URL: os.Getenv("ODOO_URL"), Database: os.Getenv("ODOO_DB"), User: os.Getenv("ODOO_USER"),
		Password: config.NewSecret(os.Getenv("ODOO_PASSWORD")), Connections: 4, Timeout: 2 * time.Minute}
	found := host{name: "real", cfg: cfg}
	c := odooclient.New(cfg, odooclient.Options{})
	defer c.Close()
	protocol, err := c.Protocol(t.Context())
	require.NoError(t, err, "the server of ODOO_URL")
	if found.name += " over " + protocol; protocol == "jsonrpc" {
		return []host{found}
	}
	cfg.Protocol = "jsonrpc"
	return []host{found, {name: "real over jsonrpc with the key", cfg: cfg, protocol: "jsonrpc"}}
}

// odoo is an Odoo under test and what of it the clauses need.
type odoo struct {
	host
	*odooclient.Client
	run      string // prefix of this run's records
	major    int
	taxes    string // the field of a line's taxes
	products []int64
	skus     []string
	company  int64

	mu     sync.Mutex
	number int
}

func open(t *testing.T, h host) *odoo {
	c := odooclient.New(h.cfg, odooclient.Options{})
	o := &odoo{host: h, Client: c, run: "contract" + strconv.FormatInt(time.Now().UnixNano(), 36)}
	t.Cleanup(c.Close)
	v, err := c.Version(t.Context())
	require.NoError(t, err)
	o.major = v.Major
	fields, err := c.Fields(t.Context(), "sale.order.line")
	require.NoError(t, err)
	o.taxes = fields.First("tax_ids", "tax_id")
	for _, row := range o.search(t, "product.product", []any{[]any{"sale_ok", "=", true}, []any{"default_code", "!=", false}}, "default_code") {
		o.products, o.skus = append(o.products, row.ID()), append(o.skus, row.Str("default_code"))
	}
	require.GreaterOrEqual(t, len(o.products), 2, "the database needs two products for sale with a SKU")
	companies := o.search(t, "res.company", []any{}, "name")
	require.NotEmpty(t, companies)
	o.company = companies[0].ID()
	t.Cleanup(func() { o.tidy(t) })
	return o
}

// tidy cancels the run's orders and archives its contacts: neither is shown any
// more, and Odoo lets nobody delete what others may refer to.
func (o *odoo) tidy(t *testing.T) {
	ctx := context.WithoutCancel(t.Context()) // which has ended
	own := func(field string) map[string]any {
		return map[string]any{"domain": []any{[]any{field, "=like", o.run + "%"}}, "fields": []string{"id"}}
	}
	ids := func(rows []odooclient.Row) (ids []int64) {
		for _, row := range rows {
			ids = append(ids, row.ID())
		}
		return ids
	}
	var orders, people []odooclient.Row
	require.NoError(t, o.Call(ctx, odooclient.Request{Model: "sale.order", Method: "search_read", Args: own("client_order_ref")}, &orders))
	for _, method := range []string{"action_unlock", "action_cancel"} {
		req := odooclient.Request{Model: "sale.order", Method: method, IDs: ids(orders), Context: o.context("disable_cancel_warning", true)}
		require.NoError(t, o.Call(ctx, req, nil))
	}
	require.NoError(t, o.Call(ctx, odooclient.Request{Model: "res.partner", Method: "search_read", Args: own("name")}, &people))
	require.NoError(t, o.Call(ctx, odooclient.Request{Model: "res.partner", Method: "write", IDs: ids(people),
		Args: map[string]any{"vals": map[string]any{"active": false}}}, nil))
}

// context is what every write of the gateway carries: nobody is written to, and
// times are UTC. Without tz a load reads them in the zone of the user's settings.
func (o *odoo) context(more ...any) map[string]any {
	c := map[string]any{"mail_create_nosubscribe": true, "mail_create_nolog": true, "mail_notrack": true,
		"mail_auto_subscribe_no_notify": true, "tracking_disable": true, "tz": "UTC"}
	for i := 0; i < len(more); i += 2 {
		c[more[i].(string)] = more[i+1]
	}
	return c
}

// name is new to the database, for names, references and external ids.
func (o *odoo) name() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.number++
	return fmt.Sprintf("%s_%d", o.run, o.number)
}

// xid is the external id of a name.
func xid(name string) string { return "odoogate." + name }

func (o *odoo) must(t *testing.T, req odooclient.Request, into any) {
	t.Helper()
	require.NoError(t, o.Call(t.Context(), req, into))
}

func (o *odoo) search(t *testing.T, model string, domain []any, fields ...string) []odooclient.Row {
	t.Helper()
	var rows []odooclient.Row
	o.must(t, odooclient.Request{Model: model, Method: "search_read", Args: map[string]any{"domain": domain, "fields": fields}}, &rows)
	return rows
}

func (o *odoo) ids(t *testing.T, model string, domain []any) []int64 {
	t.Helper()
	var ids []int64
	for _, row := range o.search(t, model, domain, "id") {
		ids = append(ids, row.ID())
	}
	return ids
}

func (o *odoo) get(t *testing.T, model string, id int64, fields ...string) odooclient.Row {
	t.Helper()
	row, ok, err := o.Get(t.Context(), odooclient.Query{Model: model, Fields: fields}, id)
	require.NoError(t, err)
	require.True(t, ok, "%s %d", model, id)
	return row
}

// load loads rows of one record whose columns stand in one text.
func (o *odoo) load(t *testing.T, model, columns string, rows ...[]any) (int64, error) {
	return o.Load(t.Context(), odooclient.Shape{Model: model, Fields: strings.Fields(columns), Context: o.context()}, rows)
}

func (o *odoo) loaded(t *testing.T, model, columns string, rows ...[]any) int64 {
	t.Helper()
	id, err := o.load(t, model, columns, rows...)
	require.NoError(t, err)
	require.Positive(t, id)
	return id
}

// partner loads a new contact.
func (o *odoo) partner(t *testing.T) (name string, id int64) {
	t.Helper()
	name = o.name()
	return name, o.loaded(t, "res.partner", "id name", []any{xid(name), name})
}

func requireFault(t *testing.T, want odooclient.Kind, err error, told ...string) {
	t.Helper()
	var f *odooclient.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, want, f.Kind, "%v", err)
	for _, word := range told {
		require.Contains(t, err.Error(), word)
	}
	require.NotContains(t, err.Error(), "\n")
}

func requireRow(t *testing.T, err error, told string) *odooclient.RowError {
	t.Helper()
	var row *odooclient.RowError
	require.ErrorAs(t, err, &row, "%v", err)
	require.Contains(t, row.Message, told)
	return row
}
