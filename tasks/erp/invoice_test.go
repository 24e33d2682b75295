package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Two taxes that changed places between order and invoice come to the same sum.
func TestAnInvoiceIsComparedTaxByTax(t *testing.T) {
	w := newWorld(t)
	reduced := w.odoo.AddTax("14% G", "14", true, "")
	w.shop.Workflows = []config.Workflow{{Name: "post", Invoice: "post"}}
	o := anna(1)
	o.Lines = []commerce.Line{item("1", "MUG", "1", "10.00", "10.00", "2.03"), item("2", "TEE", "1", "10.00", "10.00", "1.23")}
	o.Lines[1].Taxes[0].Rate = dec("14")
	o.Total, o.TotalTax = euro("20.00"), euro("3.26")
	last := applied(o, w.book(o))
	w.odoo.Set("account.tax", w.odoo.ID("account.tax", "name", "25.5% G"), odootest.Values{"amount": "14"})
	w.odoo.Set("account.tax", reduced, odootest.Values{"amount": "25.5"})
	w.shop.Workflow = "post"
	e := w.fails(o, last, commerce.Mismatch)
	require.Contains(t, e.Detail, `says 1.23 EUR of the tax "25.5% G", the shop 2.03`)
	require.Equal(t, "draft", w.odoo.Invoices()[0].State)

	w.odoo.Set("account.tax", w.odoo.ID("account.tax", "name", "25.5% G"), odootest.Values{"amount": "25.5"})
	w.odoo.Set("account.tax", reduced, odootest.Values{"amount": "14"})
	other := anna(2)
	other.Lines, other.Total, other.TotalTax = o.Lines, o.Total, o.TotalTax
	other.Lines[0].ID, other.Lines[1].ID = "21", "22"
	w.book(other)
	require.Equal(t, "posted", w.odoo.Invoices()[1].State)
}

// What people did to an invoice stands: one that they cancelled is not made again,
// one that they took back is not posted.
func TestAnInvoiceThatPeopleTookBackIsLeftToThem(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Workflows, p.shop.Workflow = []config.Workflow{{Name: "post", Invoice: "post"}}, "post"
		for _, method := range []string{"button_draft", "button_cancel"} {
			o := p.order()
			out := p.book(o, erp.Applied{})
			bill := p.invoices(out.OdooID)[0]
			require.Equal(p, "posted", bill.Str("state"))
			require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: "account.move", Method: "button_draft"}, bill.ID()))
			want := "draft"
			if method == "button_cancel" {
				require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: "account.move", Method: method}, bill.ID()))
				want = "cancel"
			}
			last := applied(o, out)
			again := p.book(o, last)
			all := p.invoices(out.OdooID)
			require.Len(p, all, 1, method)
			require.Equal(p, want, all[0].Str("state"), method)
			if method == "button_cancel" {
				require.Equal(p, []string{"an invoice of " + out.OdooName + " was cancelled in Odoo, and none is made again"}, again.Notices)
			}
		}
	})
}
