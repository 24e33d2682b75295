package commerce

import "github.com/shopspring/decimal"

// Money is an exact amount in one currency (ISO 4217 code). The zero Money is
// no amount at all.
type Money struct {
	Amount   decimal.Decimal `json:"amount"`
	Currency string          `json:"currency"`
}

func (m Money) String() string {
	return m.Amount.StringFixed(Digits(m.Currency)) + " " + m.Currency
}

// IsZero reports whether the amount is 0, whatever the currency.
func (m Money) IsZero() bool { return m.Amount.IsZero() }

// Equal reports whether both amounts and both currencies are the same.
func (m Money) Equal(o Money) bool {
	return m.Currency == o.Currency && m.Amount.Equal(o.Amount)
}

// Digits is how many decimals the currency's amounts have (ISO 4217).
func Digits(currency string) int32 {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}
