package erp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// keptOut says why an order that Odoo does not have stays out, naming the setting
// that says so; "" lets it in. Nothing of it is remembered: the order is judged
// again when it changes.
func (s settings) keptOut(o *commerce.Order) string {
	for _, rule := range []func(*commerce.Order) string{s.tooOld, s.unwantedKind, s.unwantedPayment, s.unwantedPlace, s.tooLate} {
		if why := rule(o); why != "" {
			return why
		}
	}
	return ""
}

func (s settings) tooOld(o *commerce.Order) string {
	if s.GoLive.IsZero() || !o.CreatedAt.Before(s.GoLive.Time) {
		return ""
	}
	return fmt.Sprintf("created before go_live (%s)", s.GoLive)
}

func (s settings) unwantedKind(o *commerce.Order) string {
	switch {
	case o.Test && s.Import.Test != "import":
		return "test order (import.test is skip)"
	case o.Draft && s.Import.Drafts == "skip":
		return "written by staff in the shop (import.drafts is skip)"
	}
	return ""
}

// unwantedPayment judges by what the shop says of the money.
func (s settings) unwantedPayment(o *commerce.Order) string {
	named := slices.ContainsFunc(s.Import.Financial, func(w string) bool { return strings.EqualFold(w, o.Financial) })
	switch {
	case len(s.Import.Financial) > 0 && !named && !o.Cancelled():
		return fmt.Sprintf("payment state %q (import.financial does not list it)", o.Financial)
	case len(s.Import.Financial) == 0 && !o.Cancelled() && slices.Contains([]string{"voided", "expired", "refunded"}, o.Financial):
		return fmt.Sprintf("payment state %q (import.financial leaves it out unless it lists it)", o.Financial)
	case s.Import.Unpaid == "skip" && !o.Paid && !o.Cancelled():
		return "not paid yet (import.unpaid is skip)"
	case slices.Contains(s.Import.Require, "payment") && len(o.Gateways) == 0:
		return "without a payment method (import.require lists payment)"
	}
	if list := s.Import.Gateways.Refuses(o.Gateways...); list != "" {
		return fmt.Sprintf("payment method %q (import.gateways.%s)", strings.Join(o.Gateways, ", "), list)
	}
	return ""
}

func (s settings) unwantedPlace(o *commerce.Order) string {
	if list := s.Import.Channels.Refuses(o.Channel); list != "" {
		return fmt.Sprintf("sold over %q (import.channels.%s)", o.Channel, list)
	}
	shipped := slices.ContainsFunc(o.Lines, func(l commerce.Line) bool { return l.Kind == commerce.LineShipping })
	if slices.Contains(s.Import.Require, "shipping") && !shipped {
		return "without a shipping method (import.require lists shipping)"
	}
	return ""
}

// tooLate is about orders whose life was over before they came.
func (s settings) tooLate(o *commerce.Order) string {
	goods := slices.ContainsFunc(o.Lines, func(l commerce.Line) bool { return l.NeedsShipping && booked(l) })
	switch {
	case o.Cancelled() && s.Import.Cancelled != "quotation":
		return "cancelled before import (import.cancelled is skip)"
	case o.Fulfilment == "fulfilled" && goods && s.Import.Fulfilled != "import":
		return "shipped before import (import.fulfilled is skip)"
	}
	return ""
}
