package erp

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// need is something whose appearance lets a parked order run again.
type need struct {
	Kind, Shop, Key string
	Tax             taxKey       // of kind tax
	Of              key          // of kind partner: what the contacts have in common
	Twins           []int64      // and their ids
	Order           int64        // of kinds confirmed, invoiceable and delivered: the order in Odoo
	Facts           config.Facts // of kind rule
}

// parseNeed reads what gaps write: kind/shop/key, where the key of a tax is
// rate/country/incl or excl, and that of a partner what several contacts have in
// common and their ids.
func parseNeed(s string) (need, bool) {
	parts := strings.SplitN(s, "/", 3)
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return need{}, false
	}
	n := need{Kind: parts[0], Shop: parts[1], Key: parts[2]}
	switch n.Kind {
	case "sku", "barcode", "product", "field", "pricelist", "currency", "setting", "taxname", "rounding", "language", "fill":
		return n, true
	case "confirmed", "invoiceable", "delivered":
		id, err := strconv.ParseInt(n.Key, 10, 64)
		n.Order = id
		return n, err == nil && id > 0
	case "rule":
		var ok bool
		n.Facts, ok = readFacts(n.Key)
		return n, ok
	case "partner":
		kind, ids, _ := strings.Cut(n.Key, "/")
		n.Of = key{Kind: kind}
		for id := range strings.SplitSeq(ids, "+") {
			v, err := strconv.ParseInt(id, 10, 64)
			if err != nil || v <= 0 {
				return need{}, false
			}
			n.Twins = append(n.Twins, v)
		}
		return n, n.Of.shared() != ""
	case "tax":
		key := strings.Split(n.Key, "/")
		if len(key) != 3 || key[2] != "incl" && key[2] != "excl" {
			return need{}, false
		}
		rate, err := decimal.NewFromString(key[0])
		if err != nil {
			return need{}, false
		}
		n.Tax = taxKey{Rate: rate, Country: key[1], Included: key[2] == "incl"}
		return n, true
	}
	return n, slices.Contains(registers(), n.Kind)
}

// ofMaster reports whether master data tells that the need is met.
func (n need) ofMaster() bool {
	switch n.Kind {
	case "tax", "taxname", "pricelist", "currency", "field", "language", "fill":
		return true
	}
	return slices.Contains(registers(), n.Kind)
}

// Met returns which of the shop's needs are there now, in their order: one search
// for all products in each way that they are found by, one for all contacts, and
// the master data read anew for the rest. A need that it cannot read is not met.
func (b *Books) Met(ctx context.Context, shop config.Shop, needs []string) ([]string, error) {
	parsed := make(map[string]need, len(needs))
	fromMaster := false
	var twins, orders []int64
	for _, text := range needs {
		n, ok := parseNeed(text)
		if !ok || n.Shop != shop.ID {
			continue
		}
		parsed[text] = n
		fromMaster = fromMaster || n.ofMaster()
		twins = append(twins, n.Twins...)
		if n.Order != 0 {
			orders = append(orders, n.Order)
		}
	}
	if len(parsed) == 0 {
		return nil, nil
	}
	if fromMaster && !b.master.young() {
		b.master.forget()
	}
	m, err := b.master.get(ctx)
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	layers, err := layersOf(shop, m)
	if err != nil {
		return nil, nil //nolint:nilerr // without its company nothing of the shop can run
	}
	products := shelf{}
	for _, s := range layers {
		var all []search
		for _, n := range parsed {
			if of, ok := s.searchOf(n); ok {
				all = append(all, of)
			}
		}
		r := b.reader(s)
		r.alone = true // one call, whatever else goes on
		if products, err = r.look(ctx, all, products); err != nil {
			return nil, classify(commerce.Ref{}, err)
		}
	}
	people, err := b.reader(layers[0]).byID(ctx, twins)
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	states, err := b.reader(layers[0]).states(ctx, orders, m.Names.OrderDelivery)
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	return slices.DeleteFunc(slices.Clone(needs), func(text string) bool {
		n, ok := parsed[text]
		switch n.Kind {
		case "partner":
			return !n.settled(people)
		case "confirmed":
			return states[n.Order] == nil || !states[n.Order].confirmed()
		case "invoiceable":
			return states[n.Order] == nil || states[n.Order].Invoicing != "to invoice"
		case "delivered":
			return states[n.Order] == nil || !states[n.Order].Left
		case "fill":
			return slices.ContainsFunc(layers, func(s settings) bool { return s.lacks(n, nil) != nil })
		case "rule":
			_, _, chosen := shop.WorkflowFor(n.Facts)
			return !chosen
		}
		return !ok || !slices.ContainsFunc(layers, func(s settings) bool { return s.met(n, products) })
	}), nil
}

// states reads how orders stand, in one call; those that are gone are not in it.
func (r reader) states(ctx context.Context, ids []int64, delivery string) (map[int64]*standing, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	fields := []string{"state", "invoice_status"}
	if delivery != "" {
		fields = append(fields, delivery)
	}
	var rows []odooclient.Row
	err := r.odoo.Call(ctx, odooclient.Request{Model: "sale.order", Method: "search_read", Context: r.context(),
		Args: map[string]any{"domain": []any{[]any{"id", "in", ids}}, "fields": fields}}, &rows)
	found := map[int64]*standing{}
	for _, row := range rows {
		found[row.ID()] = &standing{ID: row.ID(), State: row.Str("state"), Invoicing: row.Str("invoice_status"), Left: row.Str(delivery) == "full"}
	}
	return found, err
}

// met reports whether what was missing is there.
func (s settings) met(n need, products shelf) bool {
	if n.Kind == "setting" {
		if n.Key == "import.fulfilled" {
			return s.Import.Fulfilled == "import"
		}
		return slices.ContainsFunc(s.Books.Settings(s.From), func(b config.Setting) bool { return config.SameWord(b.Key, n.Key) && b.Value != "" })
	}
	if n.Kind == "rounding" {
		units, err := strconv.Atoi(n.Key)
		return err == nil && s.most() >= units
	}
	return s.lacks(n, products) == nil
}

// searchOf is how a product is looked for that a need speaks of: one of the shop's
// by what it is known by, one of the settings by its internal reference.
func (s settings) searchOf(n need) (search, bool) {
	switch n.Kind {
	case "sku":
		return s.searchGoods(commerce.Line{Kind: commerce.LineProduct, SKU: n.Key, VariantID: n.Key}), true
	case "barcode":
		return s.searchGoods(commerce.Line{Kind: commerce.LineProduct, Barcode: n.Key}), true
	case "product":
		return s.searchNamed("", n.Key), true
	}
	return search{}, false
}

// lacks is what still misses of a need in Odoo, nil when it is met.
func (s settings) lacks(n need, products shelf) (g *gap) {
	if of, ok := s.searchOf(n); ok {
		_, g = s.choose(of, products)
		return g
	}
	switch n.Kind {
	case "field":
		if slices.Contains(s.matched(), n.Key) {
			return s.textField(n.Key)
		}
	case "fill":
		for _, one := range s.misfits() {
			if one.need == strings.Join([]string{n.Kind, n.Shop, n.Key}, "/") {
				g = &one
			}
		}
	case "tax":
		if !slices.ContainsFunc(s.Books.Taxes, n.Tax.may) { // which of them holds, only the order tells
			_, g = s.taxFor(n.Tax)
		}
	case "pricelist":
		_, g = s.pricelist(n.Key)
	case "currency":
		_, g = s.gridOf(n.Key)
	case "language":
		g = s.speaks(n.Key)
	case "taxname":
		_, g = s.taxNamed(taxKey{}, n.Key)
	default:
		_, g = s.named(n.Kind, n.Key)
	}
	return g
}
