package tasks

import (
	"context"
	"fmt"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Asker asks users of Odoo to look; *erp.Books is one.
type Asker interface {
	Ask(ctx context.Context, a erp.Asking) error
	Answered(ctx context.Context, a erp.Asking) error
}

// askedOrders is on how many orders of one alert an activity is put; the note tells
// how many there are.
const askedOrders = 20

// asking makes activities in Odoo, and closes them when their cause is gone.
type asking struct {
	cfg   config.AlertActivity
	books Asker
	shops map[string]*handlers.Shop
	about func(ctx context.Context, id string) ([]string, error)
}

func (a asking) tell(ctx context.Context, n notice) error {
	for _, one := range n.Alerts {
		shop, live := a.shop(one.Shop)
		switch {
		case !live && n.State == stateTest:
			return &commerce.Error{Op: "alert.activity", Reason: commerce.Invalid, Detail: "no shop that it would be for is live, and nothing is written to Odoo before",
				Remedy: "set mode: live for a shop, then test again"}
		case !live:
			continue
		}
		orders, err := a.orders(ctx, one)
		if err != nil {
			return err
		}
		ask := erp.Asking{Shop: shop, Key: one.ID, Orders: orders, User: a.cfg.User, Type: a.cfg.Type, Days: a.cfg.Days,
			Summary: "odoogate: " + title(one), Note: []string{one.Detail, one.Remedy, one.numbers(), one.Look}}
		if n.State == stateResolved {
			err = a.books.Answered(ctx, ask)
		} else {
			err = a.books.Ask(ctx, ask)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// shop is the one that an alert belongs to. What belongs to none is told once any shop
// is live.
func (a asking) shop(id string) (shop config.Shop, live bool) {
	if id != "" {
		s := a.shops[id]
		if s == nil {
			return config.Shop{}, false
		}
		return s.Config, s.Config.Live()
	}
	for _, s := range a.shops {
		live = live || s.Config.Live()
	}
	return config.Shop{}, live
}

func (a asking) orders(ctx context.Context, one OpenAlert) ([]commerce.Ref, error) {
	if one.Ref.Kind != commerce.KindOrder {
		return nil, nil
	}
	members, err := a.about(ctx, one.ID)
	if err != nil {
		return nil, &commerce.Error{Op: "alert.activity", Reason: commerce.Unavailable, Err: fmt.Errorf("redis: %w", err)}
	}
	var refs []commerce.Ref
	for _, m := range members {
		if ref, err := commerce.ParseRef(one.Shop + "/" + m); err == nil && len(refs) < askedOrders {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}
