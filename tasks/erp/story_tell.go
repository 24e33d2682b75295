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

// teller reads the story of one order. It asks in no company's name, so that an
// order is found whatever company its channel belongs to.
type teller struct {
	reads odoo
	*master
	shop   string
	ref    commerce.Ref
	number string
}

func (t teller) tell(ctx context.Context) (Story, error) {
	row, s, err := t.order(ctx)
	if err != nil || s.Order == nil {
		return s, err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) {
		s.Lines, s.Transfers, err = t.goods(ctx, s.Order.ID)
		return err
	})
	all.Go(func() (err error) {
		if s.Invoices, err = t.invoices(ctx, row.IDs("invoice_ids")); err == nil {
			s.Payments, err = t.payments(ctx, row, s.Invoices)
		}
		return optional(err)
	})
	err = all.Wait()
	return s, err
}

// order finds the order by its number or its origin, and by its external id where
// people changed both.
func (t teller) order(ctx context.Context) (odooclient.Row, Story, error) {
	var s Story
	q := odooclient.Query{Model: "sale.order", Field: "client_order_ref", Or: "origin", Fields: []string{"name", "state", "client_order_ref", "origin",
		"currency_id", "company_id", "date_order", "amount_total", "amount_tax", "invoice_status", "invoice_ids"}}
	if t.Names.OrderLocked != "" {
		q.Fields = append(q.Fields, t.Names.OrderLocked)
	}
	rows, err := t.reads.FindEither(ctx, q, reference(t.ref, t.number), origin(t.ref))
	if err != nil {
		return nil, s, err
	}
	names := make([]string, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) (err error) {
		names[i], err = t.reads.ExternalID(ctx, "sale.order", rows[i].ID())
		return err
	})
	if err != nil {
		return nil, s, err
	}
	if at := slices.Index(names, orderXID(t.ref)); at >= 0 {
		s.Order = t.orderOf(rows[at])
		return rows[at], s, nil
	}
	_, id, ok, err := t.reads.Resolve(ctx, orderXID(t.ref))
	if err != nil {
		return nil, s, err
	}
	if ok {
		q.Field, q.Or = "", ""
		row, there, err := t.reads.Get(ctx, q, id)
		if err == nil && there {
			s.Order = t.orderOf(row)
		}
		return row, s, err
	}
	for i, row := range rows {
		if s.Foreign == "" && row.Str("client_order_ref") == reference(t.ref, t.number) && !isOrderXID(names[i]) {
			s.Foreign, s.Other = row.Str("name"), t.orderOf(row)
		}
	}
	return nil, s, nil
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

// goods are the order's lines and what moves for them.
func (t teller) goods(ctx context.Context, order int64) ([]StoryLine, []StoryTransfer, error) {
	rows, err := t.reads.Find(ctx, odooclient.Query{Model: "sale.order.line", Field: "order_id",
		Fields: []string{"sequence", "display_type", "product_id", "product_uom_qty", "qty_delivered", "qty_invoiced"}}, itoa(order))
	if err != nil {
		return nil, nil, err
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
		return nil, nil, err
	}
	transfers, err := t.transfers(ctx, slices.Concat(moves...))
	return lines, transfers, err
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
