package tasks

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

//go:embed scripts/discard.lua
var discardLua string

var discardScript = redis.NewScript(eventLua + discardLua)

// SurveyDiscard says what Discard would do.
func (o *Operator) SurveyDiscard(ctx context.Context, s Selection) (Acted, error) {
	return o.each(ctx, s, o.closable, nil, nil)
}

// Discard closes events for good that need a person, parked or failed. With the event
// of a record goes what the record waits for: it is not parked any more and does not
// run again by itself before a new event of it comes. Requests about people's data are
// left out: they end with privacy done. Left out is also a record that a worker is at.
func (o *Operator) Discard(ctx context.Context, s Selection, why string, told func(Acted)) (Acted, error) {
	if why == "" {
		return Acted{}, &commerce.Error{Op: "discard", Reason: commerce.Invalid, Detail: "it is not said why",
			Remedy: "say it in a few words; nobody's personal data"}
	}
	plan, err := o.SurveyDiscard(ctx, s)
	if plan.DryRun = false; err != nil || plan.Events == 0 {
		return plan, err
	}
	if err := o.Did(ctx, s.Query.Shop, Change{What: "events discard", On: s.String(), Why: why, Many: plan.Events}); err != nil {
		return Acted{}, err
	}
	return o.each(ctx, s, o.closable, func(e Entry) error { return o.discard(ctx, e, why) }, told)
}

func (o *Operator) closable(e Entry) error {
	switch {
	case e.Hint == commerce.HintPrivacy, e.Hint == "" && e.Aggregate.Kind != commerce.KindOrder:
		return o.runnable(e)
	case e.State == Parked, e.State == Failed:
		return nil
	}
	return needsNobody(e, e.State)
}

func needsNobody(e Entry, state Outcome) error {
	remedy := "nothing is to be done about it"
	if state == Retry || state == Snooze {
		remedy = "it is still tried; see odoogate trace " + e.ID
	}
	return refused(e, commerce.Conflict, "needs nobody: it is "+string(state), remedy)
}

func (o *Operator) discard(ctx context.Context, e Entry, why string) error {
	shop, like, record := e.Ref.Shop, e.Topic+"/"+member(e.Ref), ""
	if e.Aggregate.Kind == commerce.KindOrder && e.Hint != commerce.HintOrderGone || e.Hint == commerce.HintCustomer && imports(kindOf(e.again())) {
		record = member(e.Aggregate)
		like = record
	}
	keys := []string{entryKey(shop, e.ID), openKey(shop, like), leaseKey(e.Aggregate), recordKey(e.Aggregate), parkedKey(shop), waitingKey(shop)}
	answer, err := discardScript.Run(ctx, o.rdb, keys, listsKey(shop), e.ID, o.who+": "+why, record, doneFor.Milliseconds(), stamp(time.Now())).Text()
	switch {
	case err != nil:
		return fmt.Errorf("discard event %s of %s: %w", e.ID, shop, err)
	case answer == "closed":
		return nil
	case answer == "held":
		return refused(e, commerce.Conflict, "is of a record that a worker is at", "see what comes of it: odoogate trace "+e.ID)
	}
	return needsNobody(e, Outcome(answer))
}
