package erp

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// reader reads what Odoo has, for one shop.
type reader struct {
	odoo odoo
	settings
	alone bool // no other order is being worked on: there is nobody to share calls with
	known *memory[personKey, []person]
	shelf *memory[productKey, []product]
	more  []string // fields of contacts beside partnerFields; contacts keep their rows then
	now   func() time.Time
}

func (b *Books) reader(s settings) reader {
	return reader{odoo: b.reads, settings: s, alone: b.busy.Load() < 2, known: b.people, shelf: b.shelf, now: b.master.now}
}

// gather reads all that the plan of an order needs, and no more: an order that was
// written from this very state costs one read.
func (b *Books) gather(ctx context.Context, s settings, o *commerce.Order, last Applied) (have, error) {
	r := b.reader(s)
	found, err := r.find(ctx, o, last)
	if err != nil {
		return have{}, err
	}
	h := have{Order: found.ours, Foreign: found.foreign}
	switch {
	case h.Order == nil && (h.Foreign != nil || s.keptOut(o) != ""):
		return h, nil
	case h.Order == nil:
		return h, r.fresh(ctx, o, &h)
	}
	if h.Records, err = r.records(ctx, last.anew(givenFor(s.Books.Fields, o, config.OnOrder))); err != nil {
		return h, err
	}
	if h.Order.Ours, err = r.cancelledByUs(ctx, o, h.Order, last); err != nil {
		return h, err
	}
	switch {
	case gaveBack(o) || h.Order.Ours:
	case h.Order.State == "cancel" || settled(o, h.Order, last):
		return h, nil
	}
	return h, r.standing(ctx, o, &h)
}

// fresh reads what a new order needs: buyer, addresses, products.
func (r reader) fresh(ctx context.Context, o *commerce.Order, h *have) error {
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) {
		h.Products, err = r.products(ctx, o)
		return err
	})
	all.Go(func() error { return r.who(ctx, o, h) })
	all.Go(func() (err error) {
		h.Records, err = r.records(ctx, slices.Concat(givenFor(r.Books.Fields, o, config.OnOrder), givenFor(r.Books.Fields, o, config.OnCustomer)))
		return err
	})
	return all.Wait()
}

// standing reads the lines of an order that is there, and its products; of one that
// was delivered, or of which something was given back, also what its warehouses did.
// The lines' external ids are only read when they are needed.
func (r reader) standing(ctx context.Context, o *commerce.Order, h *have) error {
	all, inner := errgroup.WithContext(ctx)
	all.Go(func() (err error) {
		h.Order.Lines, err = r.lines(inner, h.Order.ID)
		return err
	})
	all.Go(func() (err error) {
		h.Products, err = r.products(inner, o)
		return err
	})
	if err := all.Wait(); err != nil {
		return err
	}
	if !gaveBack(o) && !h.Order.delivered() {
		want, _, err := r.wanted(o, h.Products, nil)
		if err != nil || r.equal(want, h.Order.Lines) {
			return nil //nolint:nilerr // what is missing is for the plan to tell
		}
	}
	err := r.nameLines(ctx, h.Order.Lines)
	if err != nil || !h.Order.delivered() && len(o.Returns) == 0 {
		return err
	}
	return r.movements(ctx, h.Order)
}

// withMoves reads the lines of an order and what warehouses did for them.
func (r reader) withMoves(ctx context.Context, order int64) (*standing, error) {
	lines, err := r.lines(ctx, order)
	h := &standing{ID: order, Lines: lines}
	if err == nil {
		err = r.nameLines(ctx, lines)
	}
	if err == nil {
		err = r.movements(ctx, h)
	}
	return h, err
}

// nameLines reads the external ids of lines.
func (r reader) nameLines(ctx context.Context, lines []held) error {
	return each(ctx, lines, func(ctx context.Context, i int) (err error) {
		lines[i].XID, err = r.odoo.ExternalID(ctx, "sale.order.line", lines[i].ID)
		return err
	})
}

// gaveBack reports whether the order ended, or something of it was given back.
func gaveBack(o *commerce.Order) bool {
	return o.Cancelled() || len(o.Refunds) > 0 || len(o.Returns) > 0
}

// each runs f for every element at once, so that grouped calls share requests.
func each[T any](ctx context.Context, list []T, f func(ctx context.Context, i int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	for i := range list {
		all.Go(func() error { return f(ctx, i) })
	}
	return all.Wait()
}

// found is the outcome of looking for an order.
type found struct{ ours, foreign *standing }

// find looks the order up: by the id remembered, else by its number and its
// origin. A remembered order that neither finds is looked up by its external id:
// people may have changed both.
func (r reader) find(ctx context.Context, o *commerce.Order, last Applied) (found, error) {
	if last.OdooID != 0 {
		row, ok, err := r.odoo.Get(ctx, r.orderQuery("", ""), last.OdooID)
		if err != nil {
			return found{}, err
		}
		if h := r.standingOf(row); ok && (h.Ref == reference(o.Ref, o.Number) || h.Origin == origin(o.Ref)) {
			return found{ours: h}, nil
		}
	}
	f, err := r.search(ctx, o.Ref, o.Number)
	if err != nil || f.ours != nil || last.OdooID == 0 && last.Digest == "" {
		return f, err
	}
	_, id, ok, err := r.odoo.Resolve(ctx, orderXID(o.Ref))
	if err != nil || !ok {
		return f, err
	}
	row, ok, err := r.odoo.Get(ctx, r.orderQuery("", ""), id)
	if err != nil || !ok {
		return f, err
	}
	return found{ours: r.standingOf(row)}, nil
}

// search finds the order by its number or, when a person changed that, by its
// origin, and proves it by the external id. One with the number that is no order
// of any of our shops is foreign; a copy that a person made has the origin too,
// and is not.
func (r reader) search(ctx context.Context, ref commerce.Ref, number string) (found, error) {
	rows, err := r.odoo.FindEither(ctx, r.orderQuery("client_order_ref", "origin"), reference(ref, number), origin(ref))
	if err != nil {
		return found{}, err
	}
	names := make([]string, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) (err error) {
		names[i], err = r.odoo.ExternalID(ctx, "sale.order", rows[i].ID())
		return err
	})
	var f found
	for i, row := range rows {
		switch h := r.standingOf(row); {
		case names[i] == orderXID(ref):
			f.ours = h
		case f.foreign == nil && h.Ref == reference(ref, number) && !isOrderXID(names[i]):
			f.foreign = h
		}
	}
	return f, err
}

func (r reader) orderQuery(field, or string) odooclient.Query {
	q := odooclient.Query{Model: "sale.order", Field: field, Or: or, Context: r.context(),
		Fields: []string{"name", "state", "client_order_ref", "origin", "currency_id", "date_order", "amount_total", "amount_tax"}}
	for _, f := range []string{r.Names.OrderLocked, r.Names.OrderPromise} {
		if f != "" {
			q.Fields = append(q.Fields, f)
		}
	}
	for _, f := range r.refilled() {
		if !slices.Contains(q.Fields, f) {
			q.Fields = append(q.Fields, f)
		}
	}
	if field != "" {
		q.Domain = []any{[]any{"company_id", "=", r.Company.ID}}
	}
	return q
}

func (r reader) standingOf(row odooclient.Row) *standing {
	_, code := row.Ref("currency_id")
	h := &standing{ID: row.ID(), Name: row.Str("name"), State: row.Str("state"), Ref: row.Str("client_order_ref"),
		Origin: row.Str("origin"), Currency: code, Date: row.Time("date_order"),
		Total: row.Dec("amount_total"), Tax: row.Dec("amount_tax"), Locked: row.Bool(r.Names.OrderLocked),
		Promised: row.Time(r.Names.OrderPromise), Fields: row}
	if c, ok := r.Currencies[code]; ok {
		g := grid{Amount: c.Rounding}
		h.Total, h.Tax, h.Groups = g.round(h.Total), g.round(h.Tax), g.groupsOf(row[r.Names.OrderTaxes])
	}
	return h
}

// lines reads the lines of an order in the order they are shown. Sections and
// notes are not lines here.
func (r reader) lines(ctx context.Context, order int64) ([]held, error) {
	rows, err := r.odoo.Find(ctx, odooclient.Query{Model: "sale.order.line", Field: "order_id", Context: r.context(),
		Fields: []string{"sequence", "display_type", "product_id", "name", "product_uom_qty", "price_unit", "discount",
			r.Names.LineTaxes, "qty_delivered", "qty_invoiced", "qty_to_invoice"}}, itoa(order))
	if err != nil {
		return nil, err
	}
	var lines []held
	for _, row := range rows {
		if row.Str("display_type") != "" {
			continue
		}
		id, _ := row.Ref("product_id")
		taxes := row.IDs(r.Names.LineTaxes)
		slices.Sort(taxes)
		lines = append(lines, held{ID: row.ID(),
			Delivered: row.Dec("qty_delivered").Round(6), Invoiced: row.Dec("qty_invoiced").Round(6), ToInvoice: row.Dec("qty_to_invoice").Round(6),
			line: line{Product: id, Name: row.Str("name"), Taxes: taxes, Sequence: int(row.Int("sequence")),
				row: quantities(row)}})
	}
	slices.SortStableFunc(lines, func(a, b held) int { return a.Sequence - b.Sequence })
	return lines, nil
}

func quantities(r odooclient.Row) row {
	return row{Quantity: r.Dec("product_uom_qty"), Price: r.Dec("price_unit"), Discount: r.Dec("discount")}
}
