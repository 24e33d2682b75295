package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Channel is what holds for orders that were sold over certain channels.
type Channel struct {
	Names []string `yaml:"names" validate:"min=1,dive,required"` // as the shop calls them
	Books Books    `yaml:"books"`
}

// Rule is what holds for orders to which all of When applies.
type Rule struct {
	Name  string `yaml:"name" validate:"required"` // for people and for explain
	When  When   `yaml:"when"`
	Books Books  `yaml:"books"`
	// Workflow is the name of one of the shop's; empty: the shop's own.
	Workflow string `yaml:"workflow"`
}

// When is what a rule asks of an order. An empty list asks nothing; a list is met
// by any of its words, compared without case and outer spaces.
type When struct {
	Channels   []string `yaml:"channels" validate:"dive,required"`
	Gateways   []string `yaml:"gateways" validate:"dive,required"` // payment methods
	Countries  []string `yaml:"countries" validate:"dive,iso3166_1_alpha2"`
	Currencies []string `yaml:"currencies" validate:"dive,iso4217"`
	Tags       []string `yaml:"tags" validate:"dive,required"`
	// Financial and Fulfilment are the shop's own words; an order of which nothing
	// is shipped is "unfulfilled", and one that was paid is "paid" too, whatever was
	// given back since. Risk is high, medium, low or none.
	Financial  []string `yaml:"financial" validate:"dive,required"`
	Fulfilment []string `yaml:"fulfilment" validate:"dive,required"`
	Risk       []string `yaml:"risk" validate:"dive,oneof=high medium low none"`
}

// Facts are what channels and rules are chosen by.
type Facts struct {
	Channel, Country, Currency string
	Financial, Fulfilment      string
	Paid                       bool // nothing is owed, though some may have gone back
	Risk                       string
	Gateways, Tags             []string
}

// Origins say where each setting comes from: its key below books ("team",
// "products.unknown", "carriers[posti]") → its place in the shop's block
// ("books.team", "channels[0].books.team").
type Origins map[string]string

// For is what holds for an order with these facts: the shop's books, over them
// those of the first channel that has its name, over them those of the first rule
// that applies. A key that is set in a nearer place wins; maps are joined key by key.
func (s Shop) For(f Facts) (Books, Origins) {
	base := s.layer("books", Books{})
	b, from := base.Books, base.From
	for i, c := range s.Channels {
		if anyOf(c.Names, f.Channel) {
			lay(reflect.ValueOf(&b).Elem(), reflect.ValueOf(c.Books), "", fmt.Sprintf("channels[%d].books", i), from)
			break
		}
	}
	if i := s.RuleFor(f); i >= 0 {
		lay(reflect.ValueOf(&b).Elem(), reflect.ValueOf(s.Rules[i].Books), "", ruleAt(i)+".books", from)
	}
	return b, from
}

// byDefault is the origin of what nobody set.
const byDefault = "default"

// defaults are the policies that hold where nothing is said.
func defaults() Books {
	return Books{UnknownCarrier: "default", EditableUntil: "delivered", Refunds: Refunds{AmountTax: "order"},
		Products:  Products{Match: []string{"sku", "barcode"}, Unknown: "park", Bundles: "explode", RoundingMost: new(20)},
		Customers: Customers{Match: []string{"vat", "email"}, Duplicates: "oldest", Guests: "own", Accounts: "known", MainAddress: "billing"}}
}

// Setting is one key of what holds, for people: a list or a map in one line.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
	From  string `json:"from,omitempty"`
}

// Settings lists every key of books in the order of the manual. One that nobody
// set has neither value nor origin.
func (b Books) Settings(from Origins) []Setting { return list(reflect.ValueOf(b), "", from) }

func list(v reflect.Value, key string, from Origins) []Setting {
	var out []Setting
	for i := range v.NumField() {
		f, at := v.Field(i), join(key, keyOf(v.Type().Field(i)))
		switch {
		case f.Kind() == reflect.Struct:
			out = append(out, list(f, at, from)...)
		case f.Kind() == reflect.Map && f.Len() > 0:
			for _, k := range slices.Sorted(maps.Keys(f.Interface().(map[string]string))) {
				name := at + "[" + k + "]"
				out = append(out, Setting{name, f.MapIndex(reflect.ValueOf(k)).String(), from[name]})
			}
		case f.Kind() == reflect.Pointer && !f.IsNil():
			out = append(out, Setting{at, fmt.Sprint(f.Elem()), from[at]})
		case f.Kind() == reflect.Slice && f.Len() > 0:
			var parts []string
			for n := range f.Len() {
				parts = append(parts, fmt.Sprint(f.Index(n).Interface()))
			}
			out = append(out, Setting{at, strings.Join(parts, ", "), from[at]})
		case f.Kind() == reflect.String:
			out = append(out, Setting{at, f.String(), from[at]})
		default:
			out = append(out, Setting{Key: at})
		}
	}
	return out
}

// String is the rule as its line of the file says it.
func (r TaxRule) String() string {
	parts := []string{fmt.Sprintf("rate: %q", r.Rate)}
	for _, kv := range [][2]string{{"country", r.Country}, {"region", r.Region}, {"title", r.Title}, {"kind", r.Kind}} {
		if kv[1] != "" {
			parts = append(parts, fmt.Sprintf("%s: %q", kv[0], kv[1]))
		}
	}
	if r.Included != nil {
		parts = append(parts, fmt.Sprintf("included: %t", *r.Included))
	}
	return "{" + strings.Join(append(parts, fmt.Sprintf("tax: %q", r.Tax)), ", ") + "}"
}

// String is the rule as its line of the file says it.
func (r FieldRule) String() string {
	return fmt.Sprintf("{from: %q, on: %s, field: %s}", r.From, r.On, r.Field)
}

// MetaNames are the names under which the shop keeps values that its settings ask
// for: those of books.fields and customers.vat_attributes, of its channels and rules
// too, each once and in the order of the file. A platform puts the values of these
// names, and of no others, into commerce.Order.Meta; see WantsMeta.
func (s Shop) MetaNames() []string {
	all := s.Books.metaNames()
	for _, c := range s.Channels {
		all = append(all, c.Books.metaNames()...)
	}
	for _, r := range s.Rules {
		all = append(all, r.Books.metaNames()...)
	}
	var out []string
	for _, name := range all {
		if !slices.ContainsFunc(out, func(o string) bool { return SameWord(o, name) }) {
			out = append(out, name)
		}
	}
	return out
}

// WantsMeta reports whether a name is one of MetaNames, compared without case and
// spaces.
func (s Shop) WantsMeta(name string) bool {
	return slices.ContainsFunc(s.MetaNames(), func(n string) bool { return SameWord(n, name) })
}

func (b Books) metaNames() []string {
	var all []string
	for _, f := range b.Fields {
		all = append(all, f.From)
	}
	return append(all, b.Customers.VATAttributes...)
}

// FollowsAccounts reports whether any of the shop's customers' accounts are brought to
// contacts: a rule may say so of a country alone.
func (s Shop) FollowsAccounts() bool {
	return slices.ContainsFunc(s.Layers(), func(l Layer) bool { return l.Books.Customers.Accounts != "orders" })
}

// Layer is what holds for one part of a shop's orders.
type Layer struct {
	Place string // "books", "channels[0].books", "rules[1].books"
	Books Books
	From  Origins
}

// Layers are what can hold in a shop: its books, and what each channel and each
// rule makes of them.
func (s Shop) Layers() []Layer {
	all := []Layer{s.layer("books", Books{})}
	for i, c := range s.Channels {
		all = append(all, s.layer(fmt.Sprintf("channels[%d].books", i), c.Books))
	}
	for i, r := range s.Rules {
		all = append(all, s.layer(ruleAt(i)+".books", r.Books))
	}
	return all
}

func (s Shop) layer(place string, near Books) Layer {
	l := Layer{Place: place, From: Origins{}}
	b := reflect.ValueOf(&l.Books).Elem()
	lay(b, reflect.ValueOf(defaults()), "", "", l.From)
	for key := range l.From {
		l.From[key] = byDefault
	}
	lay(b, reflect.ValueOf(s.Books), "", "books", l.From)
	lay(b, reflect.ValueOf(near), "", place, l.From)
	return l
}

// KnowsChannel reports whether the configuration speaks of the channel. A shop
// that speaks of none treats all alike.
func (s Shop) KnowsChannel(name string) bool {
	return len(s.Channels) == 0 || slices.ContainsFunc(s.Channels, func(c Channel) bool { return anyOf(c.Names, name) })
}

// anyOf reports whether one of the words is in the list; an empty list asks nothing.
func anyOf(list []string, words ...string) bool {
	return len(list) == 0 || slices.ContainsFunc(words, func(w string) bool {
		return slices.ContainsFunc(list, func(l string) bool { return SameWord(l, w) })
	})
}

// SameWord compares what people typed in two systems: without case and spaces.
func SameWord(a, b string) bool { return bare(a) == bare(b) }

func bare(word string) string { return strings.ToLower(strings.Join(strings.Fields(word), "")) }

// lay puts what over says onto b and notes where it was said.
func lay(b, over reflect.Value, key, place string, from Origins) {
	for i := range over.NumField() {
		f := over.Type().Field(i)
		name := keyOf(f)
		v, at, said := over.Field(i), join(key, name), join(place, name)
		switch {
		case v.Kind() == reflect.Struct:
			lay(b.Field(i), v, at, said, from)
		case v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0:
		case v.Kind() == reflect.Map:
			joined := reflect.MakeMap(v.Type())
			for _, m := range []reflect.Value{b.Field(i), v} {
				for _, k := range m.MapKeys() {
					joined.SetMapIndex(k, m.MapIndex(k))
				}
			}
			for _, k := range v.MapKeys() {
				from[at+"["+k.String()+"]"] = said + "[" + k.String() + "]"
			}
			b.Field(i).Set(joined)
		case f.Tag.Get("nearest") == "first":
			all := reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)
			b.Field(i).Set(reflect.AppendSlice(all, b.Field(i)))
			from[at] = strings.TrimSuffix(said+", then "+from[at], ", then ")
		default:
			b.Field(i).Set(v)
			from[at] = said
		}
	}
}
