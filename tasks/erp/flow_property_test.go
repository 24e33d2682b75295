package erp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// stages are the states that an order goes through in the shop: placed, promised,
// paid in parts, shipped in parts, in an order that differs from one to the next.
func (p *place) stages(r *rand.Rand) []*commerce.Order {
	o := p.order()
	p.goods(o, 1000)
	var steps []func(*commerce.Order)
	steps = append(steps,
		func(o *commerce.Order) { paid(o, "0", "Shopify Payments", "authorization", "success", "42.55") },
		func(o *commerce.Order) { paid(o, "1", "Shopify Payments", "capture", "success", "20.00") },
		func(o *commerce.Order) { paid(o, "2", "cash on delivery", "sale", "success", "5.00") },
		func(o *commerce.Order) { paid(o, "3", "gift_card", "sale", "pending", "17.55") },
		func(o *commerce.Order) { paid(o, "4", "gift_card", "sale", "success", "17.55") },
		func(o *commerce.Order) { shipped(o, "f1", fmt.Sprint(1+r.IntN(2)), "T1") },
		func(o *commerce.Order) {
			rest := o.Lines[0].Quantity.Sub(o.Shipped()[o.Lines[0].ID])
			shipped(o, "f2", rest.String(), "T2")
			o.Fulfilment = "fulfilled"
		})
	if r.IntN(2) == 0 { // parcels before money
		steps[1], steps[5] = steps[5], steps[1]
		steps[4], steps[6] = steps[6], steps[4]
	}
	stages := []*commerce.Order{o}
	for i, step := range steps {
		next := *stages[i]
		next.Payments = append([]commerce.Payment{}, next.Payments...)
		next.Shipments = append([]commerce.Shipment{}, next.Shipments...)
		next.UpdatedAt = o.CreatedAt.Add(time.Duration(i+1) * time.Hour)
		step(&next)
		stages = append(stages, &next)
	}
	return stages
}

// Whatever part of its story an order is looked at in, how often, with how much of
// it remembered and which calls lost, it ends with the same documents.
func TestEveryStoryOfAnOrderEndsWithTheSameDocuments(t *testing.T) {
	flows := []config.Workflow{
		{Name: "confirm"}, {Name: "draft", Invoice: "draft"}, {Name: "post", Invoice: "post", InvoiceDate: "today"},
		{Name: "ship", Deliver: "shipped"}, {Name: "online", Invoice: "post", Pay: new(true), Deliver: "shipped"},
	}
	stories := 0
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			s := odootest.Start(t, odootest.Options{Version: version})
			cfg := s.ConfigOf("admin")
			p := open(t, s, s.Config(), cfg)
			p.online()
			p.shop.Workflows, p.shop.Books.Payments.Open = flows, []string{"Cash on delivery"}
			r := rand.New(rand.NewPCG(uint64(version), 5))
			for n := range 40 {
				p.shop.Workflow = flows[n%len(flows)].Name
				seed := r.Uint64()
				straight := p.stages(rand.New(rand.NewPCG(seed, 1)))
				var last erp.Applied
				for _, o := range straight {
					last = applied(o, p.book(o, last))
				}
				want := p.documents(straight[0])

				told := p.stages(rand.New(rand.NewPCG(seed, 1)))
				p.story(r, told)
				require.Equal(t, want, p.documents(told[0]), "%s, story %d", p.shop.Workflow, n)
				stories++
			}
		})
	}
	t.Logf("%d stories", stories)
}

// Twenty generated orders, each cut at every exchange of its last look.
func TestAnyGeneratedOrderMayBeCutAnywhere(t *testing.T) {
	runs := 0
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			server := odootest.Start(t, odootest.Options{Version: version})
			p := open(t, server, server.Config(), server.ConfigOf("admin"))
			p.online()
			p.shop.Books.Payments.Open, p.shop.Import.Fulfilled = []string{"Cash on delivery"}, "import"
			s := &scissors{}
			books := p.through(s)
			n, first := lives(t, 4)
			for seed := first; seed < first+uint64(min(n, 10)); seed++ { // each is cut some fifty times
				made := func() *commerce.Order {
					stages := p.stages(rand.New(rand.NewPCG(seed, 2)))
					return stages[len(stages)-1-int(seed%3)]
				}
				p.until(books, made()) // what is remembered is remembered from here on
				straight := made()
				before := s.count.Load()
				p.until(books, straight)
				want, calls := p.documents(straight), s.count.Load()-before
				require.Greater(t, calls, int64(20), "%s", want)
				for n := int64(1); n <= calls; n++ {
					o := made()
					s.at, s.after = s.count.Load()+n, (n+int64(seed))%2 == 0
					p.until(books, o)
					require.Equal(t, want, p.documents(o), "order %d cut at %d of %d, after %t", seed, n, calls, s.after)
					runs++
				}
			}
		})
	}
	t.Logf("%d runs", runs)
}

// until runs the order until it ends well.
func (p *place) until(books *erp.Books, o *commerce.Order) {
	p.Helper()
	var last erp.Applied
	for range 6 {
		out, err := books.Order(p.Context(), p.shop, o, last, yes)
		if err == nil {
			return
		}
		require.Contains(p, []commerce.Reason{commerce.Unavailable, commerce.Conflict}, commerce.ReasonOf(err), err.Error())
		if out.Booked {
			last = applied(o, out)
		}
	}
	p.Fatal("the order did not end well in six runs")
}

// story looks at the order at some of its stages, each any number of times, now and
// then without memory, and with a call lost in every third run.
func (p *place) story(r *rand.Rand, stages []*commerce.Order) {
	p.Helper()
	var last erp.Applied
	for at := 0; at < len(stages); at += 1 + r.IntN(3) {
		at := min(at, len(stages)-1)
		for range 1 + r.IntN(3) {
			if r.IntN(4) == 0 {
				last = erp.Applied{}
			}
			p.looked(r, stages[at], &last)
		}
	}
	p.looked(r, stages[len(stages)-1], &last)
}

func (p *place) looked(r *rand.Rand, o *commerce.Order, last *erp.Applied) {
	p.Helper()
	s := &scissors{after: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		s.at = 15 + r.Int64N(50) // around the end of reading master data, and after it
	}
	books := p.through(s)
	for range 6 {
		out, err := books.Order(p.Context(), p.shop, o, *last, yes)
		if err == nil {
			*last = applied(o, out)
			return
		}
		require.Contains(p, []commerce.Reason{commerce.Unavailable, commerce.Conflict}, commerce.ReasonOf(err), err.Error())
	}
	p.Fatal("the order did not end well in six runs")
}
