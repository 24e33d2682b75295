package erp

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// move is goods of an order line on their way out to the buyer, or back from him.
type move struct {
	ID       int64
	Line     int64 // of the order
	Product  int64
	Unit     int64
	Quantity decimal.Decimal // moved, or reserved
	Demand   decimal.Decimal
	State    string
	From, To int64
	Undoes   int64 // the move that it brings back; 0: none
	Group    int64 // 17: what ties it to its order; 0: nothing
	Picking  *transfer
}

// transfer is a delivery, or what brings goods back.
type transfer struct {
	ID    int64
	Name  string
	State string // draft, waiting, confirmed, assigned, done, cancel
	Code  string // outgoing, incoming, internal
	XID   string // of those that bring goods back
	Kind  int64  // stock.picking.type
}

func (m move) done() bool { return m.State == "done" }

// lineOf is the place of the shop's line that an external id of an order line names.
func lineOf(o *commerce.Order, xid string) (int, bool) {
	for at := range o.Lines {
		if standsFor(o, at, xid) {
			return at, true
		}
	}
	return 0, false
}

// standsFor reports whether an external id is that of a row of a line.
func standsFor(o *commerce.Order, at int, xid string) bool {
	return strings.HasPrefix(xid, strings.TrimSuffix(lineXID(o, at, 0), "0"))
}

// movements reads what warehouses did and are to do for the order's lines.
func (r reader) movements(ctx context.Context, h *standing) error {
	fields := []string{"state", "product_id", "product_uom", "product_uom_qty", "quantity", "picking_id", "location_id", "location_dest_id", "origin_returned_move_id"}
	if r.Names.MoveGroup != "" {
		fields = append(fields, r.Names.MoveGroup)
	}
	perLine := make([][]odooclient.Row, len(h.Lines))
	err := each(ctx, h.Lines, func(ctx context.Context, i int) (err error) {
		perLine[i], err = r.odoo.Find(ctx, odooclient.Query{Model: "stock.move", Field: "sale_line_id", Context: r.context(), Fields: fields}, itoa(h.Lines[i].ID))
		return err
	})
	if err != nil {
		return err
	}
	pickings := map[int64]*transfer{}
	for i, rows := range perLine {
		for _, row := range rows {
			picking, _ := row.Ref("picking_id")
			if picking == 0 {
				continue
			}
			if pickings[picking] == nil {
				pickings[picking] = &transfer{ID: picking}
			}
			m := move{ID: row.ID(), Line: h.Lines[i].ID, Quantity: row.Dec("quantity"), Demand: row.Dec("product_uom_qty"), State: row.Str("state"), Picking: pickings[picking]}
			m.Product, _ = row.Ref("product_id")
			m.Unit, _ = row.Ref("product_uom")
			m.From, _ = row.Ref("location_id")
			m.To, _ = row.Ref("location_dest_id")
			m.Undoes, _ = row.Ref("origin_returned_move_id")
			m.Group, _ = row.Ref(r.Names.MoveGroup)
			h.Moves = append(h.Moves, m)
		}
	}
	slices.SortFunc(h.Moves, func(a, b move) int { return int(a.ID - b.ID) })
	if err := r.transfers(ctx, pickings); err != nil {
		return err
	}
	return h.torn()
}

// torn finds that a transfer was validated after its moves were read: what it brought
// back would be taken for missing, and brought back once more.
func (h *standing) torn() error {
	for _, m := range h.Moves {
		if m.Picking.State == "done" && !m.done() && m.State != "cancel" {
			return &commerce.Error{Op: "erp.order", Reason: commerce.Conflict, Detail: m.Picking.Name + " was validated in Odoo while it was read"}
		}
	}
	return nil
}

// transfers reads the pickings of moves, and the external ids of those that come in.
func (r reader) transfers(ctx context.Context, all map[int64]*transfer) error {
	list := make([]*transfer, 0, len(all))
	for _, t := range all {
		list = append(list, t)
	}
	q := odooclient.Query{Model: "stock.picking", Fields: []string{"name", "state", "picking_type_code", "picking_type_id"}, Context: r.context()}
	return each(ctx, list, func(ctx context.Context, i int) error {
		t := list[i]
		row, ok, err := r.odoo.Get(ctx, q, t.ID)
		if err != nil || !ok {
			return err
		}
		t.Name, t.State, t.Code = row.Str("name"), row.Str("state"), row.Str("picking_type_code")
		t.Kind, _ = row.Ref("picking_type_id")
		if t.Code == "incoming" {
			t.XID, err = r.odoo.ExternalID(ctx, "stock.picking", t.ID)
		}
		return err
	})
}

// goods is what left and came back of each of the shop's lines. Of a kit, whose
// components move, only what is with the buyer is told.
func (h *standing) goods(o *commerce.Order) map[string]goods {
	all := map[string]goods{}
	for _, l := range h.Lines {
		at, ok := lineOf(o, l.XID)
		if !ok {
			continue
		}
		out, in, kit := decimal.Zero, decimal.Zero, false
		for _, m := range h.Moves {
			if m.Line != l.ID || !m.done() {
				continue
			}
			switch m.Picking.Code {
			case "outgoing":
				out = out.Add(m.Quantity)
			case "incoming":
				in = in.Add(m.Quantity)
			}
			kit = kit || m.Product != l.Product
		}
		g := goods{Out: out, In: in}
		if out.IsZero() || kit {
			g = goods{Out: l.Delivered}
		}
		was := all[o.Lines[at].ID]
		all[o.Lines[at].ID] = goods{was.Out.Add(g.Out), was.In.Add(g.In)}
	}
	return all
}
