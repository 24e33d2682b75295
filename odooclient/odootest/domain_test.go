package odootest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// family is four contacts: Alpha in the US with child beta, whose child is
// Gamma; Delta is archived. The answers below are those of a real server.
func family(t *testing.T) *client {
	t.Helper()
	_, c := shop(t, Options{})
	_, messages := c.load("res.partner",
		[]string{"id", "name", "email", "ref", "parent_id/id", "active", "customer_rank", "country_id/id", "type"},
		[][]any{
			{"f.a", "Alpha fam", "Al@x.test", "r1", "", "1", "3", "base.us", "contact"},
			{"f.b", "beta_fam", "", "r2", "f.a", "1", "1", "base.fi", "other"},
			{"f.c", "Gamma% fam", "g@x.test", "", "f.b", "1", "", "", "contact"},
			{"f.d", "Delta fam", "D@x.test", "r4", "", "0", "2", "base.se", "contact"},
		}, nil)
	require.Empty(t, messages)
	return c
}

func TestDomainsFindWhatTheRealServerFinds(t *testing.T) {
	c := family(t)
	leaf := func(v ...any) []any { return v }
	for _, tt := range []struct {
		want   string
		domain []any
	}{
		{"A b G", nil},
		{"D", []any{leaf("active", "=", false)}},
		{"A b D G", []any{"|", leaf("active", "=", true), leaf("active", "=", false)}},
		{"b", []any{leaf("email", "=", false)}},
		{"A G", []any{leaf("email", "!=", false)}},
		{"b G", []any{leaf("email", "!=", "Al@x.test")}},
		{"A b", []any{leaf("email", "in", leaf("Al@x.test", false))}},
		{"b G", []any{leaf("email", "not in", leaf("Al@x.test"))}},
		{"A", []any{leaf("email_normalized", "in", leaf("al@x.test", "d@x.test"))}},
		{"", []any{leaf("email", "in", leaf("al@x.test"))}},
		{"A", []any{leaf("email", "=ilike", "al@X.TEST")}},
		{"A G", []any{leaf("email", "ilike", "X.TEST")}},
		{"", []any{leaf("email", "like", "X.TEST")}},
		{"b G", []any{leaf("email", "not ilike", "al")}},
		{"G", []any{leaf("name", "like", `\%`)}},
		{"A", []any{leaf("customer_rank", ">", 1)}},
		{"b G", []any{leaf("customer_rank", "<", 2)}},
		{"G", []any{leaf("customer_rank", "=", 0)}},
		{"A", []any{leaf("country_id.code", "=", "US")}},
		{"b G", []any{leaf("country_id.code", "!=", "US")}},
		{"b G", []any{leaf("country_id", "=", "Finland")}},
		{"A b G", []any{leaf("id", "child_of", "Alpha")}},
		{"b", []any{leaf("parent_id.name", "like", "Alpha")}},
		{"A", []any{leaf("child_ids.name", "like", "beta")}},
		{"G", []any{leaf("child_ids", "=", false)}},
		{"A b", []any{"|", leaf("name", "like", "Alpha"), leaf("name", "like", "beta")}},
		{"b G", []any{"!", leaf("name", "like", "Alpha")}},
		{"b", []any{"&", "|", leaf("name", "like", "Alpha"), leaf("name", "like", "beta"), leaf("type", "=", "other")}},
		{"", []any{leaf("write_date", ">", "2999-01-01 00:00:00.123456")}},
		{"", []any{leaf(0, "=", 1)}},
		{"A b G", []any{leaf("name", "=?", false)}},
	} {
		domain := append([]any{leaf("name", "like", "fam")}, tt.domain...)
		var got []string
		for _, row := range c.must("res.partner", "search_read", domain, []any{"name"}).([]any) {
			got = append(got, row.(map[string]any)["name"].(string)[:1])
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%v: -want +got\n%s", tt.domain, diff)
		}
	}
}

func TestBrokenDomainsAreRefusedInOdoosWords(t *testing.T) {
	c := family(t)
	for _, tt := range []struct {
		domain []any
		want   string
	}{
		{[]any{[]any{"nosuch", "=", 1}}, "Invalid field res.partner.nosuch in leaf ('nosuch', '=', 1)"},
		{[]any{[]any{"name", "bad", 1}}, "Invalid leaf ('name', 'bad', 1)"},
		{[]any{[]any{"name", "like"}}, "not enough values to unpack (expected 3, got 2)"},
		{[]any{"|", []any{"name", "=", "x"}}, "Domain ['|', ['name', '=', 'x']] is syntactically not correct."},
		{[]any{[]any{"name", "in", "x"}}, "Invalid domain term ('name', 'in', 'x')"},
		{[]any{5}, "'int' object is not subscriptable"},
	} {
		_, fault := c.try("res.partner", "search", []any{tt.domain}, nil)
		require.Equal(t, tt.want, fault["message"])
	}
	_, fault := c.try("res.partner", "search", []any{[]any{}}, map[string]any{"order": "name; drop"})
	require.Contains(t, fault["message"], `Invalid "order" specified (name; drop).`)
}

func TestAnswersAreOrderedAndCut(t *testing.T) {
	c := family(t)
	for _, tt := range []struct {
		kwargs map[string]any
		want   string
	}{
		{map[string]any{"order": "name"}, "A G b"},
		{map[string]any{"order": "id desc"}, "G b A"},
		{map[string]any{"order": "ref desc"}, "G b A"},
		{map[string]any{"order": "country_id, id"}, "b G A"},
		{map[string]any{"limit": 2}, "A b"},
		{map[string]any{"limit": 2, "offset": 1}, "b G"},
		{map[string]any{"offset": 9}, ""},
	} {
		rows, fault := c.try("res.partner", "search_read", []any{[]any{[]any{"name", "like", "fam"}}, []any{"name"}}, tt.kwargs)
		require.Nil(t, fault)
		var got []string
		for _, row := range rows.([]any) {
			got = append(got, row.(map[string]any)["name"].(string)[:1])
		}
		require.Equal(t, tt.want, strings.Join(got, " "), "%v", tt.kwargs)
	}
}
