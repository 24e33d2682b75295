package erp

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// teller reads stories. It asks in no company's name, so that an order is found
// whatever company its channel belongs to.
type teller struct {
	reads odoo
	*master
	shop     string
	resolves bool // an order that is not found is looked for by its external id
}

// tale is a story while it is read, with the order as Odoo told it.
type tale struct {
	Asked
	Story
	row odooclient.Row
}

// tell reads the stories side by side, so that their calls are made together.
func (t teller) tell(ctx context.Context, tales []*tale) error {
	err := each(ctx, tales, func(ctx context.Context, i int) error { return t.documents(ctx, tales[i]) })
	if err != nil {
		return err
	}
	return optional(t.payments(ctx, tales))
}

// documents reads all but the payments.
func (t teller) documents(ctx context.Context, s *tale) error {
	if err := t.order(ctx, s); err != nil || s.Order == nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return t.goods(ctx, s) })
	all.Go(func() (err error) {
		s.Invoices, err = t.invoices(ctx, s.row.IDs("invoice_ids"))
		return optional(err)
	})
	return all.Wait()
}

func (t teller) orderFields() []string {
	fields := []string{"name", "state", "client_order_ref", "origin", "currency_id", "company_id", "date_order", "amount_total", "amount_tax",
		"invoice_status", "invoice_ids"}
	if t.Names.OrderLocked != "" {
		fields = append(fields, t.Names.OrderLocked)
	}
	return fields
}

// order finds the order by its number or its origin, and where people changed both by
// the remembered id, or by its external id.
func (t teller) order(ctx context.Context, s *tale) error {
	q := odooclient.Query{Model: "sale.order", Field: "client_order_ref", Or: "origin", Fields: t.orderFields()}
	rows, err := t.reads.FindEither(ctx, q, reference(s.Ref, s.Number), origin(s.Ref))
	if err != nil {
		return err
	}
	names := make([]string, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) (err error) {
		names[i], err = t.reads.ExternalID(ctx, "sale.order", rows[i].ID())
		return err
	})
	if err != nil {
		return err
	}
	if at := slices.Index(names, orderXID(s.Ref)); at >= 0 {
		s.row, s.Order = rows[at], t.orderOf(rows[at])
		return nil
	}
	id, err := t.elsewhere(ctx, s.Asked)
	if err != nil {
		return err
	}
	if id != 0 {
		q.Field, q.Or = "", ""
		row, there, err := t.reads.Get(ctx, q, id)
		if err == nil && there {
			s.row, s.Order = row, t.orderOf(row)
		}
		return err
	}
	for i, row := range rows {
		if s.Foreign == "" && row.Str("client_order_ref") == reference(s.Ref, s.Number) && !isOrderXID(names[i]) {
			s.Foreign, s.Other = row.Str("name"), t.orderOf(row)
		}
	}
	return nil
}

// elsewhere is the order of which people changed number and origin; 0: none is known.
func (t teller) elsewhere(ctx context.Context, a Asked) (id int64, err error) {
	if t.resolves {
		_, id, ok, err := t.reads.Resolve(ctx, orderXID(a.Ref))
		if !ok {
			id = 0
		}
		return id, err
	}
	if a.OdooID == 0 {
		return 0, nil
	}
	name, err := t.reads.ExternalID(ctx, "sale.order", a.OdooID)
	if err != nil || name != orderXID(a.Ref) {
		return 0, err
	}
	return a.OdooID, nil
}

func (t teller) orderOf(row odooclient.Row) *StoryOrder {
	return &StoryOrder{ID: row.ID(), Name: row.Str("name"), Reference: row.Str("client_order_ref"), State: row.Str("state"), Locked: row.Bool(t.Names.OrderLocked),
		Date: row.Time("date_order"), Invoicing: row.Str("invoice_status"), Total: t.money(row, "amount_total"), Tax: t.money(row, "amount_tax")}
}

// money is an amount in the record's currency, without what binary floats add to it.
func (t teller) money(row odooclient.Row, field string) commerce.Money {
	_, code := row.Ref("currency_id")
	amount := row.Dec(field)
	if c, ok := t.Currencies[code]; ok {
		return commerce.Money{Amount: grid{Amount: c.Rounding}.round(amount), Currency: code}
	}
	return commerce.Money{Amount: amount.Round(commerce.Digits(code)), Currency: code}
}

func (t teller) quantity(row odooclient.Row, field string) decimal.Decimal {
	return row.Dec(field).Round(max(t.Digits.Quantity, 2))
}

// productOf is the internal reference of a product: its display name begins with it.
func productOf(row odooclient.Row) string {
	id, name := row.Ref("product_id")
	if code, _, ok := strings.Cut(strings.TrimPrefix(name, "["), "]"); ok && strings.HasPrefix(name, "[") {
		return code
	}
	return "product " + itoa(id)
}

// goods reads the order's lines with their taxes, and what moves for them.
func (t teller) goods(ctx context.Context, s *tale) error {
	rows, err := t.reads.Find(ctx, odooclient.Query{Model: "sale.order.line", Field: "order_id",
		Fields: []string{"sequence", "display_type", "product_id", "product_uom_qty", "qty_delivered", "qty_invoiced", t.Names.LineTaxes, "price_tax"}}, itoa(s.Order.ID))
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r odooclient.Row) bool { return r.Str("display_type") != "" })
	slices.SortStableFunc(rows, func(a, b odooclient.Row) int { return cmp.Compare(a.Int("sequence"), b.Int("sequence")) })
	lines, moves := make([]StoryLine, len(rows)), make([][]odooclient.Row, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) (err error) {
		row := rows[i]
		lines[i] = StoryLine{ID: row.ID(), Product: productOf(row), Quantity: t.quantity(row, "product_uom_qty"),
			Delivered: t.quantity(row, "qty_delivered"), Invoiced: t.quantity(row, "qty_invoiced")}
		together, ctx := errgroup.WithContext(ctx)
		together.Go(func() (err error) {
			lines[i].XID, err = t.reads.ExternalID(ctx, "sale.order.line", row.ID())
			return err
		})
		together.Go(func() (err error) {
			moves[i], err = t.moves(ctx, row.ID())
			return err
		})
		return together.Wait()
	})
	if err != nil {
		return err
	}
	if s.Order.Taxes, err = t.orderTaxes(ctx, s, rows); err != nil {
		return err
	}
	s.Lines = lines
	s.Transfers, err = t.transfers(ctx, slices.Concat(moves...))
	return err
}

// moves are those of an order line, whatever transfer they are in: returns that
// people make are in none that the order itself names.
func (t teller) moves(ctx context.Context, line int64) ([]odooclient.Row, error) {
	if t.Names.OrderPickings == "" {
		return nil, nil
	}
	rows, err := t.reads.Find(ctx, odooclient.Query{Model: "stock.move", Field: "sale_line_id",
		Fields: []string{"state", "picking_id", "product_id", "product_uom_qty", "quantity", "to_refund"}}, itoa(line))
	return rows, optional(err)
}

// transfers are what the moves are in, oldest first.
func (t teller) transfers(ctx context.Context, moves []odooclient.Row) ([]StoryTransfer, error) {
	of := map[int64][]StoryMove{}
	for _, m := range moves {
		picking, _ := m.Ref("picking_id")
		line, _ := m.Ref("sale_line_id")
		moved := StoryMove{Product: productOf(m), Line: line, State: m.Str("state"), Quantity: t.quantity(m, "product_uom_qty"), Refunded: m.Bool("to_refund")}
		if moved.State == "done" {
			moved.Quantity = t.quantity(m, "quantity")
		}
		of[picking] = append(of[picking], moved)
	}
	delete(of, 0) // in no transfer (yet)
	ids := sortedKeys(of)
	all := make([]StoryTransfer, len(ids))
	q := odooclient.Query{Model: "stock.picking", Fields: []string{"name", "state", "picking_type_code", "date_done", "carrier_tracking_ref"}}
	err := each(ctx, ids, func(ctx context.Context, i int) error {
		row, _, err := t.reads.Get(ctx, q, ids[i])
		all[i] = StoryTransfer{ID: ids[i], Name: row.Str("name"), Kind: row.Str("picking_type_code"), State: row.Str("state"),
			Done: row.Time("date_done"), Tracking: row.Str("carrier_tracking_ref"), Moves: of[ids[i]]}
		return err
	})
	return all, optional(err)
}
