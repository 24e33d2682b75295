package config

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/go-playground/validator/v10"
)

// sentences say for each tag that needs no parameter what the setting must be.
// They follow the value, where it may be shown.
func sentences() map[string]string {
	return map[string]string{
		"required":          "is required; set it",
		"shopid":            "is no shop id; use 2 to 16 small letters and digits, a letter first, for example \"fi\"",
		"taken":             "is the id of two shops; give each its own",
		"prefixed":          "is the prefix of two shops; give each its own",
		"for_shared":        "is required with guests: shared; set it to the name of the contact that guests stand under",
		"named_twice":       "is the name of two tokens; give each its own",
		"token_twice":       "is the token of two names; make another, for example with: openssl rand -hex 32",
		"twice":             "is the name of two workflows; give each its own",
		"needs_confirm":     "cannot be false where orders are invoiced or delivered; confirm them, or leave those steps out",
		"needs_invoice":     "needs invoice: post, for a payment pays a posted invoice; post it, or leave pay out",
		"no_workflow":       "is the name of no workflow of this shop; write it under workflows",
		"targetname":        "is no name for a target; use small letters, digits, - and _, a letter first, for example \"office\"",
		"targeted":          "is the name of two targets; give each its own",
		"one_way":           "must have one of mail, webhook and activity; leave the others to targets of their own",
		"no_shop":           "is the id of no shop; write one that stands under shops",
		"needs_tls":         "would send the password in the clear; write starttls or tls, or leave user and password out",
		"alertkind":         "is no kind of alert; write some of " + strings.Join(AlertKinds(), ", "),
		"for_placeholder":   "is required with unknown: placeholder; set it to the internal reference of a product",
		"field":             "is no name of a field; write sku, barcode or a field's technical name, for example x_shop_sku",
		"technical":         "is no name of a field; write its technical name, as Odoo shows it in developer mode, for example x_gift_text",
		"percent":           "is no percentage; write it from 0 to 100 with a point, for example \"25.5\"",
		"listen":            "is no address to listen on; write host:port, for example 127.0.0.1:8080",
		"redisurl":          "must be redis://[user:password@]host:port/db, or rediss:// for TLS; percent-encode special characters of the password",
		"twelvefold":        "is too little; it must be at least twelve times body_limit",
		"network":           "is no address or network; write it as 10.0.0.7 or 10.0.0.0/8",
		"nologin":           "must not hold user and password; they have keys of their own",
		"url":               "is no URL; write it with its scheme, for example https://example.com/path",
		"http_url":          "is no web address; write it with http:// or https://, for example https://odoo.example.com",
		"https_url":         "is no secure web address; write it with https://",
		"hostname":          "is no host name; write it without scheme and path, for example shop.example.com",
		"hostname_rfc1123":  "is no host name; write it without scheme and path, for example shop.example.com",
		"hostname_port":     "is no address; write host:port",
		"fqdn":              "is no domain; write it without scheme and path, for example shop.example.com",
		"email":             "is no e-mail address",
		"iso4217":           "is no currency; write its three capital letters, for example EUR",
		"iso3166_1_alpha2":  "is no country; write its two capital letters, for example FI",
		"timezone":          "is no time zone; write one of the IANA names, for example Europe/Helsinki",
		"numeric":           "is no number",
		"number":            "may hold digits only",
		"alphanum":          "may hold letters and digits only",
		"lowercase":         "must be in small letters",
		"uppercase":         "must be in capital letters",
		"uuid":              "is no UUID",
		"unique":            "holds the same thing twice; keep one of them",
		"file":              "is no file that can be read",
		"dir":               "is no folder",
		"datetime":          "is no date; write it as 2006-01-02",
		"required_with":     "is required by another setting beside it; set it",
		"required_without":  "or the setting that stands for it is required; set one of them",
		"excluded_with":     "cannot be set together with the other setting; remove one of them",
		"excluded_if":       "cannot be set beside the other settings; remove it",
		"required_unless":   "is required unless another setting replaces it; set it",
		"required_with_all": "is required by the settings beside it; set it",
	}
}

// sentence says in plain words what a validate tag asked for and what to do.
func sentence(fe validator.FieldError, shown string) string {
	if text, ok := sentences()[fe.Tag()]; ok {
		return shown + text
	}
	param := fe.Param()
	switch fe.Tag() {
	case "min", "gte":
		return shown + tooLittle(fe, param)
	case "max", "lte":
		return shown + tooMuch(fe, param)
	case "required_if":
		other, value, _ := strings.Cut(param, " ")
		return "is required with " + snake(other) + ": " + value + "; set it"
	case "unreachable":
		return shown + fmt.Sprintf("can never apply: the rule %q before it takes every such order; put this one first, or remove it", param)
	case "gtefield":
		return shown + "is too little; it must not be below " + snake(param)
	case "gt":
		return shown + "is too little; choose more than " + param
	case "lt":
		return shown + "is too much; choose less than " + param
	case "len":
		return shown + "has the wrong length; it needs " + param
	case "oneof", "oneofci":
		return shown + "is not among the choices; write " + strings.Join(strings.Fields(param), " or ")
	case "startswith":
		return shown + fmt.Sprintf("must begin with %q", param)
	case "endswith":
		return shown + fmt.Sprintf("must end with %q", param)
	case "contains":
		return shown + fmt.Sprintf("must contain %q", param)
	case "excludes", "excludesall":
		return shown + fmt.Sprintf("must not contain %q", param)
	}
	return shown + fmt.Sprintf("does not follow the rule %q of this setting", strings.TrimSuffix(fe.Tag()+"="+param, "="))
}

func tooLittle(fe validator.FieldError, param string) string {
	switch fe.Kind() {
	case reflect.String:
		return "is too short; write at least " + param + " characters"
	case reflect.Slice, reflect.Map:
		return "has too few entries; give at least " + param
	}
	return "is too little; choose at least " + param
}

func tooMuch(fe validator.FieldError, param string) string {
	switch fe.Kind() {
	case reflect.String:
		return "is too long; write at most " + param + " characters"
	case reflect.Slice, reflect.Map:
		return "has too many entries; give at most " + param
	}
	return "is too much; choose at most " + param
}

// snake is the key of a field that a tag names, BodyLimit as body_limit.
func snake(field string) string {
	var b strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
