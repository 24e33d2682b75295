package odootest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// method is one that can be called from outside. params are its named
// arguments in order; a record method takes ids first.
type method struct {
	params   []string
	required int
	record   bool
	lenient  bool   // record method that leaves missing ids out instead of failing
	op       string // the right it needs: r, w, c, u; "-" for none
	owner    string // class named in argument errors; the model's when empty
	run      func(e *env, c *call) (any, error)
}

func (md *method) takes(name string) bool { return slices.Contains(md.params, name) }

// call is a method call with its arguments bound to their names.
type call struct {
	m    *model
	ids  []int64
	rs   []*record
	args map[string]any
}

// bindArgs gives positional and keyword arguments their names, and complains in
// Python's words when it cannot.
func (e *env) bindArgs(m *model, name string, md *method, args []any, kwargs map[string]any) (*call, error) {
	c := &call{m: m, args: map[string]any{}}
	if md.record {
		if len(args) == 0 {
			return nil, indexError("tuple")
		}
		if err := e.records(c, md, args[0]); err != nil {
			return nil, err
		}
		args = args[1:]
	}
	class := md.owner
	switch class {
	case "":
		class = className(m.name) + "."
	case "-": // wrapped by a decorator, which loses the class
		class = ""
	default:
		class += "."
	}
	if len(args) > len(md.params) {
		return nil, typeError("%s%s() takes %s but %d were given", class, name, arity(md), len(args)+1)
	}
	for i, a := range args {
		c.args[md.params[i]] = a
	}
	for k, v := range kwargs {
		if _, twice := c.args[k]; twice {
			return nil, typeError("%s%s() got multiple values for argument '%s'", class, name, k)
		}
		if !md.takes(k) {
			return nil, typeError("%s%s() got an unexpected keyword argument '%s'", class, name, k)
		}
		c.args[k] = v
	}
	var missing []string
	for _, p := range md.params[:md.required] {
		if _, ok := c.args[p]; !ok {
			missing = append(missing, "'"+p+"'")
		}
	}
	if len(missing) == 1 {
		return nil, typeError("%s%s() missing 1 required positional argument: %s", class, name, missing[0])
	}
	if len(missing) > 1 {
		return nil, typeError("%s%s() missing %d required positional arguments: %s", class, name, len(missing), strings.Join(missing, " and "))
	}
	return c, nil
}

func arity(md *method) string {
	low, high := md.required+1, len(md.params)+1
	if low == high {
		if high == 1 {
			return "1 positional argument"
		}
		return fmt.Sprintf("%d positional arguments", high)
	}
	return fmt.Sprintf("from %d to %d positional arguments", low, high)
}

func className(model string) string {
	var b strings.Builder
	up := true
	for _, c := range model {
		if c == '.' {
			up = true
			continue
		}
		if up {
			c = unicode.ToUpper(c)
		}
		b.WriteRune(c)
		up = false
	}
	return b.String()
}

// records resolves ids. Null ids are not refused, they are nobody.
func (e *env) records(c *call, md *method, raw any) error {
	list, ok := raw.([]any)
	if !ok {
		list = []any{raw}
	}
	for _, v := range list {
		if v == nil || v == false {
			continue
		}
		id, ok := toInt(v)
		if _, isText := v.(string); !ok || isText {
			return valueError("Invalid id %s for %s", pyRepr(v), c.m.name)
		}
		c.ids = append(c.ids, id)
		r := e.browse(c.m.name, id)
		switch {
		case r != nil:
			c.rs = append(c.rs, r)
		case !md.lenient:
			return missingError(c.m, id, e.uid)
		}
	}
	return nil
}
