package odootest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// relatives are what a parent and its children have, as "street/vat" each.
func relatives(c *client, ids ...int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		row := c.one("res.partner", id, "street", "vat")
		for _, f := range []string{"street", "vat"} {
			if s, ok := row[f].(string); ok {
				out[i] += s
			}
			if f == "street" {
				out[i] += "/"
			}
		}
	}
	return out
}

func TestAContactSharesItsCompanysAddressAndTaxNumber(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		create := func(vals map[string]any) int64 { return toInt64(t, c.must("res.partner", "create", vals)) }
		up := s.edition.major >= 19 // there a contact's own change goes up
		pick := func(old, now []string) []string {
			if up {
				return now
			}
			return old
		}
		firm := create(map[string]any{"name": "Firm", "is_company": true})
		kid := create(map[string]any{"name": "Kid", "parent_id": firm, "street": "S1"})
		require.Equal(t, []string{"S1/", "S1/"}, relatives(c, firm, kid), "the first contact's address is the firm's")
		c.must("res.partner", "write", []int64{kid}, map[string]any{"street": "S2"})
		require.Equal(t, pick([]string{"S1/", "S2/"}, []string{"S2/", "S2/"}), relatives(c, firm, kid))
		c.must("res.partner", "write", []int64{firm}, map[string]any{"street": "S3", "vat": "V1"})
		door := create(map[string]any{"name": "Door", "parent_id": firm, "type": "delivery", "street": "D1"})
		require.Equal(t, []string{"S3/V1", "S3/V1", "D1/V1"}, relatives(c, firm, kid, door))
		c.must("res.partner", "write", []int64{door}, map[string]any{"vat": "V2"})
		require.Equal(t, pick([]string{"S3/V1", "S3/V1", "D1/V2"}, []string{"S3/V2", "S3/V2", "D1/V2"}), relatives(c, firm, kid, door))
		lone := create(map[string]any{"name": "Lone"})
		gate := create(map[string]any{"name": "Gate", "parent_id": lone, "type": "delivery", "street": "D1", "vat": "K9"})
		require.Equal(t, pick([]string{"D1/", "D1/"}, []string{"/K9", "D1/K9"}), relatives(c, lone, gate))
	})
}

func TestALoadedContactTakesFromItsCompanyAndGivesNothing(t *testing.T) {
	both(t, func(t *testing.T, _ *Server, c *client) {
		firm, messages := c.load("res.partner", []string{"id", "name", "child_ids/id", "child_ids/name", "child_ids/type", "child_ids/street"},
			[][]any{{"t.firm", "Firm", "t.d", "Door", "delivery", "Dst"}, {"", "", "t.i", "Bills", "invoice", "Ist"}}, nil)
		require.Empty(t, messages)
		kid, messages := c.load("res.partner", []string{"id", "name", "parent_id/id", "type", "street", "vat"},
			[][]any{{"t.kid", "Kid", "t.firm", "contact", "Kst", "Kvat"}}, nil)
		require.Empty(t, messages)
		require.Equal(t, []string{"/", "Kst/"}, relatives(c, firm[0], kid[0]), "the empty tax number is taken over too")
		got := c.must("res.partner", "address_get", kid, []any{"delivery", "invoice", "other"}).(map[string]any)
		door, bills := firm[0]+1, firm[0]+2
		require.Equal(t, []int64{kid[0], door, bills, kid[0]},
			[]int64{toInt64(t, got["contact"]), toInt64(t, got["delivery"]), toInt64(t, got["invoice"]), toInt64(t, got["other"])})
	})
}

func TestPartnersAreFoundByTheirNumbers(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		_, messages := c.load("res.partner", []string{"id", "name", "company_type", "vat", "ref", "phone"},
			[][]any{{"t.c", "Firm", "company", "no such number!!", "R1", "+358 1"}}, nil)
		require.Empty(t, messages, "nothing checks tax numbers")
		require.True(t, s.Partners()[len(s.Partners())-1].Company)
		for field, value := range map[string]string{"vat": "no such number!!", "ref": "R1", "phone": "+358 1", "company_type": "company"} {
			found := c.must("res.partner", "search_read", []any{[]any{field, "in", []any{value}}, []any{"name", "=", "Firm"}}, []any{"is_company"})
			require.Len(t, found, 1, field)
		}
		gone := s.AddPartner(map[string]any{"name": "Gone", "active": false})
		ids, messages := c.load("sale.order", []string{"id", "partner_id/.id"}, [][]any{{"t.o", toText(gone)}}, nil)
		require.Empty(t, messages, "an archived contact can be named by its id")
		o, _ := s.Order(ids[0])
		require.False(t, o.Buyer.Active)
		_, messages = c.load("sale.order", []string{"id", "partner_id"}, [][]any{{"t.o2", "Gone"}}, nil)
		require.Equal(t, "No matching record found for name 'Gone' in field 'Customer'", messages[0]["message"])
	})
}

// As 17 and 19 answered.
func TestAPartnerOfAnInternalUserIsForThoseWhoMayChangeUsers(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		share := func(id int64) any { return c.one("res.partner", id, "partner_share")["partner_share"] }
		admin := s.ID("res.partner", "name", "Administrator")
		require.Equal(t, false, share(admin))
		_, messages := c.load("res.partner", []string{".id", "phone"}, [][]any{{toText(admin), "1"}}, nil)
		require.Contains(t, messages[0]["message"], "You are not allowed to modify 'User' (res.users) records.")
		plain := s.AddPartner(map[string]any{"name": "Plain"})
		require.Equal(t, true, share(plain))
		_, messages = c.load("res.partner", []string{".id", "phone"}, [][]any{{toText(plain), "1"}}, nil)
		require.Empty(t, messages)
		s.Set("res.partner", plain, Values{"active": false})
		ids, messages := c.load("res.partner", []string{".id", "phone"}, [][]any{{toText(plain), "2"}}, nil)
		require.Nil(t, ids)
		require.Equal(t, "Unknown database identifier '"+toText(plain)+"'", messages[0]["message"], "who is archived is not found")
	})
}
