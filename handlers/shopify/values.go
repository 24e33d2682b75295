package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// ident is a record's id. Bodies write it as a JSON integer, often above 2^53,
// or as text such as gid://shopify/Order/5001; it is kept exact, as digits.
// The empty ident is null or absent.
type ident string

// UnmarshalJSON takes an integer, a decimal string, a gid or null.
func (i *ident) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if text == "null" {
		return nil
	}
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		if text == "" {
			return nil
		}
		text = fromGID(text)
	}
	if !isDigits(text) {
		return errors.New("an id is not a whole number")
	}
	*i = ident(text)
	return nil
}

// fromGID is the number in gid://shopify/Order/5001?x=y; other text stays.
func fromGID(s string) string {
	if !strings.HasPrefix(s, "gid://") {
		return s
	}
	s, _, _ = strings.Cut(s, "?")
	return s[strings.LastIndexByte(s, '/')+1:]
}

// gid is the global id of a record.
func gid(kind, id string) string { return "gid://shopify/" + kind + "/" + id }

// isDigits accepts what fits an unsigned 64 bit id and is not zero.
func isDigits(s string) bool {
	if s == "" || len(s) > 20 || s[0] == '0' {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// amount is money as text or as a number: bodies have both. valid is false for
// null and absent.
type amount struct {
	decimal.Decimal
	valid bool
}

// maxAmountText bounds how long an amount may be written: an exponent such as
// 1e999999999 would otherwise be expanded into memory.
const maxAmountText = 32

// UnmarshalJSON takes "404.95", 404.95 and null.
func (a *amount) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	text := strings.Trim(string(raw), `"`)
	if len(text) > maxAmountText || strings.ContainsAny(text, "eE") {
		return errors.New("an amount is not a plain decimal number")
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return errors.New("an amount is not a plain decimal number")
	}
	a.Decimal, a.valid = d, true
	return nil
}

// money is an amount with its currency as the shop writes it.
type money struct {
	Amount   amount `json:"amount"`
	Currency string `json:"currency_code"`
}

// bag is the same amount in the shop's and in the buyer's currency.
type bag struct {
	Shop        money `json:"shop_money"`
	Presentment money `json:"presentment_money"`
}

// in picks the configured side of b; a shop amount may stand outside its set.
// ok is false where the body does not hold the amount on that side.
func (s side) in(b *bag, plain amount) (decimal.Decimal, bool, error) {
	if b == nil {
		return plain.Decimal, plain.valid && s.plain, nil
	}
	m := b.Shop
	if s.presentment {
		m = b.Presentment
	}
	if m.Amount.valid && m.Currency != s.currency {
		return decimal.Zero, false, foreign(m.Currency, s.currency)
	}
	return m.Amount.Decimal, m.Amount.valid, nil
}

// foreign says that an amount is in another currency than its order. Only codes are
// repeated: what stands in the place of one may be somebody's data.
func foreign(got, want string) error {
	if !isCurrency(got) || !isCurrency(want) {
		return errors.New("an amount is in another currency than the order, or in none")
	}
	return fmt.Errorf("an amount is in %s instead of %s", got, want)
}

// isCurrency accepts three capital letters (ISO 4217).
func isCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// errCurrency says that an order is in no currency that there could be.
var errCurrency = errors.New("the order's currency is no ISO 4217 code")

// side says which of the two moneys of an order counts.
type side struct {
	presentment bool
	currency    string
	plain       bool // amounts outside a set are in this currency too
}
