package tasks

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLogNamesANeedWithoutAnOrdersTags(t *testing.T) {
	for need, want := range map[string]string{
		"rule/fi/channel=web&tag=canary%40example.com": "rule/fi", "sku/fi/ABC/1": "sku/fi/ABC/1", "tax/fi/25.5/FI/incl": "tax/fi/25.5/FI/incl", "rule": "rule",
	} {
		require.Equal(t, want, named(need))
	}
}
