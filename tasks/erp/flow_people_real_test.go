package erp_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// payments are those of an order, as Odoo holds them.
func (p *place) payments(o *commerce.Order) []odooclient.Row {
	p.Helper()
	fields, err := p.admin.Fields(p.Context(), "account.payment")
	require.NoError(p, err)
	return p.rows("account.payment", []string{"amount", "state", "date", "currency_id", "reconciled_invoice_ids", "move_id"}, []any{fields.First("memo", "ref"), "like", o.Number + " "})
}

func (p *place) act(model, method string, id int64) {
	p.Helper()
	require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: model, Method: method}, id))
}

// A payment that people cancelled in Odoo stays cancelled, and what comes in later
// is registered all the same.
func TestAPaymentThatPeopleCancelledStaysCancelled(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		paid(o, "1", "Shopify Payments", "sale", "success", "20.00")
		out := p.book(o, erp.Applied{})
		last := applied(o, out)
		one := p.payments(o)[0]
		p.act("account.payment", "action_draft", one.ID())
		p.act("account.payment", "action_cancel", one.ID())
		paid(o, "2", "Shopify Payments", "sale", "success", "10.00")
		p.book(o, last)
		p.book(o, last)
		require.Len(p, p.payments(o), 2)
		bill := p.invoices(out.OdooID)[0]
		require.Equal(p, "20", bill.Dec("amount_residual").Round(2).String())
	})
}

// Equal payments of one customer settle each their own order's invoice, also when
// all come at once, and nobody is mailed.
func TestEqualPaymentsSettleTheirOwnInvoices(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		before := p.outgoing()
		orders := make([]*commerce.Order, 6)
		p.book(p.order(), erp.Applied{})
		for i := range orders {
			orders[i] = p.order()
			paid(orders[i], "1", "Shopify Payments", "sale", "success", "15.00")
			paid(orders[i], "2", "Shopify Payments", "sale", "success", "15.00")
		}
		var all sync.WaitGroup
		outs := make([]erp.Outcome, len(orders))
		errs := make([]error, len(orders))
		for i, o := range orders {
			all.Go(func() { outs[i], errs[i] = p.Order(p.Context(), p.shop, o, erp.Applied{}, yes) })
		}
		all.Wait()
		for i, o := range orders {
			require.NoError(p, errs[i])
			bills := p.invoices(outs[i].OdooID)
			require.Len(p, bills, 1)
			require.True(p, bills[0].Dec("amount_residual").Round(2).IsZero())
			ps := p.payments(o)
			require.Len(p, ps, 2)
			for _, one := range ps {
				require.Equal(p, []int64{bills[0].ID()}, one.IDs("reconciled_invoice_ids"))
			}
		}
		require.Equal(p, before, p.outgoing())
	})
}

// What is overpaid and given back settles no more than the invoice, and an order for
// nothing is paid as it is.
func TestWhatIsOverpaidSettlesNoMoreThanTheInvoice(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		paid(o, "1", "Shopify Payments", "sale", "success", "25.00")
		paid(o, "2", "Shopify Payments", "sale", "success", "25.00")
		paid(o, "3", "Shopify Payments", "refund", "success", "10.00")
		paid(o, "4", "Shopify Payments", "void", "success", "10.00")
		out := p.book(o, erp.Applied{})
		p.book(o, applied(o, out))
		require.True(p, p.invoices(out.OdooID)[0].Dec("amount_residual").Round(2).IsZero())
		require.Len(p, p.payments(o), 3, "a void moves no money")

		o = p.order()
		o.Lines = o.Lines[:1]
		mugs(o, "2", "0.00", "0.00", "0.00", "0.00")
		o.Lines[0].UnitPrice, o.Lines[0].SKU = euro("0"), "ERP-MUG"
		out = p.book(o, erp.Applied{})
		require.Equal(p, "paid", p.invoices(out.OdooID)[0].Str("payment_state"))
	})
}

// A payment in a currency that Odoo does not have is no payment in the company's.
func TestAPaymentInACurrencyOdooDoesNotHaveIsParked(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		paid(o, "1", "Shopify Payments", "sale", "success", "330.00")
		o.Payments[0].Amount.Currency = "THB"
		e := p.fails(o, commerce.Missing)
		require.Equal(p, []string{"currency/fi/THB"}, e.Needs)
		require.Empty(p, p.payments(o))
	})
}

// An order that was confirmed under one rule and that no rule applies to any more is
// parked with the line to add, as a new one is.
func TestAConfirmedOrderThatNoRuleChoosesForIsParked(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Workflow = ""
		p.shop.Workflows = append(p.shop.Workflows, config.Workflow{Name: "confirm"})
		p.shop.Rules = []config.Rule{
			{Name: "pending", When: config.When{Financial: []string{"pending"}}, Workflow: "confirm"},
			{Name: "paid by card", When: config.When{Financial: []string{"paid"}, Gateways: []string{"card"}}, Workflow: "online"},
		}
		o := p.order()
		o.Financial, o.Gateways = "pending", []string{"Klarna"}
		out := p.book(o, erp.Applied{})
		o.Financial = "paid"
		_, err := p.Order(p.Context(), p.shop, o, applied(o, out), yes)
		require.Equal(p, commerce.Missing, commerce.ReasonOf(err))
		require.ErrorContains(p, err, "Klarna")
	})
}

// The day of an invoice that was posted before its period was closed is its own.
func TestOnlyAnInvoiceThatIsDatedElsewhereIsToldOf(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		out := p.book(o, erp.Applied{})
		company := p.rows("res.company", []string{"name"})[0].ID()
		lock := func(day any) {
			_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "res.company", Fields: []string{".id", "fiscalyear_lock_date"}}, [][]any{{fmt.Sprint(company), day}})
			require.NoError(p, err)
			p.Refresh()
		}
		lock("2026-11-21")
		defer lock("")
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		out = p.book(o, applied(o, out))
		require.Empty(p, out.Notices)
		require.Equal(p, "2026-11-20", p.invoices(out.OdooID)[0].Str("invoice_date"))
	})
}

// Days begin at midnight where the shop is.
func TestTheDayOfAnInvoiceIsThatOfTheShopsZone(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Books.TimeZone = "Europe/Helsinki"
		o := p.order()
		o.CreatedAt = time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		out := p.book(o, erp.Applied{})
		require.Equal(p, "2026-11-21", p.invoices(out.OdooID)[0].Str("invoice_date"))
		require.Equal(p, "2026-11-21", p.payments(o)[0].Str("date"))
	})
}

// A draft that people dated keeps their day.
func TestADraftKeepsTheDayThatPeopleGaveIt(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Workflows, p.shop.Workflow = []config.Workflow{{Name: "draft", Invoice: "draft"}}, "draft"
		o := p.order()
		out := p.book(o, erp.Applied{})
		bill := p.invoices(out.OdooID)[0]
		require.Equal(p, "2026-11-20", bill.Str("invoice_date"))
		p.write("account.move", bill.ID(), map[string]any{"invoice_date": "2026-11-24"})
		o.Tags = []string{"vip"}
		p.book(o, applied(o, out))
		require.Equal(p, "2026-11-24", p.invoices(out.OdooID)[0].Str("invoice_date"))
		p.discard(out.OdooID)
	})
}

// What is paid for an order that was edited after its invoice is registered, though
// the edit itself is left to people.
func TestAnEditThatIsLeftToPeopleDoesNotHoldThePaymentBack(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		out := p.book(o, erp.Applied{})
		last := applied(o, out)
		mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
		o.Lines[0].SKU = "ERP-MUG"
		p.shop.Books.EditableUntil = "invoiced"
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		live := p.shop.Mode
		p.shop.Mode = "observe"
		out, err := p.Order(p.Context(), p.shop, o, last, yes)
		require.Equal(p, commerce.Diverged, commerce.ReasonOf(err))
		require.Zero(p, out.Writes)
		require.Empty(p, p.payments(o), "observing writes nothing")
		p.shop.Mode = live
		out, err = p.Order(p.Context(), p.shop, o, last, yes)
		require.Equal(p, commerce.Diverged, commerce.ReasonOf(err))
		require.Equal(p, "skipped", out.Action)
		require.Len(p, p.payments(o), 1)
		require.True(p, p.invoices(out.OdooID)[0].Dec("amount_residual").Round(2).IsZero())
	})
}

// The waiting for the rest of an invoice ends with nothing that is there already.
func TestADraftForAPartIsNotWaitedForAgainAndAgain(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Workflows[0].Invoice, p.shop.Workflows[0].Pay = "draft", nil
		o := p.order()
		p.goods(o, 100)
		p.byDelivery(o)
		shipped(o, "f1", "1", "T1")
		out := p.book(o, erp.Applied{})
		last := applied(o, out)
		shipped(o, "f2", "1", "T2")
		out = p.book(o, last)
		met, err := p.Met(p.Context(), p.shop, out.Needs)
		require.NoError(p, err)
		require.Empty(p, met)
		require.Len(p, p.invoices(out.OdooID), 2)
		p.discard(out.OdooID)
	})
}

// discard cancels the order's drafts: a period with drafts cannot be closed.
func (p *place) discard(order int64) {
	p.Helper()
	for _, v := range p.invoices(order) {
		p.act("account.move", "button_cancel", v.ID())
	}
}

// Less delivered than was invoiced gives a credit note, which people post.
func TestACreditNoteStaysADraft(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		o.Lines[0].SKU = p.made("HOUR", map[string]any{"type": "service", "invoice_policy": "delivery"})
		out := p.book(o, erp.Applied{})
		require.Empty(p, p.invoices(out.OdooID))
		require.Equal(p, []string{fmt.Sprintf("invoiceable/fi/%d", out.OdooID)}, out.Needs)
		line := p.rows("sale.order.line", []string{"name"}, []any{"order_id", "=", out.OdooID}, []any{"product_id.default_code", "=", o.Lines[0].SKU})[0].ID()
		deliver := func(quantity string) {
			p.Helper()
			_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "sale.order.line", Fields: []string{".id", "qty_delivered"}}, [][]any{{fmt.Sprint(line), quantity}})
			require.NoError(p, err)
			p.book(o, applied(o, out))
		}
		deliver("2")
		require.Equal(p, "posted", p.invoices(out.OdooID)[0].Str("state"))
		deliver("1")
		deliver("1")
		var all []string
		for _, v := range p.invoices(out.OdooID) {
			all = append(all, v.Str("move_type")+" "+v.Str("state"))
		}
		require.ElementsMatch(p, []string{"out_invoice posted", "out_refund draft"}, all)
		for _, v := range p.rows("account.move", []string{"state"}, []any{"move_type", "=", "out_refund"}, []any{"state", "=", "draft"}, []any{"ref", "=", o.Number}) {
			p.act("account.move", "button_cancel", v.ID())
		}
	})
}

// byDelivery makes the order's goods products that are invoiced once delivered.
func (p *place) byDelivery(o *commerce.Order) {
	p.Helper()
	id := p.rows("product.product", []string{"name"}, []any{"default_code", "=", o.Lines[0].SKU})[0].ID()
	p.write("product.product", id, map[string]any{"invoice_policy": "delivery"})
	p.Cleanup(func() {
		var done any
		_ = p.admin.Call(context.Background(), odooclient.Request{Model: "product.product", Method: "write", IDs: []int64{id},
			Args: map[string]any{"vals": map[string]any{"invoice_policy": "order"}}}, &done)
	})
}

// Of a kit that was shipped all parts leave, once; of one of two the half.
func TestTheKitsThatWereShippedLeaveWithAllTheirParts(t *testing.T) {
	everywhere(t, func(p *place) {
		if p.memory != nil {
			p.Skip("kits need the app Manufacturing")
		}
		p.shop.Workflows, p.shop.Workflow = []config.Workflow{{Name: "ship", Deliver: "shipped"}}, "ship"
		ids := map[string]int64{}
		for _, name := range []string{"KIT", "CUP", "LID"} {
			vals := map[string]any{"name": name, "default_code": p.run + name, "type": "consu"}
			p.call("product.product", "create", map[string]any{"vals_list": []any{vals}})
			row := p.rows("product.product", []string{"product_tmpl_id"}, []any{"default_code", "=", p.run + name})[0]
			ids[name] = row.ID()
			if name == "KIT" {
				ids["template"], _ = row.Ref("product_tmpl_id")
			}
		}
		p.call("mrp.bom", "create", map[string]any{"vals_list": []any{map[string]any{"product_tmpl_id": ids["template"], "type": "phantom", "bom_line_ids": []any{
			[]any{0, 0, map[string]any{"product_id": ids["CUP"], "product_qty": 2}}, []any{0, 0, map[string]any{"product_id": ids["LID"], "product_qty": 1}}}}}})
		o := p.order()
		o.Lines[0].SKU, o.Lines[0].NeedsShipping = p.run+"KIT", true
		shipped(o, "f1", "1", "T1")
		out := p.book(o, erp.Applied{})
		delivered := func() string {
			return p.rows("sale.order.line", []string{"qty_delivered"}, []any{"order_id", "=", out.OdooID}, []any{"product_id", "=", ids["KIT"]})[0].Dec("qty_delivered").String()
		}
		require.Equal(p, "1", delivered())
		last := applied(o, out)
		p.book(o, last)
		require.Equal(p, "1", delivered())
		shipped(o, "f2", "1", "T2")
		p.book(o, last)
		require.Equal(p, "2", delivered())
		for _, one := range p.pickings(out.OdooID) {
			require.Equal(p, "done", one.Str("state"))
		}
	})
}

// The shop ships the parts of a bundle; one that is a kit in Odoo leaves once all
// of its parts have.
func TestABundleThatIsAKitLeavesWithItsParts(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Workflows, p.shop.Workflow = []config.Workflow{{Name: "ship", Deliver: "shipped"}}, "ship"
		p.shop.Books.Products.Bundles = "kit"
		p.made("BOX", nil)
		o := p.box(true)
		ship := func(id, a, b string) {
			o.Shipments = append(o.Shipments, commerce.Shipment{ID: id, Status: "success",
				Lines: map[string]decimal.Decimal{o.Lines[1].ID: dec(a), o.Lines[2].ID: dec(b)}})
		}
		ship("f1", "1", "3") // one box, and a part of the other
		out := p.book(o, erp.Applied{})
		delivered := func() string {
			return p.rows("sale.order.line", []string{"qty_delivered"}, []any{"order_id", "=", out.OdooID}, []any{"product_id.default_code", "=", p.run + "-BOX"})[0].Dec("qty_delivered").String()
		}
		require.Equal(p, "1", delivered())
		ship("f2", "1", "1")
		p.book(o, applied(o, out))
		require.Equal(p, "2", delivered())
	})
}

// What came back to Odoo's warehouse had left: nothing is delivered in its place.
func TestWhatPeopleTookBackIsNotDeliveredAgain(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Workflows[0].Invoice, p.shop.Workflows[0].Pay = "", nil
		o := p.order()
		p.goods(o, 100)
		shipped(o, "f1", "2", "T1")
		out := p.book(o, erp.Applied{})
		done := p.pickings(out.OdooID)[0]
		p.takeBack(done.ID(), 1)
		require.Equal(p, "1", p.delivered(out.OdooID))
		o.Tags = []string{"vip"}
		p.book(o, applied(o, out))
		require.Equal(p, "1", p.delivered(out.OdooID))
		shipped(o, "f2", "1", "T2")
		p.book(o, applied(o, out))
		require.Equal(p, "2", p.delivered(out.OdooID))
	})
}

// takeBack returns some of a delivery's goods.
func (p *place) takeBack(picking int64, quantity float64) {
	p.Helper()
	c := map[string]any{"active_model": "stock.picking", "active_id": picking, "active_ids": []int64{picking}}
	var ids []int64
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "stock.return.picking", Method: "create", Context: c,
		Args: map[string]any{"vals_list": []any{map[string]any{"picking_id": picking}}}}, &ids))
	for _, l := range p.rows("stock.return.picking.line", []string{"quantity"}, []any{"wizard_id", "=", ids[0]}) {
		p.write("stock.return.picking.line", l.ID(), map[string]any{"quantity": quantity, "to_refund": true})
	}
	var action struct {
		Picking int64 `json:"res_id"`
	}
	err := p.admin.Call(p.Context(), odooclient.Request{Model: "stock.return.picking", Method: "action_create_returns", IDs: ids, Context: c}, &action)
	if err != nil {
		err = p.admin.Call(p.Context(), odooclient.Request{Model: "stock.return.picking", Method: "create_returns", IDs: ids, Context: c}, &action)
	}
	require.NoError(p, err)
	p.act("stock.picking", "button_validate", action.Picking)
}
