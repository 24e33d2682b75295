package erp

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// Asked is an order of which the story is wanted: what people know it by, and, where
// it is remembered, its id in Odoo.
type Asked struct {
	Ref    commerce.Ref
	Number string
	OdooID int64
}

// Stories reads what Odoo holds of several orders, in about as many calls as Story
// makes for one. Unlike it, it does not look for external ids: an order of which
// people changed number and origin is found by the remembered id, or not at all.
func (b *Books) Stories(ctx context.Context, shop config.Shop, list []Asked) ([]Story, error) {
	m, err := b.master.get(ctx)
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	t := teller{reads: b.reads, master: m, shop: shop.ID}
	tales := make([]*tale, len(list))
	for i := range list {
		tales[i] = &tale{Asked: list[i]}
	}
	if err := t.tell(ctx, tales); err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	stories := make([]Story, len(list))
	for i, one := range tales {
		stories[i] = one.Story
	}
	return stories, nil
}

// Dated is a sale order of Odoo that belongs to a shop. Ref is zero for one that says
// so and was not made by us, such as a copy that a person made.
type Dated struct {
	Ref    commerce.Ref
	Origin string
	StoryOrder
}

// datedPage is how many orders are read in one call.
const datedPage = 400

// Dated yields the orders in Odoo whose date is from then and before until, whose
// external id or source document names the shop, and that are not known already: two
// calls for 400 orders of all shops.
func (b *Books) Dated(ctx context.Context, shop config.Shop, from, until time.Time, known func(id int64) bool) iter.Seq2[Dated, error] {
	return func(yield func(Dated, error) bool) {
		m, err := b.master.get(ctx)
		if err != nil {
			yield(Dated{}, classify(commerce.Ref{}, err))
			return
		}
		t := teller{reads: b.reads, master: m, shop: shop.ID}
		for last := int64(0); ; {
			rows, err := t.dated(ctx, from, until, last)
			var found []Dated
			if err == nil && len(rows) > 0 {
				last = rows[len(rows)-1].ID()
				found, err = t.belonging(ctx, rows, known)
			}
			if err != nil {
				yield(Dated{}, classify(commerce.Ref{}, err))
				return
			}
			for _, one := range found {
				if !yield(one, nil) {
					return
				}
			}
			if len(rows) < datedPage {
				return
			}
		}
	}
}

func (t teller) dated(ctx context.Context, from, until time.Time, after int64) (rows []odooclient.Row, err error) {
	stamp := func(at time.Time) string {
		return at.UTC().Add(time.Second - 1).Truncate(time.Second).Format(time.DateTime)
	} // Odoo has whole seconds
	err = t.reads.Call(ctx, odooclient.Request{Model: "sale.order", Method: "search_read", Args: map[string]any{
		"domain": []any{[]any{"date_order", ">=", stamp(from)}, []any{"date_order", "<", stamp(until)}, []any{"id", ">", after}},
		"fields": t.orderFields(), "order": "id", "limit": datedPage}}, &rows)
	return rows, err
}

// belonging are those of the orders that are the shop's and not known.
func (t teller) belonging(ctx context.Context, rows []odooclient.Row, known func(int64) bool) ([]Dated, error) {
	names := make([]string, len(rows))
	err := each(ctx, rows, func(ctx context.Context, i int) (err error) {
		if !known(rows[i].ID()) {
			names[i], err = t.reads.ExternalID(ctx, "sale.order", rows[i].ID())
		}
		return err
	})
	var found []Dated
	for i, row := range rows {
		ref, from := refOf(t.shop, names[i], row.Str("origin")), row.Str("origin")
		if known(row.ID()) || ref.IsZero() && (!strings.HasPrefix(from, t.shop+"/") || isOrderXID(names[i])) {
			continue
		}
		found = append(found, Dated{ref, from, *t.orderOf(row)})
	}
	return found, err
}
