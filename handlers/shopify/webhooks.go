package shopify

import (
	"cmp"
	"context"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// webhooks are the subscriptions that the app makes by the Admin API. Shopify deletes
// one of them after eight failures in a row; those of the app's configuration file it
// neither deletes nor lists.
// https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
type webhooks struct{ checker }

// Subscriptions asks two small queries, some 60 points together.
func (w webhooks) Subscriptions(ctx context.Context) (handlers.Subscriptions, error) {
	out := handlers.Subscriptions{Address: w.hook, List: []handlers.Subscription{}}
	got, err := w.client.ask(ctx, w.store(), w.queries.store, nil)
	if err != nil {
		return out, err
	}
	subs, err := w.subscriptions(ctx)
	if err != nil {
		return out, err
	}
	j := judgement{checker: w.checker, subs: subs, returns: got.Installation.grants()["read_returns"]}
	if w.hook == "" {
		for _, s := range subs {
			out.List = append(out.List, handlers.Subscription{ID: string(s.ID), Topic: cmp.Or(j.topic(s), s.Topic), Address: s.URI, State: handlers.HookActive})
		}
		return out, nil
	}
	for _, v := range j.all() {
		out.List = append(out.List, v.Subscription)
	}
	out.Others = j.elsewhere()
	return out, nil
}

// Change makes one change and looks at what the store made of it.
func (w webhooks) Change(ctx context.Context, c handlers.HookChange) (made bool, err error) {
	whole := map[string]any{"uri": c.Address, "format": "JSON", "filter": "", "includeFields": []string{}}
	id := gid("WebhookSubscription", c.ID)
	var q query
	var vars map[string]any
	switch c.Do {
	case handlers.HookCreate:
		q, vars = w.queries.webhookCreate, map[string]any{"topic": enum(c.Topic), "webhook": map[string]any{"uri": c.Address, "format": "JSON"}}
	case handlers.HookUpdate:
		q, vars = w.queries.webhookChange, map[string]any{"id": id, "webhook": whole}
	case handlers.HookDelete:
		q, vars = w.queries.webhookDelete, map[string]any{"id": id}
	default:
		return false, &commerce.Error{Op: "shopify.webhook", Reason: commerce.Invalid, Ref: w.store(),
			Detail: "Shopify cannot " + string(c.Do) + " a single webhook",
			Remedy: "let the shop's orders wait with `odoogate shop pause " + w.shop + "`, or delete its webhooks with `odoogate webhooks rm " + w.shop + "`"}
	}
	got, err := w.client.ask(ctx, w.store(), q, vars)
	if err != nil {
		return false, err
	}
	return w.changed(c, q, got.Changed)
}

// changed reads the store's answer. Somebody else who was faster is no failure, and
// neither is what the app's file declares already.
func (w webhooks) changed(c handlers.HookChange, q query, got *apiHookChange) (made bool, err error) {
	fail := &commerce.Error{Op: "shopify." + q.name, Reason: commerce.Invalid, Ref: w.store(), Remedy: "see `odoogate check`"}
	if got == nil {
		fail.Detail = "the store does not say what became of the webhook"
		return false, fail
	}
	if len(got.Errors) > 0 {
		said := got.Errors[0].Message
		text := strings.ToLower(said)
		switch {
		case c.Do == handlers.HookCreate && strings.Contains(text, "already been taken"),
			c.Do == handlers.HookDelete && strings.Contains(text, "does not exist"):
			return false, nil
		case strings.Contains(text, "permission"), strings.Contains(text, "protected customer data"):
			fail.Reason = commerce.Denied
			fail.Remedy = "give the app the scopes that `odoogate check` names, and access to protected customer data"
		}
		fail.Detail = "the store refuses to " + string(c.Do) + " the webhook " + c.Topic + " (" + wire.Printable(said) + ")"
		return false, fail
	}
	if c.Do == handlers.HookDelete {
		return true, nil
	}
	if got.Webhook == nil || !got.Webhook.whole() || !handlers.SameAddress(got.Webhook.URI, c.Address) {
		fail.Detail = "the store did not " + string(c.Do) + " the webhook " + c.Topic + " as it was asked to"
		fail.Remedy = "delete the webhook with `odoogate webhooks rm " + w.shop + "`, and make it anew with `odoogate webhooks sync " + w.shop + " --yes`"
		return false, fail
	}
	return true, nil
}
