package erp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// crowd makes orders of few people, who write themselves in many ways.
type crowd struct {
	*rand.Rand
	guests string
}

// buyer gives the order to somebody and tells who that is in Odoo.
func (c crowd) buyer(o *commerce.Order) (who string) {
	n := c.IntN(4)
	mail := fmt.Sprintf("%s%d@example.com", []string{"p", "P"}[c.IntN(2)], n)
	o.Customer = commerce.Party{FirstName: "Person", LastName: fmt.Sprint(n), Email: []string{"", " "}[c.IntN(2)] + mail}
	account := func() { o.Customer.ID = fmt.Sprint(100 + n) }
	switch c.IntN(4) {
	case 0: // of a company that nobody's private e-mail is in
		company := c.IntN(2)
		o.Customer.Email = "of-company-" + mail
		o.Customer.Company, o.Billing.Company = fmt.Sprint("Firm ", company), fmt.Sprint("Firm ", company)
		o.Customer.VAT = fmt.Sprintf([]string{"FI 000000%d-9", "fi000000%d9", "FI.000000%d9"}[c.IntN(3)], company)
		return fmt.Sprintf("person %d at firm %d", n, company)
	case 1: // of a marketplace
		o.Customer.Email = fmt.Sprintf("x%d@marketplace.amazon.de", c.IntN(1000))
		if c.IntN(2) == 0 || c.guests == "shared" {
			account()
			return fmt.Sprintf("customer %d of %s", n, o.Ref.Shop)
		}
		return "order " + o.Ref.String()
	case 2:
		switch c.guests {
		case "shared":
			return "guest"
		case "archived":
			return "order " + o.Ref.String()
		}
		return fmt.Sprint("person ", n)
	}
	account()
	return fmt.Sprint("person ", n)
}

func (c crowd) order(n int) (*commerce.Order, string) {
	o := anna(n)
	o.Ref.Shop = []string{"fi", "fj"}[c.IntN(2)]
	who := c.buyer(o)
	o.Billing = &commerce.Address{FirstName: o.Customer.FirstName, LastName: o.Customer.LastName, Company: o.Customer.Company,
		Street: "Road 1", City: "Oulu", Country: "FI"}
	goods := *o.Billing
	goods.Street = []string{"Road 1", "road  2", "ROAD 2"}[c.IntN(3)]
	o.Shipping = &goods
	return o, who
}

// Whatever the policy and the order of things, every identity is one contact, every
// address of it is there once, and nobody is two.
func TestACrowdOfOrdersMakesEveryoneOnce(t *testing.T) {
	for seed := range uint64(6) {
		guests := []string{"own", "shared", "archived"}[seed%3]
		t.Run(fmt.Sprintf("guests %s, seed %d", guests, seed), func(t *testing.T) {
			w := worldOf(t, odootest.Options{Version: []int{17, 19}[seed%2]})
			w.shop.Books.Customers = config.Customers{Guests: guests, Guest: "Web guest"}
			c := crowd{rand.New(rand.NewPCG(seed, 7)), guests}
			orders, who := make([]*commerce.Order, 80), make([]string, 80)
			for i := range orders {
				orders[i], who[i] = c.order(i)
			}
			w.everyoneOnce(orders, who)
			made := len(w.odoo.Partners())
			require.NoError(t, w.atOnce(orders))
			require.Len(t, w.odoo.Partners(), made, "the same orders again make nobody")
		})
	}
}

// atOnce books all orders at the same moment, each for its own shop.
func (w *world) atOnce(orders []*commerce.Order) error {
	var all sync.WaitGroup
	errs := make([]error, len(orders))
	for i, o := range orders {
		all.Go(func() {
			shop := w.shop
			shop.ID = o.Ref.Shop
			_, errs[i] = w.books.Order(w.t.Context(), shop, o, erp.Applied{}, yes)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (w *world) everyoneOnce(orders []*commerce.Order, who []string) {
	w.t.Helper()
	require.NoError(w.t, w.atOnce(orders))
	buyerOf, people := map[string]int64{}, map[int64]odootest.Partner{}
	doors := map[string]bool{}
	for _, p := range w.odoo.Partners() {
		people[p.ID] = p
		if p.Parent == 0 || p.Type == "contact" {
			continue
		}
		door := fmt.Sprintf("%d %s %s %s", p.Parent, strings.ToLower(p.Name), strings.ToLower(strings.Join(strings.Fields(p.Street), " ")), p.Email)
		require.False(w.t, doors[door], "an address is there twice: %s", door)
		doors[door] = true
	}
	for _, h := range w.odoo.Orders() {
		at := -1
		for i, o := range orders {
			if h.Origin == o.Ref.Shop+"/"+o.Ref.ID {
				at = i
			}
		}
		id := who[at]
		if before, ok := buyerOf[id]; ok {
			require.Equal(w.t, before, h.Partner, "%s is two", id)
		}
		buyerOf[id] = h.Partner
		if strings.Contains(id, "firm") {
			require.Equal(w.t, people[h.Partner].Parent, h.Invoice, "the invoice goes to the company")
			require.NotEmpty(w.t, people[h.Invoice].VAT)
		}
		require.Equal(w.t, w.shop.Books.Customers.Guests == "archived" && orders[at].Customer.ID == "" && orders[at].Customer.VAT == "",
			!people[h.Partner].Active, id)
	}
	seen := map[int64]string{}
	for id, partner := range buyerOf {
		require.Empty(w.t, seen[partner], "%s and %s are one", id, seen[partner])
		seen[partner] = id
	}
}

// What finding and making people costs an order that is alone, in calls.
func TestPeopleCostFewCalls(t *testing.T) {
	w := newWorld(t)
	n := 0
	calls := func(change func(o *commerce.Order)) map[string]int {
		n++
		o := anna(n)
		if change != nil {
			change(o)
		}
		w.books.Refresh() // as if a minute had passed: who was found is remembered so long
		before := w.odoo.Calls()
		w.book(o)
		spent := map[string]int{}
		for call, all := range w.odoo.Calls() {
			if more := all - before[call]; more > 0 && strings.HasPrefix(call, "res.partner.") && call != "res.partner.fields_get" { // master data
				spent[strings.TrimPrefix(call, "res.partner.")] = more
			}
		}
		return spent
	}
	firm := func(o *commerce.Order) {
		o.Customer.Company, o.Billing.Company, o.Customer.VAT, o.Customer.Email = "Firm", "Firm", "FI 1234567-1", "anna@firm.example.com"
	}
	away := func(o *commerce.Order) { o.Shipping.Street = "Road 2" }
	calls(nil) // reads the master data too
	require.Equal(t, map[string]int{"search_read": 1}, calls(nil), "a known buyer")
	require.Equal(t, map[string]int{"search_read": 2, "load": 1}, calls(away), "with a new address")
	require.Equal(t, map[string]int{"search_read": 2}, calls(away), "with a known address")
	require.Equal(t, map[string]int{"search_read": 1, "load": 1}, calls(func(o *commerce.Order) { o.Customer.Email = "new@example.com" }), "a new buyer")
	require.Equal(t, map[string]int{"load": 1}, calls(func(o *commerce.Order) { o.Customer.Email = "x@members.ebay.com" }), "a marketplace's")
	require.Equal(t, map[string]int{"search_read": 2, "load": 2}, calls(firm), "a new company")
	require.Equal(t, map[string]int{"search_read": 2}, calls(firm), "a known company")
	w.shop.Books.Customers = config.Customers{Guests: "shared", Guest: "Web guest"}
	guest := func(o *commerce.Order) { o.Customer.ID = "" }
	calls(guest)
	require.Equal(t, map[string]int{"search_read": 1, "load": 1}, calls(guest), "a guest under a shared contact")
}
