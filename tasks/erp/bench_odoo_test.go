package erp_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// contest books the same kind of orders (three lines, a new partner each) in
// three ways. Without ODOO_URL the Odoo is the one in memory, whose figures only
// say what our side costs; ODOO_CONNECTIONS is how many calls go at once.
type contest struct {
	*testing.B
	naive, client *odooclient.Client
	books         *erp.Books
	shop          config.Shop
	products      map[string]int64
	number        int64
	paid          bool // orders have a payment
}

const contestOrders, contestNaive = 200, 40

// BenchmarkBooking compares orders a second: ours beside a naive client (login
// once, six calls an order) and beside batched create + action_confirm, as it is
// and under the context that keeps Odoo from tracking and mailing as ours does,
// taking turns in one run, drafts and confirmed.
func BenchmarkBooking(b *testing.B) {
	for _, draft := range []bool{true, false} {
		b.Run(map[bool]string{true: "drafts", false: "confirmed"}[draft], func(b *testing.B) {
			c := newContest(b, draft)
			var spent [4]time.Duration
			var rounds int
			for b.Loop() {
				rounds++
				for i, run := range []func(bool){c.sixCalls, c.plainCreate, c.quietCreate, c.gateway} {
					start := time.Now()
					run(draft)
					spent[i] += time.Since(start)
				}
			}
			rate := func(i, orders int) float64 { return float64(rounds*orders) / spent[i].Seconds() }
			naive, plain, quiet, ours := rate(0, contestNaive), rate(1, contestOrders), rate(2, contestOrders), rate(3, contestOrders)
			for unit, n := range map[string]float64{"naive/s": naive, "create/s": plain, "quiet-create/s": quiet, "ours/s": ours,
				"x-naive": ours / naive, "x-create": ours / plain, "x-quiet": ours / quiet, "ns/op": 0} {
				b.ReportMetric(n, unit)
			}
		})
	}
}

// BenchmarkWorkflow compares whole workflows a second, confirmed, invoiced, posted
// and paid: ours beside a naive client that does each step with Odoo's wizards.
func BenchmarkWorkflow(b *testing.B) {
	c := newContest(b, false)
	c.shop.Workflows, c.shop.Workflow = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true)}}, "online"
	var journals []odooclient.Row
	c.call("account.journal", "search_read", nil, map[string]any{"domain": []any{[]any{"type", "=", "bank"}}, "fields": []string{"name"}, "order": "id"}, nil, &journals)
	require.NotEmpty(b, journals, "the Odoo needs a bank journal")
	c.shop.Books.Payments.Journals, c.paid = map[string]string{"card": journals[0].Str("name")}, true
	var naive, ours time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		start := time.Now()
		for range contestNaive {
			c.wizards(c.sixCall(false), journals[0].ID())
		}
		naive += time.Since(start)
		start = time.Now()
		c.gateway(false)
		ours += time.Since(start)
	}
	slow, quick := float64(rounds*contestNaive)/naive.Seconds(), float64(rounds*contestOrders)/ours.Seconds()
	for unit, n := range map[string]float64{"naive/s": slow, "ours/s": quick, "x-naive": quick / slow, "ns/op": 0} {
		b.ReportMetric(n, unit)
	}
}

// wizards invoices and pays an order as people do.
func (c *contest) wizards(order, journal int64) {
	var id []int64
	c.call("sale.advance.payment.inv", "create", nil, map[string]any{"vals_list": []any{map[string]any{"advance_payment_method": "delivered", "sale_order_ids": []any{[]any{6, 0, []int64{order}}}}}}, nil, &id)
	c.call("sale.advance.payment.inv", "create_invoices", id, nil, nil, nil)
	var rows []odooclient.Row
	c.call("sale.order", "read", []int64{order}, map[string]any{"fields": []string{"invoice_ids"}}, nil, &rows)
	bills := rows[0].IDs("invoice_ids")
	c.call("account.move", "action_post", bills, nil, nil, nil)
	active := map[string]any{"active_model": "account.move", "active_ids": bills}
	c.call("account.payment.register", "create", nil, map[string]any{"vals_list": []any{map[string]any{"journal_id": journal}}}, active, &id)
	c.call("account.payment.register", "action_create_payments", id, nil, active, nil)
	c.call("account.move", "read", bills, map[string]any{"fields": []string{"payment_state"}}, nil, &rows)
}

func newContest(b *testing.B, draft bool) *contest {
	cfg := config.Odoo{URL: os.Getenv("ODOO_URL"), Database: os.Getenv("ODOO_DB"), User: os.Getenv("ODOO_USER"),
		Password: config.NewSecret(os.Getenv("ODOO_PASSWORD")), Timeout: 5 * time.Minute}
	if cfg.URL == "" {
		s := odootest.Start(b, odootest.Options{})
		for _, sku := range []string{"MUG", "TEE", "SHIPPING"} {
			s.AddProduct(sku, sku, dec("10"))
		}
		s.AddTax("25.5% S", "25.5", false, "")
		s.AddTax("25.5% S incl", "25.5", true, "")
		cfg = s.Config()
	}
	cfg.Connections = 1
	c := &contest{B: b, number: time.Now().UnixNano() / 1000, naive: odooclient.New(cfg, odooclient.Options{})}
	cfg.Connections, _ = strconv.Atoi(cmp.Or(os.Getenv("ODOO_CONNECTIONS"), "1"))
	c.client = odooclient.New(cfg, odooclient.Options{})
	b.Cleanup(func() { c.naive.Close(); c.client.Close() })
	c.books = erp.New(c.client, erp.Options{})
	c.shop = config.Shop{ID: "bench", Mode: config.Live, Books: config.Books{Draft: new(draft), Products: config.Products{Shipping: "SHIPPING"}}}
	c.products = map[string]int64{}
	var rows []odooclient.Row
	c.call("product.product", "search_read", nil, map[string]any{"domain": []any{[]any{"default_code", "in", []string{"MUG", "TEE", "SHIPPING"}}}, "fields": []string{"default_code"}}, nil, &rows)
	for _, r := range rows {
		c.products[r.Str("default_code")] = r.ID()
	}
	require.Len(b, c.products, 3, "the Odoo needs products MUG, TEE and SHIPPING")
	c.call("product.pricelist", "search_read", nil, map[string]any{"domain": []any{[]any{"currency_id.name", "=", "EUR"}}, "fields": []string{"name"}, "order": "id desc"}, nil, &rows)
	require.NotEmpty(b, rows, "the Odoo needs a pricelist in EUR")
	c.shop.Books.Pricelists = map[string]string{"EUR": rows[0].Str("name")}
	return c
}

func (c *contest) call(model, method string, ids []int64, args, ctx map[string]any, into any) {
	require.NoError(c, c.naive.Call(context.Background(), odooclient.Request{Model: model, Method: method, IDs: ids, Args: args, Context: ctx}, into))
}

// order is one of three lines by somebody new.
func (c *contest) order() *commerce.Order {
	c.number++
	o := anna(0)
	o.Ref = commerce.Ref{Shop: "bench", Kind: commerce.KindOrder, ID: fmt.Sprint(c.number)}
	o.Number, o.Customer.Email, o.Customer.ID = fmt.Sprintf("#B%d", c.number), fmt.Sprintf("b%d@example.com", c.number), fmt.Sprint(c.number)
	o.Lines[0].ID, o.Lines[1].ID = o.Ref.ID+"1", o.Ref.ID+"2"
	tee := item(o.Ref.ID+"3", "TEE", "1", "20.00", "20.00", "4.06")
	o.Lines = append(o.Lines, tee)
	o.Total, o.TotalTax = euro("50.00"), euro("10.16")
	if c.paid {
		paid(o, "p", "card", "sale", "success", "50.00")
	}
	return o
}

func (c *contest) lines() []any {
	var all []any
	for sku, price := range map[string]float64{"MUG": 12.55, "TEE": 20, "SHIPPING": 4.9} {
		all = append(all, []any{0, 0, map[string]any{"product_id": c.products[sku], "product_uom_qty": 1, "price_unit": price, "name": sku}})
	}
	return all
}

func (c *contest) sixCalls(draft bool) {
	for range contestNaive {
		c.sixCall(draft)
	}
}

// sixCall books one order.
func (c *contest) sixCall(draft bool) int64 {
	o := c.order()
	var rows []odooclient.Row
	c.call("res.partner", "search_read", nil, map[string]any{"domain": []any{[]any{"email", "=", o.Customer.Email}}, "fields": []string{"id"}}, nil, &rows)
	var partner, order []int64
	c.call("res.partner", "create", nil, map[string]any{"vals_list": []any{map[string]any{"name": "Bench", "email": o.Customer.Email}}}, nil, &partner)
	c.call("product.product", "search_read", nil, map[string]any{"domain": []any{[]any{"default_code", "in", []string{"MUG", "TEE", "SHIPPING"}}}, "fields": []string{"id"}}, nil, &rows)
	c.call("sale.order", "create", nil, map[string]any{"vals_list": []any{map[string]any{"partner_id": partner[0], "client_order_ref": o.Number, "order_line": c.lines()}}}, nil, &order)
	if !draft {
		c.call("sale.order", "action_confirm", order, nil, nil, nil)
	}
	c.call("sale.order", "read", order, map[string]any{"fields": []string{"amount_total", "state"}}, nil, &rows)
	return order[0]
}

func (c *contest) plainCreate(draft bool) { c.batchedCreate(draft, nil) }

func (c *contest) quietCreate(draft bool) {
	c.batchedCreate(draft, map[string]any{"mail_create_nosubscribe": true, "mail_create_nolog": true, "mail_notrack": true,
		"mail_auto_subscribe_no_notify": true, "tracking_disable": true})
}

// batchedCreate is the quickest way that keeps nothing of what makes a repeat safe.
func (c *contest) batchedCreate(draft bool, quiet map[string]any) {
	for range contestOrders / 50 {
		var people, orders []any
		var partners, ids []int64
		for range 50 {
			o := c.order()
			people = append(people, map[string]any{"name": "Bench", "email": o.Customer.Email})
			orders = append(orders, map[string]any{"client_order_ref": o.Number, "order_line": c.lines()})
		}
		c.call("res.partner", "create", nil, map[string]any{"vals_list": people}, quiet, &partners)
		for i, p := range partners {
			orders[i].(map[string]any)["partner_id"] = p
		}
		c.call("sale.order", "create", nil, map[string]any{"vals_list": orders}, quiet, &ids)
		if !draft {
			c.call("sale.order", "action_confirm", ids, nil, quiet, nil)
		}
		var rows []odooclient.Row
		c.call("sale.order", "read", ids, map[string]any{"fields": []string{"amount_total", "state"}}, nil, &rows)
	}
}

func (c *contest) gateway(bool) {
	orders := make(chan *commerce.Order, contestOrders)
	for range contestOrders {
		orders <- c.order()
	}
	close(orders)
	all, ctx := errgroup.WithContext(context.Background())
	for range 64 { // as many tasks as a worker runs
		all.Go(func() error {
			for o := range orders {
				if _, err := c.books.Order(ctx, c.shop, o, erp.Applied{}, yes); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(c, all.Wait())
}
