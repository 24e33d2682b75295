package config

import (
	"crypto/sha256"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Keep is for how long something is kept; 0: for ever.
type Keep time.Duration

const day = 24 * time.Hour

// UnmarshalText reads days (30d), a duration (12h) or never.
func (k *Keep) UnmarshalText(text []byte) error {
	if string(text) == "never" {
		*k = 0
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		var n int64
		n, err = strconv.ParseInt(days, 10, 64)
		if n > int64(math.MaxInt64/day) {
			err = strconv.ErrRange
		}
		d = time.Duration(n) * day
	}
	switch {
	case err != nil:
		return errors.New("it is no time to keep something; write days such as 30d, a duration such as 12h, or never")
	case d < time.Hour:
		return errors.New("it is too short; keep it for an hour at least, or write never to forget none")
	}
	*k = Keep(d)
	return nil
}

// String is what UnmarshalText reads.
func (k Keep) String() string {
	d := time.Duration(k)
	switch {
	case d == 0:
		return "never"
	case d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return d.String()
}

// SealingKey is the key that bodies are encrypted with; ok is false where none is
// configured.
func (j Journal) SealingKey() (key [32]byte, ok bool) {
	if j.Key.IsZero() {
		return key, false
	}
	return sha256.Sum256([]byte(j.Key.Reveal())), true
}
