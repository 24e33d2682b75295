package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

// stand is the demo with everything sold in it, and a file of its configuration for
// commands.
type stand struct {
	*testing.T
	*world
	config string
}

// openStand serves the demo until the test ends.
func openStand(t *testing.T) *stand {
	ctx := t.Context()
	w, err := openWorld(ctx, process{out: io.Discard, err: io.Discard}, demoOptions{listen: "127.0.0.1:0", store: shopifytest.Options{Bucket: 1e6}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.close()) })
	s := &stand{T: t, world: w, config: filepath.Join(t.TempDir(), "odoogate.yml")}
	require.NoError(t, os.WriteFile(s.config, []byte(w.text), 0o600))
	a, err := w.app(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ln, err := listen(w.cfg.Server.Listen)
	require.NoError(t, err)
	served := make(chan error, 1)
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	go func() { served <- a.run(serving, ln) }()
	t.Cleanup(func() { end(); require.NoError(t, <-served) })
	require.NoError(t, w.ready(ctx))
	return s
}

// odoogate runs a command and returns what it prints.
func (s *stand) odoogate(args ...string) (string, error) {
	s.Helper()
	var out bytes.Buffer
	err := process{in: strings.NewReader(""), out: &out, err: io.Discard}.run(s.Context(), append(args, "--config", s.config))
	return out.String(), err
}

// proof is what prove says of the last day.
func (s *stand) proof(shop string) *tasks.Proof {
	s.Helper()
	text, err := s.odoogate("prove", "--shop", shop, "--from", "24h", "--json")
	p := &tasks.Proof{}
	require.NoError(s, json.Unmarshal([]byte(text), p), "%v %s", err, text)
	require.Equal(s, p.Equal, err == nil, "status 0 only if equal: %v", err)
	sum := decimal.Zero
	for _, one := range p.Sums {
		sum = sum.Add(one.Total.Difference.Abs()).Add(one.Tax.Difference.Abs()).Add(one.Received.Difference.Abs()).Add(one.PaidBack.Difference.Abs())
	}
	require.True(s, !p.Equal || sum.IsZero(), "equal, and the sums are not: %s", text)
	return p
}

// equal wants a proof without differences.
func (s *stand) equal(shop string) *tasks.Proof {
	s.Helper()
	p := s.proof(shop)
	require.True(s, p.Equal, "%+v", p.Apart)
	return p
}

// differs wants a proof with exactly one order that differs, and returns it.
func (s *stand) differs(shop, id string, by erp.Repair, what ...string) tasks.OrderApart {
	s.Helper()
	p := s.proof(shop)
	require.Len(s, p.Apart, 1, "%+v", p.Apart)
	a := p.Apart[0]
	var found []string
	for _, d := range a.Differences {
		found = append(found, d.What)
		require.NotEmpty(s, d.Next)
	}
	require.Equal(s, id, a.ID)
	require.Equal(s, what, found, "%+v", a.Differences)
	require.Equal(s, by, a.Repair, "%+v", a)
	screen, _ := s.odoogate("prove", "--shop", shop, "--from", "24h")
	require.Contains(s, screen, "Not equal.")
	require.NotContains(s, screen, "@", "nobody's data")
	for _, c := range a.Commands {
		require.Contains(s, screen, c)
	}
	return a
}

// repaired carries the first command of an order out, as it is written.
func (s *stand) repaired(a tasks.OrderApart) {
	s.Helper()
	words := strings.Fields(a.Commands[0])
	require.Equal(s, "odoogate", words[0])
	text, err := s.odoogate(words[1:]...)
	require.NoError(s, err, text)
}

// person does something in Odoo.
func (s *stand) person(model, method string, ids []int64, args map[string]any) {
	s.Helper()
	c := odooclient.New(s.odoo.Config(), odooclient.Options{})
	defer c.Close()
	var done any
	require.NoError(s, c.Call(s.Context(), odooclient.Request{Model: model, Method: method, IDs: ids, Args: args, Context: map[string]any{"disable_cancel_warning": true}}, &done))
}

// inOdoo is the order of that id of a shop.
func (s *stand) inOdoo(shop, id string) odootest.Order {
	s.Helper()
	all := slices.DeleteFunc(s.odoo.Orders(), func(o odootest.Order) bool { return o.Origin != shop+"/"+id })
	require.Len(s, all, 1)
	return all[0]
}

// sold puts an ordinary order into the outlet's store; nobody is told.
func (s *stand) sold(gateway string) string {
	p := shopifytest.Catalogue()[0]
	tax := []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}
	id := s.outlet.AddOrder(shopifytest.Order{TaxesIncluded: true, Gateway: gateway, Email: "lost@example.com", Manual: gateway == "",
		Lines: []shopifytest.Line{{SKU: p.SKU, Title: p.Name, Quantity: 2, Current: 2, Price: p.Price, Taxes: tax}}})
	_, err := s.outlet.News() // lost
	require.NoError(s, err)
	return id
}

func TestAProofFindsWhateverTheShopDidUnheardAndItsCommandRepairsIt(t *testing.T) {
	s := openStand(t)
	require.NoError(t, s.liveOn(t.Context()))
	p := s.equal(demoAfter)
	require.Equal(t, 5, p.Orders.Equal)
	require.Equal(t, 5, p.Sums[0].Orders.Odoo)

	id := s.sold("shopify_payments")
	a := s.differs(demoAfter, id, erp.ByRun, "order")
	require.Nil(t, a.Journal, "nothing came in")
	s.repaired(a)
	s.equal(demoAfter)

	require.NoError(t, s.outlet.Fulfill(id, "Posti", "JJFI2"))
	s.repaired(s.differs(demoAfter, id, erp.ByRun, "shipped "+shopifytest.Catalogue()[0].SKU))
	s.equal(demoAfter)

	_, err := s.outlet.RefundWith(id, shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: 0, Quantity: 1, Restock: "RETURN"}}})
	require.NoError(t, err)
	a = s.differs(demoAfter, id, erp.ByRun, "total", "tax", "line "+shopifytest.Catalogue()[0].SKU, "refunded")
	require.Equal(t, tasks.Done, a.Journal.Outcome)
	s.repaired(a)
	s.equal(demoAfter)

	id = s.sold("shopify_payments")
	s.repaired(s.differs(demoAfter, id, erp.ByRun, "order"))
	require.NoError(t, s.outlet.RaiseLine(id, 0, 1))
	s.repaired(s.differs(demoAfter, id, erp.ByReimport, "total", "tax", "line "+shopifytest.Catalogue()[0].SKU))
	require.NoError(t, s.outlet.Pay(id))
	s.repaired(s.differs(demoAfter, id, erp.ByRun, "received"))
	s.equal(demoAfter)

	_, err = s.outlet.CancelAndRefund(id)
	require.NoError(t, err)
	s.repaired(s.differs(demoAfter, id, erp.ByRun, "state"))
	p = s.equal(demoAfter)
	require.Equal(t, 7, p.Orders.Equal)
	t.Logf("%+v", p.Sums)
}

func TestAProofFindsWhatPeopleDidInOdoo(t *testing.T) {
	s := openStand(t)
	script := s.script(1)
	require.NoError(t, s.send(t.Context(), script))
	unknown := script.orders[len(script.orders)-1]
	a := s.differs(demoShop, unknown, erp.ByRun, "order")
	require.Equal(t, tasks.Parked, a.Journal.Outcome)
	require.Contains(t, a.Journal.Remedy, demoUnknownSKU)
	_, err := s.odoogate("pull", "orders", "--shop", demoShop, "--ids", unknown, "--wait")
	require.ErrorContains(t, err, "parked or failed: 1 of 1 order")
	s.odoo.AddProduct(demoUnknownSKU, "New", decimal.NewFromInt(5))
	s.repaired(a)
	p := s.equal(demoShop)
	require.Positive(t, p.Orders.StayOut)
	require.Equal(t, "cancelled before import (import.cancelled is skip)", p.StaysOut[0].Why)
	require.Equal(t, len(script.orders), p.Orders.Equal+p.Orders.StayOut)

	id := script.orders[0]
	order := s.inOdoo(demoShop, id)
	s.person("sale.order.line", "write", []int64{order.Lines[0].ID}, map[string]any{"vals": map[string]any{"product_uom_qty": 9}})
	a = s.differs(demoShop, id, erp.ByReimport, "total", "tax", "line "+order.Lines[0].SKU)
	require.Equal(t, tasks.Done, a.Journal.Outcome)
	s.repaired(a)
	s.equal(demoShop)

	s.person("sale.order", "action_cancel", []int64{order.ID}, nil)
	a = s.differs(demoShop, id, erp.ByPerson, "state")
	require.Contains(t, a.Differences[0].Next, "cancel the order in the shop")
	require.NoError(t, s.store.CancelOrder(id))
	s.equal(demoShop)

	id = script.orders[1]
	require.NoError(t, s.store.DeleteOrder(id))
	order = s.inOdoo(demoShop, id)
	a = s.differs(demoShop, id, erp.ByPerson, "order")
	require.Equal(t, order.Name, a.Odoo)
	require.Contains(t, a.Differences[0].Next, "cancel "+order.Name+" in Odoo")
	s.person("sale.order", "action_cancel", []int64{order.ID}, nil)
	s.equal(demoShop)

	other := s.inOdoo(demoShop, script.orders[2])
	s.person("sale.order", "create", nil, map[string]any{"vals_list": []any{map[string]any{"partner_id": other.Partner, "origin": other.Origin}}}) // as a copy is
	s.differs(demoShop, "", erp.ByPerson, "order")
}
