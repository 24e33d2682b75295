package erp

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/odooclient"
)

// longNote is how much of a value a field of text gets, in characters.
const longNote = 10_000

// errNo… say why a value does not become what its field wants. They quote nothing.
var (
	errNoNumber = errors.New("is no number that the field can hold")
	errNoYesNo  = errors.New("is neither yes nor no")
	errNoTime   = errors.New("is no date or time, or one that may mean two days")
	errNoChoice = errors.New("is none of the field's choices")
	errNoVAT    = errors.New("is no VAT number of its country")
)

// cell is a value as the field's column of a load takes it. A many2one is not for it:
// only Odoo knows the record.
func (c column) cell(value string, zone *time.Location) (string, error) {
	switch c.Type {
	case "char":
		return cleanLine(value, longName), nil
	case "text":
		return clean(value, longNote), nil
	case "html":
		return escape(clean(value, longNote)), nil
	case "integer":
		return wholeNumber(value)
	case "float", "monetary":
		d, err := number(value)
		return d.String(), err
	case "boolean":
		return yesNo(value)
	case "date", "datetime":
		return moment(value, c.Type == "datetime", zone)
	}
	for _, o := range c.options() {
		if o[0] == value {
			return o[0], nil
		}
	}
	for _, o := range c.options() {
		if config.SameWord(o[0], value) || config.SameWord(o[1], value) {
			return o[0], nil
		}
	}
	return "", errNoChoice
}

// number is a decimal number with a point.
func number(value string) (decimal.Decimal, error) {
	if len(value) > 40 || strings.ContainsAny(value, "eE") {
		return decimal.Zero, errNoNumber
	}
	d, err := decimal.NewFromString(value)
	if err != nil || d.Abs().GreaterThan(decimal.New(1, 15)) {
		return decimal.Zero, errNoNumber
	}
	return d, nil
}

func wholeNumber(value string) (string, error) {
	d, err := number(value)
	if err != nil || !d.IsInteger() || d.Abs().GreaterThan(decimal.NewFromInt(math.MaxInt32)) {
		return "", errNoNumber
	}
	return d.Truncate(0).String(), nil
}

func yesNo(value string) (string, error) {
	switch strings.ToLower(value) {
	case "1", "yes", "true", "on", "y":
		return "1", nil
	case "0", "no", "false", "off", "n":
		return "0", nil
	}
	return "", errNoYesNo
}

// moment reads dates and times as shops and their plugins write them; 02/03/2026 is
// two days. A time without an offset is of the zone, and so is the day of one with.
func moment(value string, withTime bool, zone *time.Location) (string, error) {
	at, err := parseMoment(value, zone)
	switch {
	case err != nil:
		return "", err
	case withTime:
		return stamp(at), nil
	}
	return at.In(zone).Format(time.DateOnly), nil
}

func parseMoment(value string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04",
		time.DateOnly, "20060102", "2.1.2006", "2.1.2006 15:04", "2 January 2006", "January 2, 2006", "2 Jan 2006", "Jan 2, 2006"} {
		if at, err := time.ParseInLocation(layout, value, zone); err == nil && at.Year() >= 1900 && at.Year() <= 9999 {
			return at, nil
		}
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && len(value) == 10 && seconds > 0 {
		return time.Unix(seconds, 0), nil
	}
	return time.Time{}, errNoTime
}

// holds reports whether a field of a record has that value already.
func (c column) holds(row odooclient.Row, f filled) bool {
	switch c.Type {
	case "integer", "float", "monetary":
		want, err := decimal.NewFromString(f.Value) // empty: zero
		return (err == nil || f.Value == "") && row.Dec(f.Field).Equal(want)
	case "boolean":
		return row.Bool(f.Field) == (f.Value == "1")
	case "many2one":
		id, _ := row.Ref(f.Field)
		return ref(id) == f.Value
	}
	return row.Str(f.Field) == f.Value
}

// now is what a field of a record holds, as cell makes it of text; "" for nothing. A
// many2one is told by its name.
func (c column) now(row odooclient.Row, field string) string {
	switch c.Type {
	case "integer", "float", "monetary":
		if d := row.Dec(field); !d.IsZero() {
			return d.String()
		}
		return ""
	case "boolean":
		if row.Bool(field) {
			return "1"
		}
		return ""
	case "many2one":
		_, name := row.Ref(field)
		return name
	case "html":
		return strings.TrimSuffix(strings.TrimPrefix(row.Str(field), "<p>"), "</p>")
	}
	return row.Str(field)
}
