package odootest

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// baseMethods are what every model has.
func baseMethods(ed *edition) map[string]*method {
	all := map[string]*method{
		"create":       {params: []string{"vals_list"}, required: 1, op: "c", owner: "-", run: create},
		"write":        {record: true, params: []string{"vals"}, required: 1, op: "w", run: write},
		"unlink":       {record: true, op: "u", run: unlink},
		"read":         {record: true, lenient: true, params: []string{"fields", "load"}, op: "r", owner: "BaseModel", run: read},
		"search":       {params: []string{"domain", "offset", "limit", "order"}, required: 1, op: "r", owner: "BaseModel", run: search},
		"search_count": {params: []string{"domain", "limit"}, required: 1, op: "r", owner: "BaseModel", run: searchCount},
		"search_read": {
			params: []string{"domain", "fields", "offset", "limit", "order", "load"}, op: "r", run: searchRead,
		},
		"exists":               {record: true, lenient: true, op: "-", run: exists},
		"name_search":          {params: []string{"name", "args", "operator", "limit"}, op: "r", run: nameSearch},
		"fields_get":           {params: []string{"allfields", "attributes"}, op: "-", run: fieldsGet},
		"load":                 {params: []string{"fields", "data"}, required: 2, op: "-", run: load},
		"get_external_id":      {record: true, lenient: true, op: "-", run: getExternalID},
		"default_get":          {params: []string{"fields_list"}, required: 1, run: defaultGet},
		"has_access":           {record: true, lenient: true, params: []string{"operation"}, required: 1, op: "-", run: hasAccess},
		"check_access_rights":  {params: []string{"operation", "raise_exception"}, required: 1, op: "-", run: checkAccessRights},
		"invalidate_recordset": {record: true, lenient: true, op: "-", run: func(*env, *call) (any, error) { return nil, nil }},
	}
	if ed.major < 19 {
		delete(all, "has_access")
	} else {
		all["default_get"].params = []string{"fields"}
	}
	return all
}

func create(e *env, c *call) (any, error) {
	raw := c.args["vals_list"]
	one, single := raw.(map[string]any)
	list := []any{one}
	if !single {
		var ok bool
		if list, ok = raw.([]any); !ok {
			return nil, typeError("'%s' object is not iterable", pyType(raw))
		}
	}
	vals := make([]map[string]any, len(list))
	for i, v := range list {
		if single {
			vals[i] = one
			continue
		}
		var ok bool
		if vals[i], ok = v.(map[string]any); !ok {
			return nil, attributeError("'%s' object has no attribute 'items'", pyType(v))
		}
	}
	rs, err := e.create(c.m, vals)
	if err != nil {
		return nil, err
	}
	ids := idsOf(rs)
	if single {
		return ids[0], nil
	}
	return ids, nil
}

func write(e *env, c *call) (any, error) {
	vals, ok := c.args["vals"].(map[string]any)
	if !ok {
		return nil, typeError("argument of type '%s' is not iterable", pyType(c.args["vals"]))
	}
	return true, e.write(c.m, c.rs, vals)
}

func unlink(e *env, c *call) (any, error) { return true, e.unlink(c.m, c.rs) }

func read(e *env, c *call) (any, error) { return e.rows(c.m, c.rs, c.args["fields"], classic(c)) }

// classic says whether a many2one is answered with its name; load="" leaves it out.
func classic(c *call) bool {
	v, given := c.args["load"]
	return !given || v == "_classic_read"
}

func search(e *env, c *call) (any, error) {
	rs, err := e.page(c.m, c.args["domain"], c.args["offset"], c.args["limit"], c.args["order"])
	return idsOf(rs), err
}

func searchCount(e *env, c *call) (any, error) {
	rs, err := e.page(c.m, c.args["domain"], nil, c.args["limit"], nil)
	return int64(len(rs)), err
}

func searchRead(e *env, c *call) (any, error) {
	rs, err := e.page(c.m, c.args["domain"], c.args["offset"], c.args["limit"], c.args["order"])
	if err != nil {
		return nil, err
	}
	return e.rows(c.m, rs, c.args["fields"], classic(c))
}

func exists(_ *env, c *call) (any, error) { return idsOf(c.rs), nil }

func nameSearch(e *env, c *call) (any, error) {
	op := "ilike"
	if s, ok := c.args["operator"].(string); ok {
		op = s
	}
	limit := int64(100)
	if n, ok := toInt(c.args["limit"]); ok {
		limit = n
	}
	out := []any{}
	for _, r := range e.named(c.m, toText(c.args["name"]), op, int(limit)) {
		out = append(out, []any{r.id, e.displayName(r)})
	}
	return out, nil
}

// defaultGet answers what a new record starts with.
func defaultGet(e *env, c *call) (any, error) {
	out := map[string]any{}
	wanted := set(c.args["fields_list"])
	if c.m.edition.major >= 19 {
		wanted = set(c.args["fields"])
	}
	for _, f := range c.m.list {
		if !wanted[f.name] || !f.stored() {
			continue
		}
		if v := e.context["default_"+f.name]; v != nil {
			out[f.name] = v
			continue
		}
		if f.fallback == nil {
			continue
		}
		switch v := f.fallback(e).(type) {
		case nil:
		case decimal.Decimal:
			out[f.name] = pyFloat{v}
		case time.Time:
			out[f.name] = v.Format(dateTimeFormat)
		default:
			out[f.name] = v
		}
	}
	return out, nil
}

// getExternalID answers with string keys, "" for a record without one.
func getExternalID(e *env, c *call) (any, error) {
	out := map[string]any{}
	for _, id := range c.ids {
		name := ""
		if names := e.s.names[recordKey{c.m.name, id}]; len(names) > 0 {
			name = names[0]
		}
		out[fmt.Sprint(id)] = name
	}
	return out, nil
}

func checkAccessRights(e *env, c *call) (any, error) {
	err := e.allowed(c.m, verb(c))
	v, given := c.args["raise_exception"]
	if err != nil && given && !truthy(v) {
		return false, nil
	}
	if err == nil && c.m.edition.major >= 19 && (!given || truthy(v)) {
		return nil, nil // 19 says no more than that nothing was raised
	}
	return err == nil, err
}

// hasAccess is 19's question; without records it is about the model.
func hasAccess(e *env, c *call) (any, error) {
	return e.allowed(c.m, verb(c)) == nil, nil
}

// verb is the right that a call's operation names.
func verb(c *call) string {
	return map[string]string{"read": "r", "write": "w", "create": "c", "unlink": "u"}[toText(c.args["operation"])]
}

func idsOf(rs []*record) []int64 {
	ids := make([]int64, len(rs))
	for i, r := range rs {
		ids[i] = r.id
	}
	return ids
}

func recordset(m *model, rs []*record) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = fmt.Sprint(r.id)
	}
	return m.name + "(" + strings.Join(parts, ", ") + ")"
}
