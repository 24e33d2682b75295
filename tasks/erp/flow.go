package erp

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// flowless is the line that is missing in the rules where none applies to the order.
func (s settings) flowless(o *commerce.Order) *gap {
	if s.Flowing {
		return nil
	}
	f := Facts(o)
	return &gap{need: strings.Join([]string{"rule", s.Shop, writeFacts(f)}, "/"),
		detail: fmt.Sprintf("no rule of shop %s chooses a workflow for payment state %q, payment methods %q, channel %q, risk %q and fulfilment %q",
			s.Shop, f.Financial, strings.Join(f.Gateways, ", "), f.Channel, f.Risk, f.Fulfilment),
		remedy: fmt.Sprintf("add under rules of shop %s, or set workflow for all the rest: - {name: %q, when: {financial: [%s], gateways: [%s]}, workflow: %q}",
			s.Shop, strings.TrimSpace(f.Financial+" "+strings.Join(f.Gateways, " ")), f.Financial, strings.Join(f.Gateways, ", "), "the name of one")}
}

// writeFacts writes what rules are chosen by, so that a parked order can be tested
// against other rules.
func writeFacts(f config.Facts) string {
	v := url.Values{"channel": {f.Channel}, "country": {f.Country}, "currency": {f.Currency}, "financial": {f.Financial},
		"fulfilment": {f.Fulfilment}, "risk": {f.Risk}, "gateway": f.Gateways, "tag": f.Tags}
	return v.Encode()
}

func readFacts(text string) (config.Facts, bool) {
	v, err := url.ParseQuery(text)
	return config.Facts{Channel: v.Get("channel"), Country: v.Get("country"), Currency: v.Get("currency"), Financial: v.Get("financial"),
		Fulfilment: v.Get("fulfilment"), Risk: v.Get("risk"), Gateways: v["gateway"], Tags: v["tag"]}, err == nil
}

// assessing is how long a new order waits for the shop's word on its risk. Shops
// give it within minutes; one that has none by then goes on without.
const assessing = time.Hour

// unassessed says that an order comes too early to know what its risk decides.
func (b *Books) unassessed(shop config.Shop, o *commerce.Order) error {
	pending := shop.WeighsRisk() && o.Risk.Level == "pending" && b.master.now().Before(o.CreatedAt.Add(assessing))
	if !pending || o.Cancelled() {
		return nil
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.RateLimited, Ref: o.Ref, RetryAfter: time.Minute,
		Detail: "the shop has not assessed the order's risk yet"}
}

// held reports whether the order waits for somebody to release it.
func (s settings) held(o *commerce.Order, last Applied) bool {
	return s.Risk.Holds(o.Risk.Level) && !last.Released
}

// goesOn reports whether the workflow has steps after the order is confirmed.
func (s settings) goesOn() bool { return s.Flow.Invoices() || s.Flow.Delivers() }

// showFlow says what the workflow does once the order stands.
func (s settings) showFlow(o *commerce.Order) []string {
	var out []string
	if s.Flow.Delivers() && len(o.Shipments) > 0 {
		out = append(out, "validate deliveries of what was shipped already")
	}
	switch {
	case s.Flow.Posts():
		out = append(out, "make its invoice, compare it, and post it")
	case s.Flow.Invoices():
		out = append(out, "make its invoice as a draft")
	}
	if s.Flow.Pays() {
		for _, p := range o.Received() {
			if journal := s.journalOf(p); journal != "" {
				out = append(out, fmt.Sprintf("register %s in the journal %s", p.Amount, journal))
			}
		}
		for _, p := range o.PaidBack() {
			if journal := s.journalOf(p); journal != "" {
				out = append(out, fmt.Sprintf("register %s paid back from the journal %s", p.Amount, journal))
			}
		}
	}
	return out
}

// remains are what a workflow leaves: words for people, and what in Odoo lets it go on.
type remains struct{ Notices, Needs []string }

// follow carries a confirmed order through the rest of its workflow, from wherever
// it stands in Odoo: what is there already is not made again.
func (w *writer) follow(ctx context.Context, id int64) (rest remains, err error) {
	if !w.goesOn() {
		return rest, nil
	}
	p, err := w.papers(ctx, id)
	ended := w.order.Cancelled() && p != nil && p.State == "cancel"
	if err != nil || !ended && p.State != "sale" && p.State != "done" {
		return rest, err
	}
	if w.Flow.Delivers() && !ended {
		did, err := w.deliver(ctx, p)
		if err == nil && did { // what is invoiced once it is delivered is due now
			p, err = w.papers(ctx, id)
		}
		if err != nil {
			return rest, err
		}
	}
	if !w.Flow.Invoices() {
		return rest, nil
	}
	if p, rest, err = w.credits(ctx, p); err != nil {
		return rest, err
	}
	if credits := w.pending() && p.posted(); !ended && !credits { // what is credited then is no part of a further invoice
		var more remains
		p, more, err = w.invoice(ctx, p)
		rest = remains{append(rest.Notices, more.Notices...), append(rest.Needs, more.Needs...)}
	}
	if err != nil {
		return rest, err
	}
	if err := w.pay(ctx, p); err != nil {
		return rest, err
	}
	if err := w.moneyUnderWay(); err != nil {
		return rest, err
	}
	return rest, w.settledAgrees(p)
}

// left reports whether all goods of the order have left, where the shop is told of it; one
// of which some have not waits for that.
func (w *writer) left(ctx context.Context, id int64, rest *remains) (bool, error) {
	if w.WriteBack.Delivered == "" || w.Names.OrderDelivery == "" || w.order.Cancelled() {
		return false, nil
	}
	row, _, err := w.odoo.Get(ctx, w.query("sale.order", w.Names.OrderDelivery), id)
	if err != nil {
		return false, err
	}
	switch row.Str(w.Names.OrderDelivery) {
	case "full":
		return true, nil
	case "": // there is nothing that could leave
		return false, nil
	}
	rest.Needs = append(rest.Needs, strings.Join([]string{"delivered", w.Shop, itoa(id)}, "/"))
	return false, nil
}

// settledAgrees sees that all invoices and credit notes of an order that changed after
// its invoice come to what the shop has of it.
func (w *writer) settledAgrees(p *papers) error {
	ended := p.State == "cancel"
	if !p.posted() || !ended && p.Status != "invoiced" || w.plan.Action != updated && !gaveBack(w.order) || w.plan.Parked != nil {
		return nil
	}
	total, tax, want := decimal.Zero, decimal.Zero, w.plan.Want
	for _, v := range p.Invoices {
		total, tax = total.Add(v.signed(v.Total)), tax.Add(v.signed(v.Tax))
	}
	if total.Equal(want.Total) && tax.Equal(want.Tax) {
		return nil
	}
	digits := commerce.Digits(w.order.Currency)
	return &commerce.Error{Op: "erp.invoice", Reason: commerce.Mismatch, Ref: w.order.Ref,
		Detail: fmt.Sprintf("invoices and credit notes of %s come to %s %s with %s tax, the shop has %s with %s tax of the order", p.Name, total.StringFixed(digits),
			w.order.Currency, tax.StringFixed(digits), want.Total.StringFixed(digits), want.Tax.StringFixed(digits)),
		Remedy: fmt.Sprintf("compare them with the shop's order and its refunds, and credit or invoice the difference in Odoo (%s); then replay the order", p.Name)}
}

// underWay is how soon the shop is asked again about money that is on its way back.
const underWay = 15 * time.Minute

// moneyUnderWay says that a refund's money is not there yet: what depends on it is
// done when the shop says so.
func (w *writer) moneyUnderWay() error {
	if !w.pending() {
		return nil
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.RateLimited, Ref: w.order.Ref, RetryAfter: underWay,
		Detail: "the money of a refund is on its way back and not there yet"}
}

// papers are the documents of an order.
type papers struct {
	ID       int64
	Name     string
	State    string
	Status   string    // invoice_status: no, to invoice, invoiced, upselling
	Invoices []invoice // but for cancelled ones
	// Withdrawn says that people cancelled an invoice, and no other stands in its place.
	Withdrawn bool
	Pickings  []int64
}

// posted reports whether an invoice of the order is posted.
func (p *papers) posted() bool {
	return slices.ContainsFunc(p.Invoices, func(v invoice) bool { return v.State == "posted" && v.Type == "out_invoice" })
}

// papers reads the order's documents: one call, and one more for its invoices.
func (w *writer) papers(ctx context.Context, id int64) (*papers, error) {
	q := w.query("sale.order", "name", "state", "invoice_status", "invoice_ids")
	if w.Flow.Delivers() && w.Names.OrderPickings != "" {
		q.Fields = append(q.Fields, w.Names.OrderPickings)
	}
	row, ok, err := w.odoo.Get(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, deleted(w.order.Ref)
	}
	p := &papers{ID: id, Name: row.Str("name"), State: row.Str("state"), Status: row.Str("invoice_status"), Pickings: row.IDs(w.Names.OrderPickings)}
	ids := row.IDs("invoice_ids")
	slices.Sort(ids)
	p.Invoices = make([]invoice, len(ids))
	err = each(ctx, ids, func(ctx context.Context, i int) (err error) {
		p.Invoices[i], err = w.readInvoice(ctx, ids[i])
		return err
	})
	all := len(p.Invoices)
	p.Invoices = slices.DeleteFunc(p.Invoices, func(v invoice) bool { return v.State == "cancel" })
	p.Withdrawn = all > 0 && len(p.Invoices) == 0
	return p, err
}
