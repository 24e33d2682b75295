package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// hooksOverlap is how long before the webhooks were right last their deliveries may
// have begun to fail for good: Shopify tries each for four hours, then it deletes the
// subscription.
const hooksOverlap = 5 * time.Hour

// tendWebhooks is the job: what a shop sends is made right, or only looked at where it
// is configured so, and the log says once what was found.
func (c *carer) tendWebhooks(ctx context.Context, shop *handlers.Shop) (said string, err error) {
	if shop.Webhooks == nil {
		return "this shop system has no webhooks to look after", nil
	}
	h := NewWebhooks(c.rdb, c.cfg.Lookback)
	n, err := h.note(ctx, shop.ID)
	if err != nil {
		return "", err
	}
	l, err := h.tend(ctx, shop, &n, shop.Config.MendsWebhooks())
	c.sayWebhooks(shop, l)
	if err == nil && l.Address != "" {
		c.tellWebhooks(ctx, shop, l)
	}
	if told := l.found(); err == nil && told != n.Told {
		c.askPeople(shop.ID, l)
		n.Told = told
		err = h.keep(ctx, shop.ID, n)
	}
	return l.summary(shop), err
}

// tend looks at a shop's webhooks and, with mend, makes them right unless an operator
// has removed them. What they may have missed since they were right is left to the
// sweep. Whoever calls has the right to change them.
func (h *Webhooks) tend(ctx context.Context, shop *handlers.Shop, n *hooksNote, mend bool) (HookLook, error) {
	l, err := h.see(ctx, shop, n)
	if err != nil {
		return l, err
	}
	if plan := l.planned(); mend && n.Removed.IsZero() && len(plan) > 0 {
		done, tried := carryOut(ctx, shop, plan)
		n.unlist(done)
		after, seen := h.see(ctx, shop, n)
		if seen == nil {
			l = after
		}
		l.Done, err = done, errors.Join(tried, seen)
	}
	right := err == nil && l.Address != "" && len(l.Plan()) == 0
	if l.made() || right && n.Bad {
		l.Since = h.gap(shop, n.Right)
	}
	if !l.Since.IsZero() {
		if err := NewJobs(h.rdb).BringForward(ctx, shop.ID, JobSweep, l.Since); err != nil {
			return l, err // all is as before: the next look finds the gap again
		}
		if why, _ := noAccounts(shop); why == "" && (l.madeFor(commerce.KindCustomer) || right && n.Bad) {
			if err := NewJobs(h.rdb).Run(ctx, shop.ID, JobCustomers); err != nil {
				return l, err
			}
		}
	}
	n.Bad, n.Wrong = !right && l.Address != "", l.Wrong()
	if right {
		n.Right = time.Now().UTC()
	}
	if !n.Removed.IsZero() {
		n.Wrong = 0 // it is meant so
	}
	return l, errors.Join(err, h.keep(ctx, shop.ID, *n))
}

func (l HookLook) planned() []HookDone {
	var plan []HookDone
	for _, s := range l.List {
		if s.Fix != nil {
			plan = append(plan, HookDone{HookChange: *s.Fix, Why: s.Wrong})
		}
	}
	return plan
}

// carryOut makes the changes of a plan. One that is refused stops no other; the error
// says that the shop cannot be asked.
func carryOut(ctx context.Context, shop *handlers.Shop, plan []HookDone) (done []HookDone, err error) {
	for _, d := range plan {
		d.Made, err = shop.Webhooks.Change(ctx, d.HookChange)
		if err != nil {
			d.Failed = err.Error()
		}
		done = append(done, d)
		switch commerce.ReasonOf(err) {
		case "", commerce.Invalid, commerce.Denied, commerce.NotFound, commerce.Conflict:
		default:
			return done, err
		}
	}
	return done, nil
}

// unlist notes what stands although it looked missing.
func (n *hooksNote) unlist(done []HookDone) {
	for _, d := range done {
		if d.Do == handlers.HookCreate && !d.Made && d.Failed == "" {
			n.Unlisted[unlistedName(d.Topic, d.Address)] = time.Now().UTC()
		}
	}
}

// gap is how far back the shop is asked for what its webhooks may have missed; zero:
// not at all, since none of its orders are wanted yet.
func (h *Webhooks) gap(shop *handlers.Shop, right time.Time) time.Time {
	if !right.IsZero() {
		return right.Add(-hooksOverlap)
	}
	live := shop.Config.GoLive.Time
	if live.IsZero() || h.lookback == 0 {
		return time.Time{}
	}
	if back := time.Now().Add(-h.lookback); back.After(live) {
		return back
	}
	return live
}

// sayWebhooks says what was done, in the log and in metrics.
func (c *carer) sayWebhooks(shop *handlers.Shop, l HookLook) {
	for _, d := range l.Done {
		outcome := "made"
		switch {
		case d.Failed != "":
			outcome = "failed"
		case !d.Made:
			continue
		default:
			c.log.Warn("a webhook of the shop was mended", "shop", shop.ID, "platform", shop.Platform,
				"change", string(d.Do), "topic", d.Topic, "detail", d.Why)
		}
		c.metrics.hooks.WithLabelValues(shop.ID, string(d.Do), outcome).Inc()
	}
	if !l.Since.IsZero() {
		c.log.Warn("webhooks may have missed something; the shop is swept", "shop", shop.ID, "since", l.Since.UTC())
	}
}

// askPeople says what is left to them.
func (c *carer) askPeople(shop string, l HookLook) {
	switch {
	case l.Address == "":
		c.log.Warn("the webhooks of the shop cannot be looked after", "shop", shop,
			"remedy", "set server.public_url to the address that the shops post to")
		return
	case !l.Removed.IsZero():
		c.log.Warn("the webhooks of the shop were removed by an operator and are left so", "shop", shop,
			"since", l.Removed, "remedy", "odoogate webhooks sync "+shop+" --yes makes them anew")
		return
	}
	for _, d := range l.Done {
		if d.Failed != "" {
			c.log.Warn("a webhook of the shop could not be mended", "shop", shop, "change", string(d.Do), "topic", d.Topic, "detail", d.Failed)
		}
	}
	for _, s := range l.List {
		if s.Wrong != "" {
			c.log.Warn("a webhook of the shop is wrong", "shop", shop, "topic", s.Topic, "detail", s.Wrong, "remedy", s.Remedy)
		}
	}
}

// found is a fingerprint of what is left to people.
func (l HookLook) found() string {
	parts := []string{l.Address, l.Removed.String()}
	for _, d := range l.Done {
		if d.Failed != "" {
			parts = append(parts, d.Failed)
		}
	}
	for _, s := range l.List {
		if s.Wrong != "" {
			parts = append(parts, s.ID, s.Topic, s.Wrong)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:8])
}

// summary is what the job says of a look.
func (l HookLook) summary(shop *handlers.Shop) string {
	made := 0
	for _, d := range l.Done {
		if d.Made {
			made++
		}
	}
	switch {
	case l.Address == "":
		return "not judged: server.public_url is not set"
	case !l.Removed.IsZero():
		return "removed by an operator"
	}
	text := fmt.Sprintf("%d of %d right", len(l.List)-l.Wrong(), len(l.List))
	if made > 0 {
		text += fmt.Sprintf(", %d mended", made)
	}
	if l.Wrong() > 0 && !shop.Config.MendsWebhooks() {
		text += ", only looked at"
	}
	return text
}
