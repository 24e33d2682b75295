package shopify

import (
	"context"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

var _ handlers.OrderSearcher = (*orders)(nil)

// numbered is one order that a search found.
type numbered struct {
	ID   ident  `json:"id"`
	Name string `json:"name"`
}

// Numbered searches for an order by its name, with and without the mark that most stores
// have before it. The search finds names that only begin so, too: they are not meant.
// See https://shopify.dev/docs/api/usage/search-syntax.
func (o *orders) Numbered(ctx context.Context, number string) (ids []string, err error) {
	plain := strings.TrimPrefix(strings.TrimSpace(number), "#")
	if plain == "" || strings.ContainsAny(plain, `'"\`) {
		return nil, nil // no store gives such numbers, and a search would end at it
	}
	got, err := o.client.ask(ctx, commerce.Ref{}, o.queries.numbered, map[string]any{"query": "name:'" + plain + "' OR name:'#" + plain + "'"})
	if err != nil || got.Numbered == nil {
		return nil, err
	}
	for _, one := range got.Numbered.Nodes {
		if strings.EqualFold(strings.TrimPrefix(one.Name, "#"), plain) {
			ids = append(ids, string(one.ID))
		}
	}
	return ids, nil
}
