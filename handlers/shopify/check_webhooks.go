package shopify

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers"
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

// judgement is what is to be said about a store's subscriptions. Check says it, and
// webhooks are mended by it.
type judgement struct {
	checker
	subs    []subscription
	returns bool // the app may see them
}

// verdict is one subscription, judged.
type verdict struct {
	handlers.Subscription
	grave bool // nothing of it can be taken
}

func (j judgement) needed() []string {
	if j.returns {
		return append(neededTopics(), returnTopics()...)
	}
	return neededTopics()
}

// wanted are the topics that are made where they are missing.
func (j judgement) wanted() []string {
	if j.risk {
		return append(j.needed(), riskTopic)
	}
	return j.needed()
}

func (j judgement) write(f *commerce.Findings) {
	var there, missing []string
	for _, name := range j.needed() {
		if at := j.kept(name); at >= 0 && handlers.SameAddress(j.subs[at].URI, j.hook) {
			there = append(there, name)
		}
	}
	all := j.all()
	for _, v := range all {
		if v.State == handlers.HookMissing && v.Topic != riskTopic {
			missing = append(missing, v.Topic)
		}
	}
	if len(there) > 0 {
		f.OK("webhooks come to %s: %s", j.hook, strings.Join(there, ", "))
	}
	if len(missing) > 0 {
		f.Warn(j.subscribe(missing), "no subscription made by the API brings %s to %s", strings.Join(missing, ", "), j.hook)
	}
	if j.whole {
		f.OK("transactions or risk decide about orders of this shop, and no delivery tells them: each costs a read of the order")
	}
	for _, v := range all {
		switch {
		case v.Wrong == "", v.State == handlers.HookMissing && v.Topic != riskTopic:
		case v.grave:
			f.Problem(v.Remedy, "%s %s", v.Topic, v.Wrong)
		default:
			f.Warn(v.Remedy, "%s %s", v.Topic, v.Wrong)
		}
	}
	if n := j.elsewhere(); n > 0 {
		f.OK("%s of this app to other addresses, which are not looked at", commerce.Count(n, "subscription"))
	}
}

// subscribe says how the missing ones are made. Those of an app's configuration
// file cannot be seen, so what looks missing may be there.
func (j judgement) subscribe(missing []string) string {
	if !j.postable() {
		return sayHTTPS
	}
	return fmt.Sprintf("run `odoogate webhooks sync %s --yes`, or declare them under [[webhooks.subscriptions]] of shopify.app.toml with topics %q and uri %q; "+
		"what that file declares is invisible here, so ignore this if it declares them", j.shop, missing, j.hook)
}

// all judges the subscriptions that lead to this shop's address or were meant to, as
// the store lists them, and after them what is missing.
func (j judgement) all() []verdict {
	var list []verdict
	for i, s := range j.subs {
		if j.lead(s) != handlers.LeadsElsewhere {
			list = append(list, j.one(i))
		}
	}
	for _, name := range j.wanted() {
		if j.kept(name) >= 0 {
			continue
		}
		v := verdict{Subscription: handlers.Subscription{Topic: name, Address: j.hook, State: handlers.HookMissing, Ours: true,
			Wrong: "is not subscribed to by the API", Remedy: j.subscribe([]string{name})}}
		if name == riskTopic {
			v.Wrong += ", and risk decides about orders of this shop: one that is found later is seen with the order's next update"
		}
		v.Fix = j.fix(handlers.HookCreate, v.Subscription)
		list = append(list, v)
	}
	return list
}

// one judges a single subscription.
func (j judgement) one(at int) verdict {
	s := j.subs[at]
	name, lead := j.topic(s), j.lead(s)
	here := lead == handlers.LeadsHere
	v := verdict{Subscription: handlers.Subscription{ID: string(s.ID), Topic: cmp.Or(name, s.Topic), Address: s.URI,
		State: handlers.HookActive, Ours: lead >= handlers.LeadsAstray}}
	if name == "" {
		return v // answered 200 and counted
	}
	kept := j.kept(name)
	wanted := slices.Contains(j.wanted(), name)
	do := handlers.HookUpdate
	switch {
	case !here && kept == at:
		v.Wrong, v.Remedy = "leads to "+s.URI, "change its uri to "+j.hook
	case !here:
		v.Wrong, v.Remedy = "leads to "+s.URI, "delete it, or change its uri to "+j.hook
		if kept >= 0 && handlers.SameAddress(j.subs[kept].URI, j.hook) {
			v.Wrong += " besides the right one: every event comes twice or fails there"
		}
		if do = handlers.HookDelete; !v.Ours {
			do = "" // another shop's, perhaps
		}
	case kept != at:
		v.Wrong, v.Remedy = "comes a second time to the same address", "delete it"
		do = handlers.HookDelete
	case s.Format == "XML":
		v.Wrong, v.Remedy = "comes as XML, which is answered 400", "change its format to JSON"
		v.grave = true
	case s.Filter != "":
		v.Wrong, v.Remedy = fmt.Sprintf("is filtered by %q: other orders never come", s.Filter), "see that no order is wanted that it leaves out, or take its filter away"
		if !wanted {
			do = ""
		}
	case len(s.Fields) > 0:
		v.Wrong, v.Remedy = "comes with only the fields "+strings.Join(s.Fields, ", "), "take its includeFields away; else each delivery costs a read of the order"
		if !wanted {
			do = ""
		}
	default:
		return v
	}
	v.Fix = j.fix(do, v.Subscription)
	return v
}

// fix is the change that mends a subscription, nil where a person must.
func (j judgement) fix(do handlers.HookAction, s handlers.Subscription) *handlers.HookChange {
	if do == "" || do != handlers.HookDelete && !j.postable() {
		return nil
	}
	return s.Mend(do, j.hook)
}

// kept is the place of the subscription that shall bring a topic: the best one that
// leads here, else one that went astray; -1: there is none.
func (j judgement) kept(topic string) int {
	at, best := -1, 0
	for i, s := range j.subs {
		worth := 0
		switch lead := j.lead(s); {
		case s.Topic != enum(topic):
		case lead == handlers.LeadsHere && s.whole():
			worth = 3
		case lead == handlers.LeadsHere:
			worth = 2
		case lead == handlers.LeadsAstray:
			worth = 1
		}
		if worth > best {
			at, best = i, worth
		}
	}
	return at
}

// whole reports whether everything of every order comes, and as JSON.
func (s subscription) whole() bool { return s.Format != "XML" && s.Filter == "" && len(s.Fields) == 0 }

// topic is a subscription's topic in our words, "" for one that we do not use.
func (j judgement) topic(s subscription) string {
	for name := range j.topics {
		if enum(name) == s.Topic {
			return name
		}
	}
	return ""
}

func (j judgement) lead(s subscription) handlers.Lead {
	return handlers.LeadOf(s.URI, j.hook, j.shop)
}

// elsewhere counts what has nothing to do with us.
func (j judgement) elsewhere() int {
	n := 0
	for _, s := range j.subs {
		if j.lead(s) == handlers.LeadsElsewhere {
			n++
		}
	}
	return n
}

// postable reports whether Shopify posts to such an address as ours.
func (j judgement) postable() bool {
	u, err := url.Parse(j.hook)
	return err == nil && (u.Scheme == "https" || slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()))
}
