package woocommerce

import (
	"context"
	"net/url"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// clockFor is how long an answer tells the shop's clock: two clocks part by far less
// than a second in that time.
const clockFor = 10 * time.Minute

// clock is the time by the Date header of the shop's answers, the clock that
// date_modified_gmt is of. Its seconds are whole, so it is up to one late, and an answer
// on its way makes it later still: it never says a moment that is yet to come.
func (o *orders) clock(ctx context.Context) (time.Time, error) {
	last := o.client.last.Load()
	if last == nil || !last.dated || last.cached || time.Since(last.at) > clockFor {
		k := o.probe()
		if _, err := o.client.ask(ctx, k, nil); err != nil {
			return time.Time{}, err
		}
		if last = o.client.last.Load(); last == nil || !last.dated {
			return time.Time{}, k.fail(commerce.Invalid, "the shop's answer has no date")
		}
	}
	return time.Now().Add(last.ahead), nil
}

// probe is the smallest question that only a key with the right to orders answers.
func (o *orders) probe() call {
	return call{op: "woocommerce.probe", ref: o.store(), path: api + "orders", query: url.Values{"per_page": {"1"}, "_fields": {"id"}}}
}
