package woocommerce

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// refunds reads those that a record names, the oldest first; what they are about stands
// nowhere else. If one has gone, the order changed while it was read.
func (o *orders) refunds(ctx context.Context, rec *record) ([]refund, error) {
	if len(rec.Refunds) == 0 {
		return nil, nil
	}
	id := string(rec.ID)
	k := call{op: "woocommerce.refunds", ref: o.ref(id), path: api + "orders/" + id + "/refunds",
		query: url.Values{"per_page": {strconv.Itoa(pageSize)}, "orderby": {"id"}, "order": {"asc"}}}
	missing := map[ident]bool{}
	for _, r := range rec.Refunds {
		missing[r.ID] = true
	}
	var all []refund
	for page := 1; len(missing) > 0; page++ {
		k.query.Set("page", strconv.Itoa(page))
		var raw json.RawMessage
		if _, err := o.client.ask(ctx, k, &raw); err != nil {
			return nil, err
		}
		list, err := refundsOf(raw)
		if err != nil {
			return nil, k.notUnderstood(raw, err)
		}
		before := len(missing)
		for _, r := range list {
			if missing[r.ID] {
				delete(missing, r.ID)
				all = append(all, r)
			}
		}
		if len(missing) == before { // past the end
			return nil, k.fail(commerce.Conflict, "the order's refunds changed while it was read")
		}
	}
	return all, nil
}
