package erp_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// account is an account of Anna, who is a contact.
func (w *world) account() (*commerce.Customer, erp.CustomerApplied) {
	w.t.Helper()
	w.shop.Books.Customers.Accounts = "all"
	c := &commerce.Customer{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: "77"}, Party: anna(1).Customer, Billing: anna(1).Billing}
	out := w.followed(c, erp.CustomerApplied{})
	require.Equal(w.t, "created", out.Action)
	return c, erp.CustomerApplied{OdooID: out.OdooID, Fields: out.Fields}
}

func (w *world) followed(c *commerce.Customer, last erp.CustomerApplied) erp.CustomerOutcome {
	w.t.Helper()
	out, err := w.books.Customer(w.t.Context(), w.shop, c, last, yes)
	require.NoError(w.t, err)
	return out
}

func TestWhatOdooRefusesOfAnAccountIsToldWithoutValues(t *testing.T) {
	w := newWorld(t)
	c, last := w.account()
	w.odoo.Refuse("res.partner", "name", func(text string) string {
		if strings.HasSuffix(text, "Uusi") {
			return "The name [" + text + "] is on the list."
		}
		return ""
	})
	c.LastName = "Uusi"
	_, err := w.books.Customer(t.Context(), w.shop, c, last, yes)
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, commerce.Invalid, e.Reason)
	require.Equal(t, "Odoo refuses name of contact "+strconv.FormatInt(last.OdooID, 10), e.Detail)
	require.NotContains(t, e.Error(), "Uusi")
}

func TestAFieldOfAnAccountThatOdooRefusesKeepsNothingElseOut(t *testing.T) {
	w := filledWorld(t, 17, rule("customer", "_club", "x_club"), rule("customer", "_site", "website"))
	c, last := w.account()
	w.odoo.Refuse("res.partner", "website", func(text string) string {
		if text == "bad" {
			return "No such site."
		}
		return ""
	})
	c.Phone, c.Meta = "+358 1234567", []commerce.Property{{Name: "_club", Value: "yes"}, {Name: "_site", Value: "bad"}}
	out := w.followed(c, last)
	require.Equal(t, "updated", out.Action)
	require.Equal(t, []string{`Odoo refuses what the shop has under "_site": the field website is left out`}, out.Notices)
	require.Equal(t, true, w.field("res.partner", last.OdooID, "x_club"))
	require.Equal(t, "+358 1234567", w.field("res.partner", last.OdooID, "phone"))
	last.Fields = out.Fields
	require.Zero(t, w.followed(c, last).Writes, "it is not tried again until the shop has another")

	w.odoo.Set("res.partner", last.OdooID, odootest.Values{"x_club": false})
	c.Meta[1].Value = "https://example.com"
	require.Equal(t, "updated", w.followed(c, last).Action)
	require.Equal(t, false, w.field("res.partner", last.OdooID, "x_club"), "people have the last word")
	require.Equal(t, "https://example.com", w.field("res.partner", last.OdooID, "website"))
}

func TestAContactBeyondOurRightsWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	c, last := w.account()
	w.odoo.AddUser("weak", "weak", "sales_team.group_sale_salesman_all_leads", "stock.group_stock_user", "account.group_account_invoice")
	cfg := w.odoo.ConfigOf("weak")
	cfg.Password = config.NewSecret("weak")
	w.books = w.open(cfg)
	c.Phone = "+358 1234567"
	_, err := w.books.Customer(t.Context(), w.shop, c, last, yes)
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, commerce.Invalid, e.Reason, "it is not tried for ever")
	require.Contains(t, e.Remedy, "Contact Creation")
}
