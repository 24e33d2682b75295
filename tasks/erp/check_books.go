package erp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// books holds what one shop's settings name against what Odoo has.
func (c *inspection) books(ctx context.Context, shop config.Shop, m *master) {
	layers, err := layersOf(shop, m)
	if err != nil {
		c.failed(err, "")
		return
	}
	s := layers[0]
	c.company(ctx, s)
	for _, layer := range layers {
		c.names(layer)
	}
	if !shop.Live() {
		c.f.OK("observes: orders are planned and shown, and nothing is written until mode is live")
	}
	used := c.taxes(s)
	if err := c.accounts(ctx, s, used); err != nil {
		c.failed(err, "")
	}
	for _, layer := range layers {
		if err := c.products(ctx, layer); err != nil {
			c.failed(err, "")
		}
	}
	if err := c.flows(ctx, shop, layers); err != nil {
		c.failed(err, "")
	}
}

// names holds what the settings of one layer name.
func (c *inspection) names(s settings) {
	for _, code := range slices.Sorted(maps.Keys(s.Books.Pricelists)) {
		c.gap(second(s.gridOf(code)))
		c.gap(second(s.pricelist(code)))
	}
	for _, name := range slices.Sorted(maps.Values(s.Books.Warehouses)) {
		c.gap(second(s.named("warehouse", name)))
	}
	for _, name := range slices.Sorted(maps.Values(s.Books.Carriers)) {
		c.gap(second(s.named("carrier", name)))
	}
	for _, place := range slices.Sorted(maps.Keys(s.Books.Returns.Locations)) {
		c.gap(second(s.returnsTo(place)))
	}
	for _, g := range s.misfits() {
		c.gap(&g)
	}
	c.gap(s.speaks(s.Books.Language))
	warehouse, g := s.warehouse(&commerce.Order{})
	c.gap(g)
	c.gap(second(s.location(warehouse)))
	for _, n := range [][2]string{{"team", s.Books.Team}, {"terms", s.Books.PaymentTerm}, {"salesperson", s.Books.Salesperson},
		{"carrier", s.Books.Carrier}, {"fiscal_position", s.Books.FiscalPosition}} {
		c.gap(second(s.named(n[0], n[1])))
	}
}

func second[T any](_ T, g *gap) *gap { return g }

// gap notes what would park an order.
func (c *inspection) gap(g *gap) {
	if g != nil && !c.said(g.detail) {
		c.f.Problem(g.remedy, "%s", g.detail)
	}
}

func (c *inspection) company(ctx context.Context, s settings) {
	const field = "tax_calculation_rounding_method"
	var rows []odooclient.Row
	err := c.odoo.Call(ctx, odooclient.Request{Model: "res.company", Method: "read", IDs: []int64{s.Company.ID},
		Args: map[string]any{"fields": []string{field}}}, &rows)
	if err != nil || len(rows) == 0 {
		c.f.OK("booked in company %q (%s)", s.Company.Name, s.Company.Currency)
		return
	}
	if rows[0].Str(field) != "round_globally" {
		c.f.OK("booked in company %q (%s), which rounds taxes per line", s.Company.Name, s.Company.Currency)
		return
	}
	c.f.OK("booked in company %q (%s), which rounds taxes globally", s.Company.Name, s.Company.Currency)
	c.f.List[len(c.f.List)-1].Remedy = "a shop that rounds per line, as Shopify does, is met most exactly with Odoo's rounding method \"Round per Line\""
}

// taxes judges the rules, and the rates that no rule names. It returns the taxes
// that orders will be booked with.
func (c *inspection) taxes(s settings) []tax {
	var used []tax
	for _, r := range s.Books.Taxes {
		t, key := c.rule(s, r)
		if t == nil {
			continue
		}
		used = append(used, *t)
		switch {
		case t.Kind == parity.Percent && !t.Rate.Equal(key.Rate):
			c.f.Warn("correct the rate or the tax of that rule under books.taxes",
				"the rule for %s %% leads to the tax %q, which is %s %%", key.Rate, t.Name, t.Rate)
		case r.Included != nil && *r.Included && !t.Included:
			c.f.Warn(twin(t.Name), "the rule for %s %% in the price leads to the tax %q, which Odoo puts on top: some orders only fit with cents moved between lines", key.Rate, t.Name)
		}
	}
	own := slices.DeleteFunc(slices.Clone(s.Taxes), func(t tax) bool {
		return t.Company != s.Company.ID || t.Kind != parity.Percent || t.Rate.IsZero() || t.Country != s.Company.Country
	})
	if len(own) == 0 && len(used) == 0 {
		c.f.Warn("create the sales taxes of the rates that the shop charges, or install Odoo's chart of accounts of the country",
			"company %q has no sales taxes of its country: orders with tax are parked", s.Company.Name)
	}
	return append(used, c.rates(s, own)...)
}

// rule finds the tax that a rule leads to.
func (c *inspection) rule(s settings, r config.TaxRule) (*tax, taxKey) {
	k := taxKey{Rate: rateOf(r), Country: strings.ToUpper(r.Country), Included: r.Included == nil || *r.Included}
	if k.Country == "" {
		k.Country = s.Company.Country
	}
	t, g := s.taxNamed(k, r.Tax)
	c.gap(g)
	return t, k
}

// rates judges the company's own taxes by rate, as orders without a rule find
// them.
func (c *inspection) rates(s settings, own []tax) []tax {
	var used []tax
	var onTop, ambiguous []string
	var example string
	seen := map[string]bool{}
	for _, t := range own {
		if seen[t.Rate.String()] || s.ruled(t) {
			continue
		}
		seen[t.Rate.String()] = true
		same := s.taxesOf(t.Rate, s.Company.Country)
		included := ofMode(same, true)
		if len(included) == 0 {
			onTop = append(onTop, t.Rate.String()+" %")
		}
		for _, mode := range [][]tax{included, ofMode(same, false)} {
			switch {
			case len(mode) > 1:
				ambiguous = append(ambiguous, fmt.Sprintf("%s %% (%s)", t.Rate, quoted(namesOf(mode))))
				example = s.suggest(taxKey{Rate: t.Rate, Country: s.Company.Country, Included: mode[0].Included}, mode[0].Name)
			case len(mode) == 1:
				used = append(used, mode[0])
			}
		}
	}
	if len(ambiguous) > 0 {
		c.f.Warn("name the one that is meant under books.taxes of shop "+s.Shop+", for example "+example,
			"Odoo has several sales taxes of one rate: %s; orders with it are parked", strings.Join(ambiguous, ", "))
	}
	if len(onTop) > 0 {
		c.f.OK("taxes that Odoo has only on top of the price: %s", strings.Join(onTop, ", "))
		c.f.List[len(c.f.List)-1].Remedy = "if the shop's prices hold the tax: " + twin("each of them")
	}
	return used
}

// ruled reports whether a rule speaks of the tax's rate.
func (s settings) ruled(t tax) bool {
	return slices.ContainsFunc(s.Books.Taxes, func(r config.TaxRule) bool { return rateOf(r).Equal(t.Rate) })
}

// rateOf is the rate of a rule, whose form was checked when it was read.
func rateOf(r config.TaxRule) decimal.Decimal {
	d, err := decimal.NewFromString(r.Rate)
	if err != nil {
		return decimal.NewFromInt(-1) // no tax has it
	}
	return d
}

func twin(of string) string {
	return "give " + of + " a twin that is included in the price, with the same accounts, tax grids and tax group"
}

func namesOf(list []tax) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.Name)
	}
	return out
}

func quoted(list []string) string {
	var out []string
	for _, name := range list {
		out = append(out, fmt.Sprintf("%q", name))
	}
	return strings.Join(out, ", ")
}

// accounts finds taxes of which an invoice would not know where to book them.
func (c *inspection) accounts(ctx context.Context, s settings, used []tax) error {
	const model = "account.tax.repartition.line"
	fields, err := c.odoo.Fields(ctx, model)
	if err != nil || fields.First("account_id") == "" || len(used) == 0 {
		return err
	}
	ids := make([]int64, 0, len(used))
	for _, t := range used {
		ids = append(ids, t.ID)
	}
	var rows []odooclient.Row
	err = c.odoo.Call(ctx, odooclient.Request{Model: model, Method: "search_read", Context: s.context(), Args: map[string]any{
		"domain": []any{[]any{"tax_id", "in", ids}, []any{"repartition_type", "=", "tax"}, []any{"account_id", "=", false}},
		"fields": []string{"tax_id"}}}, &rows)
	if err != nil {
		return err
	}
	var bare []tax
	for _, t := range used {
		lacks := slices.ContainsFunc(rows, func(r odooclient.Row) bool { id, _ := r.Ref("tax_id"); return id == t.ID })
		if lacks && !slices.ContainsFunc(bare, func(b tax) bool { return b.ID == t.ID }) {
			bare = append(bare, t)
		}
	}
	if len(bare) > 0 {
		c.f.Warn("enter the tax account on the tax lines of each (Invoicing, Configuration, Taxes, Definition)",
			"taxes without an account: %s; their amount lands on the income account, and an invoice may differ from its order by a cent", quoted(namesOf(bare)))
	}
	return nil
}

// CheckNeeds tells which of the things that a shop's own check named are not in
// Odoo, such as a pricelist of its currency. It reads master data at most once.
func (b *Books) CheckNeeds(ctx context.Context, shop config.Shop, needs []string) []commerce.Finding {
	f := &commerce.Findings{Part: "shop " + shop.ID}
	m, err := b.master.get(ctx)
	if err != nil {
		return nil // Check has said why
	}
	s, err := settingsFor(shop, config.Facts{}, m)
	if err != nil {
		return nil
	}
	c := &inspection{odoo: b.reads, f: f}
	for _, text := range needs {
		if n, ok := parseNeed(text); ok && n.ofMaster() {
			c.gap(s.lacks(n, nil))
		}
	}
	return f.List
}
