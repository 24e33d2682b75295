package erp

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
	switch {
	case o.Cancelled() && s.Import.Cancelled != "quotation":
		return "cancelled before import (import.cancelled is skip)"
	case s.shipped(o):
		return shippedBefore
	}
	return ""
}

const shippedBefore = "shipped before import (import.fulfilled is skip)"

// shipped reports whether goods left for an order that is to stay out then.
func (s settings) shipped(o *commerce.Order) bool {
	goods := slices.ContainsFunc(o.Lines, func(l commerce.Line) bool { return l.NeedsShipping && booked(l) })
	return o.Fulfilment == "fulfilled" && goods && s.Import.Fulfilled != "import" && !o.Cancelled()
}

// sold reports whether an order, cancelled or not, comes in with goods that had left:
// what left of it was sold.
func (s settings) sold(b booking) bool { return b.Left && s.Import.Fulfilled == "import" }

// atOnce is how soon after an order goods leave that were handed over with it, at
// a till for example.
const atOnce = 10 * time.Minute

// missed reports whether an order that was shipped ought to have been in Odoo by
// then: it waited here, or it was made after go-live and shipped only later.
func (s settings) missed(o *commerce.Order, last Applied) bool {
	if s.GoLive.IsZero() {
		return false
	}
	handed := strings.EqualFold(o.Channel, "pos") || slices.ContainsFunc(o.Shipments, func(f commerce.Shipment) bool {
		return f.At.Before(o.CreatedAt.Add(atOnce))
	})
	return last.Waited || !handed
}

// shippedUnbooked asks a person about an order that was missed.
func (s settings) shippedUnbooked(o *commerce.Order) error {
	return missing(o.Ref, gap{
		detail: "the shop shipped the order before it came into Odoo",
		remedy: fmt.Sprintf("set import.fulfilled of shop %s to import, and it comes in by itself; its delivery in Odoo must then be closed by hand, for the goods are gone", s.Shop),
		need:   strings.Join([]string{"setting", s.Shop, "import.fulfilled"}, "/")})
}
