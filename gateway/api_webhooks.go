package gateway

import (
	"context"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/tasks"
)

// hooks is how the webhooks of a shop are, and what was done with them, or would be.
type hooks struct {
	DryRun bool `json:"dry_run"`
	tasks.HookLook
	Plan []handlers.HookChange `json:"plan"` // of a dry run
}

func listWebhooks(k *call) (any, error) { return k.op.Webhooks(k.ctx, k.Params("shop")) }

func syncWebhooks(k *call) (any, error) {
	return k.webhooks(k.op.MendWebhooks, tasks.HookLook.Plan)
}

func removeWebhooks(k *call) (any, error) {
	return k.webhooks(k.op.RemoveWebhooks, tasks.HookLook.Removal)
}

// webhooks changes those of the shop of the path, if the body says so.
func (k *call) webhooks(do func(ctx context.Context, shop string, earnest bool) (tasks.HookLook, error),
	plan func(tasks.HookLook) []handlers.HookChange) (any, error) {
	var b earnest
	if err := k.body(&b); err != nil {
		return nil, err
	}
	l, err := do(k.ctx, k.Params("shop"), b.Yes)
	h := hooks{DryRun: !b.Yes, HookLook: l, Plan: []handlers.HookChange{}}
	if h.DryRun {
		h.Plan = plan(l)
	}
	return h, err
}

// earnest is a body without which something is only shown.
type earnest struct {
	Yes bool `json:"yes"`
}

func pauseWebhook(k *call) (any, error) { return k.webhook(handlers.HookPause) }

func resumeWebhook(k *call) (any, error) { return k.webhook(handlers.HookResume) }

// webhook changes the one of the path and answers how all are after that.
func (k *call) webhook(do handlers.HookAction) (any, error) {
	if err := k.body(&struct{}{}); err != nil {
		return nil, err
	}
	err := k.op.ChangeWebhook(k.ctx, k.Params("shop"), handlers.HookChange{Do: do, ID: k.Params("webhook")})
	if err != nil {
		return nil, err
	}
	return listWebhooks(k)
}
