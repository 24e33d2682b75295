package config

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Live is the mode in which a shop's orders are written. In any other, and that
// is how a new shop starts, they are planned and shown only.
const Live = "live"

// Live reports whether the shop's orders are written to Odoo.
func (s Shop) Live() bool { return s.Mode == Live }

// MendsWebhooks reports whether the workers change the shop's webhooks where they are
// not as they must be. A shop that only observes is only looked at, whatever it says.
func (s Shop) MendsWebhooks() bool { return s.Live() && s.Webhooks != "observe" }

// Import says which orders come in. It is asked while Odoo has no such order
// yet; what came in once is kept equal whatever becomes of it.
type Import struct {
	// Financial are the payment states that come in, in the shop's own words;
	// none: all but those of orders that came to nothing (voided, expired, refunded).
	Financial []string `yaml:"financial" validate:"dive,required"`
	// Unpaid, Test and Drafts say whether such orders come in: "import" or "skip"
	// (import, skip, import). Drafts are orders that staff wrote in the shop.
	Unpaid string `yaml:"unpaid" validate:"omitempty,oneof=import skip"`
	Test   string `yaml:"test" validate:"omitempty,oneof=import skip"`
	Drafts string `yaml:"drafts" validate:"omitempty,oneof=import skip"`
	// Cancelled is what becomes of orders that were cancelled before they came in:
	// "skip" or "quotation" (skip); Fulfilled of those shipped in full: "skip" or
	// "import" (skip).
	Cancelled string `yaml:"cancelled" validate:"omitempty,oneof=skip quotation"`
	Fulfilled string `yaml:"fulfilled" validate:"omitempty,oneof=skip import"`
	// Channels are where the order was sold, Gateways how it is paid.
	Channels Choice `yaml:"channels"`
	Gateways Choice `yaml:"gateways"`
	// Require names what an order must have to come in: payment, shipping.
	Require []string `yaml:"require" validate:"dive,oneof=payment shipping"`
}

// Choice is a list of words that count, or of those that do not.
type Choice struct {
	Only   []string `yaml:"only" validate:"dive,required"`
	Except []string `yaml:"except" validate:"dive,required"`
}

// Refuses names the list that keeps an order with these words out: "only" when
// none of them is in it, "except" when one is; "" when it comes in.
func (c Choice) Refuses(words ...string) string {
	in := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, w) })
		})
	}
	switch {
	case len(c.Only) > 0 && !in(c.Only):
		return "only"
	case in(c.Except):
		return "except"
	}
	return ""
}

// Moment is a date, meaning its beginning in UTC, or a time with its offset.
type Moment struct{ time.Time }

// UnmarshalText reads 2006-01-02 or RFC 3339.
func (m *Moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		t, err := time.Parse(layout, string(text))
		if t = t.UTC(); err == nil && t.Year() >= 0 && t.Year() <= 9999 { // else String could not write it
			m.Time = t
			return nil
		}
	}
	return errors.New("it is no date or time; write 2026-11-01 or 2026-11-01T08:00:00+02:00")
}

// String is the shorter of the two forms that UnmarshalText reads; "" for none.
func (m Moment) String() string {
	switch {
	case m.IsZero():
		return ""
	case m.Equal(m.Truncate(24 * time.Hour)):
		return m.Format(time.DateOnly)
	}
	return m.Format(time.RFC3339)
}
