package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Diff says in one line a setting what changed from before to after, sorted by
// name: "worker.live: 64 → 32". Secrets and the platforms' own blocks are named
// without their values.
func Diff(before, after *Config) []string {
	old, now := map[string]string{}, map[string]string{}
	flatten(reflect.ValueOf(*before), "", old)
	flatten(reflect.ValueOf(*after), "", now)
	var lines []string
	for name, was := range old {
		is, there := now[name]
		switch {
		case !there:
			lines = append(lines, name+": removed")
		case was != is && unshown(was):
			lines = append(lines, name+": changed")
		case was != is:
			lines = append(lines, fmt.Sprintf("%s: %s → %s", name, was, is))
		}
	}
	for name := range now {
		if _, there := old[name]; !there {
			lines = append(lines, name+": added")
		}
	}
	slices.Sort(lines)
	return lines
}

// unshownMark begins a value that is compared and never shown.
const unshownMark = "\x00"

func unshown(value string) bool { return strings.HasPrefix(value, unshownMark) }

// flatten writes every setting below v into out, by its name in the file. Shops
// go by their id, so that moving one is no change.
func flatten(v reflect.Value, name string, out map[string]string) {
	switch x := v.Interface().(type) {
	case Secret:
		out[name] = unshownMark + x.Reveal()
		return
	case Moment:
		out[name] = x.String()
		return
	case Keep:
		out[name] = x.String()
		return
	case Shop:
		if x.block != nil {
			flattenBlock(x.block.node, join(name, x.Platform), out)
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			flatten(v.Elem(), name, out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("yaml") != "" {
				flatten(v.Field(i), join(name, f.Tag.Get("yaml")), out)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			key := fmt.Sprint(i)
			if shop, ok := v.Index(i).Interface().(Shop); ok {
				key = shop.ID
			}
			flatten(v.Index(i), name+"["+key+"]", out)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			flatten(v.MapIndex(key), join(name, fmt.Sprint(key)), out)
		}
	default:
		out[name] = fmt.Sprint(v.Interface())
	}
}

// flattenBlock does the same for a block that only its platform understands; a
// value in it may be a secret.
func flattenBlock(n ast.Node, name string, out map[string]string) {
	values, isMap := pairs(n)
	if !isMap {
		if n != nil {
			out[name] = unshownMark + n.String()
		}
		return
	}
	for _, kv := range values {
		flattenBlock(kv.Value, join(name, kv.Key.GetToken().Value), out)
	}
}
