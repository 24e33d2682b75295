package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[secret]"

// Secret is a password, token or key that never prints itself: every way to
// turn it into text gives "[secret]", only Reveal gives the value. In YAML it is
// written as text, as {env: NAME} or as {file: path}; of a file the line break
// at its end is dropped and a relative path starts at the folder of the
// configuration.
type Secret struct {
	// Behind a pointer because fmt does not ask the methods of unexported
	// fields: a struct that keeps a Secret prints an address instead of it.
	value *string
}

// NewSecret keeps a value that is known already.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// Reveal is the value. Each call marks a place where the secret is used.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether nothing is configured.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal compares the values without telling by its time where they differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String hides the value.
func (s Secret) String() string { return hidden }

// GoString hides the value from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the value from every verb, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) {
	// A fmt.State keeps its own error: there is nobody to tell it to.
	_, _ = io.WriteString(f, hidden)
}

// MarshalText hides the value, also as a key of a map.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON hides the value.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalYAML hides the value.
func (s Secret) MarshalYAML() (any, error) { return hidden, nil }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
