package shopify

import (
	"embed"
	"path"
	"regexp"
	"strings"
)

//go:embed queries/*.graphql
var queryFiles embed.FS

// query is one text of queries/, with the fragments that it uses, and what it
// asks of the bucket in points: objects 1, lists by their page size, a change 10. A
// test holds the figure against the text.
type query struct {
	name, text string
	cost       float64
}

// How many the first query asks for of the lists that have no cursor. A test
// holds these against its text.
const (
	firstTransactions = 10
	firstFulfillments = 4
	firstRefunds      = 3
)

// queries are those of one shop: its money decides which side is read, whether it
// reads products what is asked of lines, and whether it maps places what is asked of
// goods that come back.
type queries struct {
	order, lines, shipping, transactions, parts, fulfillment, refund, place, updated query

	placed, placedWhole, numbered query

	returns, oneReturn, reverse                  query
	orderOfReturn, orderOfReverse, orderOfParcel query

	store, probe, webhooks                      query // what check asks
	webhookCreate, webhookChange, webhookDelete query
}

func newQueries(money string, variants, located bool) queries {
	// lines and places are 1 where a point more is asked of each.
	sold, lines := "sold_by_sku", 0.0
	if variants {
		sold, lines = "sold_by_variant", 1
	}
	told, places := "places_none", 0.0
	if located {
		told, places = "places_told", 1
	}
	fragments := fragments(text("fragments.graphql") + text("money_"+money+".graphql") + text(sold+".graphql") + text(told+".graphql"))
	read := func(name string, cost float64) query {
		return query{name: name, cost: cost, text: assemble(text(name+".graphql"), fragments)}
	}
	return queries{
		order:        read("order", 636+20*lines+18*places),
		lines:        read("lines", 723+60*lines),
		shipping:     read("shipping", 283),
		transactions: read("transactions", 751),
		parts:        read("parts", 501),
		fulfillment:  read("fulfillment", 413),
		refund:       read("refund", 689+80*places),
		place:        read("place", 10),
		updated:      read("updated", 252),

		placed:      read("placed", 252),
		placedWhole: read("placed_whole", 947+35*lines),
		numbered:    read("numbered", 12),

		returns:        read("returns", 423+60*places),
		oneReturn:      read("return", 674+50*places),
		reverse:        read("reverse", 603+150*places),
		orderOfReturn:  read("order_of_return", 2),
		orderOfReverse: read("order_of_reverse", 2),
		orderOfParcel:  read("order_of_parcel", 3),

		store:    read("store", 3),
		probe:    read("probe", 6),
		webhooks: read("webhooks", 52),

		webhookCreate: read("webhook_create", 10),
		webhookChange: read("webhook_change", 10),
		webhookDelete: read("webhook_delete", 10),
	}
}

// all is every query, for what holds of each of them.
func (q queries) all() []query {
	return []query{q.order, q.lines, q.shipping, q.transactions, q.parts, q.fulfillment, q.refund, q.place, q.updated, q.placed, q.placedWhole, q.numbered,
		q.returns, q.oneReturn, q.reverse, q.orderOfReturn, q.orderOfReverse, q.orderOfParcel, q.store, q.probe, q.webhooks,
		q.webhookCreate, q.webhookChange, q.webhookDelete}
}

func text(name string) string {
	raw, err := queryFiles.ReadFile(path.Join("queries", name))
	if err != nil { // embedded: cannot be missing
		panic(err)
	}
	return string(raw)
}

// fragments splits a text into its fragments by name.
func fragments(text string) map[string]string {
	out := map[string]string{}
	for _, part := range strings.Split(text, "fragment ")[1:] {
		name, _, _ := strings.Cut(part, " ")
		out[name] = "fragment " + strings.TrimSpace(part) + "\n"
	}
	return out
}

// assemble puts to a query the fragments it needs and no others: an unused one
// is an error in GraphQL.
func assemble(text string, fragments map[string]string) string {
	spread := regexp.MustCompile(`\.\.\.([A-Z]\w*)`)
	var out strings.Builder
	done := map[string]bool{}
	for todo := []string{text}; len(todo) > 0; todo = todo[1:] {
		out.WriteString(todo[0])
		for _, m := range spread.FindAllStringSubmatch(todo[0], -1) {
			if name := m[1]; !done[name] {
				done[name] = true
				todo = append(todo, fragments[name])
			}
		}
	}
	return out.String()
}
