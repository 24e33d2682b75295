package gateway

import (
	"context"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/tasks"
)

func listWebhooks(k *call) (any, error) { return k.op.Webhooks(k.ctx, k.Params("shop")) }

func syncWebhooks(k *call) (any, error) { return k.webhooks(k.op.MendWebhooks) }

func removeWebhooks(k *call) (any, error) { return k.webhooks(k.op.RemoveWebhooks) }

// webhooks changes those of the shop of the path, if the body says so.
func (k *call) webhooks(do func(ctx context.Context, shop string, earnest bool) (tasks.HooksDone, error)) (any, error) {
	var b earnest
	if err := k.body(&b); err != nil {
		return nil, err
	}
	return do(k.ctx, k.Params("shop"), b.Yes)
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
