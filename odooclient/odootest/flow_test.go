package odootest

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// step is one call of a recorded order flow and its answer.
type step struct {
	User, Model, Method string
	Args                []any
	Kwargs              map[string]any
	Result              any
	Error               *struct{ Name, Message string }
}

// flow replays a recording: what the real server numbered is told apart from what
// it computed. Ids and numbers of documents are learned where they first appear
// and must stay the same one ever after.
type flow struct {
	t     *testing.T
	step  string
	ids   map[string]map[int64]int64 // by model, recorded to ours
	words map[string]string          // numbers of documents, recorded to ours
}

// relations are the models that fields of the recordings point at.
var relations = map[string]string{
	"partner_id": "res.partner", "partner_shipping_id": "res.partner", "partner_invoice_id": "res.partner", "default_partner_id": "res.partner", "default_partner_shipping_id": "res.partner",
	"product_id": "product.product", "carrier_id": "delivery.carrier", "order_id": "sale.order", "default_order_id": "sale.order", "sale_id": "sale.order", "sale_line_id": "sale.order.line",
	"picking_id": "stock.picking", "picking_ids": "stock.picking", "backorder_id": "stock.picking", "return_id": "stock.picking", "default_pick_ids": "stock.picking",
	"button_validate_picking_ids": "stock.picking", "picking_ids_not_to_backorder": "stock.picking", "move_ids": "stock.move", "move_id": "stock.move", "journal_id": "account.journal",
	"wizard_id": "stock.return.picking", "product_return_moves": "stock.return.picking.line", "country_id": "res.country", "location_id": "stock.location", "lot_stock_id": "stock.location",
	"tax_id": "account.tax", "tax_ids": "account.tax", "taxes_id": "account.tax", "order_line": "sale.order.line", "invoice_ids": "account.move", "reconciled_invoice_ids": "account.move",
	"reversed_entry_id": "account.move", "invoice_line_ids": "account.move.line", "sale_order_ids": "sale.order", "company_id": "res.company", "currency_id": "res.currency",
	"warehouse": "stock.warehouse", "contact": "res.partner", "invoice": "res.partner", "delivery": "res.partner", "search_default_picking_type_id": "stock.picking.type",
}

func TestARecordedOrderFlowIsAnsweredAsTheRealServerDid(t *testing.T) {
	for version, name := range map[int]string{17: "order_flow_api", 19: "order_flow_api_19"} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			raw, err := os.ReadFile("testdata/rpc/" + name + ".json")
			require.NoError(t, err)
			var steps []step
			require.NoError(t, decodeJSON(raw, &steps))
			s := flowServer(t, version)
			users := map[string]*client{"api": newClient(t, s, "api", "api"), "apimgr": newClient(t, s, "admin", "admin")}
			f := &flow{t: t, ids: map[string]map[int64]int64{}, words: map[string]string{}}
			f.ids["res.country"] = map[int64]int64{233: s.ID("res.country", "code", "US")}
			for n, st := range steps {
				f.step = fmt.Sprintf("step %d %s.%s", n, st.Model, st.Method)
				args, kwargs := f.arguments(st)
				got, fault := users[st.User].try(st.Model, st.Method, args, kwargs)
				if st.Error != nil {
					require.NotNil(t, fault, "%s: %v", f.step, got)
					require.Equal(t, st.Error.Name, fault["name"], f.step)
					f.same("", st.Model, st.Error.Message, fault["message"])
					continue
				}
				require.Nil(t, fault, f.step)
				f.same("", st.Model, st.Result, got)
			}
		})
	}
}

// flowServer is the company of the recordings: in dollars, without pricelists,
// with 15 % and, in 19, a fiscal position that takes it away.
func flowServer(t *testing.T, version int) *Server {
	t.Helper()
	s := Start(t, Options{Version: version, Now: func() time.Time { return time.Date(2026, 11, 21, 23, 19, 46, 0, time.UTC) }})
	s.Set("res.company", 1, Values{"currency_id": s.ID("res.currency", "name", "USD")})
	for _, list := range []string{"EUR", "USD"} {
		s.Set("product.pricelist", s.ID("product.pricelist", "name", list), Values{"active": false})
	}
	tax := s.AddTax("15%", "15", false, "")
	s.Set("res.company", 1, Values{"account_sale_tax_id": tax})
	if version >= 19 {
		exports := s.AddTax("0% Exports", "0", false, "")
		s.MapTax(s.AddFiscalPosition("Exports", Values{"auto_apply": true}), tax, exports)
	}
	c := newClient(t, s, "api", "api")
	s.AddProduct("WORK", "Work", decimal.NewFromInt(10), Values{"detailed_type": "service"})
	s.AddPartner(map[string]any{"name": "Ann"})
	c.must("account.move", "action_post", bill(t, s, c, 1).Invoices[0].ID) // theirs was not the first invoice either
	return s
}

// arguments are a recorded call's with our ids.
func (f *flow) arguments(st step) ([]any, map[string]any) {
	args := slices.Clone(st.Args)
	for i, a := range args {
		switch list, ok := a.([]any); {
		case ok && (st.Method == "search" || st.Method == "search_read") && i == 0:
			args[i] = f.domain(st.Model, list)
		case ok && i == 0 && len(numbers(list)) == len(list):
			args[i] = f.mine(st.Model, list)
		default:
			args[i] = f.mine("", a)
		}
	}
	kwargs := f.mine("", st.Kwargs).(map[string]any)
	if context, ok := kwargs["context"].(map[string]any); ok {
		theirs := st.Kwargs["context"].(map[string]any)
		for _, key := range []string{"active_ids", "active_id"} {
			if model, ok := theirs["active_model"].(string); ok && theirs[key] != nil {
				context[key] = f.mine(model, theirs[key])
			}
		}
	}
	return args, kwargs
}

func (f *flow) domain(model string, list []any) []any {
	out := make([]any, len(list))
	for i, leaf := range list {
		parts := slices.Clone(leaf.([]any))
		name := parts[0].(string)
		if name == "id" {
			parts[2] = f.mine(model, parts[2])
		} else {
			parts[2] = f.mine(relations[name], parts[2])
		}
		out[i] = parts
	}
	return out
}

// mine puts our ids of a model, and our numbers of documents, into a value.
func (f *flow) mine(model string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = f.mine(relations[k], e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			if command, ok := e.([]any); ok && len(command) > 1 && len(numbers(command[:2])) == 2 { // [6, 0, ids], [4, id], [0, 0, vals]
				c := slices.Clone(command)
				if id, _ := toInt(c[1]); id != 0 {
					c[1] = f.mine(model, c[1])
				}
				if len(c) > 2 {
					c[2] = f.mine(model, c[2])
				}
				out[i] = c
				continue
			}
			out[i] = f.mine(model, e)
		}
		return out
	case json.Number:
		if id, err := v.Int64(); err == nil && f.ids[model] != nil {
			if to, ok := f.ids[model][id]; ok {
				return to
			}
		}
	case string:
		if to, ok := f.words[v]; ok {
			return to
		}
	}
	return v
}

var (
	moment = regexp.MustCompile(`^20\d\d-\d\d-\d\d( \d\d:\d\d:\d\d)?$`)
	number = regexp.MustCompile(`S\d{5}|WH/(OUT|IN)/\d{5}|R?INV/\d{4}/\d{5}|PBNK1/\d{4}/\d{5}|\(id \d+\)`)
)

// same compares an answer with the recorded one and learns ids and numbers.
func (f *flow) same(key, model string, want, got any) {
	f.t.Helper()
	where := f.step + " " + key
	if to, ok := relations[key]; ok {
		model = to
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		require.True(f.t, ok, "%s: %v", where, got)
		if m, ok := w["res_model"].(string); ok {
			model = m
		}
		for k, v := range w {
			switch k {
			case "view_id", "views", "search_view_id": // numbered by the modules that are installed
				continue
			case "id":
				if w["xml_id"] == nil {
					f.learn(model, v, g["id"])
				}
				continue
			case "res_id":
				f.learn(model, v, g["res_id"])
				continue
			case "default_template_id", "default_email_layout_xmlid": // of its mails, which are not held here
				continue
			}
			require.Contains(f.t, g, k, where)
			f.same(k, model, v, g[k])
		}
	case []any:
		g, ok := got.([]any)
		require.True(f.t, ok, "%s: %v", where, got)
		require.Len(f.t, g, len(w), where)
		if len(w) == 2 && relations[key] != "" && len(numbers(w)) == 1 { // a many2one and its name
			f.learn(model, w[0], g[0])
			f.same("name of "+key, "", w[1], g[1])
			return
		}
		for i := range w {
			f.same(key, model, w[i], g[i])
		}
	case json.Number:
		if relations[key] != "" || key == "" && model != "" {
			f.learn(model, w, got)
			return
		}
		n, ok := toDecimal(got)
		expected, _ := toDecimal(w)
		require.True(f.t, ok && expected.Equal(n), "%s: want %s, got %v", where, w, got)
	case string:
		g, ok := got.(string)
		require.True(f.t, ok, "%s: want %q, got %v", where, w, got)
		if moment.MatchString(w) {
			require.Regexp(f.t, moment, g, where)
			return
		}
		theirs, ours := number.FindAllString(w, -1), number.FindAllString(g, -1)
		require.Len(f.t, ours, len(theirs), "%s: want %q, got %q", where, w, g)
		for i, word := range theirs {
			if known, ok := f.words[word]; ok {
				require.Equal(f.t, known, ours[i], where)
			}
			f.words[word] = ours[i]
		}
		require.Equal(f.t, number.ReplaceAllString(w, "#"), number.ReplaceAllString(g, "#"), where)
	default:
		require.Equal(f.t, want, got, where)
	}
}

func (f *flow) learn(model string, want, got any) {
	f.t.Helper()
	theirs, ok := toInt(want)
	ours, mine := toInt(got)
	require.True(f.t, ok && mine && ours != 0, "%s: %s %v is %v", f.step, model, want, got)
	if f.ids[model] == nil {
		f.ids[model] = map[int64]int64{}
	}
	if known, ok := f.ids[model][theirs]; ok {
		require.Equal(f.t, known, ours, "%s: %s %d", f.step, model, theirs)
	}
	f.ids[model][theirs] = ours
}
