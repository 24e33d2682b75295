package tasks

import (
	"context"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// CheckShop says what of a shop stands still by somebody's word, and what it asked
// about people's data that is not done. A Redis that is away is told elsewhere.
func CheckShop(ctx context.Context, pauses *Pauses, requests *Requests, shop string) []commerce.Finding {
	f := &commerce.Findings{Part: "shop " + shop}
	if p, paused, err := pauses.Get(ctx, shop); err == nil && paused {
		f.Warn("once it may go on: odoogate shop resume "+shop, "it is paused since %s (%s): its orders wait, and none is lost", p.Since.Format(time.RFC3339), p.Why)
	}
	list, err := requests.List(ctx, shop)
	if err != nil {
		return f.List
	}
	open, due := 0, time.Time{}
	for _, r := range list {
		if r.State == RequestDone {
			continue
		}
		open++
		if due.IsZero() || r.Deadline.Before(due) {
			due = r.Deadline
		}
	}
	if open > 0 {
		f.Warn("odoogate privacy ls "+shop+" lists them", "open requests about people's data: %d; the first is due %s", open, due.Format(time.DateOnly))
	}
	return f.List
}
