package shopify

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// neededTopics bring every change of an order. orders/updated comes with
// payments and shipments too; what became of money that was under way may come
// without it.
func neededTopics() []string {
	return []string{"orders/create", "orders/updated", "orders/cancelled", "orders/edited", "order_transactions/create", "refunds/create"}
}

// returnTopics bring every change of a return, where the app may see returns.
func returnTopics() []string {
	return []string{"returns/request", "returns/approve", "returns/decline", "returns/cancel", "returns/close", "returns/reopen",
		"returns/update", "returns/process", "reverse_fulfillment_orders/dispose"}
}

// riskTopic comes when an order is found risky, which may be after all else is done.
const riskTopic = "orders/risk_assessment_changed"

// judgement is what is to be said about a store's subscriptions.
type judgement struct {
	checker
	subs    []subscription
	returns bool // the app may see them
}

func (j judgement) needed() []string {
	if j.returns {
		return append(neededTopics(), returnTopics()...)
	}
	return neededTopics()
}

func (j judgement) write(f *commerce.Findings) {
	var there, missing []string
	for _, name := range j.needed() {
		if j.here(name) == nil {
			missing = append(missing, name)
			continue
		}
		there = append(there, name)
	}
	if len(there) > 0 {
		f.OK("webhooks come to %s: %s", j.hook, strings.Join(there, ", "))
	}
	if len(missing) > 0 {
		f.Warn(j.subscribe(missing), "no subscription made by the API brings %s to %s", strings.Join(missing, ", "), j.hook)
	}
	if j.risk && j.here(riskTopic) == nil {
		f.Warn(j.subscribe([]string{riskTopic}),
			"risk decides about orders of this shop, and no subscription made by the API brings %s: a risk that is found later is seen with the order's next update", riskTopic)
	}
	if j.whole {
		f.OK("transactions or risk decide about orders of this shop, and no delivery tells them: each costs a read of the order")
	}
	for _, s := range j.subs {
		j.one(f, s)
	}
	if n := j.elsewhere(); n > 0 {
		f.OK("%s of this app to other addresses, which are not looked at", plural(n, "subscription"))
	}
}

// subscribe says how the missing ones are made. Those of an app's configuration
// file cannot be seen, so what looks missing may be there.
func (j judgement) subscribe(missing []string) string {
	enums := make([]string, 0, len(missing))
	for _, name := range missing {
		enums = append(enums, enum(name))
	}
	return fmt.Sprintf("subscribe with webhookSubscriptionCreate (topic %s, uri %q), or under [[webhooks.subscriptions]] of shopify.app.toml with topics %q and that uri; "+
		"what that file declares is invisible here, so ignore this if it declares them",
		strings.Join(enums, ", "), j.hook, missing)
}

// here is the subscription of a topic to this shop's address.
func (j judgement) here(topic string) *subscription {
	at := slices.IndexFunc(j.subs, func(s subscription) bool { return s.Topic == enum(topic) && same(s.URI, j.hook) })
	if at < 0 {
		return nil
	}
	return &j.subs[at]
}

// one judges a single subscription to a topic that we use.
func (j judgement) one(f *commerce.Findings, s subscription) {
	name := j.topic(s)
	switch {
	case name == "":
	case !same(s.URI, j.hook) && j.meant(s):
		doubled := ""
		if j.here(name) != nil {
			doubled = " besides the right one: every event comes twice or fails there"
		}
		f.Warn("delete it, or change its uri to "+j.hook, "%s leads to %s%s", name, s.URI, doubled)
	case !same(s.URI, j.hook):
	case s.Format == "XML":
		f.Problem("make the subscription anew with format JSON", "%s comes as XML, which is answered 400", name)
	case s.Filter != "":
		f.Warn("see that no order is wanted that it leaves out, or make the subscription anew without it",
			"%s is filtered by %q: other orders never come", name, s.Filter)
	case len(s.Fields) > 0:
		f.Warn("make the subscription anew without includeFields; else each delivery costs a read of the order",
			"%s comes with only the fields %s", name, strings.Join(s.Fields, ", "))
	}
}

// topic is a subscription's topic in our words, "" for one that we do not use.
func (j judgement) topic(s subscription) string {
	for name := range j.topics {
		if enum(name) == s.Topic {
			return name
		}
	}
	return ""
}

// meant reports whether an address was meant to be this shop's hook: another
// path at our host, or our path at another host.
func (j judgement) meant(s subscription) bool {
	u, err := url.Parse(s.URI)
	own, ownErr := url.Parse(j.hook)
	if err != nil || ownErr != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, own.Host) || strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/hooks/"+j.shop)
}

// elsewhere counts what has nothing to do with us.
func (j judgement) elsewhere() int {
	n := 0
	for _, s := range j.subs {
		if !same(s.URI, j.hook) && !j.meant(s) {
			n++
		}
	}
	return n
}

// same compares addresses: scheme and host in any case, the path exactly.
func same(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && strings.EqualFold(x.Scheme, y.Scheme) && strings.EqualFold(x.Host, y.Host) &&
		x.Path == y.Path && x.RawQuery == y.RawQuery
}
