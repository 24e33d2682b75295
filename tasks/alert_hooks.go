package tasks

import (
	"context"
	"fmt"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
)

// The causes of alerts about a shop's webhooks.
const (
	hooksWrong  = "wrong"
	hooksMended = "mended"
)

// tellWebhooks tells people what one look found: what is left to them, that it is over,
// and what was mended by itself.
func (c *carer) tellWebhooks(ctx context.Context, shop *handlers.Shop, l HookLook) {
	if l.made() {
		c.alerts.Raise(ctx, mendedAlert(shop.ID, l))
	}
	if wrong := l.Wrong(); wrong > 0 && l.Removed.IsZero() {
		c.alerts.raise(ctx, wrongAlert(shop, l), wrong)
		return
	}
	c.alerts.Resolve(ctx, config.AlertWebhooks, shop.ID, hooksWrong)
}

func mendedAlert(shop string, l HookLook) Alert {
	n, first := 0, ""
	for _, d := range l.Done {
		if !d.Made {
			continue
		}
		if n++; n == 1 {
			first = d.Topic + " " + d.Why
		}
	}
	return Alert{Kind: config.AlertWebhooks, Severity: Info, Shop: shop, Cause: hooksMended,
		Detail: fmt.Sprintf("webhooks were mended (%d, such as %s); the shop is swept for what they missed", n, first),
		Remedy: "nothing is to be done; see who changes them if it happens often", Look: "odoogate webhooks ls " + shop}
}

// wrongAlert is about what odoogate could not mend, or may not. Where a live shop sends
// something no more, only the sweeps bring it in.
func wrongAlert(shop *handlers.Shop, l HookLook) Alert {
	a := Alert{Kind: config.AlertWebhooks, Severity: Warning, Shop: shop.ID, Cause: hooksWrong, Look: "odoogate webhooks ls " + shop.ID}
	for _, s := range l.List {
		if s.Wrong == "" {
			continue
		}
		if a.Detail == "" {
			a.Detail, a.Remedy = "the webhook "+s.Topic+" "+s.Wrong, s.Remedy
		}
		if shop.Config.Live() && (s.State == handlers.HookMissing || s.State == handlers.HookDisabled) {
			a.Severity = Critical
		}
	}
	return a
}
