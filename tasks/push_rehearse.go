package tasks

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// planPushes is what runs would do with contacts. Its error is one of asking Odoo or the
// shop.
func (p Puller) planPushes(ctx context.Context, known []Record) ([]Pulled, error) {
	out := make([]Pulled, len(known))
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(proveReads)
	for i, rec := range known {
		all.Go(func() (err error) {
			out[i], err = p.planPush(ctx, rec)
			return err
		})
	}
	return out, all.Wait()
}

// planPush is what a run would do with one contact.
func (p Puller) planPush(ctx context.Context, rec Record) (Pulled, error) {
	one := Pulled{ID: rec.Ref.ID, State: Skipped}
	id := contactID(rec.Ref)
	if id == 0 {
		v := noContactID()
		one.Reason, one.Remedy = v.Reason, v.Remedy
		return one, nil
	}
	k, err := p.Books.Contact(ctx, p.observing(), id)
	if err != nil {
		return one.ended("", "", err, &commerce.Order{})
	}
	if k.Skip != "" {
		one.Reason, one.Remedy = k.Skip, k.Remedy
		return one, nil
	}
	v, plan, err := p.wouldPush(ctx, k, rec.Sent)
	if commerce.ReasonOf(err) == commerce.Ignored { // it is of staff
		v, err = verdict(err, 1), nil
	}
	if err != nil {
		return one.ended("", "", err, k.Words())
	}
	if v.Reason == "observed" {
		return Pulled{ID: one.ID, State: Planned, Plan: plan}, nil
	}
	one.Reason, one.Detail, one.Remedy = v.Reason, v.Detail, v.Remedy
	return one, nil
}

func (p Puller) wouldPush(ctx context.Context, k *erp.Contact, sent map[string]string) (Verdict, []string, error) {
	setter, _ := p.Shop.Customers.(handlers.CustomerSetter) // whoever asks has seen to that
	shop := *p.Shop
	shop.Config = p.observing()
	c, err := accountOf(ctx, pushing{p.Shop, setter, p.Journal}, k)
	if err != nil {
		return Verdict{}, nil, err
	}
	var last erp.CustomerApplied
	if c != nil {
		rec, _, err := p.Journal.Get(ctx, c.Ref)
		if err != nil {
			return Verdict{}, nil, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: c.Ref, Err: err}
		}
		last = rec.CustomerApplied()
	}
	if v, err := unmet(p.Books.Meets(ctx, k, c, last)); v != nil || err != nil {
		return orVerdict(v), nil, err
	}
	v := newAccount(&shop, setter, k.New())
	if c != nil {
		v = observedPush(c, k.Plan(c, last, sent))
	}
	return v, strings.Split(v.Detail, "\n"), nil
}
