package erp

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// productFields are what is read of a product.
func productFields() []string { return []string{byCode, "active", "company_id", "type"} }

// products reads what the plan of the order needs of Odoo's products, archived ones
// too. Nothing is asked in a second way that the first one found: an ordinary order
// costs one call, and orders of one moment share theirs.
func (r reader) products(ctx context.Context, o *commerce.Order) (shelf, error) {
	if tooLong(o) != nil {
		return nil, nil
	}
	return r.look(ctx, r.searches(o), shelf{})
}

// searches are all that is to be looked for. The products for rounding and refunds
// are among them: which orders need them is not known before they are planned.
func (s settings) searches(o *commerce.Order) []search {
	var all []search
	lines, _ := s.entries(o)
	for _, l := range lines {
		all = append(all, s.searchFor(o, l.Line))
	}
	if sku := s.Books.Products.Rounding; sku != "" {
		all = append(all, s.searchNamed("rounding", sku))
	}
	if len(o.Refunds) == 0 {
		return all
	}
	if sku := s.Books.Products.Refund; sku != "" {
		all = append(all, s.searchNamed("refund", sku))
	}
	for _, l := range o.Lines { // the buyer may keep what was refunded
		if !booked(l) && l.Kind == commerce.LineProduct {
			all = append(all, s.searchFor(o, l))
		}
	}
	return all
}

// look asks Odoo, each round what is due then, until every search has its
// product or has nothing left to ask.
func (r reader) look(ctx context.Context, all []search, have shelf) (shelf, error) {
	for {
		asked := map[ask]bool{}
		for _, of := range all {
			if a, ok := r.due(of, have); ok {
				asked[a] = true
			}
		}
		if len(asked) == 0 {
			return have, nil
		}
		byField := map[string][]string{}
		for a := range asked {
			byField[a.Field] = append(byField[a.Field], a.Value)
		}
		for _, field := range slices.Sorted(maps.Keys(byField)) {
			slices.Sort(byField[field])
			if err := r.ask(ctx, field, byField[field], have); err != nil {
				return have, err
			}
		}
	}
}

// fewProducts is how many are asked for one by one, in calls shared with other
// orders; more are asked for in a call of their own.
const fewProducts = 50

// ask reads the products whose field has one of the values.
func (r reader) ask(ctx context.Context, field string, values []string, have shelf) error {
	values = slices.DeleteFunc(values, func(v string) bool {
		found, ok := r.shelf.get(productKey{r.Company.ID, ask{field, v}})
		have[ask{field, v}] = slices.Clone(found)
		return ok
	})
	if len(values) == 0 {
		return nil
	}
	q := odooclient.Query{Model: "product.product", Field: field, Fields: productFields(), Context: r.withArchived()}
	if !slices.Contains(q.Fields, field) {
		q.Fields = append(q.Fields, field)
	}
	var rows []odooclient.Row
	var err error
	switch {
	case field == byXID:
		return r.askMade(ctx, values, have)
	case r.alone || len(values) > fewProducts:
		rows, err = r.askAll(ctx, q, values)
	default:
		all := make([][]odooclient.Row, len(values))
		err = each(ctx, values, func(ctx context.Context, i int) (err error) {
			all[i], err = r.odoo.Find(ctx, q, values[i])
			return err
		})
		rows = slices.Concat(all...)
	}
	for _, row := range rows {
		value := row.Str(field)
		owner, _ := row.Ref("company_id")
		have[ask{field, value}] = append(have[ask{field, value}], product{ID: row.ID(), SKU: row.Str(byCode),
			Archived: !row.Bool("active"), Service: row.Str("type") == "service", Company: owner})
	}
	for _, v := range values {
		if found := have[ask{field, v}]; err == nil && len(found) == 1 {
			r.shelf.put(productKey{r.Company.ID, ask{field, v}}, slices.Clone(found))
		}
	}
	return err
}

// productKey is what products are remembered by: where they were asked for, and by what.
type productKey struct {
	company int64
	ask     ask
}

// askAll reads the products of many values in one call.
func (r reader) askAll(ctx context.Context, q odooclient.Query, values []string) (rows []odooclient.Row, err error) {
	var in any = values
	if q.Field == byID {
		ids := make([]int64, len(values))
		for i, v := range values {
			ids[i], _ = strconv.ParseInt(v, 10, 64) // written by us
		}
		in = ids
	}
	err = r.odoo.Call(ctx, odooclient.Request{Model: q.Model, Method: "search_read", Context: q.Context,
		Args: map[string]any{"domain": []any{[]any{q.Field, "in", in}}, "fields": q.Fields}}, &rows)
	return rows, err
}

// askMade reads the products that we made under these external ids.
func (r reader) askMade(ctx context.Context, xids []string, have shelf) error {
	ids := map[string]string{}
	for _, xid := range xids {
		model, id, ok, err := r.odoo.Resolve(ctx, xid)
		if err != nil {
			return err
		}
		if ok && model == "product.product" {
			ids[xid] = itoa(id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := r.ask(ctx, byID, slices.Sorted(maps.Values(ids)), have); err != nil {
		return err
	}
	for xid, id := range ids {
		have[ask{byXID, xid}] = have[ask{byID, id}]
	}
	return nil
}

func (r reader) withArchived() map[string]any {
	c := r.context()
	c["active_test"] = false
	return c
}
