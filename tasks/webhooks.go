package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
)

const (
	// unlistedFor is how long it is believed that a webhook stands that the shop does
	// not list; then it is tried again to make it.
	unlistedFor = time.Hour
	// operatorHold is how long an operator's command has a shop's webhooks at most.
	operatorHold = time.Minute
)

// Webhooks looks after what the shops send us. The job of the workers and the
// operator's commands go through it, so one of them at a time changes those of a shop.
type Webhooks struct {
	rdb      *redis.Client
	lookback time.Duration
}

// NewWebhooks remembers in the Redis behind rdb how they stood. lookback bounds how
// far back a shop is asked of whose webhooks nothing is remembered.
func NewWebhooks(rdb *redis.Client, lookback time.Duration) *Webhooks {
	return &Webhooks{rdb: rdb, lookback: lookback}
}

// HookLook is one look at a shop's webhooks, and what was done with them.
type HookLook struct {
	handlers.Subscriptions
	Right   time.Time  `json:"right,omitzero"`   // when all was as it must be, last
	Removed time.Time  `json:"removed,omitzero"` // by an operator: the job leaves them so
	Done    []HookDone `json:"done,omitempty"`
	// Since is how far back the shop is asked for what they may have missed.
	Since time.Time `json:"swept_since,omitzero"`
}

// HookDone is one change that was tried.
type HookDone struct {
	handlers.HookChange
	Why    string `json:"why,omitempty"`
	Made   bool   `json:"made"` // false without a failure: there was nothing to do
	Failed string `json:"failed,omitempty"`
}

// Failures counts the changes that could not be made.
func (l HookLook) Failures() int {
	n := 0
	for _, d := range l.Done {
		if d.Failed != "" {
			n++
		}
	}
	return n
}

func (l HookLook) made() bool { return l.madeFor("") }

// madeFor reports whether a subscription to topics that begin so was changed.
func (l HookLook) madeFor(kind string) bool {
	return slices.ContainsFunc(l.Done, func(d HookDone) bool { return d.Made && strings.HasPrefix(d.Topic, kind) })
}

// hooksNote is what is remembered of a shop's webhooks.
type hooksNote struct {
	Right   time.Time `json:"right,omitzero"`
	Removed time.Time `json:"removed,omitzero"`
	Bad     bool      `json:"bad,omitempty"`   // something was to be mended at the last look
	Wrong   int       `json:"wrong,omitempty"` // with how many something is wrong
	Told    string    `json:"told,omitempty"`  // what the log was told of it
	// Unlisted are topics with their addresses that the shop says it has, and does not
	// list, since when.
	Unlisted map[string]time.Time `json:"unlisted,omitempty"`
}

func hooksKey(shop string) string { return shopKey(shop, "webhooks") }

func (h *Webhooks) note(ctx context.Context, shop string) (n hooksNote, err error) {
	text, err := h.rdb.Get(ctx, hooksKey(shop)).Bytes()
	if errors.Is(err, redis.Nil) {
		return n, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &n)
	}
	if err != nil {
		return n, fmt.Errorf("what is remembered of the webhooks of %s: %w", shop, err)
	}
	return n, nil
}

func (h *Webhooks) keep(ctx context.Context, shop string, n hooksNote) error {
	text, err := json.Marshal(n)
	if err == nil {
		err = h.rdb.Set(ctx, hooksKey(shop), text, 0).Err()
	}
	if err != nil {
		return fmt.Errorf("remember how the webhooks of %s are: %w", shop, err)
	}
	return nil
}

func unlistedName(topic, address string) string { return topic + " " + address }

// hide takes what is known to stand from what looks missing, and forgets what is
// listed by now.
func (n *hooksNote) hide(s *handlers.Subscriptions, now time.Time) {
	still := map[string]time.Time{}
	for i := range s.List {
		one := &s.List[i]
		name := unlistedName(one.Topic, one.Address)
		if at, ok := n.Unlisted[name]; ok && one.State == handlers.HookMissing && now.Sub(at) < unlistedFor {
			still[name] = at
			one.State, one.Wrong, one.Remedy, one.Fix = handlers.HookUnlisted, "", "", nil
		}
	}
	n.Unlisted = still
}

// Look tells how a shop's webhooks are, and changes nothing.
func (h *Webhooks) Look(ctx context.Context, shop *handlers.Shop) (HookLook, error) {
	n, err := h.note(ctx, shop.ID)
	if err != nil {
		return HookLook{}, err
	}
	return h.see(ctx, shop, &n)
}

func (h *Webhooks) see(ctx context.Context, shop *handlers.Shop, n *hooksNote) (l HookLook, err error) {
	if l.Subscriptions, err = shop.Webhooks.Subscriptions(ctx); err != nil {
		return l, err
	}
	l.Right, l.Removed = n.Right, n.Removed
	n.hide(&l.Subscriptions, time.Now())
	return l, nil
}

// Mend makes a shop's webhooks right on an operator's word, also those that one has
// removed. What it could not do is told in the look.
func (h *Webhooks) Mend(ctx context.Context, shop *handlers.Shop) (l HookLook, err error) {
	err = h.alone(ctx, shop.ID, func() error {
		n, err := h.note(ctx, shop.ID)
		if err != nil {
			return err
		}
		n.Removed, n.Unlisted = time.Time{}, nil
		l, err = h.tend(ctx, shop, &n, true)
		return err
	})
	return l, err
}

// Remove deletes all of a shop's webhooks that are ours. The job leaves it so until
// Mend is called.
func (h *Webhooks) Remove(ctx context.Context, shop *handlers.Shop) (l HookLook, err error) {
	err = h.alone(ctx, shop.ID, func() error {
		n, err := h.note(ctx, shop.ID)
		if err != nil {
			return err
		}
		if n.Removed.IsZero() {
			n.Removed = time.Now().UTC()
		}
		if err := h.keep(ctx, shop.ID, n); err != nil { // first: the job must not make anew what is gone
			return err
		}
		before, err := h.see(ctx, shop, &n)
		if err != nil {
			return err
		}
		var plan []HookDone
		for _, c := range before.Removal() {
			plan = append(plan, HookDone{HookChange: c})
		}
		done, err := carryOut(ctx, shop, plan)
		if err == nil {
			l, err = h.see(ctx, shop, &n)
		}
		l.Done = done
		return err
	})
	return l, err
}

// Change makes one change on an operator's word; made is as of handlers.Webhooks.
func (h *Webhooks) Change(ctx context.Context, shop *handlers.Shop, c handlers.HookChange) (made bool, err error) {
	err = h.alone(ctx, shop.ID, func() error {
		made, err = shop.Webhooks.Change(ctx, c)
		return err
	})
	return made, err
}

// alone works with the right to change a shop's webhooks, for which it waits.
func (h *Webhooks) alone(ctx context.Context, shop string, work func() error) error {
	token, key := uuid.NewString(), holdKey(shop, JobWebhooks)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		mine, err := h.rdb.SetNX(ctx, key, token, operatorHold).Result()
		if err != nil {
			return fmt.Errorf("ask for the webhooks of %s: %w", shop, err)
		}
		if mine {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process is at the webhooks of %s: %w", shop, ctx.Err())
		case <-tick.C:
		}
	}
	err := work()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, unlockScript.Run(ctx, h.rdb, []string{key}, token, 0).Err())
}
