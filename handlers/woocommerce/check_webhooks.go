package woocommerce

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// orderTopics bring every change of an order, and that it goes to the trash or comes
// back; its refunds come as updates.
func orderTopics() []string {
	return []string{"order.created", "order.updated", "order.deleted", "order.restored"}
}

// wantedTopics are all that are made where they are missing.
func wantedTopics() []string {
	return append(orderTopics(), "product.created", "product.updated", "customer.created", "customer.updated", "coupon.created", "coupon.updated")
}

// judgement is what is to be said about a shop's webhooks. Check says it, and they are
// mended by it.
type judgement struct {
	checker
	hooks []hook
}

// subscription is a webhook in the words of all platforms.
func (j judgement) subscription(h hook) handlers.Subscription {
	states := map[string]handlers.HookState{hookActive: handlers.HookActive, hookPaused: handlers.HookPaused}
	state, ok := states[h.Status]
	if !ok {
		state = handlers.HookDisabled
	}
	lead := handlers.LeadOf(h.Address, j.hook, j.shop)
	return handlers.Subscription{ID: string(h.ID), Topic: h.Topic, Address: h.Address, State: state, Ours: j.hook != "" && lead >= handlers.LeadsAstray}
}

// all judges the webhooks that lead to this shop's address or were meant to, in the
// order of the shop's list, and after them what is missing.
func (j judgement) all() []handlers.Subscription {
	list := []handlers.Subscription{}
	for i, h := range j.hooks {
		if handlers.LeadOf(h.Address, j.hook, j.shop) != handlers.LeadsElsewhere {
			list = append(list, j.one(i))
		}
	}
	for _, name := range wantedTopics() {
		if j.kept(name) >= 0 {
			continue
		}
		s := handlers.Subscription{Topic: name, Address: j.hook, State: handlers.HookMissing, Ours: true,
			Wrong: "is not subscribed to", Remedy: j.saySync()}
		s.Fix = s.Mend(handlers.HookCreate, j.hook)
		list = append(list, s)
	}
	return list
}

// one judges a single webhook. What a person paused is left so, and what we do not use
// is nobody's business.
func (j judgement) one(at int) handlers.Subscription {
	h := j.hooks[at]
	s := j.subscription(h)
	lead := handlers.LeadOf(h.Address, j.hook, j.shop)
	if s.State == handlers.HookPaused || !slices.Contains(wantedTopics(), h.Topic) {
		return s
	}
	kept := j.kept(h.Topic)
	do := handlers.HookDelete
	switch {
	case kept == at && lead != handlers.LeadsHere:
		s.Wrong, s.Remedy = "leads to "+h.Address, j.saySync()+"; or correct server.public_url, if odoogate is there and not at "+j.hook
		do = handlers.HookUpdate
	case lead != handlers.LeadsHere:
		s.Wrong, s.Remedy = "leads to "+h.Address, j.saySync()
		if kept >= 0 && handlers.SameAddress(j.hooks[kept].Address, j.hook) {
			s.Wrong += " besides the right one: every event comes twice or fails there"
		}
		if !s.Ours { // another shop's, perhaps
			s.Remedy = "unless it was made for another odoogate, delete it or change its delivery URL to " + j.hook + " (WooCommerce, Settings, Advanced, Webhooks)"
			return s
		}
	case !h.fits():
		s.Wrong = "comes as the API's version " + wire.Printable(h.Version) + " tells records, of which orders must be read anew"
		s.Remedy = j.saySync()
	case kept != at:
		s.Wrong, s.Remedy = "comes a second time to the same address", j.saySync()
	case s.State == handlers.HookDisabled:
		return j.disabled(s)
	default:
		return s
	}
	s.Fix = s.Mend(do, j.hook)
	return s
}

// saySync is the remedy for what sync mends.
func (j judgement) saySync() string { return "run `odoogate webhooks sync " + j.shop + " --yes`" }

// disabled is about one that WooCommerce gave up. It is made active again, unless
// nothing can come to our address: it would fail for ever.
func (j judgement) disabled(s handlers.Subscription) handlers.Subscription {
	s.Wrong = "was disabled, which WooCommerce does after seven deliveries in a row that failed"
	s.Remedy = "see why they failed (`delivery refused` in odoogate's log; WooCommerce, Status, Logs, webhooks-delivery), then " + j.saySync()
	if why := j.refused(); why != "" {
		s.Wrong += "; " + why
		s.Remedy = sayPublic + "; then make it active again with `odoogate webhooks resume " + j.shop + " " + s.ID + "`"
		return s
	}
	s.Fix = s.Mend(handlers.HookUpdate, j.hook)
	return s
}

// kept is the place of the webhook that shall bring a topic: the best one that leads
// here, else one that went astray and is nobody's pause; -1: there is none.
func (j judgement) kept(topic string) int {
	at, best := -1, 0
	for i, h := range j.hooks {
		worth := 0
		switch lead := handlers.LeadOf(h.Address, j.hook, j.shop); {
		case h.Topic != topic || !h.fits() || lead < handlers.LeadsAstray:
		case lead == handlers.LeadsHere:
			worth = map[string]int{hookActive: 5, hookPaused: 4}[h.Status]
			worth = max(worth, 3)
		case h.Status == hookActive:
			worth = 2
		case h.Status != hookPaused:
			worth = 1
		}
		if worth > best {
			at, best = i, worth
		}
	}
	return at
}

// elsewhere counts what has nothing to do with us.
func (j judgement) elsewhere() (n int) {
	for _, h := range j.hooks {
		if handlers.LeadOf(h.Address, j.hook, j.shop) == handlers.LeadsElsewhere {
			n++
		}
	}
	return n
}

// write says it all for check.
func (j judgement) write(f *commerce.Findings) {
	var there, missing []string
	for _, name := range wantedTopics() {
		if at := j.kept(name); at >= 0 && j.hooks[at].Status == hookActive && handlers.SameAddress(j.hooks[at].Address, j.hook) {
			there = append(there, name)
		}
	}
	all := j.all()
	for _, s := range all {
		if s.State == handlers.HookMissing {
			missing = append(missing, s.Topic)
		}
	}
	if len(there) > 0 {
		f.OK("webhooks come to %s: %s", j.hook, strings.Join(there, ", "))
	}
	if len(missing) > 0 {
		f.Warn(j.saySync(), "no webhook brings %s to %s", strings.Join(missing, ", "), j.hook)
	}
	for _, s := range all {
		if s.State == handlers.HookPaused && s.Ours {
			f.Warn("run `odoogate webhooks resume "+j.shop+" "+s.ID+"` when it shall send again", "%s was paused by a person (webhook %s): its changes come with the sweeps only", s.Topic, s.ID)
		}
	}
	j.writeWrong(f, all)
	if n := j.elsewhere(); n > 0 {
		f.OK("the shop has %s of others, which are not looked at", countOf(n, "webhook"))
	}
}

// writeWrong says what is wrong, once for all that have the same: a new address makes
// every webhook go astray.
func (j judgement) writeWrong(f *commerce.Findings, all []handlers.Subscription) {
	type fault struct{ wrong, remedy string }
	var faults []fault
	topics := map[fault][]string{}
	for _, s := range all {
		if s.State == handlers.HookPaused || s.State == handlers.HookMissing || s.Wrong == "" {
			continue
		}
		one := fault{s.Wrong, s.Remedy}
		if topics[one] == nil {
			faults = append(faults, one)
		}
		topics[one] = append(topics[one], s.Topic)
	}
	for _, one := range faults {
		names := strings.Join(topics[one], ", ")
		if len(topics[one]) > 1 {
			names = "each of " + names
		}
		f.Warn(one.remedy, "%s %s", names, one.wrong)
	}
}
