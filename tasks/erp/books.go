// Package erp keeps the books: it makes Odoo hold what a shop's order says. An
// order is planned from three things (what the shop tells, what Odoo has, the
// settings), the plan is written, read back and compared. The same order again
// plans nothing. Nothing is ever doubled: whatever is made carries an external id
// that says what it stands for, and Odoo keeps those unique.
package erp

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// odoo is what the books need of the client. All but Call, Version and Resolve
// share one call with others of their shape, so they are made concurrently.
type odoo interface {
	Call(ctx context.Context, req odooclient.Request, result any) error
	Version(ctx context.Context) (odooclient.Version, error)
	Protocol(ctx context.Context) (string, error)
	UID(ctx context.Context) (int64, error)
	Skew() (ahead time.Duration, ok bool)
	Fields(ctx context.Context, model string) (odooclient.Fields, error)
	Load(ctx context.Context, s odooclient.Shape, rows [][]any) (int64, error)
	Find(ctx context.Context, q odooclient.Query, value string) ([]odooclient.Row, error)
	FindEither(ctx context.Context, q odooclient.Query, value, other string) ([]odooclient.Row, error)
	Get(ctx context.Context, q odooclient.Query, id int64) (odooclient.Row, bool, error)
	Do(ctx context.Context, a odooclient.Action, id int64) error
	Together(ctx context.Context, j odooclient.Joint, id int64) error
	ExternalID(ctx context.Context, model string, id int64) (string, error)
	Resolve(ctx context.Context, xid string) (model string, id int64, ok bool, err error)
}

// Options are what the books may be given; all of it may be left out.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Ties    Ties // nil: nothing is tied
}

// Books keeps one Odoo database. It is safe for concurrent use, and quick with
// many orders at once: calls of the same shape share one request.
type Books struct {
	odoo   odoo // for the writer alone
	reads  odoo // for everybody else
	master cache
	orders *prometheus.CounterVec
	people *memory[personKey, []person]
	shelf  *memory[productKey, []product]
	ties   Ties
	busy   atomic.Int32 // orders being worked on
}

// New keeps the books in the Odoo that c speaks to. It connects nothing.
func New(c *odooclient.Client, opt Options) *Books { return newBooks(c, opt) }

func newBooks(c odoo, opt Options) *Books {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	b := &Books{odoo: c, ties: opt.Ties, reads: readOnly{c}, orders: ordersTotal(opt.Metrics), people: newMemory[personKey, []person](opt.Now), shelf: newMemory[productKey, []product](opt.Now)}
	b.master = cache{odoo: b.reads, now: opt.Now, log: opt.Log, turn: make(chan struct{}, 1)}
	return b
}

func ordersTotal(reg prometheus.Registerer) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "odoogate_orders_total", Help: "Orders brought to Odoo, by what became of them."}, []string{"action"})
	if reg != nil {
		if err := reg.Register(v); err != nil {
			if there := (prometheus.AlreadyRegisteredError{}); errors.As(err, &there) {
				if old, ok := there.ExistingCollector.(*prometheus.CounterVec); ok {
					v = old
				}
			}
		}
	}
	for _, a := range []string{created, updated, confirmed, cancelled, unchanged, skipped, observed, failed} {
		v.WithLabelValues(a)
	}
	return v
}

// failed is the label of orders that ended in an error.
const failed = "failed"

// Patiently marks the work under ctx as such for which nobody waits: at Odoo it lets
// other work go first.
func Patiently(ctx context.Context) context.Context { return odooclient.Patiently(ctx) }

// Ping reports whether Odoo answers at all, without a login.
func (b *Books) Ping(ctx context.Context) error {
	if _, err := b.reads.Version(ctx); err != nil {
		return classify(commerce.Ref{}, err)
	}
	return nil
}

// Refresh forgets what was read of Odoo; the next order reads it again.
func (b *Books) Refresh() {
	b.master.forget()
	b.people.forget()
	b.shelf.forget()
}

// Order makes Odoo equal to the order, or says why not: every error is a
// *commerce.Error, except ErrStands and one of still, which is asked before every
// write and whose error ends the run at once and is returned as it is. It blocks until Odoo
// has answered every call or ctx ends; running it again, also after a crash at any
// point, leads to the same books. For a shop that is not live it only plans: the
// outcome shows what would be written.
func (b *Books) Order(ctx context.Context, shop config.Shop, o *commerce.Order, last Applied, still func(context.Context) error) (Outcome, error) {
	b.busy.Add(1)
	defer b.busy.Add(-1)
	out, err := b.order(ctx, shop, o, last, still)
	if errors.Is(err, ErrStands) {
		return out, err
	}
	if err != nil {
		b.orders.WithLabelValues(failed).Inc()
		var lost *stopped
		if errors.As(err, &lost) {
			return out, lost.err
		}
		return out, classify(o.Ref, err)
	}
	b.orders.WithLabelValues(out.Action).Inc()
	return out, nil
}

func (b *Books) order(ctx context.Context, shop config.Shop, o *commerce.Order, last Applied, still func(context.Context) error) (Outcome, error) {
	if strings.ContainsRune(texts(o), 0) { // decided without a look at Odoo
		p, err := planOrder(o, have{}, settings{}, last)
		return outcomeOf(p, nil), err
	}
	if wait := b.unassessed(shop, o); wait != nil {
		return Outcome{}, wait
	}
	m, err := b.master.get(ctx)
	if err != nil {
		return Outcome{}, err
	}
	p, h, s, err := b.plan(ctx, shop, o, last, m)
	if missesMaster(err) && !b.master.young() {
		// It may have been made since the master data was read.
		b.master.forgetThis(m)
		if m, err = b.master.get(ctx); err != nil {
			return Outcome{}, err
		}
		p, h, s, err = b.plan(ctx, shop, o, last, m)
	}
	if err != nil {
		return outcomeOf(plan{}, h.Order), err
	}
	planned := b.master.now()
	if !shop.Live() {
		out := outcomeOf(p, h.Order)
		out.Planned = planned
		if p.Parked != nil {
			return out, p.Parked
		}
		if p.Action != skipped {
			out.Action, out.Would, out.Plan = observed, p.Action, p.show(o, h.Order, s)
		}
		return out, nil
	}
	w := writer{odoo: b.odoo, settings: s, order: p.booking.Order, plan: p, still: still, begins: last.Begins, now: b.master.now}
	out, err := w.run(ctx, h.Order)
	out.Planned, out.Written, out.Verified = planned, w.written, w.verified
	if refused := (*odooclient.RowError)(nil); errors.As(err, &refused) {
		b.people.forget() // what is remembered may be gone
		b.shelf.forget()
	}
	if id := b.thereAfterAll(ctx, o, last, p, err); id != 0 {
		last.OdooID = id
		again, err := b.order(ctx, shop, o, last, still)
		again.Writes += out.Writes
		return again, err
	}
	return out, err
}

// thereAfterAll is the order that a new one was refused for: another run made it
// meanwhile, or people changed both words that it is found by. 0: there is none.
func (b *Books) thereAfterAll(ctx context.Context, o *commerce.Order, last Applied, p plan, err error) int64 {
	var refused *odooclient.RowError
	if p.People == nil || last.OdooID != 0 || !errors.As(err, &refused) || refused.Model != "sale.order" {
		return 0
	}
	_, id, ok, err := b.reads.Resolve(ctx, orderXID(o.Ref))
	if err != nil || !ok {
		return 0
	}
	return id
}

// missesMaster reports whether err is about something that master data would show.
func missesMaster(err error) bool {
	var e *commerce.Error
	if !errors.As(err, &e) || e.Reason != commerce.Missing {
		return false
	}
	return slices.ContainsFunc(e.Needs, func(text string) bool {
		n, ok := parseNeed(text)
		return ok && n.ofMaster()
	})
}

func (b *Books) plan(ctx context.Context, shop config.Shop, o *commerce.Order, last Applied, m *master) (plan, have, settings, error) {
	s, err := settingsFor(shop, Facts(o), m)
	if err != nil {
		return plan{}, have{}, s, err
	}
	if s.Ties, err = b.tiesOf(ctx, o); err != nil {
		return plan{}, have{}, s, err
	}
	h, err := b.gather(ctx, s, o, last)
	if err == nil && last.Unread && h.Order != nil {
		err = ErrStands
	}
	if err != nil {
		return plan{}, h, s, err
	}
	p, err := planOrder(o, h, s, last)
	return p, h, s, err
}
