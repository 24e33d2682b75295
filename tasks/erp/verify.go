package erp

import (
	"fmt"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// agree compares what Odoo made of the order with what the shop says, to the last
// decimal. Totals that differ stop the order where it is.
func agree(o *commerce.Order, want totals, now *standing) error {
	if now.Currency == o.Currency && now.Total.Equal(want.Total) && now.Tax.Equal(want.Tax) {
		return nil
	}
	digits := commerce.Digits(o.Currency)
	stays := "it stays as it is"
	if now.open() {
		stays = "it stays a quotation"
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: o.Ref,
		Detail: fmt.Sprintf("the shop says %s with %s tax, Odoo makes %s %s with %s tax of %s",
			o.Total, want.Tax.StringFixed(digits), now.Total.StringFixed(digits), now.Currency, now.Tax.StringFixed(digits), now.Name),
		Remedy: fmt.Sprintf("compare the taxes and lines of %s with the shop; %s until both agree", now.Name, stays)}
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
