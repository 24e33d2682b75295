package tasks

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// OperatorBooks is what an operator may ask of Odoo; *erp.Books is one.
type OperatorBooks interface {
	Books
	ProofBooks
	Bindable(ctx context.Context, shop config.Shop, kind string, words []string) (map[string]erp.Bound, error)
	Check(ctx context.Context, shops []config.Shop) []commerce.Finding
	CheckNeeds(ctx context.Context, shop config.Shop, needs []string) []commerce.Finding
	Numbered(ctx context.Context, shop config.Shop, number string) ([]commerce.Ref, error)
	Explain(ctx context.Context, shop config.Shop, o *commerce.Order) (erp.Explanation, error)
}

// Operator is what a person may do with what came in; commands and API do it alike.
// Each change leaves a line in the shop's audit under the name of who asked. Its
// errors are *commerce.Error where a person can do something about them: NotFound,
// Invalid, Conflict or Held, with the remedy. It is safe for concurrent use.
type Operator struct {
	rdb       *redis.Client
	shops     map[string]*handlers.Shop
	odoo      OperatorBooks
	who       string
	queue     *Queue
	inspector *asynq.Inspector
	journal   *Journal
	pauses    *Pauses
	jobs      *Jobs
	cursors   *Cursors
	webhooks  *Webhooks
	requests  *Requests
	alerts    *Alerts
	ties      *Ties
}

// OperatorOptions are what an operator works with.
type OperatorOptions struct {
	Redis    *redis.Client
	Shops    map[string]*handlers.Shop
	Books    OperatorBooks // nil: nothing is told of Odoo, and nothing that asks it can be done
	Lookback time.Duration // worker.lookback
	Who      string        // the name in the audit
	Alerts   *Alerts       // nil: no targets that could be tried
}

// NewOperator works on what Redis holds of the shops; it connects to nothing.
func NewOperator(opt OperatorOptions) *Operator {
	return &Operator{rdb: opt.Redis, shops: opt.Shops, odoo: opt.Books, who: opt.Who, queue: NewQueue(opt.Redis, 0),
		inspector: asynq.NewInspectorFromRedisClient(opt.Redis), journal: NewJournal(opt.Redis), pauses: NewPauses(opt.Redis),
		jobs: NewJobs(opt.Redis), cursors: NewCursors(opt.Redis), webhooks: NewWebhooks(opt.Redis, opt.Lookback), ties: NewTies(opt.Redis),
		requests: NewRequests(opt.Redis, opt.Shops), alerts: opt.Alerts}
}

// As is the same operator under another name.
func (o *Operator) As(who string) *Operator {
	other := *o
	other.who = who
	return &other
}

// Did writes a change down that was made, or is about to be, beside what Operator
// does by itself.
func (o *Operator) Did(ctx context.Context, shop string, c Change) error {
	c.Who = o.who
	return audit(ctx, o.rdb, shop, c)
}

// knows says that there is such a shop in the configuration.
func (o *Operator) knows(id string) error {
	if o.shops[id] != nil {
		return nil
	}
	return &commerce.Error{Op: "shop", Reason: commerce.NotFound, Detail: fmt.Sprintf("no shop %q is configured", id),
		Remedy: "name one of " + strings.Join(o.ids(), ", ")}
}

// withOrders is a shop whose orders can be read.
func (o *Operator) withOrders(id string) (*handlers.Shop, error) {
	if err := o.knows(id); err != nil {
		return nil, err
	}
	shop := o.shops[id]
	if shop.Orders == nil {
		return nil, &commerce.Error{Op: "orders", Reason: commerce.Invalid, Detail: fmt.Sprintf("shop %s has no orders that could be read", id)}
	}
	return shop, nil
}

// Accounts says why a shop's accounts cannot be looked at, and what would change that;
// nil: they can.
func (o *Operator) Accounts(id string) error {
	if err := o.knows(id); err != nil {
		return err
	}
	if why, remedy := noAccounts(o.shops[id]); why != "" {
		return &commerce.Error{Op: "customers", Reason: commerce.Invalid, Detail: why, Remedy: remedy}
	}
	return nil
}

// these are one shop, or all of them for "".
func (o *Operator) these(shop string) ([]string, error) {
	if shop == "" {
		return o.ids(), nil
	}
	return []string{shop}, o.knows(shop)
}

// ids are those of the configured shops, in order.
func (o *Operator) ids() []string { return slices.Sorted(maps.Keys(o.shops)) }

// ShopState is a shop as an operator sees it.
type ShopState struct {
	Shop     string    `json:"shop"`
	Platform string    `json:"platform"`
	Mode     string    `json:"mode"`
	State    string    `json:"state"` // works, paused
	Since    time.Time `json:"since,omitzero"`
	Why      string    `json:"why,omitempty"`
}

// Shops are the configured ones and whether they work.
func (o *Operator) Shops(ctx context.Context) ([]ShopState, error) {
	list := []ShopState{}
	for _, id := range o.ids() {
		s, err := o.Shop(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// Shop is how one shop stands.
func (o *Operator) Shop(ctx context.Context, id string) (ShopState, error) {
	if err := o.knows(id); err != nil {
		return ShopState{}, err
	}
	s := o.shops[id]
	state := ShopState{Shop: id, Platform: s.Platform, Mode: cmp.Or(s.Config.Mode, "observe"), State: "works"}
	pause, paused, err := o.pauses.Get(ctx, id)
	if paused {
		state.State, state.Since, state.Why = "paused", pause.Since, pause.Why
	}
	return state, err
}

// Pause lets the orders of a shop wait; see Pauses.
func (o *Operator) Pause(ctx context.Context, shop, why string) error {
	if err := o.knows(shop); err != nil {
		return err
	}
	if err := o.Did(ctx, shop, Change{What: "shop pause", Why: why}); err != nil {
		return err
	}
	return o.pauses.Pause(ctx, shop, why)
}

// Resume lets the orders of a paused shop go on, and says how it was paused. Conflict:
// it is not paused.
func (o *Operator) Resume(ctx context.Context, shop string) (Pause, error) {
	if err := o.knows(shop); err != nil {
		return Pause{}, err
	}
	pause, paused, err := o.pauses.Get(ctx, shop)
	if err != nil {
		return Pause{}, err
	}
	if !paused {
		return Pause{}, &commerce.Error{Op: "resume", Reason: commerce.Conflict, Detail: shop + " is not paused"}
	}
	if err := o.Did(ctx, shop, Change{What: "shop resume"}); err != nil {
		return Pause{}, err
	}
	_, _, err = o.pauses.Resume(ctx, shop)
	return pause, err
}

// Event is one entry of the journal. NotFound: no worker has touched it yet, or it is
// older than journal.keep, or none came.
func (o *Operator) Event(ctx context.Context, shop, id string) (Entry, error) {
	if err := o.knows(shop); err != nil {
		return Entry{}, err
	}
	e, known, err := o.journal.Event(ctx, shop, id)
	if err == nil && !known {
		err = unknownEvent(shop, id)
	}
	return e, err
}

func unknownEvent(shop, id string) error {
	return &commerce.Error{Op: "event", Reason: commerce.NotFound,
		Detail: fmt.Sprintf("%s has no event %q: none came, it waits for its first worker, or it is older than journal.keep", shop, id),
		Remedy: "list them with odoogate events ls " + shop}
}

// Events is a page of the journal; see Journal.EventsPage.
func (o *Operator) Events(ctx context.Context, q Query, limit int) (page []Entry, next string, err error) {
	if err := o.knows(q.Shop); err != nil {
		return nil, "", err
	}
	return o.journal.EventsPage(ctx, q, limit)
}
