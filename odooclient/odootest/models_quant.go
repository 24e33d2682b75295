package odootest

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

func quantModels(add declare) {
	m := add("stock.quant", "Quants",
		rel("many2one", "product_id", "Product", "product.product").must().index(),
		rel("many2one", "location_id", "Location", "stock.location").must().index(),
		rel("many2one", "company_id", "Company", "res.company").calc(func(e *env, r *record) any {
			return e.related(r, "location_id").get("company_id")
		}),
		col("float", "quantity", "Quantity").ro().def(decimal.Zero),
		col("float", "reserved_quantity", "Reserved Quantity").must().ro().def(decimal.Zero),
		col("float", "available_quantity", "Available Quantity").calc(func(_ *env, r *record) any { return unreserved(r) }),
		col("float", "inventory_quantity", "Counted Quantity").prec("Product Unit of Measure").def(decimal.Zero),
		col("boolean", "inventory_quantity_set", "Inventory Quantity Set").def(false),
		col("datetime", "in_date", "Incoming Date").must().ro().defFn(func(e *env) any { return e.now.Truncate(time.Second) }))
	m.display = func(e *env, r *record) string { return e.nameOf("stock.location", r.num("location_id")) }
	m.after = func(e *env, rs []*record, given map[string]bool, _ bool) error {
		for _, r := range rs {
			if given["inventory_quantity"] {
				e.set(r, "inventory_quantity_set", true)
			}
		}
		return nil
	}
	m.methods["create"] = &method{params: []string{"vals_list"}, required: 1, op: "c", owner: "-", run: createQuants}
	m.methods["action_apply_inventory"] = &method{record: true, op: "w", run: applyInventory}
}

func unreserved(quant *record) decimal.Decimal {
	return quant.dec("quantity").Sub(quant.dec("reserved_quantity"))
}

// createQuants counts what is there: in inventory mode a quant that exists takes
// the number. Without that mode every call makes one more row with nothing to
// apply.
func createQuants(e *env, c *call) (any, error) {
	one, single := c.args["vals_list"].(map[string]any)
	if !single || !e.flag("inventory_mode") {
		return create(e, c)
	}
	product, _ := toInt(one["product_id"])
	place, _ := toInt(one["location_id"])
	if q := e.quant(product, place); q != nil {
		return q.id, e.write(c.m, []*record{q}, map[string]any{"inventory_quantity": one["inventory_quantity"]})
	}
	return create(e, c)
}

// applyInventory makes the counted quantities true, each by a move from or to
// the place of lost goods.
func applyInventory(e *env, c *call) (any, error) {
	if !e.su && !e.groups()["stockmanager"] {
		return nil, userError("Only a stock manager can validate an inventory adjustment.")
	}
	for _, q := range c.rs {
		e.count(q, q.dec("inventory_quantity"))
	}
	return nil, nil
}

// count sets what a quant holds and leaves the move that explains it.
func (e *env) count(q *record, quantity decimal.Decimal) {
	diff := quantity.Sub(q.dec("quantity"))
	e.set(q, "inventory_quantity", decimal.Zero)
	e.set(q, "inventory_quantity_set", false)
	e.touch(q)
	if diff.IsZero() {
		return
	}
	from, to := e.s.place("inventory"), any(q.num("location_id"))
	if diff.IsNegative() {
		from, to = to, from
	}
	vals := map[string]any{
		"product_id": q.get("product_id"), "location_id": from, "location_dest_id": to, "product_uom_qty": diff.Abs(), "quantity": diff.Abs(),
		"picked": true, "state": "done", "company_id": e.company(), "origin": "Product Quantity Updated",
	}
	if e.s.models["stock.move"].fields["name"] != nil {
		vals["name"] = "Product Quantity Updated"
	}
	e.make("stock.move", vals)
}

// quant is the row of a product at a place; nil when there is none.
func (e *env) quant(product, place int64) *record {
	for _, q := range e.quants(product) {
		if q.num("location_id") == place {
			return q
		}
	}
	return nil
}

// quants are a product's rows, first in first.
func (e *env) quants(product int64) []*record {
	t := e.table("stock.quant")
	ids := t.idx[t.m.fields["product_id"].slot][product]
	out := make([]*record, len(ids))
	for i, id := range ids {
		out[i] = t.rows[id]
	}
	slices.SortStableFunc(out, func(a, b *record) int {
		return cmp.Or(a.at("in_date").Compare(b.at("in_date")), cmp.Compare(a.id, b.id))
	})
	return out
}

// put adds to what a product's row at a place holds and has reserved.
func (e *env) put(product, place int64, quantity, reserved decimal.Decimal) {
	q := e.quant(product, place)
	if q == nil {
		q = e.make("stock.quant", map[string]any{"product_id": product, "location_id": place})
	}
	e.set(q, "quantity", q.dec("quantity").Add(quantity))
	e.set(q, "reserved_quantity", q.dec("reserved_quantity").Add(reserved))
	e.touch(q)
}

// within says whether a place is one of others or below one.
func (e *env) within(place int64, others []int64) bool {
	for at := e.browse("stock.location", place); at != nil; at = e.related(at, "location_id") {
		if slices.Contains(others, at.id) {
			return true
		}
	}
	return false
}

// scope are the places whose stock a product's quantities speak of: those of the
// context's location or warehouse, else all warehouses at hand.
func (e *env) scope() []int64 {
	if ids := contextIDs(e.context, "location"); ids != nil {
		return ids
	}
	wanted := contextIDs(e.context, "warehouse", "warehouse_id")
	var out []int64
	t := e.table("stock.warehouse")
	for _, id := range t.ids {
		if w := t.rows[id]; wanted == nil && e.visible(w) || slices.Contains(wanted, id) {
			out = append(out, w.num("view_location_id"))
		}
	}
	return out
}

// contextIDs are the ids below the first of some keys that is set.
func contextIDs(context map[string]any, keys ...string) []int64 {
	for _, key := range keys {
		if !truthy(context[key]) {
			continue
		}
		list, ok := context[key].([]any)
		if !ok {
			list = []any{context[key]}
		}
		var out []int64
		for _, v := range list {
			if id, ok := toInt(v); ok {
				out = append(out, id)
			}
		}
		return out
	}
	return nil
}
