package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
)

// row is one order, seen from the shop, from Odoo and from the journal.
type row struct {
	number     string
	shop       commerce.Money
	odoo       string // its total there; "–" when it is not there
	state      string
	deliveries int
	writes     int
	remedy     string
	right      bool // as it must be
	parked     bool
}

// verdict is the whole demo, judged from Odoo's side.
type verdict struct {
	rows          []row
	equal, parked int
	diverged      int // of the wrong ones: there once, unequal, and left to a person
	wrong         []string
	refused       int
	forged        int
}

func (v verdict) settled() bool { return v.equal+v.parked == len(v.rows) && len(v.rows) > 0 }

func (v verdict) err() error {
	var errs []error
	for _, w := range v.wrong {
		errs = append(errs, errors.New(w))
	}
	if v.parked != 1 {
		errs = append(errs, fmt.Errorf("%d orders are parked; only the one with the unknown SKU may be", v.parked))
	}
	if v.refused != v.forged {
		errs = append(errs, fmt.Errorf("%d of %d bad deliveries got the status they must get", v.refused, v.forged))
	}
	return errors.Join(errs...)
}

// judge compares the shop with Odoo, order by order.
func (w *world) judge(ctx context.Context, s *script) verdict {
	v := verdict{refused: int(s.refused.Load()), forged: len(s.forged)}
	booked := map[string][]odootest.Order{}
	for _, o := range w.look(ctx) {
		booked[o.Ref] = append(booked[o.Ref], o)
	}
	for _, o := range w.store.Orders() {
		if _, scripted := s.deliveries[o.ID]; !scripted {
			continue
		}
		rec, _, err := w.journal.Get(ctx, commerce.Ref{Shop: demoShop, Kind: commerce.KindOrder, ID: o.ID})
		if err != nil {
			rec = tasks.Record{}
		}
		r := w.row(o, rec, booked[o.Number])
		r.deliveries = s.deliveries[o.ID]
		switch {
		case r.parked:
			v.parked++
		case r.right:
			v.equal++
		default:
			if rec.Reason == string(commerce.Diverged) && len(booked[o.Number]) == 1 {
				v.diverged++
			}
			v.wrong = append(v.wrong, fmt.Sprintf("order %s: shop %s, Odoo %s, %s", r.number, r.shop, r.odoo, r.state))
		}
		v.rows = append(v.rows, r)
	}
	return v
}

func (w *world) row(o shopifytest.Summary, rec tasks.Record, booked []odootest.Order) row {
	r := row{number: o.Number, shop: commerce.Money{Amount: o.Total, Currency: o.Currency}, odoo: "–",
		state: string(rec.Outcome), remedy: rec.Remedy, writes: rec.Writes}
	if rec.Outcome == tasks.Parked && len(booked) == 0 {
		r.parked = strings.Contains(strings.Join(rec.Needs, " "), demoUnknownSKU)
		return r
	}
	switch len(booked) {
	case 0:
		r.state = "not in Odoo"
		// Cancelled before it ever came in: there is nothing to book.
		r.right = o.Cancelled && rec.Outcome == tasks.Skipped
		if r.right {
			r.state = "cancelled before import"
		}
	case 1:
		b := booked[0]
		total := commerce.Money{Amount: b.Total, Currency: b.Currency}
		r.odoo, r.state = total.String(), stateWord(b.State)+" "+b.Name
		want := "sale"
		if o.Cancelled {
			want = "cancel"
		}
		r.right = total.Equal(r.shop) && b.Tax.Equal(o.TotalTax) && b.State == want
	default:
		r.state = fmt.Sprintf("DOUBLED: %d times in Odoo", len(booked))
	}
	return r
}

func stateWord(state string) string {
	switch state {
	case "sale":
		return "confirmed"
	case "cancel":
		return "cancelled"
	case "draft":
		return "quotation"
	}
	return state
}

func (w *world) table(v verdict) {
	const form = "  %-7s %16s %16s   %-24s %10s\n"
	w.say(form, "order", "shop total", "Odoo total", "state", "deliveries → writes")
	w.say("  %s\n", strings.Repeat("─", 88))
	for _, r := range v.rows {
		mark := "✓"
		if !r.right {
			mark = "✗"
		}
		if r.parked {
			mark = "!"
		}
		w.say(form, r.number, r.shop, r.odoo, mark+" "+r.state, fmt.Sprintf("%d → %d", r.deliveries, r.writes))
		if r.remedy != "" {
			w.say("          %s\n", r.remedy)
		}
	}
	w.say("\n")
}

func (w *world) summary(v verdict, s *script, took time.Duration) {
	w.say("Shopify: %d orders came in %d deliveries. In Odoo exactly once and equal to the cent: %d. Parked with a remedy: %d. Wrong: %d.\n",
		len(v.rows), len(s.genuine), v.equal, v.parked, len(v.wrong))
	w.say("Bad deliveries refused with the right status: %d of %d. Took %.1f s.\n\n",
		v.refused, v.forged, took.Seconds())
}

func (w *world) addresses() {
	w.say("  monitor  %s/monitor   (login %s, password %s)\n  api      %s/api/openapi.yml   (Authorization: Bearer %s)\n  metrics  %s/metrics\n  health   %s/readyz\n\n",
		w.url, demoLogin, demoLogin, w.url, demoToken, w.url, w.url)
}

// trickle keeps a few orders coming, of either shop in turn, until somebody ends the demo.
func (w *world) trickle(ctx context.Context, seed uint64) error {
	w.say("The shops stay open: an order every three seconds. Ctrl-C ends the demo.\n")
	tick := time.NewTicker(3 * time.Second)
	defer tick.Stop()
	for n := uint64(1); ; n++ {
		select {
		case <-ctx.Done():
			w.say("\nClosed.\n")
			return nil
		case <-tick.C:
		}
		if n%2 == 0 && w.woo != nil {
			w.wooSells(ctx, seed+n)
		} else {
			w.one(ctx, seed+n)
		}
	}
}

// demoSold says how an order of the trickle went.
const demoSold = "  %-7s %14s in the shop  %14s in Odoo   %-18s  after %d ms\n"

// one sells one more thing and says what became of it.
func (w *world) one(ctx context.Context, seed uint64) {
	s := &script{deliveries: map[string]int{}}
	s.orders = w.store.Generate(seed, 1)
	start := time.Now()
	for _, id := range s.orders {
		list, err := w.store.Deliveries(id, "orders/create")
		if err != nil {
			w.say("  %v\n", err)
			return
		}
		s.deliveries[id] = len(list)
		for _, d := range list {
			w.deliver(ctx, s, post{path: "/hooks/" + demoShop, d: d, want: 200})
		}
	}
	w.settle(ctx, s)
	if ctx.Err() != nil {
		return
	}
	for _, r := range w.judge(ctx, s).rows {
		w.say(demoSold, r.number, r.shop, r.odoo, r.state, time.Since(start).Milliseconds())
	}
}
