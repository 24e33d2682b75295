package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills structs from the YAML tree and the environment and collects
// what is wrong. The library's own decoder stops at the first type error and
// tells no positions of what is valid YAML but a bad setting.
type decoder struct {
	file     string
	dir      string // relative secret files start here
	env      *environment
	problems Problems
	// places are where each setting came from; names is the variable of each
	// setting that has one.
	places map[string]place
	names  map[string]string
}

// place is where the value of a setting stands.
type place struct {
	line, column int
	variable     string // set: the environment, not the file
	secret       bool   // its value must not be shown
	failed       bool   // it could not be read: checking it further would only confuse
}

// site is one setting to be decoded.
type site struct {
	node     ast.Node // nil: not in the file
	path     string
	variable string // overrides it; "" where the environment cannot
	unit     string
}

func newDecoder(file, dir string, env *environment) *decoder {
	return &decoder{file: file, dir: dir, env: env, places: map[string]place{}, names: map[string]string{}}
}

// decode reads a setting into v, which keeps what it has (its default) where
// neither file nor environment says anything.
func (d *decoder) decode(s site, v reflect.Value) {
	if isNull(s.node) {
		s.node = nil
	} else {
		d.note(s, v.Type() == secretType)
	}
	switch t := v.Type(); {
	case isScalar(t):
		d.scalar(s, v)
	case t.Kind() == reflect.Pointer:
		if s.node == nil && (s.variable == "" || !d.env.hasAny(s.variable)) {
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		d.decode(s, v.Elem())
	case t.Kind() == reflect.Struct:
		d.structure(s, v)
	case t.Kind() == reflect.Slice:
		d.list(s, v)
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String && isScalar(t.Elem()):
		d.table(s, v)
	default:
		d.fail(s, "a setting of type %s cannot be read; use text, whole numbers, durations, lists, maps of text and structs", t)
	}
}

func (d *decoder) scalar(s site, v reflect.Value) {
	if s.variable != "" {
		d.names[s.path] = s.variable
		if text, ok := d.env.lookup(s.variable); ok {
			d.override(s, v, text)
			return
		}
	}
	if s.node == nil {
		return
	}
	if v.Type() == secretType {
		d.secret(s, v)
		return
	}
	text, ok := plain(s.node)
	if b, isBool := s.node.(*ast.BoolNode); isBool && v.Kind() == reflect.Bool {
		text, ok = fmt.Sprint(b.Value), true
	}
	if !ok {
		d.fail(s, "must be %s, and here stands %s", wanted(v, s.unit), found(s.node))
		return
	}
	if err := setText(v, text, s.unit); err != nil {
		d.fail(s, "%v", err)
	}
}

// override takes the value of a variable.
func (d *decoder) override(s site, v reflect.Value, text string) {
	d.places[s.path] = place{variable: s.variable, secret: v.Type() == secretType}
	if v.Type() == secretType {
		v.Set(reflect.ValueOf(NewSecret(text)))
		return
	}
	if err := setText(v, text, s.unit); err != nil {
		d.fail(s, "%v", err)
	}
}

func (d *decoder) list(s site, v reflect.Value) {
	elem := v.Type().Elem()
	if s.variable != "" && isScalar(elem) {
		d.names[s.path] = s.variable
		if text, ok := d.env.lookup(s.variable); ok {
			v.Set(reflect.MakeSlice(v.Type(), 0, 1))
			d.places[s.path] = place{variable: s.variable, secret: elem == secretType}
			for i, part := range strings.Split(text, ",") {
				item := reflect.New(elem).Elem()
				d.override(site{path: fmt.Sprintf("%s[%d]", s.path, i), variable: s.variable, unit: s.unit}, item, strings.TrimSpace(part))
				v.Set(reflect.Append(v, item))
			}
			return
		}
	}
	if s.node == nil {
		return
	}
	seq, ok := s.node.(*ast.SequenceNode)
	if !ok {
		d.fail(s, "must be a list, each item on its own line behind \"- \", and here stands %s", found(s.node))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, n := range seq.Values {
		d.decode(site{node: n, path: fmt.Sprintf("%s[%d]", s.path, i), unit: s.unit}, v.Index(i))
	}
}

func (d *decoder) table(s site, v reflect.Value) {
	if s.node == nil {
		return
	}
	entries, ok := d.entries(s)
	if !ok {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, e := range entries {
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(site{node: e.node, path: s.path + "[" + e.key + "]"}, item)
		v.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), item)
	}
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	at    site // the key itself, for problems with it
	node  ast.Node
	quiet bool // it may be a torn secret: do not repeat it
}

// entries are the keys of a mapping in their order, each once.
func (d *decoder) entries(s site) ([]entry, bool) {
	values, ok := pairs(s.node)
	if !ok {
		d.fail(s, "must be a block of keys, and here stands %s", found(s.node))
		return nil, false
	}
	var out []entry
	seen := map[string]int{}
	for _, kv := range values {
		key := kv.Key.GetToken()
		e := entry{key: key.Value, at: site{node: kv.Key, path: s.path}, node: kv.Value}
		m, _ := s.node.(*ast.MappingNode)
		e.quiet = m != nil && m.IsFlowStyle && isNull(kv.Value)
		line, column := position(key)
		_, simple := plain(kv.Key)
		first := seen[e.key]
		switch {
		case kv.Key.IsMergeKey(), !simple:
			d.fail(e.at, "only plain keys are read here; write the values out, without <<, ? or tags")
		case first > 0:
			d.add(line, column, join(s.path, e.key), fmt.Sprintf("stands here twice, first in line %d; keep one", first))
		default:
			seen[e.key] = line
			out = append(out, e)
		}
	}
	return out, true
}

// note remembers where a setting stands.
func (d *decoder) note(s site, secret bool) {
	line, column := position(start(s.node))
	d.places[s.path] = place{line: line, column: column, secret: secret}
}

// fail reports a setting that cannot be read.
func (d *decoder) fail(s site, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	at := d.places[s.path]
	if at.variable != "" {
		d.problems = append(d.problems, Problem{File: "environment", Path: at.variable, Message: message})
	} else {
		line, column := at.line, at.column
		if s.node != nil {
			line, column = position(start(s.node))
		}
		d.add(line, column, s.path, message)
	}
	at.failed = true
	d.places[s.path] = at
}

func (d *decoder) add(line, column int, path, message string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Column: column, Path: path, Message: message})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// wanted and found are the two sides of a type problem in words.
func wanted(v reflect.Value, unit string) string {
	switch {
	case v.Type() == durationType:
		return "a duration such as 10s"
	case unit == "bytes":
		return "a size such as 16MiB"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.CanInt():
		return "a whole number"
	}
	return "text"
}

func found(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a block of keys"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "true or false; put it in quotes if it is meant as text"
	case *ast.InfinityNode, *ast.NanNode:
		return "a special number; put it in quotes if it is meant as text"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return "a YAML anchor, alias or tag; write the value out, in quotes if it begins with & * or !"
	}
	return "a single value"
}
