package commerce_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestClocksAreJudgedByHowFarTheyAreApart(t *testing.T) {
	for _, tc := range []struct {
		ahead time.Duration
		want  commerce.Level
		text  string
	}{
		{0, commerce.OK, "the clocks agree"},
		{-5 * time.Second, commerce.OK, "the clocks agree"},
		{20 * time.Second, commerce.Warning, "Odoo's clock is 20s ahead of ours"},
		{-time.Hour, commerce.Problem, "Odoo's clock is 1h0m0s behind ours: what changed lately may be asked for too late or twice"},
	} {
		f := commerce.Findings{Part: "odoo"}
		f.Skew("Odoo's", tc.ahead)
		require.Len(t, f.List, 1)
		require.Equal(t, tc.want, f.List[0].Level, tc.ahead)
		require.Equal(t, tc.text, f.List[0].Text)
		require.Equal(t, tc.want != commerce.OK, f.List[0].Remedy != "", "what is wrong has a remedy")
	}
}
