package shopifytest

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// execution answers one query: exactly the selected fields, no others.
type execution struct {
	schema *ast.Schema
	vars   object
	cost   float64 // of what was really returned
}

// object picks what the selection names out of a node.
func (e *execution) object(set ast.SelectionSet, n *node) (object, error) {
	out := object{}
	return out, e.into(out, set, n)
}

func (e *execution) into(out object, set ast.SelectionSet, n *node) error {
	for _, sel := range set {
		var err error
		switch sel := sel.(type) {
		case *ast.Field:
			if e.wanted(sel.Directives) {
				err = e.field(out, sel, n)
			}
		case *ast.InlineFragment:
			if e.wanted(sel.Directives) && e.matches(sel.TypeCondition, n) {
				err = e.into(out, sel.SelectionSet, n)
			}
		case *ast.FragmentSpread:
			if e.wanted(sel.Directives) && e.matches(sel.Definition.TypeCondition, n) {
				err = e.into(out, sel.Definition.SelectionSet, n)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wanted follows @include and @skip.
func (e *execution) wanted(directives ast.DirectiveList) bool {
	for _, d := range directives {
		on, _ := d.ArgumentMap(e.vars)["if"].(bool)
		if d.Name == "include" && !on || d.Name == "skip" && on {
			return false
		}
	}
	return true
}

// matches reports whether a fragment's type is the node's or one of its kinds.
func (e *execution) matches(condition string, n *node) bool {
	if condition == "" || condition == n.kind {
		return true
	}
	for _, possible := range e.schema.GetPossibleTypes(e.schema.Types[condition]) {
		if possible.Name == n.kind {
			return true
		}
	}
	return false
}

func (e *execution) field(out object, f *ast.Field, n *node) error {
	if f.Name == "__typename" {
		out[f.Alias] = n.kind
		return nil
	}
	value, ok := n.fields[f.Name]
	if !ok {
		return fmt.Errorf("the fake store does not fill %s.%s", n.kind, f.Name)
	}
	args := f.ArgumentMap(e.vars)
	var err error
	switch v := value.(type) {
	case *node:
		if v == nil {
			out[f.Alias] = nil
			return nil
		}
		if f.Name != "pageInfo" {
			e.cost++
		}
		out[f.Alias], err = e.object(f.SelectionSet, v)
	case []*node:
		if isConnection(f) {
			e.cost += connectionCost
			v, info := page(v, args)
			out[f.Alias], err = e.object(f.SelectionSet, &node{f.Definition.Type.Name(), object{"nodes": v, "pageInfo": info}})
			return err
		}
		if n, limited := args["first"].(int64); limited && int(n) < len(v) {
			v = v[:n]
		}
		out[f.Alias], err = e.list(f, v)
	default:
		out[f.Alias] = value
	}
	return err
}

func (e *execution) list(f *ast.Field, nodes []*node) ([]object, error) {
	list := make([]object, 0, len(nodes))
	if !sized(f) && f.Name != "nodes" {
		e.cost++ // a list without a page size counts as one object
	}
	for _, n := range nodes {
		if sized(f) || f.Name == "nodes" {
			e.cost++
		}
		one, err := e.object(f.SelectionSet, n)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func isConnection(f *ast.Field) bool {
	return strings.HasSuffix(f.Definition.Type.Name(), "Connection")
}

// sized lists are charged by the page that was asked for.
func sized(f *ast.Field) bool { return f.Arguments.ForName("first") != nil }

// place is the hidden field of what a list is sorted by.
const place = " place"

// page cuts one page out. A cursor names the last record before the page by what the
// list is sorted by, as Shopify's do: a record that changes meanwhile shifts none past
// the reader. Lists that are not sorted have no such place; there it is a number.
func page(all []*node, args object) ([]*node, *node) {
	begin := 0
	if after, ok := args["after"].(string); ok {
		if raw, err := base64.StdEncoding.DecodeString(after); err == nil {
			begin = behind(all, string(raw), args["reverse"] == true)
		}
	}
	end := len(all)
	if first, ok := args["first"].(int64); ok {
		end = min(end, begin+int(first))
	}
	last := strconv.Itoa(end)
	if end > 0 {
		if at, sorted := all[end-1].fields[place].(string); sorted {
			last = at
		}
	}
	return all[begin:end], &node{"PageInfo", object{"hasNextPage": end < len(all), "hasPreviousPage": begin > 0,
		"startCursor": nil, "endCursor": base64.StdEncoding.EncodeToString([]byte(last))}}
}

// behind is where the list goes on after a cursor; a broken one begins at the start.
func behind(all []*node, cursor string, reverse bool) int {
	if !strings.Contains(cursor, " ") {
		n, _ := strconv.Atoi(cursor)
		return min(max(n, 0), len(all))
	}
	for i, n := range all {
		if at, _ := n.fields[place].(string); reverse && at < cursor || !reverse && at > cursor {
			return i
		}
	}
	return len(all)
}

// connectionCost is what a connection costs besides its nodes.
const connectionCost = 2

// mutationCost is what one change costs, whatever is asked of its answer.
const mutationCost = 10

// costOf is what an operation costs before it runs.
func costOf(op *ast.OperationDefinition, vars object) float64 {
	if op.Operation == ast.Mutation {
		return mutationCost * float64(len(op.SelectionSet))
	}
	return requested(op.SelectionSet, vars)
}

// requested is the cost of a selection before it runs: an object is one point, a
// list its page size, a scalar nothing.
func requested(set ast.SelectionSet, vars object) float64 {
	sum := 0.0
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			sum += requested(sel.SelectionSet, vars)
		case *ast.FragmentSpread:
			sum += requested(sel.Definition.SelectionSet, vars)
		case *ast.Field:
			sum += requestedField(sel, vars)
		}
	}
	return sum
}

func requestedField(f *ast.Field, vars object) float64 {
	if len(f.SelectionSet) == 0 || f.Name == "pageInfo" {
		return 0
	}
	inner := requested(f.SelectionSet, vars)
	args := f.ArgumentMap(vars)
	first, _ := args["first"].(int64)
	switch {
	case isConnection(f):
		return connectionCost + float64(first)*inner
	case sized(f):
		return float64(first) * (1 + inner)
	}
	return 1 + inner
}
