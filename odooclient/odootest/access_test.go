package odootest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRightsFollowTheGroupsOfTheUser(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, api := shop(t, Options{Version: version})
		s.AddUser("seller", "x", "sales_team.group_sale_salesman_all_leads")
		seller := newClient(t, s, "seller", "x")
		for _, tt := range []struct {
			who  *client
			want string // what may be done with contacts, orders, products, external ids
		}{
			{api, "rwcu rwc r "},
			{seller, "r rwc r "},
			{newClient(t, s, "low", "low"), "r  r "},
			{newClient(t, s, "admin", "admin"), "rwcu rwcu rwcu rwcu"},
		} {
			got := ""
			for i, model := range []string{"res.partner", "sale.order", "product.product", "ir.model.data"} {
				if i > 0 {
					got += " "
				}
				for _, op := range []string{"read", "write", "create", "unlink"} {
					if tt.who.must(model, "check_access_rights", op, false) == true {
						got += map[string]string{"read": "r", "write": "w", "create": "c", "unlink": "u"}[op]
					}
				}
			}
			require.Equal(t, tt.want, got)
		}
		_, messages := seller.load("res.partner", []string{"id", "name"}, [][]any{{"og.a", "A"}}, nil)
		require.Contains(t, messages[0]["message"], "You are not allowed to create 'Contact' (res.partner) records.")
		require.Contains(t, messages[0]["message"], map[int]string{17: "\t- Extra Rights/Contact Creation\n", 19: "\t- Contact/Creation\n"}[version])
	}
}

func TestAnAllowedRightIsTrueIn17AndNothingIn19(t *testing.T) {
	_, old := shop(t, Options{})
	require.Equal(t, true, old.must("sale.order", "check_access_rights", "read"))
	_, fault := old.try("sale.order", "has_access", []any{[]any{}, "read"}, nil)
	require.Equal(t, "builtins.AttributeError", fault["name"])
	_, c := shop(t, Options{Version: 19})
	require.Nil(t, c.must("sale.order", "check_access_rights", "read"))
	require.Equal(t, true, c.must("sale.order", "has_access", []any{}, "write"))
	require.Equal(t, false, c.must("account.tax", "has_access", []any{}, "create"))
}

func TestAUserReadsItsMailAddressAndGroups(t *testing.T) {
	s, c := shop(t, Options{})
	read := func(c *client, field string) map[string]any {
		return c.must("res.users", "read", []any{c.uid}, []any{"email", field}).([]any)[0].(map[string]any)
	}
	require.Equal(t, "api@example.com", read(c, "groups_id")["email"])
	require.Len(t, read(c, "groups_id")["groups_id"], 9, "17 stores what a group implies")
	s.Set("res.users", c.uid, Values{"email": false})
	require.Equal(t, false, read(c, "groups_id")["email"])
	require.Equal(t, true, c.must("res.users", "has_group", "sales_team.group_sale_salesman"))
	require.Equal(t, false, c.must("res.users", "has_group", "base.group_system"))
	require.Equal(t, false, c.must("res.users", "has_group", "no.such"))

	_, c = shop(t, Options{Version: 19})
	require.Len(t, read(c, "group_ids")["group_ids"], 4)
	require.Len(t, read(c, "all_group_ids")["all_group_ids"], 9)
	require.Equal(t, true, c.must("res.users", "has_group", []any{c.uid}, "stock.group_stock_user"))
	_, fault := c.try("res.users", "has_group", []any{[]any{}, "base.group_user"}, nil)
	require.Equal(t, "Expected singleton: res.users()", fault["message"])
	names := []string{}
	for _, g := range c.must("res.groups", "search_read", []any{}, []any{"full_name"}).([]any) {
		names = append(names, g.(map[string]any)["full_name"].(string))
	}
	require.True(t, slices.Contains(names, "Role / User") && slices.Contains(names, "Contact / Creation"))
}
