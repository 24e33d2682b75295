package main

import (
	"context"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
	"github.com/odoogate/odoogate/tasks"
)

// rates are the limits of shops for a command: those that the workers share, and while
// Redis is away its own, for what can be shown without Redis is shown.
type rates struct {
	shared *tasks.Limiter
	own    *wire.LocalLimiter
}

var _ handlers.Limiter = rates{}

func ratesOf(shared *tasks.Limiter) rates { return rates{shared, wire.NewLimiter()} }

// ownGrant begins what our own limiter granted.
const ownGrant = "own "

// Wait blocks until cost may be spent; see handlers.Limiter.
func (r rates) Wait(ctx context.Context, key string, cost float64) (string, error) {
	grant, err := r.shared.Wait(ctx, key, cost)
	if commerce.ReasonOf(err) != commerce.Unavailable {
		return grant, err
	}
	grant, err = r.own.Wait(ctx, key, cost)
	return ownGrant + grant, err
}

// Done ends a call; see handlers.Limiter.
func (r rates) Done(key, grant string, said commerce.Quota) {
	if own, ok := strings.CutPrefix(grant, ownGrant); ok {
		r.own.Done(key, own, said)
		return
	}
	r.shared.Done(key, grant, said)
}
