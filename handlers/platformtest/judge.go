package platformtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Grave are the findings that are not well, as "level: text".
func Grave(found []commerce.Finding) []string {
	var out []string
	for _, f := range found {
		if f.Level != commerce.OK {
			out = append(out, string(f.Level)+": "+f.Text)
		}
	}
	return out
}

// Texts are what findings say.
func Texts(found []commerce.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Text)
	}
	return out
}

// Standing are a shop's subscriptions.
func Standing(t *testing.T, w handlers.Webhooks) handlers.Subscriptions {
	t.Helper()
	subs, err := w.Subscriptions(t.Context())
	require.NoError(t, err)
	return subs
}

// Changes are those of a plan, as "what topic".
func Changes(plan []handlers.HookChange) []string {
	var out []string
	for _, c := range plan {
		out = append(out, string(c.Do)+" "+c.Topic)
	}
	return out
}

// Mended holds a shop's subscriptions to what is wrong with them ("topic what") and to
// the plan that mends it, and makes its changes: nothing is left then that one could
// mend, and as much is wrong as nobody planned for.
func Mended(t *testing.T, w handlers.Webhooks, wrong, plan []string) {
	t.Helper()
	before := Standing(t, w)
	var found []string
	for _, s := range before.List {
		if s.Wrong != "" {
			found = append(found, s.Topic+" "+s.Wrong)
			require.NotEmpty(t, s.Remedy)
		}
	}
	require.Equal(t, wrong, found)
	require.Equal(t, len(found), before.Wrong())
	require.Equal(t, plan, Changes(before.Plan()))
	for _, c := range before.Plan() {
		made, err := w.Change(t.Context(), c)
		require.NoError(t, err)
		require.True(t, made)
	}
	after := Standing(t, w)
	require.Empty(t, after.Plan())
	require.Equal(t, len(found)-len(plan), after.Wrong())
}
