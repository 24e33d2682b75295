package handlers

import (
	"context"
	"net/url"
	"strings"
)

// Webhooks is filled by platforms whose API tells and changes what they send us.
// What should come follows from the shop's settings. Errors are as of Orders.
type Webhooks interface {
	// Subscriptions reads what our app has subscribed to and judges it. It changes
	// nothing.
	Subscriptions(ctx context.Context) (Subscriptions, error)
	// Change makes one change. made is false where there was nothing to do: what is to
	// be made stands already, even if it is not listed, or what is to be deleted is
	// gone. A change that the platform does not have is Invalid.
	Change(ctx context.Context, c HookChange) (made bool, err error)
}

// Subscriptions are what a shop sends us, and what is missing of it.
type Subscriptions struct {
	// Address is where deliveries must come in; where it is not known ("") nothing is
	// judged and nothing is missing.
	Address string         `json:"address"`
	List    []Subscription `json:"subscriptions"`
	// Others counts those to addresses that have nothing to do with us.
	Others int `json:"others"`
}

// Plan is what would make them right.
func (s Subscriptions) Plan() []HookChange {
	plan := []HookChange{}
	for _, one := range s.List {
		if one.Fix != nil {
			plan = append(plan, *one.Fix)
		}
	}
	return plan
}

// Removal deletes all of ours.
func (s Subscriptions) Removal() []HookChange {
	plan := []HookChange{}
	for _, one := range s.List {
		if one.Ours && one.ID != "" {
			plan = append(plan, HookChange{Do: HookDelete, ID: one.ID, Topic: one.Topic, Address: one.Address})
		}
	}
	return plan
}

// Wrong counts those with which something is wrong.
func (s Subscriptions) Wrong() int {
	n := 0
	for _, one := range s.List {
		if one.Wrong != "" {
			n++
		}
	}
	return n
}

// HookState is whether a subscription brings anything.
type HookState string

// The states of subscriptions. HookUnlisted are known to stand although the
// platform does not list them, as those that a Shopify app declares in its file.
const (
	HookActive   HookState = "active"
	HookPaused   HookState = "paused"   // by a person: it is left so
	HookDisabled HookState = "disabled" // by the platform, after failures
	HookMissing  HookState = "missing"
	HookUnlisted HookState = "unlisted"
)

// Subscription is one webhook of a shop, or one that is missing.
type Subscription struct {
	ID      string    `json:"id,omitempty"` // the platform's own; none: it is not there
	Topic   string    `json:"topic"`
	Address string    `json:"address"`
	State   HookState `json:"state"`
	// Ours says that it leads to this shop's address, or to the same path elsewhere.
	Ours bool `json:"ours"`
	// Wrong says what is wrong with it, after the topic's name, and Remedy what a
	// person should do; both are empty where all is well.
	Wrong  string `json:"wrong,omitempty"`
	Remedy string `json:"remedy,omitempty"`
	// Fix is the change that mends it; nil: none is needed, or a person decides.
	Fix *HookChange `json:"fix,omitempty"`
}

// Mend is a change that mends it, so that deliveries come in at address; one that is to
// be deleted keeps its own.
func (s Subscription) Mend(do HookAction, address string) *HookChange {
	if do == HookDelete {
		address = s.Address
	}
	return &HookChange{Do: do, ID: s.ID, Topic: s.Topic, Address: address}
}

// HookAction is what a change does.
type HookAction string

// The changes. Pause and Resume are for a person's word and in no plan.
const (
	HookCreate HookAction = "create"
	HookUpdate HookAction = "change"
	HookDelete HookAction = "delete"
	HookPause  HookAction = "pause"
	HookResume HookAction = "resume"
)

// HookActions lists those that a plan holds, for metrics that show all series from
// the start.
func HookActions() []HookAction { return []HookAction{HookCreate, HookUpdate, HookDelete} }

// HookChange is one change of a subscription; only a new one has no ID.
type HookChange struct {
	Do      HookAction `json:"do"`
	ID      string     `json:"id,omitempty"`
	Topic   string     `json:"topic,omitempty"`
	Address string     `json:"address,omitempty"`
}

// Lead is where the address of a subscription leads, seen from a shop's hook.
type Lead int

// The leads, the furthest first.
const (
	LeadsElsewhere Lead = iota // it has nothing to do with us
	LeadsNear                  // to our host, and to another path
	LeadsAstray                // to this shop's path elsewhere, as before a move
	LeadsHere
)

// LeadOf judges an address by where the deliveries of a shop must come in.
func LeadOf(address, hook, shop string) Lead {
	u, err := url.Parse(address)
	own, ownErr := url.Parse(hook)
	switch {
	case err != nil || ownErr != nil || u.Host == "":
		return LeadsElsewhere
	case SameAddress(address, hook):
		return LeadsHere
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/hooks/"+shop):
		return LeadsAstray
	case strings.EqualFold(u.Host, own.Host):
		return LeadsNear
	}
	return LeadsElsewhere
}

// SameAddress compares addresses: scheme and host in any case, the path exactly.
func SameAddress(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && strings.EqualFold(x.Scheme, y.Scheme) && strings.EqualFold(x.Host, y.Host) &&
		x.Path == y.Path && x.RawQuery == y.RawQuery
}
