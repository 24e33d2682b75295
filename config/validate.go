package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"
)

var (
	shopID  = regexp.MustCompile(`^[a-z][a-z0-9]{1,15}$`)
	percent = regexp.MustCompile(`^(100(\.0{1,6})?|[0-9]{1,2}(\.[0-9]{1,6})?)$`)
	field   = regexp.MustCompile(`^[a-z][a-z0-9_]{1,62}$`)
)

func isShopID(f validator.FieldLevel) bool  { return shopID.MatchString(f.Field().String()) }
func isPercent(f validator.FieldLevel) bool { return percent.MatchString(f.Field().String()) }
func isField(f validator.FieldLevel) bool   { return field.MatchString(f.Field().String()) }

// isListen also takes port 0, which asks for a free one.
func isListen(f validator.FieldLevel) bool {
	_, port, err := net.SplitHostPort(f.Field().String())
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func isRedisURL(f validator.FieldLevel) bool {
	u, err := url.Parse(f.Field().String())
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" {
		return false
	}
	db := strings.TrimPrefix(u.Path, "/")
	_, err = strconv.ParseUint(db, 10, 16)
	return db == "" || err == nil
}

// isWithoutLogin refuses a password in an address that is logged.
func isWithoutLogin(f validator.FieldLevel) bool {
	u, err := url.Parse(f.Field().String())
	return err == nil && u.User == nil
}

// isNetwork takes one address or a network in CIDR form.
func isNetwork(f validator.FieldLevel) bool {
	_, err := ParseNetwork(f.Field().String())
	return err == nil
}

// ParseNetwork reads an address or a network in CIDR form; an address is the
// network of itself. One of version 4 written in version 6 (::ffff:10.0.0.1) is the
// former.
func ParseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if mapped := network.Addr(); err == nil && mapped.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(mapped.Unmap(), network.Bits()-96)
	}
	return network, err
}

// newValidator knows our own tags beside the library's.
func newValidator() (*validator.Validate, error) {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(keyOf)
	v.RegisterCustomTypeFunc(func(f reflect.Value) any { return f.Interface().(Secret).Reveal() }, Secret{})
	v.RegisterCustomTypeFunc(func(f reflect.Value) any { return f.Interface().(Moment).String() }, Moment{})
	v.RegisterStructValidation(func(l validator.StructLevel) { uniqueShops(l); wholeAlerts(l) }, Config{})
	v.RegisterStructValidation(wholeServer, Server{})
	v.RegisterStructValidation(uniqueTokens, API{})
	v.RegisterStructValidation(func(l validator.StructLevel) { wholeBooks(l); wholeRules(l) }, Shop{})
	return v, errors.Join(
		v.RegisterValidation("shopid", isShopID),
		v.RegisterValidation("percent", isPercent),
		v.RegisterValidation("field", isField),
		v.RegisterValidation("technical", isField),
		v.RegisterValidation("listen", isListen),
		v.RegisterValidation("redisurl", isRedisURL),
		v.RegisterValidation("nologin", isWithoutLogin),
		v.RegisterValidation("network", isNetwork),
		v.RegisterValidation("targetname", isTargetName),
		v.RegisterValidation("alertkind", isAlertKind),
	)
}

// uniqueShops reports the second shop of an id, where the tag "unique" would
// point at the whole list, and of a prefix.
func uniqueShops(l validator.StructLevel) {
	ids, prefixes := map[string]bool{}, map[string]string{}
	for i, shop := range l.Current().Interface().(Config).Shops {
		if ids[shop.ID] && shop.ID != "" {
			l.ReportError(shop.ID, fmt.Sprintf("shops[%d].id", i), "ID", "taken", "")
		}
		ids[shop.ID] = true
		for _, at := range shop.Layers() {
			prefix := at.Books.Prefix
			if owner, taken := prefixes[prefix]; taken && owner != shop.ID && at.From["prefix"] == at.Place+".prefix" {
				l.ReportError(prefix, fmt.Sprintf("shops[%d].%s.prefix", i, at.Place), "Prefix", "prefixed", "")
			}
			prefixes[prefix] = shop.ID
		}
	}
}

// uniqueTokens reports tokens that the audit could not tell apart.
func uniqueTokens(l validator.StructLevel) {
	tokens := l.Current().Interface().(API).Tokens
	for i, t := range tokens {
		for _, before := range tokens[:i] {
			if before.Name == t.Name && t.Name != "" {
				l.ReportError(t.Name, fmt.Sprintf("tokens[%d].name", i), "Name", "named_twice", "")
			}
			if before.Token.Equal(t.Token) && !t.Token.IsZero() {
				l.ReportError("", fmt.Sprintf("tokens[%d].token", i), "Token", "token_twice", "")
			}
		}
	}
}

// wholeServer reports bounds that do not fit each other.
func wholeServer(l validator.StructLevel) {
	s := l.Current().Interface().(Server)
	if s.InFlight < 12*s.BodyLimit {
		l.ReportError(s.InFlight, "in_flight", "InFlight", "twelvefold", "")
	}
}

// wholeBooks reports a policy that lacks what it needs, where neither its own
// place nor the shop's books say it.
func wholeBooks(l validator.StructLevel) {
	shop := l.Current().Interface().(Shop)
	for _, at := range shop.Layers() {
		here := func(key string) bool { return at.From[key] == at.Place+"."+key }
		if b := at.Books.Customers; b.Guests == "shared" && b.Guest == "" && here("customers.guests") {
			l.ReportError("", at.Place+".customers.guest", "Guest", "for_shared", "")
		}
		if b := at.Books.Products; b.Unknown == "placeholder" && b.Placeholder == "" && here("products.unknown") {
			l.ReportError("", at.Place+".products.placeholder", "Placeholder", "for_placeholder", "")
		}
	}
}

// check adds what the validate tags of a struct find. Settings that could not
// be read at all are not judged a second time.
func (d *decoder) check(target any, path string) {
	v, err := newValidator()
	if err == nil {
		err = v.Struct(target)
	}
	var wrong validator.ValidationErrors
	switch {
	case err == nil:
	case errors.As(err, &wrong):
		for _, fe := range wrong {
			d.violation(fe, join(path, strings.TrimPrefix(fe.Namespace(), reflect.TypeOf(target).Elem().Name()+".")))
		}
	default:
		d.problems = append(d.problems, Problem{File: d.file, Path: path, Message: "cannot be checked: " + err.Error()})
	}
}

func (d *decoder) violation(fe validator.FieldError, path string) {
	at, here := d.places[path]
	for p := path; ; p = parent(p) {
		if d.places[p].failed {
			return
		}
		if p == "" {
			break
		}
	}
	shown := ""
	if here && !at.secret && fe.Tag() != "required" {
		shown = show(fe)
	}
	message := sentence(fe, shown)
	if name := d.names[path]; fe.Tag() == "required" && name != "" {
		message += ", here or as " + name
	}
	d.problems = append(d.problems, d.problem(path, message))
}

// problem stands where the setting does, or the nearest block around it.
func (d *decoder) problem(path, message string) Problem {
	if at := d.places[path]; at.variable != "" {
		return Problem{File: "environment", Path: at.variable, Message: message}
	}
	p := Problem{File: d.file, Line: 1, Column: 1, Path: path, Message: message}
	for near := path; ; near = parent(near) {
		if at, ok := d.places[near]; ok && at.variable == "" && at.line > 0 {
			p.Line, p.Column = at.line, at.column
			return p
		}
		if near == "" {
			return p
		}
	}
}

func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// show is the value of a setting in a message; only for what is no secret.
func show(fe validator.FieldError) string {
	switch v := fe.Value().(type) {
	case string:
		if strings.Contains(v, "://") && strings.Contains(v, "@") {
			return "" // the password of an address
		}
		return strconv.Quote(shorten(v)) + " "
	case fmt.Stringer:
		return shorten(v.String()) + " "
	}
	if fe.Kind() == reflect.Int || fe.Kind() == reflect.Int64 {
		return fmt.Sprint(fe.Value()) + " "
	}
	return ""
}
