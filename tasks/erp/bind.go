package erp

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// Bound is the record of Odoo that a person named, or why there is none to bind to.
type Bound struct {
	ID  int64
	Why string // not; empty: it can be bound to
}

// bindings are how records of each kind are named.
var bindings = map[string]struct{ model, code string }{
	TieProduct: {"product.product", byCode}, TieCustomer: {"res.partner", ""},
}

// Bindable finds the records that words name: of products the internal reference, or
// #12 for the id 12; of customers the id, with # or without. The shop's company must see
// them. It reads many in a call and writes nothing; its error is one of asking Odoo.
func (b *Books) Bindable(ctx context.Context, shop config.Shop, kind string, words []string) (map[string]Bound, error) {
	m, err := b.master.get(ctx)
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	s, err := settingsFor(shop, config.Facts{}, m)
	if err != nil {
		return nil, err
	}
	all, byID := map[string]Bound{}, map[int64][]string{}
	var ids, codes []any
	for _, w := range words {
		bare, marked := strings.CutPrefix(w, "#")
		if !marked && bindings[kind].code != "" {
			codes = append(codes, w)
			continue
		}
		id, err := strconv.ParseInt(bare, 10, 64)
		if err != nil || id <= 0 {
			all[w] = Bound{Why: "is no id of Odoo"}
			continue
		}
		ids, byID[id] = append(ids, id), append(byID[id], w)
	}
	r := b.reader(s)
	rows, err := r.bindable(ctx, kind, "id", ids)
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	byWord := map[string][]odooclient.Row{}
	for _, row := range rows {
		for _, w := range byID[row.ID()] {
			byWord[w] = append(byWord[w], row)
		}
	}
	if rows, err = r.bindable(ctx, kind, bindings[kind].code, codes); err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	for _, row := range rows {
		w := row.Str(bindings[kind].code)
		byWord[w] = append(byWord[w], row)
	}
	for _, w := range words {
		if all[w].Why == "" {
			all[w] = s.boundTo(byWord[w])
		}
	}
	return all, nil
}

// bindable reads records by a field, archived ones too.
func (r reader) bindable(ctx context.Context, kind, field string, values []any) (rows []odooclient.Row, err error) {
	for page := range slices.Chunk(values, 500) {
		var more []odooclient.Row
		err := r.odoo.Call(ctx, odooclient.Request{Model: bindings[kind].model, Method: "search_read", Context: r.withArchived(),
			Args: map[string]any{"domain": []any{[]any{field, "in", page}}, "fields": []string{"active", "company_id", cmp.Or(bindings[kind].code, "id")}}}, &more)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// boundTo is the one record that the company sees and that is not archived.
func (s settings) boundTo(rows []odooclient.Row) Bound {
	rows = slices.DeleteFunc(slices.Clone(rows), func(row odooclient.Row) bool {
		owner, _ := row.Ref("company_id")
		return owner != 0 && owner != s.Company.ID
	})
	live := slices.DeleteFunc(slices.Clone(rows), func(row odooclient.Row) bool { return !row.Bool("active") })
	switch {
	case len(rows) == 0:
		return Bound{Why: "is not in Odoo, or of another company"}
	case len(live) == 0:
		return Bound{Why: "is archived in Odoo"}
	case len(live) > 1:
		return Bound{Why: "is the internal reference of several products"}
	}
	return Bound{ID: live[0].ID()}
}
