package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/agnivade/levenshtein"
)

// structure fills a struct from a block of keys. Every key must be a field.
func (d *decoder) structure(s site, v reflect.Value) {
	var rest []entry
	byKey := map[string]entry{}
	if s.node != nil {
		entries, ok := d.entries(s)
		if !ok {
			return
		}
		rest = entries
	}
	for _, e := range rest {
		byKey[e.key] = e
	}
	var keys []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := keyOf(f)
		if key == "" {
			continue
		}
		keys = append(keys, key)
		sub := site{node: byKey[key].node, path: join(s.path, key), unit: f.Tag.Get("unit")}
		if s.variable != "" {
			sub.variable = variable(s.variable, key)
			if inner := deref(f.Type); inner.Kind() == reflect.Struct && !isScalar(inner) {
				sub.variable += "_"
			}
		}
		d.decode(sub, v.Field(i))
		delete(byKey, key)
	}
	if shop, ok := v.Addr().Interface().(*Shop); ok {
		keys = append(keys, d.adopt(s, shop, byKey)...)
	}
	for _, e := range rest {
		if _, left := byKey[e.key]; left {
			d.unknownKey(s, e, keys)
		}
	}
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// keyOf is the YAML key of a field; "" for a field that is none of the file's business.
func keyOf(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch key {
	case "-":
		return ""
	case "":
		return strings.ToLower(f.Name)
	}
	return key
}

func (d *decoder) unknownKey(s site, e entry, keys []string) {
	line, column := position(start(e.at.node))
	if e.quiet {
		d.add(line, column, s.path, "a key without a value stands here; put text with braces, commas or colons in quotes")
		return
	}
	d.add(line, column, join(s.path, shorten(e.key)), "is no setting; "+suggest(e.key, keys))
}

// suggest names the likeliest of the known words, or all of them.
func suggest(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known here: " + strings.Join(known, ", ")
}

// nearest is the known word that a typing error could have made the given one
// from; "" where none is near.
func nearest(word string, known []string) string {
	if len(word) > 100 {
		return "" // nobody types that by mistake, and comparing costs its square
	}
	best, distance := "", 1+min(max(len(word)/3, 1), 3)
	for _, k := range known {
		if n := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); n < distance {
			best, distance = k, n
		}
	}
	return best
}

// secret reads one of the three forms of a secret. No message repeats anything
// of it but the name of the variable or the file.
func (d *decoder) secret(s site, v reflect.Value) {
	if text, ok := plain(s.node); ok {
		v.Set(reflect.ValueOf(NewSecret(text)))
		return
	}
	kind, target, ok := reference(s.node)
	switch {
	case ok && kind == "env":
		value, set := d.env.lookup(target)
		if !set {
			d.fail(s, "the variable %s is not set or empty; export it, or give the secret as {file: path}", shorten(target))
			return
		}
		v.Set(reflect.ValueOf(NewSecret(value)))
	case ok && kind == "file":
		value, err := d.secretFile(target)
		if err != nil {
			d.fail(s, "%v", err)
			return
		}
		v.Set(reflect.ValueOf(NewSecret(value)))
	default:
		d.fail(s, "must be text in quotes, {env: NAME} or {file: path}")
	}
}

const maxSecret = 64 << 10

// secretFile reads a secret from a regular file; who else may read that file is
// left to its owner, since containers mount secrets readable by everyone.
func (d *decoder) secretFile(name string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(d.dir, name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", fmt.Errorf("its file cannot be read: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file; name the file that holds the secret", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("its file cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("its file cannot be read: %w", err)
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	switch {
	case len(raw) > maxSecret:
		return "", fmt.Errorf("%s is larger than %d bytes; name the file that holds nothing but the secret", name, maxSecret)
	case value == "":
		return "", fmt.Errorf("%s is empty; write the secret into it", name)
	}
	return value, nil
}
