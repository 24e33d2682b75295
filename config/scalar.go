package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	secretType      = reflect.TypeFor[Secret]()
	durationType    = reflect.TypeFor[time.Duration]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// isScalar reports whether a setting of that type is one text.
func isScalar(t reflect.Type) bool {
	if t == secretType || t == durationType || reflect.PointerTo(t).Implements(textUnmarshaler) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64:
		return true
	}
	return false
}

// setText reads one text into a scalar. What it returns is the message of a
// problem, so it repeats the text: never call it with a secret's.
func setText(v reflect.Value, text, unit string) error {
	switch {
	case v.Type() == durationType:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration; write a number and its unit, for example 300ms, 10s, 15m or 72h", shorten(text))
		}
		v.SetInt(int64(d))
		return nil
	case v.Addr().Type().Implements(textUnmarshaler):
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%q cannot be read: %w", shorten(text), err)
		}
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%q is neither true nor false", shorten(text))
		}
		v.SetBool(text == "true")
	default:
		n, err := integer(text, unit)
		if err != nil {
			return err
		}
		if v.OverflowInt(n) {
			return fmt.Errorf("%q is too large", shorten(text))
		}
		v.SetInt(n)
	}
	return nil
}

var size = regexp.MustCompile(`^([0-9]{1,18}) ?(B|KiB|MiB|GiB)?$`)

func integer(text, unit string) (int64, error) {
	if unit != "bytes" {
		n, err := strconv.ParseInt(text, 10, 64)
		if errors.Is(err, strconv.ErrRange) {
			return 0, fmt.Errorf("%q is too large", shorten(text))
		}
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number", shorten(text))
		}
		return n, nil
	}
	m := size.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not a size; write bytes or a number with KiB, MiB or GiB, for example 16MiB", shorten(text))
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	factor := map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[m[2]]
	if err != nil || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is too large", shorten(text))
	}
	return n * factor, nil
}

// shorten keeps a message on one readable line.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}
