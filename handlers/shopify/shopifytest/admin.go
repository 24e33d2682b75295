package shopifytest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed schema.graphql
var schemaText string

// maxQueryCost is what one query may ask for on any plan.
const maxQueryCost = 1000

// admin is the Admin API of a store.
type admin struct {
	store  *Store
	schema *ast.Schema

	mu        sync.Mutex
	available float64
	at        time.Time
	scripted  []http.HandlerFunc
	requests  int
	throttled int
}

func newAdmin(s *Store) *admin {
	return &admin{store: s, schema: schema(), available: s.opts.Bucket, at: s.opts.Now()}
}

func schema() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: schemaText})
}

// Handler answers POST /admin/api/{version}/graphql.json.
func (s *Store) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/api/{version}/graphql.json", s.admin.serve)
	mux.HandleFunc("POST /admin/oauth/access_token", s.exchange)
	return mux
}

// Script puts answers before the store's own, one a request.
func (s *Store) Script(answers ...http.HandlerFunc) {
	s.admin.mu.Lock()
	defer s.admin.mu.Unlock()
	s.admin.scripted = append(s.admin.scripted, answers...)
}

// Requests counts the calls to the Admin API so far.
func (s *Store) Requests() int {
	s.admin.mu.Lock()
	defer s.admin.mu.Unlock()
	return s.admin.requests
}

// Throttled counts those that were refused because their cost was more than the bucket
// held.
func (s *Store) Throttled() int {
	s.admin.mu.Lock()
	defer s.admin.mu.Unlock()
	return s.admin.throttled
}

// Cost is what a query asks of the bucket. It fails where the query does not
// fit the schema.
func Cost(query string, vars map[string]any) (float64, error) {
	doc, errs := gqlparser.LoadQueryWithRules(schema(), query, rules.NewDefaultRules())
	if len(errs) > 0 {
		return 0, errs
	}
	return costOf(doc.Operations[0], vars), nil
}

func (a *admin) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.requests++
	var script http.HandlerFunc
	if len(a.scripted) > 0 {
		script, a.scripted = a.scripted[0], a.scripted[1:]
	}
	a.mu.Unlock()
	if script != nil {
		script(w, r)
		return
	}
	w.Header().Set("X-Shopify-API-Version", a.store.opts.APIVersion)
	w.Header().Set("Date", a.store.opts.Now().UTC().Format(http.TimeFormat))
	if !a.store.takes(r.Header.Get("X-Shopify-Access-Token")) {
		reply(w, http.StatusUnauthorized, object{"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
		return
	}
	var q struct {
		Query     string `json:"query"`
		Variables object `json:"variables"`
	}
	body := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	body.UseNumber()
	if err := body.Decode(&q); err != nil {
		reply(w, http.StatusBadRequest, object{"errors": "Bad Request"})
		return
	}
	reply(w, http.StatusOK, a.answer(q.Query, q.Variables))
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone: nobody to tell
}

func failure(code, message string, more object) object {
	ext := object{"code": code}
	maps.Copy(ext, more)
	return object{"errors": []object{{"message": message, "extensions": ext}}}
}

// answer runs one query against the bucket.
func (a *admin) answer(text string, vars object) object {
	doc, errs := gqlparser.LoadQueryWithRules(a.schema, text, rules.NewDefaultRules())
	if len(errs) > 0 {
		return failure("undefinedField", errs[0].Message, nil)
	}
	op := doc.Operations[0]
	values, err := validator.VariableValues(a.schema, op, vars)
	if err != nil {
		return failure("argumentLiteralsIncompatible", err.Error(), nil)
	}
	if field, scope := a.store.refuses(op); field != "" {
		out := failure("ACCESS_DENIED", "Access denied for "+field+" field. Required access: `"+scope+"` access scope.", nil)
		out["data"] = nil
		return out
	}
	cost := costOf(op, values)
	if cost > maxQueryCost {
		return failure("MAX_COST_EXCEEDED", fmt.Sprintf("Query cost is %.0f, which exceeds the single query max cost limit (%d).", cost, maxQueryCost),
			object{"cost": cost, "maxCost": maxQueryCost})
	}
	if !a.spend(cost) {
		out := failure("THROTTLED", "Throttled", nil)
		out["extensions"] = a.extensions(cost, nil)
		return out
	}
	e := &execution{schema: a.schema, vars: values}
	data, runErr := e.object(op.SelectionSet, a.root(op, values))
	if op.Operation == ast.Query {
		a.giveBack(cost - e.cost)
	} else {
		e.cost = cost
	}
	if runErr != nil {
		return failure("INTERNAL_SERVER_ERROR", runErr.Error(), nil)
	}
	return object{"data": data, "extensions": a.extensions(cost, e.cost)}
}

func (a *admin) extensions(requested float64, actual any) object {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refill()
	return object{"cost": object{"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": object{
		"maximumAvailable": a.store.opts.Bucket, "currentlyAvailable": float64(int(a.available)), "restoreRate": a.store.opts.Restore}}}
}

func (a *admin) refill() {
	now := a.store.opts.Now()
	a.available = min(a.store.opts.Bucket, a.available+now.Sub(a.at).Seconds()*a.store.opts.Restore)
	a.at = now
}

func (a *admin) spend(cost float64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refill()
	if cost > a.available {
		a.throttled++
		return false
	}
	a.available -= cost
	return true
}

func (a *admin) giveBack(cost float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.available = min(a.store.opts.Bucket, a.available+cost)
}

// root holds the records that the operation's own fields ask for.
func (a *admin) root(op *ast.OperationDefinition, vars object) *node {
	s := a.store
	s.mu.Lock()
	defer s.mu.Unlock()
	fields := object{}
	for _, sel := range op.SelectionSet {
		f, ok := sel.(*ast.Field)
		if !ok {
			continue
		}
		args := f.ArgumentMap(vars)
		id, _ := args["id"].(string)
		switch f.Name {
		case "webhookSubscriptionCreate", "webhookSubscriptionUpdate", "webhookSubscriptionDelete":
			fields[f.Name] = s.changeHook(f.Name, args)
		case "order":
			fields[f.Name] = s.orderNode(id)
		case "fulfillment":
			fields[f.Name] = s.partNode(id, (*Order).fulfillmentNodes)
		case "refund":
			fields[f.Name] = s.partNode(id, s.refundNodes)
		case "return":
			fields[f.Name] = s.partNode(id, (*Order).returnNodes)
		case "reverseFulfillmentOrder":
			fields[f.Name] = s.partNode(id, (*Order).allReverseNodes)
		case "reverseDelivery":
			fields[f.Name] = s.partNode(id, (*Order).parcelNodes)
		case "orders":
			fields[f.Name] = s.searchNodes(args)
		case "shop":
			fields[f.Name] = s.shopNode()
		case "currentAppInstallation":
			fields[f.Name] = s.installationNode()
		case "webhookSubscriptions":
			fields[f.Name] = s.hookNodes()
		}
	}
	kind := "Query"
	if op.Operation == ast.Mutation {
		kind = "Mutation"
	}
	return &node{kind, fields}
}

func (s *Store) orderNode(id string) *node {
	o, err := s.find(strings.TrimPrefix(id, "gid://shopify/Order/"))
	if err != nil {
		return nil // null is how the API says that there is none
	}
	return s.node(o)
}

func (s *Store) partNode(id string, of func(*Order) []*node) *node {
	for _, o := range s.orders {
		for _, n := range of(o) {
			if n.fields["id"] == id {
				return n
			}
		}
	}
	return nil
}
