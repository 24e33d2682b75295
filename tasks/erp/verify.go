package erp

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// agree compares what Odoo made of the order with what the shop says, to the last
// decimal: the total, the tax, and the tax of each group of taxes. Amounts that
// differ stop the order where it is.
func (w *writer) agree(now *standing) error {
	o, want := w.order, w.plan.Want
	apart := w.groupsApart(now)
	if now.Currency == o.Currency && now.Total.Equal(want.InOdoo) && now.Tax.Equal(want.OrderTax) && len(apart) == 0 {
		return nil
	}
	digits := commerce.Digits(o.Currency)
	stays := "it stays as it is"
	if now.open() {
		stays = "it stays a quotation"
	}
	detail := fmt.Sprintf("the shop says %s with %s tax, Odoo makes %s %s with %s tax of %s",
		o.Total, want.Tax.StringFixed(digits), now.Total.StringFixed(digits), now.Currency, now.Tax.StringFixed(digits), now.Name)
	return &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: o.Ref,
		Detail: strings.Join(append([]string{detail}, apart...), "; "),
		Remedy: fmt.Sprintf("compare the taxes and lines of %s with the shop; %s until both agree", now.Name, stays)}
}

// groupsApart says of which groups of taxes Odoo makes another amount.
func (w *writer) groupsApart(now *standing) []string {
	want := w.plan.Want.Groups
	if now.Groups == nil || want == nil {
		return nil
	}
	ids := map[int64]bool{}
	for _, groups := range []map[int64]decimal.Decimal{want, now.Groups} {
		for id := range groups {
			ids[id] = true
		}
	}
	digits := commerce.Digits(w.order.Currency)
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if want[id].Equal(now.Groups[id]) {
			continue
		}
		var names []string
		for _, t := range w.Taxes {
			if t.Group == id {
				names = append(names, t.Name)
			}
		}
		out = append(out, fmt.Sprintf("of the taxes %s the shop says %s and Odoo %s", quoted(names), want[id].StringFixed(digits), now.Groups[id].StringFixed(digits)))
	}
	return out
}

// groupsOf reads the summary of an order's taxes, which 17 and 19 write
// differently; nil when it is not there.
func (g grid) groupsOf(summary any) map[int64]decimal.Decimal {
	raw, err := json.Marshal(summary)
	if err != nil || summary == nil || summary == false {
		return nil
	}
	var s struct {
		Old map[string][]struct {
			ID     int64           `json:"tax_group_id"`
			Amount decimal.Decimal `json:"tax_group_amount"`
		} `json:"groups_by_subtotal"`
		New []struct {
			Groups []struct {
				ID     int64           `json:"id"`
				Amount decimal.Decimal `json:"tax_amount_currency"`
			} `json:"tax_groups"`
		} `json:"subtotals"`
	}
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	groups := map[int64]decimal.Decimal{}
	for _, list := range s.Old {
		for _, one := range list {
			groups[one.ID] = groups[one.ID].Add(g.round(one.Amount))
		}
	}
	for _, sub := range s.New {
		for _, one := range sub.Groups {
			groups[one.ID] = groups[one.ID].Add(g.round(one.Amount))
		}
	}
	return groups
}

// standsConfirmed sees that the order is what it was to become.
func standsConfirmed(o *commerce.Order, p plan, now *standing) error {
	if !p.Confirm || now.confirmed() {
		return nil
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: o.Ref,
		Detail: fmt.Sprintf("%s was confirmed and is %q in Odoo", now.Name, now.State),
		Remedy: fmt.Sprintf("confirm %s in Odoo by hand and see what holds it back", now.Name)}
}

func standsCancelled(o *commerce.Order, now *standing) error {
	if now.State == "cancel" {
		return nil
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: o.Ref,
		Detail: fmt.Sprintf("%s was cancelled and is %q in Odoo", now.Name, now.State),
		Remedy: fmt.Sprintf("cancel %s in Odoo by hand", now.Name)}
}
