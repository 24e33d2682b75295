package woocommerce

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// webhooks are those of the shop. WooCommerce repeats no delivery, and disables a
// webhook at the seventh failure in a row: what came meanwhile is lost. Who makes one
// active again does not clear the count, so that the next failure disables it anew;
// one success does.
// https://woocommerce.com/document/webhooks/
type webhooks struct{ checker }

// hook is a webhook as the API tells it: neither its secret nor its failures.
type hook struct {
	ID      ident  `json:"id"`
	Status  string `json:"status"`
	Topic   string `json:"topic"`
	Address string `json:"delivery_url"`
	// Version is that of the API whose records are sent. Only plugins tell it.
	Version string `json:"api_version"`
}

// hookWords are what is asked for with a change.
type hookWords struct {
	Name    string `json:"name,omitempty"`
	Topic   string `json:"topic,omitempty"`
	Address string `json:"delivery_url,omitempty"`
	Secret  string `json:"secret,omitempty"`
	Status  string `json:"status,omitempty"`
}

// The shop's words for a webhook's state.
const (
	hookActive   = "active"
	hookPaused   = "paused"
	hookDisabled = "disabled"
)

const hooksPath = api + "webhooks"

// hooks lists all webhooks of the shop, the oldest first. Beyond the end of a list of
// the API there is nothing, whatever its totals say.
func (c checker) hooks(ctx context.Context) ([]hook, error) {
	k := call{op: "woocommerce.webhooks", ref: c.store(), path: hooksPath,
		query: url.Values{"per_page": {strconv.Itoa(pageSize)}, "orderby": {"id"}, "order": {"asc"}}}
	var all []hook
	known := map[ident]bool{}
	for page := 1; ; page++ {
		k.query.Set("page", strconv.Itoa(page))
		var list []hook
		header, err := c.client.ask(ctx, k, &list)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, h := range list {
			if !known[h.ID] {
				known[h.ID], all = true, append(all, h)
			}
		}
		total, _ := strconv.Atoi(header.Get("X-WP-Total")) // "": not told
		if len(all) == before || total > 0 && page*pageSize >= total {
			return all, nil
		}
	}
}

// Subscriptions asks for the list of the shop's webhooks: one call.
func (w webhooks) Subscriptions(ctx context.Context) (handlers.Subscriptions, error) {
	out := handlers.Subscriptions{Address: w.hook, List: []handlers.Subscription{}}
	hooks, err := w.hooks(ctx)
	if err != nil {
		return out, err
	}
	j := judgement{checker: w.checker, hooks: hooks}
	if w.hook == "" {
		for _, h := range hooks {
			out.List = append(out.List, j.subscription(h))
		}
		return out, nil
	}
	out.List, out.Others = j.all(), j.elsewhere()
	return out, nil
}

// Change makes one change and looks at what the shop made of it. The secret goes with
// everything that shall bring deliveries: which one the shop has it does not tell.
func (w webhooks) Change(ctx context.Context, c handlers.HookChange) (made bool, err error) {
	k := call{op: "woocommerce.webhook", ref: w.store(), path: hooksPath + "/" + c.ID}
	if c.Do != handlers.HookCreate && !isDigits(c.ID) {
		return false, k.fail(commerce.Invalid, "a webhook has a number: "+wire.Printable(c.ID)+" is none")
	}
	switch c.Do {
	case handlers.HookCreate:
		return w.create(ctx, k, c)
	case handlers.HookUpdate:
		k.method = http.MethodPut
		k.body = hookWords{Address: c.Address, Secret: w.set.Secrets[0].Reveal(), Status: hookActive}
		err := w.changed(ctx, k, c, hookActive)
		return err == nil, err
	case handlers.HookDelete:
		k.method, k.query = http.MethodDelete, url.Values{"force": {"true"}}
		_, err := w.client.ask(ctx, k, nil)
		if commerce.ReasonOf(err) == commerce.NotFound {
			return false, nil
		}
		return err == nil, err
	case handlers.HookPause:
		return w.toggle(ctx, k, c, hookPaused)
	case handlers.HookResume:
		return w.toggle(ctx, k, c, hookActive)
	}
	return false, k.fail(commerce.Invalid, "WooCommerce cannot "+wire.Printable(string(c.Do))+" a webhook")
}

// create makes one unless it stands: the shop would make a second. It pings the address
// before it answers.
func (w webhooks) create(ctx context.Context, k call, c handlers.HookChange) (made bool, err error) {
	there, err := w.hooks(ctx)
	if err != nil {
		return false, err
	}
	for _, h := range there {
		if h.Topic == c.Topic && handlers.SameAddress(h.Address, c.Address) && h.fits() {
			return false, nil
		}
	}
	k.path, k.method, k.once = hooksPath, http.MethodPost, true
	k.body = hookWords{Name: "odoogate " + c.Topic, Topic: c.Topic, Address: c.Address, Secret: w.set.Secrets[0].Reveal(), Status: hookActive}
	if err := w.changed(ctx, k, c, hookActive); err != nil {
		return false, err
	}
	return true, nil
}

// toggle gives a webhook a state, on a person's word.
func (w webhooks) toggle(ctx context.Context, k call, c handlers.HookChange, status string) (made bool, err error) {
	var now hook
	if _, err := w.client.ask(ctx, k, &now); err != nil {
		return false, err
	}
	if now.Status == status {
		return false, nil
	}
	k.method, k.body = http.MethodPut, hookWords{Status: status}
	c.Topic, c.Address = now.Topic, now.Address
	if err := w.changed(ctx, k, c, status); err != nil {
		return false, err
	}
	return true, nil
}

// changed makes the call and holds its answer against what was wanted.
func (w webhooks) changed(ctx context.Context, k call, c handlers.HookChange, status string) error {
	var got hook
	if _, err := w.client.ask(ctx, k, &got); err != nil {
		return err
	}
	if got.Status != status || !handlers.SameAddress(got.Address, c.Address) || c.Topic != "" && got.Topic != c.Topic {
		e := k.fail(commerce.Invalid, "the shop did not "+string(c.Do)+" the webhook "+wire.Printable(c.Topic)+" as it was asked to")
		e.Remedy = "see that no plugin of the shop changes its webhooks, and look at them under Settings, Advanced, Webhooks"
		return e
	}
	return nil
}

// fits reports whether deliveries come as this version of the API tells records.
func (h hook) fits() bool {
	v := strings.ToLower(h.Version)
	return v == "" || v == "wp_api_v3" || v == "3"
}
