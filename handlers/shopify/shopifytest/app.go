package shopifytest

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

func (s *Store) shopNode() *node {
	currencies := []string{s.opts.Currency}
	if s.opts.Presentment && s.opts.Currency != "USD" {
		currencies = append(currencies, "USD") // as Generate makes them
	}
	return &node{"Shop", object{"id": gid("Shop", 1), "name": "Demo", "myshopifyDomain": s.opts.Domain,
		"currencyCode": s.opts.Currency, "enabledPresentmentCurrencies": currencies, "taxesIncluded": true}}
}

func (s *Store) installationNode() *node {
	scopes := make([]*node, 0, len(s.opts.Scopes))
	for _, name := range s.opts.Scopes {
		scopes = append(scopes, &node{"AccessScope", object{"handle": name, "description": name}})
	}
	return &node{"AppInstallation", object{"id": gid("AppInstallation", 1), "accessScopes": scopes}}
}

// refuses names the field of an operation that the app's scopes do not allow, and
// the scope that would.
func (s *Store) refuses(op *ast.OperationDefinition) (field, scope string) {
	for _, need := range []struct {
		scope  string
		fields []string
	}{
		{"read_orders", []string{"order", "orders", "fulfillment", "refund"}},
		{"read_products", []string{"variant"}},
		{"read_returns", []string{"return", "returns", "reverseFulfillmentOrder", "reverseDelivery"}},
		{"read_locations", []string{"location", "retailLocation"}},
	} {
		if !slices.Contains(s.opts.Scopes, need.scope) {
			if f := selected(op.SelectionSet, need.fields); f != "" {
				return f, need.scope
			}
		}
	}
	return "", ""
}

// selected is the first of the fields that a selection asks for anywhere.
func selected(set ast.SelectionSet, fields []string) string {
	for _, sel := range set {
		var found string
		switch sel := sel.(type) {
		case *ast.Field:
			if slices.Contains(fields, sel.Name) {
				return sel.Name
			}
			found = selected(sel.SelectionSet, fields)
		case *ast.InlineFragment:
			found = selected(sel.SelectionSet, fields)
		case *ast.FragmentSpread:
			found = selected(sel.Definition.SelectionSet, fields)
		}
		if found != "" {
			return found
		}
	}
	return ""
}
