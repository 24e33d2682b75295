package shopify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// contracts are the vendor's samples, which stand beside the project and are
// not part of it. Every check here also runs on our own material.
var contracts = filepath.Join("..", "..", "..", "shared", "contracts", "shopify")

// contract reads one of the vendor's files; nil where they are not at hand.
func contract(t *testing.T, name string) []byte {
	raw, err := os.ReadFile(filepath.Join(contracts, name))
	if os.IsNotExist(err) {
		t.Logf("%s is not at hand: only our own fixtures are checked", name)
		return nil
	}
	require.NoError(t, err)
	return raw
}

func TestEveryTopicOfTheVendorsListIsKnown(t *testing.T) {
	known := topics()
	own, err := os.ReadFile(filepath.Join("testdata", "topics.txt"))
	require.NoError(t, err)
	names := strings.Fields(string(own))
	require.Len(t, names, len(known), "testdata/topics.txt is the list")
	if raw := contract(t, "topics.json"); raw != nil {
		var list struct{ Topics []struct{ Topic string } }
		require.NoError(t, json.Unmarshal(raw, &list))
		for _, one := range list.Topics {
			names = append(names, one.Topic)
		}
	}
	for _, name := range names {
		require.Contains(t, known, name)
		require.Equal(t, name, known[name].name)
	}
}

func TestTheVendorsSamplesBecomeEvents(t *testing.T) {
	// Our own body of each whole-order topic first, then whatever is at hand.
	store := shopifytest.New(shopifytest.Options{Domain: testDomain})
	id := store.Generate(1, 1)[0]
	bodies := map[string]string{}
	for _, topic := range []string{"orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/edited", "orders/delete"} {
		bodies[topic] = string(delivered(t, store, id, topic).Body)
	}
	for name, topic := range sampleTopics(t) {
		if raw := contract(t, name); raw != nil {
			bodies[topic] = strings.ReplaceAll(string(raw), "{shop}.myshopify.com", testDomain)
		}
	}
	for topic, body := range bodies {
		events, err := testReceiver().Events(deliver(topic, body))
		require.NoError(t, err, topic)
		require.Len(t, events, 1)
		require.NotEmpty(t, events[0].Ref.ID, topic)
		if slices.Contains([]string{"fulfillments/create", "refunds/create"}, topic) {
			require.Equal(t, commerce.KindOrder, events[0].Aggregate.Kind, "%s names its order", topic)
		}
		require.NotEqual(t, commerce.KindShop+"/"+testDomain, events[0].Ref.Kind+"/"+events[0].Ref.ID, "%s names no record", topic)
	}
}

// sampleTopics gives each of the vendor's webhook samples its topic.
func sampleTopics(t *testing.T) map[string]string {
	notBodies := regexp.MustCompile(`^(admin_schema|delivery_headers|graphql_responses|topics|fulfillment_order_resource|SOURCES)`)
	out := map[string]string{}
	files, err := os.ReadDir(contracts)
	if err != nil {
		t.Logf("the vendor's samples are not at hand: %v", err)
		return out
	}
	for _, f := range files {
		if notBodies.MatchString(f.Name()) || !strings.HasSuffix(f.Name(), ".json") {
			continue
		}
		base := strings.TrimSuffix(f.Name(), ".json")
		for topic := range topics() {
			flat := strings.NewReplacer("/", "_", ".", "_").Replace(topic)
			if base == flat || strings.HasPrefix(base, flat+"_") {
				out[f.Name()] = topic
			}
		}
		require.Contains(t, out, f.Name(), "the sample belongs to no topic")
	}
	return out
}

func TestTheVendorsOrdersAreDecoded(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{})
	shop := openShop(t, store, "", "shop")
	buyer := openShop(t, store, "", "presentment")
	for _, tc := range []struct {
		file       string
		consistent bool // the plain documentation samples do not add up
		total      string
		buyers     string
	}{
		{"orders_create.json", true, "329.63 USD", "303.26 EUR"},
		{"orders_create_guest.json", true, "329.63 USD", "303.26 EUR"},
		{"orders_create_no_customer.json", true, "329.63 USD", "303.26 EUR"},
		{"orders_updated.json", false, "", ""},
		{"orders_cancelled.json", false, "", ""},
	} {
		raw := contract(t, tc.file)
		if raw == nil {
			continue
		}
		if !tc.consistent { // these name bundles and do not tell them
			_, err := shop.Orders.Decode(raw)
			require.ErrorIs(t, err, handlers.ErrPartial, tc.file)
			raw = regexp.MustCompile(`("sales_line_item_group_id": )\d+`).ReplaceAll(raw, []byte("${1}null"))
		}
		o, err := shop.Orders.Decode(raw)
		require.NoError(t, err, tc.file)
		require.Regexp(t, `^8209829119461545\d\d$`, o.Ref.ID)
		require.NotEmpty(t, o.Lines)
		p, err := buyer.Orders.Decode(raw)
		require.NoError(t, err, tc.file)
		if tc.consistent {
			require.Equal(t, tc.total, o.Total.String())
			require.True(t, addUp(o).Equal(o.Total.Amount), "%s: lines give %s", tc.file, addUp(o))
			require.Equal(t, tc.buyers, p.Total.String())
			require.Equal(t, "SAVE10", o.Lines[0].Discounts[0].Title)
			require.Equal(t, "Lounger promo", o.Lines[1].Discounts[1].Title)
			require.Equal(t, "6", o.Taxes[0].Rate.String())
		}
	}
}

// excerpt is the part of the vendor's schema that stands beside the project.
type excerpt struct {
	Queries, Mutations map[string]struct {
		Args    map[string]string
		Returns string
	}
	Inputs  map[string]map[string]string
	Objects map[string]map[string]string
	Enums   map[string][]json.RawMessage
}

func TestTheQueriesFitTheVendorsSchema(t *testing.T) {
	fake, err := os.ReadFile(filepath.Join("shopifytest", "schema.graphql"))
	require.NoError(t, err)
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: string(fake)})
	require.NoError(t, err)
	var vendor excerpt
	if raw := contract(t, "admin_schema_2026-04_excerpt.json"); raw != nil {
		require.NoError(t, json.Unmarshal(raw, &vendor))
	}
	checked := 0
	for _, q := range everyQueries() {
		for _, one := range q.all() {
			doc, errs := gqlparser.LoadQueryWithRules(schema, one.text, rules.NewDefaultRules())
			require.Empty(t, errs, one.name)
			checked += vendor.check(t, one.name, doc.Operations[0].SelectionSet)
		}
	}
	if vendor.Objects != nil {
		for _, field := range schema.Types["WebhookSubscriptionInput"].Fields {
			require.Equal(t, vendor.Inputs["WebhookSubscriptionInput"][field.Name], field.Type.String(), "input %s", field.Name)
		}
		require.Greater(t, checked, 20, "the excerpt covers what we ask of transactions, risk and the list")
	}
}

// check walks a selection and holds what the excerpt covers against it.
func (e excerpt) check(t *testing.T, where string, set ast.SelectionSet) int {
	count := 0
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			count += e.check(t, where, sel.SelectionSet)
		case *ast.FragmentSpread:
			count += e.check(t, where, sel.Definition.SelectionSet)
		case *ast.Field:
			count += e.checkField(t, where, sel)
			count += e.check(t, where+"."+sel.Name, sel.SelectionSet)
		}
	}
	return count
}

func (e excerpt) checkField(t *testing.T, where string, f *ast.Field) int {
	parent := f.ObjectDefinition.Name
	if fields, ok := e.Objects[parent]; ok {
		require.Contains(t, fields, f.Name, "%s: %s has no such field", where, parent)
		require.Equal(t, fields[f.Name], f.Definition.Type.String(), "%s: %s.%s", where, parent, f.Name)
		return 1
	}
	root, ok := e.Queries[f.Name]
	if parent == "Mutation" {
		root, ok = e.Mutations[f.Name]
		require.True(t, ok || e.Mutations == nil, "%s: no such mutation", where)
	}
	if parent != "Query" && parent != "Mutation" || !ok {
		return 0
	}
	require.Equal(t, root.Returns, f.Definition.Type.String(), where)
	for _, a := range f.Arguments {
		require.Contains(t, root.Args, a.Name, "%s: %s has no such argument", where, f.Name)
		typ, _, _ := strings.Cut(root.Args[a.Name], " ") // and its default
		require.Equal(t, typ, f.Definition.Arguments.ForName(a.Name).Type.String(), "%s: %s(%s)", where, f.Name, a.Name)
	}
	return 1 + len(f.Arguments)
}
