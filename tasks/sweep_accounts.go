package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// accountsPage is how many accounts are looked at together, and how many looks may wait in
// the lane then: an order that a sweep found is not to wait behind thousands of them.
const accountsPage = 50

// sweepAccounts asks a shop which accounts it has, and has those looked at that the
// journal does not know in that state: what no webhook told comes in here, and what
// settings that changed let in. It goes through all of them: no shop tells which changed.
func (c *carer) sweepAccounts(ctx context.Context, shop *handlers.Shop) (said string, err error) {
	ctx = handlers.WithLane(ctx, handlers.LaneSweep)
	now, err := shopTime(ctx, shop)
	if err != nil {
		return "", err
	}
	s := &accountSweeper{looker: looker{carer: c, shop: shop, job: JobCustomers, most: accountsPage, ahead: time.Until(now)},
		token: uuid.NewString(), under: under(shop.Config)}
	for change, err := range shop.Customers.Registered(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			return "", fmt.Errorf("accounts of %s: %w", shop.ID, err)
		}
		if s.page = append(s.page, change); len(s.page) == accountsPage {
			if err := s.turn(ctx); err != nil {
				return "", err
			}
		}
	}
	if err := s.turn(ctx); err != nil {
		return "", err
	}
	if s.asked > 0 {
		c.log.Info("the shop's accounts were gone through", "shop", shop.ID, "seen", s.seen, "asked", s.asked)
	}
	return s.said(), nil
}

// accountSweeper is one run through a shop's accounts.
type accountSweeper struct {
	looker
	token, under string
	seen, asked  int
}

func (s *accountSweeper) said() string {
	return fmt.Sprintf("%s, %d of them to look at", commerce.Count(s.seen, "account"), s.asked)
}

func (s *accountSweeper) turn(ctx context.Context) error {
	asked, err := s.look(ctx, s.token, func(rec Record, change time.Time) bool {
		return (rec.Reason != "observed" || !s.shop.Config.Live()) && rec.answersAccount(change, s.ahead, s.under)
	})
	s.asked += asked
	if err != nil {
		return err
	}
	s.seen += len(s.page)
	s.page = s.page[:0]
	s.progress(ctx, s.shop.ID, JobCustomers, s.said())
	return nil
}

// answersAccount reports whether all that is to be done about an account that changed at
// that time was done. One that stays out, or is parked, is not looked at again before it
// or the settings change, nor when a run had begun to write it: what that left is for the
// next one that writes.
func (r Record) answersAccount(change time.Time, ahead time.Duration, under string) bool {
	r.Begun = r.Begun && r.Outcome == Done
	if r.Outcome == Skipped && r.Reason != string(Discarded) && r.Under != under {
		return false
	}
	return r.answers(change, ahead, true)
}
