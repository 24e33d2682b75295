package tasks

import (
	"context"
	"fmt"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// withWebhooks is a shop whose webhooks can be read.
func (o *Operator) withWebhooks(id string) (*handlers.Shop, error) {
	if err := o.knows(id); err != nil {
		return nil, err
	}
	shop := o.shops[id]
	if shop.Webhooks == nil {
		return nil, &commerce.Error{Op: "webhooks", Reason: commerce.Invalid,
			Detail: fmt.Sprintf("shop %s has no webhooks that could be read: %s tells none", id, shop.Platform)}
	}
	return shop, nil
}

// Webhooks tells how a shop's webhooks are.
func (o *Operator) Webhooks(ctx context.Context, id string) (HookLook, error) {
	shop, err := o.withWebhooks(id)
	if err != nil {
		return HookLook{}, err
	}
	return o.webhooks.Look(ctx, shop)
}

// HooksDone is how a shop's webhooks are, and what was done with them, or would be.
type HooksDone struct {
	DryRun bool `json:"dry_run"`
	HookLook
	Plan []handlers.HookChange `json:"plan"` // of a dry run
}

// wouldDo is a dry run.
func wouldDo(l HookLook, plan []handlers.HookChange) HooksDone {
	return HooksDone{DryRun: true, HookLook: l, Plan: append([]handlers.HookChange{}, plan...)}
}

// hooksDid is what came of it in earnest.
func hooksDid(l HookLook, err error) (HooksDone, error) {
	return HooksDone{HookLook: l, Plan: []handlers.HookChange{}}, err
}

// MendWebhooks makes a shop's webhooks right; without earnest it only looks. What could
// not be done is told in the look. Invalid: where they must lead is not known.
func (o *Operator) MendWebhooks(ctx context.Context, id string, earnest bool) (HooksDone, error) {
	before, err := o.Webhooks(ctx, id)
	switch {
	case err != nil:
		return HooksDone{}, err
	case before.Address == "":
		return HooksDone{}, &commerce.Error{Op: "webhooks sync", Reason: commerce.Invalid, Detail: "where deliveries must come in is not known",
			Remedy: "set server.public_url to the address that the shops post to"}
	case !earnest:
		return wouldDo(before, before.Plan()), nil
	}
	if err := o.Did(ctx, id, Change{What: "webhooks sync", Many: len(before.Plan())}); err != nil {
		return HooksDone{}, err
	}
	return hooksDid(o.webhooks.Mend(ctx, o.shops[id]))
}

// RemoveWebhooks deletes those of a shop that are ours; without earnest it only looks.
func (o *Operator) RemoveWebhooks(ctx context.Context, id string, earnest bool) (HooksDone, error) {
	before, err := o.Webhooks(ctx, id)
	if err != nil {
		return HooksDone{}, err
	}
	if !earnest {
		return wouldDo(before, before.Removal()), nil
	}
	if err := o.Did(ctx, id, Change{What: "webhooks rm", Many: len(before.Removal())}); err != nil {
		return HooksDone{}, err
	}
	return hooksDid(o.webhooks.Remove(ctx, o.shops[id]))
}

// ChangeWebhook pauses or resumes one webhook, where the platform can. Invalid: it
// cannot.
func (o *Operator) ChangeWebhook(ctx context.Context, id string, c handlers.HookChange) error {
	shop, err := o.withWebhooks(id)
	if err != nil {
		return err
	}
	if err := o.Did(ctx, id, Change{What: "webhooks " + string(c.Do), On: c.ID}); err != nil {
		return err
	}
	_, err = o.webhooks.Change(ctx, shop, c)
	return err
}
