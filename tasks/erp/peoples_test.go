package erp

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCentsOfACheapLineAreNobodysChange(t *testing.T) {
	priced := func(price string) line { return line{row: row{Quantity: dec("1"), Price: dec(price)}} }
	for _, tc := range []struct {
		was, is string
		same    bool
	}{
		{"0.35", "0.31", true},  // cents that rounding took from it: more than a tenth
		{"0.35", "0.29", false}, // more than rounding moves
		{"20.00", "19.10", true},
		{"20.00", "18.90", false},
		{"5.00", "4.40", false},
	} {
		require.Equal(t, tc.same, settings{}.sameAmount(priced(tc.is), priced(tc.was)), "%s and %s", tc.was, tc.is)
	}
}
