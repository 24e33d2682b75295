package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// prepareItem fills a line from its product.
func prepareItem(e *env, r *record, given map[string]bool) error {
	move := e.related(r, "move_id")
	if move == nil {
		return nil
	}
	r.put("company_id", move.get("company_id"))
	if r.get("currency_id") == nil {
		r.put("currency_id", move.get("currency_id"))
	}
	if r.get("partner_id") == nil && isInvoice(move) {
		r.put("partner_id", e.entityOf(move))
	}
	kind := r.str("display_type")
	if kind == "line_section" || kind == "line_note" {
		r.put("quantity", decimal.Zero)
	}
	if kind != "product" || !isInvoice(move) {
		return nil
	}
	if p := e.related(r, "product_id"); p != nil {
		for name, v := range map[string]any{"name": e.displayName(p), "price_unit": p.get("list_price"), "tax_ids": p.get("taxes_id"), "product_uom_id": p.get("uom_id")} {
			if !given[name] {
				r.put(name, v)
			}
		}
	}
	if !given["account_id"] {
		r.put("account_id", e.related(move, "journal_id").get("default_account_id"))
	}
	return accountable(r)
}

// accountable refuses a line without an account: a cell that is there and empty is
// not filled.
func accountable(r *record) error {
	if kind := r.str("display_type"); r.get("account_id") == nil && kind != "line_section" && kind != "line_note" {
		return checkFailed(r.m, "check_accountable_required_fields", "Missing required account on accountable line.")
	}
	return nil
}

func beforeItem(e *env, rs []*record, vals map[string]any) error {
	for _, r := range rs {
		if move := e.related(r, "move_id"); r.m.edition.major < 19 && len(e.partialsOf(move)) > 0 && e.revalued(r, vals) {
			return matchedEntry(move)
		}
		if move := e.related(r, "move_id"); move != nil && move.str("state") == "posted" && r.m.edition.major >= 19 {
			for name := range vals {
				if slices.Contains([]string{"quantity", "price_unit", "discount", "tax_ids", "product_id"}, name) {
					return userError("You cannot modify the following readonly fields on a posted move: line_ids")
				}
			}
		}
	}
	return nil
}

// revalued says whether a write changes what a line is worth.
func (e *env) revalued(r *record, vals map[string]any) bool {
	for _, name := range []string{"quantity", "price_unit", "discount"} {
		if v, ok := toDecimal(vals[name]); ok && vals[name] != nil && !e.round(r.m.fields[name], v).Equal(r.dec(name)) {
			return true
		}
	}
	return false
}

func afterItem(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		if given["account_id"] && !created {
			if err := accountable(r); err != nil {
				return err
			}
		}
		if move := e.related(r, "move_id"); move != nil && isInvoice(move) && !e.booking {
			e.touch(move)
			e.rebooks(move)
			e.linkSales(r)
		}
	}
	return nil
}

// linkSales notes on the lines of an order that an invoice's line stands for them.
func (e *env) linkSales(r *record) {
	for _, id := range r.ids("sale_line_ids") {
		if line := e.browse("sale.order.line", id); line != nil {
			if have := line.ids("invoice_lines"); !slices.Contains(have, r.id) {
				e.set(line, "invoice_lines", append(slices.Clone(have), r.id))
			}
			e.invoiced(line)
		}
	}
}

func refuseItem(e *env, rs []*record) error {
	for _, r := range rs {
		if move := e.related(r, "move_id"); move != nil && move.str("state") == "posted" {
			return userError("%s", playGames)
		}
	}
	return nil
}

func deletedItem(e *env, rs []*record) {
	for _, r := range rs {
		for _, id := range r.ids("sale_line_ids") {
			if line := e.browse("sale.order.line", id); line != nil {
				e.set(line, "invoice_lines", slices.DeleteFunc(slices.Clone(line.ids("invoice_lines")), func(id int64) bool { return id == r.id }))
				e.invoiced(line)
			}
		}
		if move := e.related(r, "move_id"); move != nil && !move.gone && isInvoice(move) && !e.booking {
			e.touch(move)
			e.rebooks(move)
		}
	}
}

// invoiced sums up again how much of an order's line stands on invoices; drafts
// count, cancelled ones do not, credit notes take away.
func (e *env) invoiced(line *record) {
	sum := decimal.Zero
	for _, id := range line.ids("invoice_lines") {
		item := e.browse("account.move.line", id)
		if item == nil {
			continue
		}
		if move := e.related(item, "move_id"); move != nil && move.str("state") != "cancel" {
			sum = sum.Add(item.dec("quantity").Mul(move.facing()))
		}
	}
	if !line.dec("qty_invoiced").Equal(sum) {
		e.set(line, "qty_invoiced", sum)
		e.touch(line)
	}
}

// resold tells all order lines behind an invoice that its state changed.
func (e *env) resold(move *record) {
	for _, item := range e.children(move, "invoice_line_ids") {
		e.linkSales(item)
	}
}
