package odootest

import (
	"cmp"
	"slices"
)

func prepareReversal(e *env, r *record, given map[string]bool) error {
	if !given["move_ids"] && e.context["active_model"] == "account.move" {
		r.put("move_ids", contextIDs(e.context, "active_ids", "active_id"))
	}
	for _, id := range r.ids("move_ids") {
		move := e.browse("account.move", id)
		switch {
		case move == nil:
			return missingError(e.s.models["account.move"], id, e.uid)
		case move.str("state") != "posted" && r.m.edition.major >= 19:
			return userError("To reverse a journal entry, it has to be posted first.")
		case move.str("state") != "posted":
			return userError("You can only reverse posted moves.")
		case r.get("journal_id") == nil:
			r.put("journal_id", move.get("journal_id"))
		}
	}
	return nil
}

// reverseMoves drafts a credit note for each invoice, a full copy of its lines.
func reverseMoves(e *env, c *call) (any, error) {
	var made []*record
	for _, w := range c.rs {
		for _, id := range w.ids("move_ids") {
			made = append(made, e.reverse(w, e.browse("account.move", id)))
		}
		e.set(w, "new_move_ids", idsOf(made))
	}
	e.flush()
	out := map[string]any{"name": "Reverse Moves", "type": "ir.actions.act_window", "res_model": "account.move"}
	if len(made) == 1 {
		out["view_mode"], out["res_id"], out["context"] = "form", made[0].id, map[string]any{"default_move_type": made[0].str("move_type")}
		return out, nil
	}
	out["view_mode"], out["domain"] = "tree,form", []any{[]any{"id", "in", idsOf(made)}}
	if c.m.edition.major >= 19 {
		out["view_mode"] = "list,form"
	}
	return out, nil
}

func (e *env) reverse(w, move *record) *record {
	ref := "Reversal of: " + move.str("name")
	if reason := w.str("reason"); reason != "" {
		ref += ", " + reason
	}
	vals := map[string]any{
		"move_type": "out_refund", "reversed_entry_id": move.id, "ref": ref, "journal_id": w.get("journal_id"), "date": w.get("date"), "invoice_date": w.get("date"),
		"invoice_date_due": w.get("date"), "invoice_origin": move.get("invoice_origin"),
	}
	for _, f := range []string{"partner_id", "partner_shipping_id", "currency_id", "invoice_user_id", "team_id", "fiscal_position_id", "narration"} {
		vals[f] = move.get(f)
	}
	out := e.make("account.move", vals)
	items := e.children(move, "invoice_line_ids")
	slices.SortFunc(items, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.num("sequence"), b.num("sequence")), cmp.Compare(a.id, b.id))
	})
	for _, l := range items {
		copied := map[string]any{"move_id": out.id, "tax_ids": plain(l.ids("tax_ids")), "sale_line_ids": plain(l.ids("sale_line_ids"))}
		for _, f := range []string{"display_type", "sequence", "name", "product_id", "product_uom_id", "quantity", "price_unit", "discount", "account_id"} {
			copied[f] = l.get(f)
		}
		e.make("account.move.line", copied)
	}
	return out
}
