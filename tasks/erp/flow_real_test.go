package erp_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// online is a workflow that goes all the way.
func (p *place) online() {
	p.shop.Workflows = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true), Deliver: "shipped"}}
	p.shop.Workflow = "online"
	p.shop.Books.Payments.Journals = map[string]string{"Shopify Payments": "Bank", "gift_card": "Bank"}
}

// paid adds a transaction to the order.
func paid(o *commerce.Order, id, gateway, kind, status, amount string) {
	o.Payments = append(o.Payments, commerce.Payment{ID: o.Ref.ID + id, Gateway: gateway, Kind: kind, Status: status,
		Amount: commerce.Money{Amount: dec(amount), Currency: o.Currency}, At: o.CreatedAt.Add(time.Hour)})
}

func (p *place) invoices(order int64) []odooclient.Row {
	ids := p.rows("sale.order", []string{"invoice_ids"}, []any{"id", "=", order})[0].IDs("invoice_ids")
	return p.rows("account.move", []string{"name", "state", "move_type", "invoice_date", "amount_total", "amount_tax", "amount_residual", "payment_state", "ref"},
		[]any{"id", "in", ids})
}

func TestAPaidOrderIsInvoicedAndItsPaymentsSettleTheInvoice(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		paid(o, "1", "shopify_payments", "authorization", "success", "30.00")
		paid(o, "2", "shopifypayments", "capture", "failure", "30.00")
		out := p.book(o, erp.Applied{})
		require.Equal(p, "created", out.Action)
		bills := p.invoices(out.OdooID)
		require.Len(p, bills, 1)
		require.Equal(p, "posted", bills[0].Str("state"))
		require.Equal(p, o.CreatedAt.Format(time.DateOnly), bills[0].Str("invoice_date"))
		require.Equal(p, "30", bills[0].Dec("amount_total").String())
		require.Equal(p, "6.1", bills[0].Dec("amount_tax").Round(2).String())
		require.Equal(p, "not_paid", bills[0].Str("payment_state"), "a promise and a failure are no payment")

		last := applied(o, out)
		paid(o, "3", "SHOPIFY payments", "capture", "success", "20.00")
		out = p.book(o, last)
		require.Equal(p, "unchanged", out.Action)
		bills = p.invoices(out.OdooID)
		require.Len(p, bills, 1)
		require.Equal(p, "partial", bills[0].Str("payment_state"))
		require.Equal(p, "10", bills[0].Dec("amount_residual").Round(2).String())

		paid(o, "4", "gift_card", "sale", "success", "10.00")
		for range 3 { // again and again
			p.book(o, last)
		}
		bills = p.invoices(out.OdooID)
		require.Len(p, bills, 1)
		require.Contains(p, []string{"paid", "in_payment"}, bills[0].Str("payment_state"))
		require.Zero(p, bills[0].Dec("amount_residual").Round(2).IntPart())
	})
}

func shipped(o *commerce.Order, id string, quantity string, tracking ...string) {
	o.Shipments = append(o.Shipments, commerce.Shipment{ID: id, Status: "success", Tracking: tracking, At: o.CreatedAt.Add(2 * time.Hour),
		Lines: map[string]decimal.Decimal{o.Lines[0].ID: dec(quantity)}})
	o.Fulfilment = "partial"
}

// goods makes the order's product one that is kept in stock, with so much of it.
func (p *place) goods(o *commerce.Order, quantity float64) {
	p.Helper()
	if p.count("product.product", []any{"default_code", "=", "ERP-GOODS"}) == 0 {
		vals := map[string]any{"name": "Goods", "default_code": "ERP-GOODS"}
		fields, err := p.admin.Fields(p.Context(), "product.product")
		require.NoError(p, err)
		if fields.First("is_storable") != "" {
			vals["type"], vals["is_storable"] = "consu", true
		} else {
			vals["detailed_type"] = "product"
		}
		p.call("product.product", "create", map[string]any{"vals_list": []any{vals}})
	}
	product := p.rows("product.product", []string{"name"}, []any{"default_code", "=", "ERP-GOODS"})[0].ID()
	o.Lines[0].SKU, o.Lines[0].NeedsShipping = "ERP-GOODS", true
	mugsOf(o, "3", "37.65", "7.65", "42.55", "8.65")
	if p.rows("product.product", []string{"free_qty"}, []any{"id", "=", product})[0].Dec("free_qty").GreaterThan(decimal.NewFromFloat(quantity / 2)) {
		return
	}
	stock, _ := p.rows("stock.warehouse", []string{"lot_stock_id"})[0].Ref("lot_stock_id")
	var quants []int64
	c := map[string]any{"inventory_mode": true}
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "stock.quant", Method: "create", Context: c, Args: map[string]any{"vals_list": []any{
		map[string]any{"product_id": product, "location_id": stock, "inventory_quantity": quantity}}}}, &quants))
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "stock.quant", Method: "action_apply_inventory", IDs: quants, Context: c}, nil))
}

func mugsOf(o *commerce.Order, quantity, total, tax, orderTotal, orderTax string) {
	sku := o.Lines[0].SKU
	mugs(o, quantity, total, tax, orderTotal, orderTax)
	o.Lines[0].SKU, o.Lines[0].NeedsShipping = sku, true
}

func (p *place) pickings(order int64) []odooclient.Row {
	all := p.rows("stock.picking", []string{"state", "carrier_tracking_ref", "backorder_id", "picking_type_code"}, []any{"sale_id", "=", order})
	slices.SortFunc(all, func(a, b odooclient.Row) int { return int(a.ID() - b.ID()) })
	return all
}

func (p *place) delivered(order int64) string {
	return p.rows("sale.order.line", []string{"qty_delivered"}, []any{"order_id", "=", order}, []any{"product_id.default_code", "=", "ERP-GOODS"})[0].Dec("qty_delivered").String()
}

func TestWhatWasShippedIsDeliveredInOdooOnce(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		p.goods(o, 100)
		shipped(o, "f1", "2", "TRACK1")
		out := p.book(o, erp.Applied{})
		all := p.pickings(out.OdooID)
		require.Len(p, all, 2, "the rest is a backorder")
		require.Equal(p, "2", p.delivered(out.OdooID))
		require.Equal(p, "done", all[0].Str("state"))
		require.Equal(p, "TRACK1", all[0].Str("carrier_tracking_ref"))
		require.Equal(p, "assigned", all[1].Str("state"))

		last := applied(o, out)
		p.book(o, last)
		require.Equal(p, "2", p.delivered(out.OdooID), "nothing is delivered twice")
		shipped(o, "f2", "1", "TRACK2")
		p.book(o, last)
		p.book(o, last)
		require.Equal(p, "3", p.delivered(out.OdooID))
		all = p.pickings(out.OdooID)
		require.Len(p, all, 2)
		require.Equal(p, "done", all[1].Str("state"))
	})
}

func TestARiskyOrderStaysAQuotationUntilItIsReleasedOrConfirmed(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Risk.Hold = []string{"high"}
		for _, by := range []string{"released", "confirmed"} {
			o := p.order()
			o.Risk.Level = "high"
			paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
			before := p.outgoing()
			for range 2 {
				out, err := p.Order(p.Context(), p.shop, o, erp.Applied{}, yes)
				require.Equal(p, commerce.Held, commerce.ReasonOf(err))
				require.ErrorContains(p, err, "odoogate order release fi "+o.Ref.ID)
				require.True(p, out.Booked)
			}
			id := p.rows("sale.order", []string{"state", "tag_ids"}, []any{"client_order_ref", "=", o.Number})[0]
			require.Equal(p, "draft", id.Str("state"))
			require.Len(p, id.IDs("tag_ids"), 1)
			require.Equal(p, 1, p.count("mail.activity", []any{"res_model", "=", "sale.order"}, []any{"res_id", "=", id.ID()}))
			require.Empty(p, p.invoices(id.ID()))
			require.Equal(p, before, p.outgoing(), "nobody is mailed")
			needs := []string{fmt.Sprintf("confirmed/fi/%d", id.ID())}
			met, err := p.Met(p.Context(), p.shop, needs)
			require.NoError(p, err)
			require.Empty(p, met)

			last := erp.Applied{Digest: o.Digest(), OdooID: id.ID(), Released: by == "released"}
			if by == "confirmed" {
				require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: "sale.order", Method: "action_confirm"}, id.ID()))
				met, err = p.Met(p.Context(), p.shop, needs)
				require.NoError(p, err)
				require.Equal(p, needs, met)
			}
			p.book(o, last)
			bills := p.invoices(id.ID())
			require.Len(p, bills, 1)
			require.Contains(p, []string{"paid", "in_payment"}, bills[0].Str("payment_state"))
		}
	})
}

// Quotations that people confirm are marked too: whoever does must see the risk.
func TestARiskyOrderIsMarkedWherePeopleConfirmOrders(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Workflows, p.shop.Workflow = []config.Workflow{{Name: "by hand", Confirm: new(false)}}, "by hand"
		p.shop.Risk.Hold = []string{"high"}
		o := p.order()
		o.Risk.Level = "high"
		p.fails(o, commerce.Held)
		row := p.rows("sale.order", []string{"state", "tag_ids"}, []any{"client_order_ref", "=", o.Number})[0]
		require.Len(p, row.IDs("tag_ids"), 1)
		out := p.book(o, erp.Applied{Digest: o.Digest(), OdooID: row.ID(), Released: true})
		require.Equal(p, "unchanged", out.Action)
		require.Equal(p, "draft", p.rows("sale.order", []string{"state"}, []any{"id", "=", row.ID()})[0].Str("state"))
	})
}

// An invoice whose day is closed is dated to the first open one, and people are told.
func TestAnInvoiceOfAClosedPeriodIsDatedToTheFirstOpenDay(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		company := p.rows("res.company", []string{"name"})[0].ID()
		lock := func(day any) {
			p.Helper()
			_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "res.company", Fields: []string{".id", "fiscalyear_lock_date"}}, [][]any{{fmt.Sprint(company), day}})
			require.NoError(p, err)
			p.Refresh()
		}
		lock("2026-11-21")
		p.Cleanup(func() {
			_, err := p.admin.Load(context.Background(), odooclient.Shape{Model: "res.company", Fields: []string{".id", "fiscalyear_lock_date"}}, [][]any{{fmt.Sprint(company), ""}})
			require.NoError(p, err)
		})
		o := p.order() // of the 20th
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		out := p.book(o, erp.Applied{})
		bills := p.invoices(out.OdooID)
		require.Equal(p, "2026-11-22", bills[0].Str("invoice_date"))
		require.Equal(p, []string{"invoiced on 2026-11-22, the first day after the locked period, and not on the order's own"}, out.Notices)
		require.Contains(p, []string{"paid", "in_payment"}, bills[0].Str("payment_state"), "the payment's day is closed too")
	})
}

// A smaller quantity in the shop makes the delivery smaller, and brings nothing in.
func TestAnEditOfAConfirmedOrderChangesItsDelivery(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		p.goods(o, 100)
		out := p.book(o, erp.Applied{})
		moves := func() string {
			var all []string
			for _, picking := range p.pickings(out.OdooID) {
				for _, m := range p.rows("stock.move", []string{"product_uom_qty", "state"}, []any{"picking_id", "=", picking.ID()}) {
					all = append(all, fmt.Sprintf("%s %s %s", picking.Str("picking_type_code"), m.Dec("product_uom_qty"), m.Str("state")))
				}
			}
			return strings.Join(all, ", ")
		}
		require.Equal(p, "outgoing 3 assigned", moves())
		last := applied(o, out)
		mugsOf(o, "2", "25.10", "5.10", "30.00", "6.10")
		require.Equal(p, "updated", p.book(o, last).Action)
		require.Equal(p, "outgoing 2 assigned", moves())
		last = applied(o, out)
		mugsOf(o, "5", "62.75", "12.75", "67.65", "13.75")
		require.Equal(p, "updated", p.book(o, last).Action)
		require.Equal(p, "outgoing 5 assigned", moves())
	})
}

// An order whose risk the shop is still looking at waits, an hour at most.
func TestAnOrderWaitsForTheShopsWordOnItsRisk(t *testing.T) {
	w := newWorld(t)
	w.shop.Risk.Hold = []string{"high"}
	o := anna(1)
	now := o.CreatedAt.Add(10 * time.Minute)
	c := odooclient.New(w.odoo.Config(), odooclient.Options{})
	t.Cleanup(c.Close)
	w.books = erp.New(c, erp.Options{Now: func() time.Time { return now }})
	o.Risk.Level = "pending"
	e := w.fails(o, erp.Applied{}, commerce.RateLimited)
	require.Equal(t, time.Minute, e.RetryAfter)
	require.Empty(t, w.odoo.Orders())
	now = o.CreatedAt.Add(61 * time.Minute)
	require.Equal(t, "created", w.book(o).Action)
	w.equal(o)
}

// A rule that asks for the risk waits for it as well: it may choose another workflow.
func TestAnOrderWaitsForTheRiskThatARuleAsksFor(t *testing.T) {
	w := newWorld(t)
	w.shop.Workflows = []config.Workflow{{Name: "by hand", Confirm: new(false)}}
	w.shop.Rules = []config.Rule{{Name: "risky", When: config.When{Risk: []string{"high"}}, Workflow: "by hand"}}
	o := anna(1)
	c := odooclient.New(w.odoo.Config(), odooclient.Options{})
	t.Cleanup(c.Close)
	w.books = erp.New(c, erp.Options{Now: func() time.Time { return o.CreatedAt.Add(10 * time.Minute) }})
	o.Risk.Level = "pending"
	w.fails(o, erp.Applied{}, commerce.RateLimited)
	require.Empty(t, w.odoo.Orders())
}

// Fifty orders share the calls of the whole workflow but one: an invoice is settled
// in a call of its own, for Odoo pairs what it is given without a look at whose it is.
func TestFiftyOrdersShareTheCallsOfTheirWorkflow(t *testing.T) {
	w := worldOf(t, odootest.Options{Latency: func(string, string) time.Duration { return 5 * time.Millisecond }})
	w.shop.Workflows = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true)}}
	w.shop.Workflow, w.shop.Books.Payments.Journals = "online", map[string]string{"card": "Bank"}
	cfg := w.odoo.Config()
	cfg.Connections = 1
	w.books = w.open(cfg)
	w.book(anna(0))
	before, calls := w.odoo.CallCount(), w.odoo.Calls()
	var all sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		o := anna(i + 1)
		o.Customer.Email = fmt.Sprintf("b%d@example.com", i%30)
		paid(o, "p", "card", "sale", "success", "30.00")
		all.Go(func() { _, errs[i] = w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	after := w.odoo.Calls()
	for name, n := range calls {
		if after[name] -= n; after[name] == 0 {
			delete(after, name)
		}
	}
	t.Logf("%d calls %v", w.odoo.CallCount()-before, after)
	require.Equal(t, 50, after["account.move.line.reconcile"])
	delete(after, "account.move.line.reconcile")
	shared := 0
	for _, n := range after {
		shared += n
	}
	require.LessOrEqual(t, shared, 90, "one by one they would be over 900: %v", after)
	paidUp := 0
	for _, v := range w.odoo.Invoices() {
		if v.Total.Equal(dec("30")) && v.Residual.IsZero() {
			paidUp++
		}
	}
	require.Equal(t, 50, paidUp)
	require.Len(t, w.odoo.Payments(), 50)
}
