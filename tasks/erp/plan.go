package erp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// plan is the writes that make Odoo equal to the order.
type plan struct {
	Action  string     `json:"action"`
	Reason  string     `json:"reason,omitempty"` // of an order that is skipped
	ID      int64      `json:"id,omitempty"`     // of the order that is there
	XID     string     `json:"xid,omitempty"`
	People  *people    `json:"people,omitempty"`
	Header  *header    `json:"header,omitempty"`
	Lines   []line     `json:"lines,omitempty"`  // to write
	Unlink  []int64    `json:"unlink,omitempty"` // lines of ours that are no longer there
	Confirm bool       `json:"confirm,omitempty"`
	Date    *time.Time `json:"date,omitempty"` // to be set once the order stands
	// Relocate is where its goods are taken from, once it is confirmed.
	Relocate *routing `json:"-"`
	Hold     bool     `json:"hold,omitempty"`   // it stays a quotation until a person releases it
	Fields   []filled `json:"fields,omitempty"` // of an order that is there
	// Back are the transfers that bring goods back, before lines become smaller.
	Back []takeback `json:"back,omitempty"`
	// Rewritten says that quantities are written, or that a run may have ended after that.
	Rewritten bool     `json:"-"`
	BrokeOff  bool     `json:"-"` // a run did not end well: its moves may still be set to leave
	Cancel    bool     `json:"cancel,omitempty"`
	Reopen    bool     `json:"reopen,omitempty"` // it is cancelled, and becomes a quotation first
	Want      totals   `json:"want"`
	Check     bool     `json:"check,omitempty"`   // totals must agree, or the order is parked
	Notices   []string `json:"notices,omitempty"` // that a person may want to look at
	// Parked is why the lines stay as they are; the rest of the workflow goes on.
	Parked error `json:"-"`

	booking  booking // the order as it stands in the books
	products shelf
}

// header is what an order carries besides its lines. Pricelist 0: none is sent.
type header struct {
	Name      string    `json:"name,omitempty"` // empty: Odoo numbers it
	Ref       string    `json:"ref"`
	Origin    string    `json:"origin"`
	Date      time.Time `json:"date"`
	Pricelist int64     `json:"pricelist,omitempty"`
	routing
	Fields []filled `json:"fields,omitempty"`
	Note   string   `json:"note,omitempty"` // HTML; of new orders only
}

// What became of an order, the values of Outcome.Action.
const (
	created   = "created"
	updated   = "updated"
	confirmed = "confirmed"
	cancelled = "cancelled"
	unchanged = "unchanged"
	skipped   = "skipped"
	observed  = "observed" // planned and shown, and nothing written
)

// planOrder decides what to write so that Odoo equals the order. It reads nothing
// and depends on nothing but its arguments. Its errors say what is missing or who
// must decide.
func planOrder(o *commerce.Order, h have, s settings, last Applied) (plan, error) {
	p := plan{Action: unchanged, XID: orderXID(o.Ref), Want: said(o), booking: booking{Order: o}, products: h.Products}
	switch {
	case strings.ContainsRune(texts(o), 0):
		return p, &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: o.Ref,
			Detail: "a text of the order holds a NUL character, which no database keeps",
			Remedy: "remove it in the shop; it is invisible, so type the text anew"}
	case h.Order == nil:
		if now := s.restate(o, nil, nil); !o.Cancelled() || s.sold(now) { // else it comes in as it was
			p.booking = now
		}
		return p.create(p.booking.Order, h, s, last)
	}
	p.ID, p.booking = h.Order.ID, s.restate(o, h.Order.goods(o), h.Order)
	p.Want = said(p.booking.Order)
	switch {
	case o.Cancelled() && !p.booking.Left:
		return p.cancel(o, h, s)
	case h.Order.State == "cancel" && h.Order.Ours && !h.Order.delivered():
		return p.reopen(h, s, last)
	case h.Order.State == "cancel":
		return p, diverged(o.Ref, h.Order.Name+" is cancelled in Odoo and open in the shop",
			fmt.Sprintf("cancel the order in the shop, or set %s back to quotation in Odoo and run: odoogate pull orders --shop %s --ids %s", h.Order.Name, o.Ref.Shop, o.Ref.ID))
	}
	if g := s.flowless(o); g != nil {
		return p, missing(o.Ref, *g)
	}
	if settled(o, h.Order, last) {
		return p.refill(o, h, s, last)
	}
	if p.Parked = s.partOfKit(o); p.Parked != nil {
		p.Action = skipped
		return p, nil
	}
	var err error
	if h.Order.open() {
		p, err = p.rewrite(p.booking.Order, h, s, last)
	} else {
		p, err = p.amend(o, h, s, last)
	}
	if err != nil || p.Parked != nil {
		return p, err
	}
	return p.refill(o, h, s, last)
}

// settled reports whether a confirmed order was last written from this very state
// of the shop: what people changed in Odoo since then stays.
func settled(o *commerce.Order, h *standing, last Applied) bool {
	return !o.Cancelled() && !h.open() && h.State != "cancel" && last.Digest != "" && last.Digest == o.Digest() && !last.Begun && !last.Forced
}

func (p plan) skip(why string) plan {
	p.Action, p.Reason = skipped, why
	return p
}

// create plans an order that Odoo does not have.
func (p plan) create(o *commerce.Order, h have, s settings, last Applied) (plan, error) {
	switch why := s.keptOut(o); {
	case why == shippedBefore && s.missed(o, last):
		return p, s.shippedUnbooked(o)
	case why != "":
		return p.skip(why), nil
	}
	if h.Foreign != nil {
		return p, &commerce.Error{Op: "erp.order", Reason: commerce.Exists, Ref: o.Ref,
			Detail: fmt.Sprintf("already there: %s in Odoo has the customer reference %s and was not made by us", h.Foreign.Name, h.Foreign.Ref),
			Remedy: fmt.Sprintf("if it is this order: odoogate adopt %s %s; if it is another, change the customer reference of %s in Odoo and replay this one", o.Ref.Shop, o.Ref.ID, h.Foreign.Name)}
	}
	lines, want, list, err := s.content(o, h)
	route, lacking := s.route(o)
	for _, g := range []*gap{s.flowless(o), s.speaks(s.Books.Language)} {
		if g != nil {
			lacking.add(*g)
		}
	}
	if h.Twins != nil {
		lacking.add(*h.Twins)
	}
	for _, g := range slices.Concat(lacking, s.misfits()) {
		err = join(o.Ref, err, g)
	}
	if err != nil {
		return p, err
	}
	if len(lines) == 0 {
		return p.skip("the order has no lines"), nil
	}
	all := s.people(o, h)
	fields, left := s.fills(o, config.OnOrder, h)
	p.Notices = append(p.Notices, slices.Concat(s.notices(o), noticed(lines), left, s.fillCustomer(o, h, &all))...)
	p.Action, p.People, p.Lines, p.Want, p.Check = created, &all, lines, want, true
	p.Header = headerOf(o, list)
	p.Header.routing, p.Header.Fields = route, fields
	if s.Books.Prefix != "" {
		p.Header.Name = s.Books.Prefix + strings.TrimPrefix(reference(o.Ref, o.Number), "#")
	}
	if s.Names.OrderNotes != "" {
		p.Header.Note = note(o, p.Notices...)
	}
	if o.Cancelled() && !s.sold(p.booking) { // import.cancelled: it stands among the quotations, as a cancelled one
		p.Action, p.Cancel, p.Check = cancelled, true, false
		return p, nil
	}
	return p.finish(o, s, last), nil
}

// content is the lines and the pricelist, with everything that is missing for
// both in one error.
func (s settings) content(o *commerce.Order, h have) ([]line, totals, *pricelist, error) {
	lines, want, err := s.wanted(o, h.Products, nil)
	list, g := s.pricelist(o.Currency)
	if _, inactive := s.gridOf(o.Currency); g != nil && inactive == nil {
		return nil, want, nil, join(o.Ref, err, *g)
	}
	return lines, want, list, err
}

func headerOf(o *commerce.Order, list *pricelist) *header {
	h := header{Ref: reference(o.Ref, o.Number), Origin: origin(o.Ref), Date: o.CreatedAt.UTC().Truncate(time.Second)}
	if list != nil {
		h.Pricelist = list.ID
	}
	return &h
}

// finish adds the confirmation. Confirming sets Odoo's order date to now, so the
// date is written once more after it.
func (p plan) finish(o *commerce.Order, s settings, last Applied) plan {
	switch {
	case s.held(o, last):
		p.Hold = true
		return p
	case s.Books.Quotations() || !s.Flow.Confirms():
		return p
	}
	date := o.CreatedAt.UTC().Truncate(time.Second)
	p.Confirm, p.Date = true, &date
	return p.relocated(o, s)
}

// relocated adds that goods leave from another place than the warehouse's stock.
func (p plan) relocated(o *commerce.Order, s settings) plan {
	if r, _ := s.route(o); r.Location != 0 {
		p.Relocate = &r
	}
	return p
}

// cancel plans that an order ends of which nothing has left. One that is invoiced is
// brought to nothing first, so that what is credited takes off from its lines.
func (p plan) cancel(o *commerce.Order, h have, s settings) (plan, error) {
	there := h.Order
	p.Cancel = there.State != "cancel"
	switch {
	case !p.Cancel && !there.invoiced():
		return p, nil
	case there.Locked:
		return p, diverged(o.Ref, there.Name+" is locked in Odoo and cancelled in the shop", "unlock the order in Odoo and replay it")
	case !there.invoiced():
		p.Action = cancelled
		return p, nil
	}
	lines, want, err := s.wanted(p.booking.Order, h.Products, nil)
	if err != nil {
		return p, err
	}
	d := s.compare(lines, there.Lines)
	p.Want, p.Check, p.Lines = want, true, d.rows()
	switch {
	case p.Cancel:
		p.Action = cancelled
	case len(p.Lines) > 0:
		p.Action = updated
	}
	return p, nil
}

func diverged(ref commerce.Ref, detail, remedy string) error {
	return &commerce.Error{Op: "erp.order", Reason: commerce.Diverged, Ref: ref, Detail: detail, Remedy: remedy}
}
