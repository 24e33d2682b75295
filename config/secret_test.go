package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const hunter = "hunter2"

func TestASecretNeverPrintsItself(t *testing.T) {
	secret := NewSecret(hunter)
	inside := struct {
		Public  Secret
		private Secret
		list    []Secret
		byName  map[string]Secret
	}{secret, secret, []Secret{secret}, map[string]Secret{"a": secret}}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T%v"} {
		for _, v := range []any{secret, &secret, inside, &inside, []Secret{secret}, map[string]Secret{"a": secret}} {
			requireHidden(t, fmt.Sprintf(verb, v), verb)
		}
	}
	requireHidden(t, fmt.Sprint(secret, &secret, inside), "Sprint")
	requireHidden(t, fmt.Errorf("wrapped: %v", secret).Error(), "Errorf")
	require.Equal(t, "[secret]", secret.String())
	require.Equal(t, "[secret]", fmt.Sprintf("%x", secret))
}

func TestASecretNeverMarshalsItself(t *testing.T) {
	secret := NewSecret(hunter)
	asJSON, err := json.Marshal(map[string]any{"plain": secret, "pointer": &secret, "list": []Secret{secret}, "config": Monitor{Password: secret}})
	require.NoError(t, err)
	requireHidden(t, string(asJSON), "JSON")
	require.Contains(t, string(asJSON), `"plain":"[secret]"`)

	asKey, err := json.Marshal(map[Secret]int{secret: 1})
	require.NoError(t, err)
	requireHidden(t, string(asKey), "JSON key")

	asYAML, err := yaml.Marshal(Monitor{User: "me", Password: secret})
	require.NoError(t, err)
	requireHidden(t, string(asYAML), "YAML")
	require.Contains(t, string(asYAML), "[secret]")

	text, err := secret.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "[secret]", string(text))

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(handler).Info("configured", "password", secret, "monitor", Monitor{Password: secret}, "pointer", &secret)
	}
	requireHidden(t, log.String(), "slog")
}

func TestASecretRevealsComparesAndKnowsWhetherItIsSet(t *testing.T) {
	require.Equal(t, hunter, NewSecret(hunter).Reveal())
	require.Empty(t, Secret{}.Reveal())
	require.True(t, Secret{}.IsZero())
	require.True(t, NewSecret("").IsZero())
	require.False(t, NewSecret(hunter).IsZero())
	require.True(t, cmp.Equal(NewSecret(hunter), NewSecret(hunter)))
	require.False(t, cmp.Equal(NewSecret(hunter), NewSecret("hunter3")))
	require.False(t, NewSecret(hunter).Equal(Secret{}))
}

func requireHidden(t *testing.T, text, how string) {
	t.Helper()
	require.NotContains(t, text, hunter, how)
	require.NotContains(t, text, fmt.Sprintf("%x", hunter), how)
	require.NotContains(t, text, fmt.Sprintf("%X", hunter), how)
}
