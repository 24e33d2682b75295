package erp

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func date(text string) (m config.Moment) {
	if err := m.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return m
}

func TestWhichOrdersComeInAndWhatKeepsTheOthersOut(t *testing.T) {
	type by = config.Import
	web, pos := []string{"web"}, []string{"POS"}
	for _, c := range []struct {
		name   string
		set    by
		goLive string
		order  func(o *commerce.Order)
		want   string // "": it comes in
	}{
		{name: "nothing set"},
		{name: "before go-live", goLive: "2026-11-21", want: "created before go_live (2026-11-21)"},
		{name: "a minute before", goLive: "2026-11-20T12:01:00+02:00", want: "created before go_live (2026-11-20T10:01:00Z)"},
		{name: "at go-live", goLive: "2026-11-20T12:00:00+02:00"},
		{name: "test", order: func(o *commerce.Order) { o.Test = true }, want: "test order (import.test is skip)"},
		{name: "test wanted", set: by{Test: "import"}, order: func(o *commerce.Order) { o.Test = true }},
		{name: "draft", order: func(o *commerce.Order) { o.Draft = true }},
		{name: "draft refused", set: by{Drafts: "skip"}, order: func(o *commerce.Order) { o.Draft = true },
			want: "written by staff in the shop (import.drafts is skip)"},
		{name: "voided", order: func(o *commerce.Order) { o.Financial = "voided" },
			want: `payment state "voided" (import.financial leaves it out unless it lists it)`},
		{name: "voided and wanted", set: by{Financial: []string{"Voided"}}, order: func(o *commerce.Order) { o.Financial = "voided" }},
		{name: "pending and only paid ones", set: by{Financial: []string{"paid"}}, order: func(o *commerce.Order) { o.Financial = "pending" },
			want: `payment state "pending" (import.financial does not list it)`},
		{name: "unpaid", order: func(o *commerce.Order) { o.Paid, o.Financial = false, "pending" }},
		{name: "unpaid refused", set: by{Unpaid: "skip"}, order: func(o *commerce.Order) { o.Paid, o.Financial = false, "pending" },
			want: "not paid yet (import.unpaid is skip)"},
		{name: "paid now", set: by{Unpaid: "skip"}},
		{name: "channel", set: by{Channels: config.Choice{Only: web}}},
		{name: "another channel", set: by{Channels: config.Choice{Only: pos}}, want: `sold over "web" (import.channels.only)`},
		{name: "till refused", set: by{Channels: config.Choice{Except: pos}}, order: func(o *commerce.Order) { o.Channel = "pos" },
			want: `sold over "pos" (import.channels.except)`},
		{name: "gateway refused", set: by{Gateways: config.Choice{Except: []string{"card"}}}, want: `payment method "card" (import.gateways.except)`},
		{name: "no gateway of the list", set: by{Gateways: config.Choice{Only: []string{"invoice"}}}, want: `payment method "card" (import.gateways.only)`},
		{name: "payment required", set: by{Require: []string{"payment"}}, order: func(o *commerce.Order) { o.Gateways = nil },
			want: "without a payment method (import.require lists payment)"},
		{name: "shipping required", set: by{Require: []string{"payment", "shipping"}}, order: func(o *commerce.Order) { o.Lines = o.Lines[:1] },
			want: "without a shipping method (import.require lists shipping)"},
		{name: "both there", set: by{Require: []string{"payment", "shipping"}}},
		{name: "cancelled", order: func(o *commerce.Order) { o.CancelledAt = o.CreatedAt }, want: "cancelled before import (import.cancelled is skip)"},
		{name: "cancelled wanted", set: by{Cancelled: "quotation"}, order: func(o *commerce.Order) { o.CancelledAt, o.Financial = o.CreatedAt, "voided" }},
		{name: "shipped", order: func(o *commerce.Order) { o.Fulfilment = "fulfilled" }, want: "shipped before import (import.fulfilled is skip)"},
		{name: "shipped wanted", set: by{Fulfilled: "import"}, order: func(o *commerce.Order) { o.Fulfilment = "fulfilled" }},
		{name: "partly shipped", order: func(o *commerce.Order) { o.Fulfilment = "partial" }},
		{name: "a download that is delivered at once", order: func(o *commerce.Order) {
			o.Fulfilment, o.Lines[0].NeedsShipping, o.Lines[1].NeedsShipping = "fulfilled", false, false
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, s := order(), books()
			o.Channel, o.Financial, o.Paid, o.Gateways = "web", "paid", true, []string{"card"}
			if c.order != nil {
				c.order(o)
			}
			s.Import = c.set
			if c.goLive != "" {
				s.GoLive = date(c.goLive)
			}
			require.Equal(t, c.want, s.keptOut(o))
			p, err := planOrder(o, have{Products: stock()}, s, Applied{})
			require.NoError(t, err)
			require.Equal(t, c.want, p.Reason)
			require.Equal(t, c.want != "", p.Action == skipped)
			if !o.Cancelled() && c.want != "" {
				p, err = planOrder(o, have{Order: standingFrom(o, s, "sale")}, s, Applied{Digest: o.Digest()})
				require.NoError(t, err)
				require.Equal(t, unchanged, p.Action, "what is in Odoo already is not judged")
			}
		})
	}
}

func TestAShippedOrderThatOughtToHaveComeIsLeftToAPerson(t *testing.T) {
	s := books()
	s.GoLive = date("2026-11-01")
	shippedAfter := func(d time.Duration) *commerce.Order {
		o := order()
		o.Fulfilment, o.Paid, o.Financial = "fulfilled", true, "paid"
		o.Shipments = []commerce.Shipment{{At: o.CreatedAt.Add(d)}}
		return o
	}
	for _, c := range []struct {
		name   string
		order  *commerce.Order
		last   Applied
		parked bool
	}{
		{"handed over at once", shippedAfter(time.Minute), Applied{}, false},
		{"shipped the next day", shippedAfter(24 * time.Hour), Applied{}, true},
		{"waited for a product and shipped quickly", shippedAfter(time.Minute), Applied{Waited: true}, true},
	} {
		p, err := planOrder(c.order, have{Products: stock()}, s, c.last)
		if !c.parked {
			require.NoError(t, err, c.name)
			require.Equal(t, skipped, p.Action, c.name)
			continue
		}
		var e *commerce.Error
		require.ErrorAs(t, err, &e, c.name)
		require.Equal(t, []string{"setting/fi/import.fulfilled"}, e.Needs, c.name)
		require.Contains(t, e.Remedy, "import.fulfilled")
	}
	s.Import.Fulfilled = "import"
	require.True(t, s.met(need{Kind: "setting", Key: "import.fulfilled"}, nil))
}
