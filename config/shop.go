package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// block is a platform's own part of a shop, kept as it was read until the
// platform decodes it.
type block struct {
	node     ast.Node // nil: nothing in it
	present  bool
	file     string
	dir      string
	path     string // of the shop: "shops[0]"
	variable string // how the shop's variables begin
	env      *environment
	places   map[string]place // of the shop and everything in it
}

// adopt keeps the platform's block of a shop, takes its key out of rest and
// reports the blocks of other platforms. It returns the key of the block.
func (d *decoder) adopt(s site, shop *Shop, rest map[string]entry) []string {
	own, present := rest[shop.Platform]
	shop.block = &block{node: own.node, present: present, file: d.file, dir: d.dir, path: s.path,
		variable: shopVariable(shop.ID), env: d.env, places: d.places}
	if present {
		delete(rest, shop.Platform)
		d.index(own.node, join(s.path, shop.Platform), own.at)
	}
	for key, e := range rest {
		if _, isBlock := pairs(e.node); !isBlock {
			continue
		}
		switch {
		case shop.Platform == "":
			delete(rest, key) // that the platform is missing says it all
		case present:
			delete(rest, key)
			line, column := position(start(e.at.node))
			d.add(line, column, join(s.path, shorten(key)), fmt.Sprintf("is no block of a shop of platform %q; remove it or change the platform", shorten(shop.Platform)))
		}
	}
	if shop.Platform == "" {
		return nil
	}
	return []string{shop.Platform}
}

// index notes the places of everything below a block, for Shop.Problem.
func (d *decoder) index(n ast.Node, path string, at site) {
	line, column := position(start(at.node))
	d.places[path] = place{line: line, column: column}
	values, _ := pairs(n)
	for _, kv := range values {
		d.index(kv.Value, join(path, kv.Key.GetToken().Value), site{node: kv.Key})
	}
}

func shopVariable(id string) string {
	return prefix + "SHOP_" + strings.ToUpper(id) + "_"
}

// NewShop makes a shop without a file, for tests and the demo; text is the
// inside of its platform's block in YAML. Secrets in it cannot name variables.
func NewShop(id, platform string, books Books, text string) (Shop, error) {
	file := "shop " + id
	root, err := document([]byte(text), file)
	if err != nil {
		return Shop{}, err
	}
	shop := Shop{ID: id, Platform: platform, Books: books}
	d := newDecoder(file, "", newEnvironment(nil))
	shop.block = &block{node: root, present: true, file: file, env: d.env, variable: shopVariable(id), places: d.places}
	if root != nil {
		d.index(root, platform, site{node: root})
	}
	d.check(&shop, "")
	return shop, d.problems.Err()
}

// Decode reads the block named after the shop's platform into a struct that
// into points to, puts the environment (ODOOGATE_SHOP_<ID>_<KEY>) over it and
// checks it by its validate tags. Fields are named by their yaml tags; what
// neither sets keeps its value, so defaults stand in the struct before. The
// error is Problems with their places. It may be called any number of times.
func (s Shop) Decode(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("decode shop %s: need a pointer to a struct, got %T", s.ID, into)
	}
	if s.block == nil {
		return errors.New("decode shop " + s.ID + ": it comes neither from Parse nor from NewShop")
	}
	if s.Platform == "" {
		return Problems{s.Problem("platform", sentences()["required"])} // as Parse says it
	}
	if !s.block.present {
		return Problems{s.Problem("platform", fmt.Sprintf("the block %q is missing; write the shop's own settings under it, beside platform", shorten(s.Platform)))}
	}
	b := s.block
	d := newDecoder(b.file, b.dir, b.env.fork())
	path := join(b.path, s.Platform)
	maps.Copy(d.places, b.places)
	d.decode(site{node: b.node, path: path, variable: b.variable}, v.Elem())
	for _, name := range d.env.unused(b.variable) {
		d.problems = append(d.problems, Problem{File: "environment", Path: name,
			Message: fmt.Sprintf("names no key of the block %q of shop %s; %s", s.Platform, s.ID, suggest(strings.TrimPrefix(name, b.variable), d.blockKeys(b.variable)))})
	}
	d.check(into, path)
	return d.problems.Err()
}

// blockKeys are the keys of a block as its variables spell them.
func (d *decoder) blockKeys(prefix string) []string {
	keys := d.variables()
	for i, name := range keys {
		keys[i] = strings.TrimPrefix(name, prefix)
	}
	return keys
}

// Problem is for those who find something wrong with a shop that validate tags
// cannot express: key is "platform", "books.company" or "shopify.domain", and
// the problem stands where that key does. The message must hold no secret.
func (s Shop) Problem(key, message string) Problem {
	if s.block == nil {
		return Problem{File: "shop " + s.ID, Path: key, Message: message}
	}
	b := s.block
	d := newDecoder(b.file, b.dir, b.env)
	d.places = b.places
	path := join(b.path, key)
	if own, ok := strings.CutPrefix(key, s.Platform+"."); ok {
		name := b.variable + strings.ToUpper(strings.ReplaceAll(own, ".", "_"))
		if _, set := b.env.vars[name]; set {
			return Problem{File: "environment", Path: name, Message: message}
		}
	}
	return d.problem(path, message)
}
