package tasks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Alerts are those that stand, of one shop or of all (""), the one seen last first.
func (o *Operator) Alerts(ctx context.Context, shop string) ([]OpenAlert, error) {
	if shop != "" {
		if err := o.knows(shop); err != nil {
			return nil, err
		}
	}
	open, err := (&Alerts{rdb: o.rdb}).Open(ctx)
	list := []OpenAlert{}
	for _, one := range open {
		if shop == "" || one.Shop == shop {
			list = append(list, one)
		}
	}
	return list, err
}

// AlertTried is how the test of one target went.
type AlertTried struct {
	Target string `json:"target"`
	Way    string `json:"way"` // mail, webhook, activity
	Sent   bool   `json:"sent"`
	Failed string `json:"failed,omitempty"` // why it was not
}

// TestAlerts sends a message that is about nothing to the target of that name, or to all
// (""). That one does not take it is told of it. Invalid: there is no target at all.
// NotFound: none of that name.
func (o *Operator) TestAlerts(ctx context.Context, only string) ([]AlertTried, error) {
	var names []string
	tried := []AlertTried{}
	for _, t := range o.alerts.targets() {
		names = append(names, t.Name)
		if only != "" && t.Name != only {
			continue
		}
		one := AlertTried{Target: t.Name, Way: t.Way(), Sent: true}
		if err := o.alerts.Test(ctx, t.Name); err != nil {
			one.Sent, one.Failed = false, err.Error()
		}
		tried = append(tried, one)
	}
	switch {
	case len(names) == 0:
		return tried, &commerce.Error{Op: "alerts test", Reason: commerce.Invalid, Detail: "no target stands under alerts.targets, so nobody is told of anything",
			Remedy: "deploy/odoogate.example.yml shows how"}
	case only != "" && !slices.Contains(names, only):
		return tried, &commerce.Error{Op: "alerts test", Reason: commerce.NotFound,
			Detail: fmt.Sprintf("no target %q stands under alerts.targets; there are %s", only, strings.Join(names, ", "))}
	}
	return tried, nil
}
