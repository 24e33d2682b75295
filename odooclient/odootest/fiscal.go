package odootest

import (
	"cmp"
	"slices"
	"strings"
)

func fiscalModels(add declare, ed *edition) {
	m := add("account.fiscal.position", "Fiscal Position",
		col("integer", "sequence", "Sequence"),
		col("char", "name", "Fiscal Position").must(),
		col("boolean", "active", "Active").def(true),
		rel("many2one", "company_id", "Company", "res.company").must().ro().defFn(func(e *env) any { return e.company() }),
		col("boolean", "auto_apply", "Detect Automatically").def(false),
		col("boolean", "vat_required", "VAT required").def(false),
		rel("many2one", "country_id", "Country", "res.country"),
		rel("many2many", "state_ids", "Federal States", "res.country.state"),
		col("char", "zip_from", "Zip Range From"), col("char", "zip_to", "Zip Range To"),
		col("char", "foreign_vat", "Foreign Tax ID"),
		col("html", "note", "Notes"),
	)
	m.order = "sequence"
	if ed.major >= 19 {
		m.add(rel("many2many", "tax_ids", "Taxes", "account.tax"), col("binary", "tax_map", "Tax Map").calc(taxMap))
		return
	}
	m.add(o2m("tax_ids", "Tax Mapping", "account.fiscal.position.tax", "position_id"))
	m = add("account.fiscal.position.tax", "Tax Mapping of Fiscal Position",
		rel("many2one", "position_id", "Fiscal Position", "account.fiscal.position").must().index().owned(),
		rel("many2one", "tax_src_id", "Tax on Product", "account.tax").must(),
		rel("many2one", "tax_dest_id", "Tax to Apply", "account.tax"))
	m.display = func(e *env, r *record) string { return e.nameOf("account.fiscal.position", r.num("position_id")) }
}

// taxMap is which of a position's taxes take the place of which other.
func taxMap(e *env, position *record) any {
	out := map[int64][]int64{}
	for _, id := range position.ids("tax_ids") {
		if t := e.browse("account.tax", id); t != nil {
			for _, from := range t.ids("original_tax_ids") {
				out[from] = append(out[from], id)
			}
		}
	}
	return out
}

// mapTaxes puts an order's fiscal position to a product's taxes. In 19 a
// position without taxes of its own takes them all away.
func (e *env) mapTaxes(order *record, taxes []int64) []int64 {
	position := e.related(order, "fiscal_position_id")
	if position == nil {
		return taxes
	}
	var out []int64
	put := func(ids ...int64) {
		for _, id := range ids {
			if id != 0 && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	if e.s.edition.major >= 19 {
		if len(position.ids("tax_ids")) == 0 {
			return nil
		}
		table, _ := taxMap(e, position).(map[int64][]int64)
		for _, id := range taxes {
			if to, ok := table[id]; ok {
				put(to...)
			} else {
				put(id)
			}
		}
		return out
	}
	for _, id := range taxes {
		mapped := false
		for _, line := range e.children(position, "tax_ids") {
			to := e.related(line, "tax_dest_id")
			if line.num("tax_src_id") == id && (to == nil || to.flag("active")) {
				put(line.num("tax_dest_id"))
				mapped = true
			}
		}
		if !mapped {
			put(id)
		}
	}
	return out
}

// europe are the countries whose buyers are told apart by their tax number.
const europe = " AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE "

// fiscalPosition is the one a person set on the addressee or the customer, else
// the one that detects itself from where the goods go.
func (e *env) fiscalPosition(order *record) any {
	partner, to := e.related(order, "partner_id"), e.related(order, "partner_shipping_id")
	if partner == nil {
		return nil
	}
	company := e.related(order, "company_id")
	home := ""
	if p := e.related(company, "partner_id"); p != nil {
		home = p.str("vat")
	}
	if vat := partner.str("vat"); to == nil || len(home) > 1 && len(vat) > 1 && home[:2] == vat[:2] && strings.Contains(europe, " "+vat[:2]+" ") {
		to = partner
	}
	for _, p := range []*record{to, partner} {
		if id := p.num("property_account_position_id"); id != 0 {
			return id
		}
	}
	if found := e.detected(company, to, partner); found != nil {
		return found.id
	}
	return nil
}

// detected finds the position for an address: 17 asks for one that fits the tax
// number exactly and takes the closest to the place; 19 takes the first that
// nothing speaks against.
func (e *env) detected(company, to, partner *record) *record {
	t := e.table("account.fiscal.position")
	var all []*record
	for _, id := range t.ids {
		if p := t.rows[id]; p.flag("auto_apply") && p.flag("active") && p.num("company_id") == company.id {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *record) int { return cmp.Compare(a.num("sequence"), b.num("sequence")) })
	if e.s.edition.major >= 19 {
		if partner.get("country_id") == nil {
			return nil
		}
		for _, p := range all {
			if (!p.flag("vat_required") || to.str("vat") != "") && fits(p, to) {
				return p
			}
		}
		return nil
	}
	if to.get("country_id") == nil {
		return nil
	}
	for _, vat := range []bool{to.str("vat") != "", false} {
		var best *record
		for _, p := range all {
			if p.flag("vat_required") == vat && fits(p, to) && (best == nil || closeness(p) > closeness(best)) {
				best = p
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// fits says whether a position's country, states and range of codes hold an
// address; what is not set holds every one.
func fits(p, to *record) bool {
	from, until, zip := p.str("zip_from"), p.str("zip_to"), to.str("zip")
	return (p.get("country_id") == nil || p.get("country_id") == to.get("country_id")) &&
		(len(p.ids("state_ids")) == 0 || slices.Contains(p.ids("state_ids"), to.num("state_id"))) &&
		(from == "" || until == "" || zip != "" && from <= zip && zip <= until)
}

// closeness ranks how much of an address a position asks for.
func closeness(p *record) int {
	n := 0
	if p.get("country_id") != nil {
		n += 4
	}
	if p.str("zip_from") != "" {
		n += 2
	}
	if len(p.ids("state_ids")) > 0 {
		n++
	}
	return n
}
