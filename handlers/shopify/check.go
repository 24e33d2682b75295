package shopify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// checker asks one store whether everything is as it must be.
type checker struct {
	*orders
	topics map[string]topic
	hook   string // where deliveries should come in; empty: not known
	risk   bool   // decides what becomes of orders
	goLive time.Time
	now    func() time.Time
}

func newChecker(shop config.Shop, o *orders, hook string) checker {
	return checker{orders: o, topics: topics(), hook: hook, risk: shop.WeighsRisk(), goLive: shop.GoLive.Time, now: time.Now}
}

// check asks four small queries, some 60 points together.
func (c checker) check(ctx context.Context) []commerce.Finding {
	f := &commerce.Findings{Part: "shop " + c.shop}
	got, err := c.client.ask(ctx, c.store(), c.queries.store, nil)
	if err != nil {
		c.failed(f, err)
		return f.List
	}
	c.identity(f, got.Store)
	c.answered(f)
	granted := got.Installation.grants()
	if got.Installation != nil {
		c.scopes(f, got.Installation, granted)
	}
	c.readable(ctx, f)
	c.webhooks(ctx, f, granted["read_returns"])
	return f.List
}

func (c checker) store() commerce.Ref {
	return commerce.Ref{Shop: c.shop, Kind: commerce.KindShop, ID: c.set.Domain}
}

// failed says why a call did not bring what it should.
func (c checker) failed(f *commerce.Findings, err error) {
	var e *commerce.Error
	if !errors.As(err, &e) {
		e = &commerce.Error{Reason: commerce.Internal, Detail: err.Error()}
	}
	text, remedy := e.Detail, e.Remedy
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if remedy == "" {
		switch e.Reason {
		case commerce.Unavailable:
			remedy = "see that this machine reaches " + c.set.base() + " (network, DNS, outgoing proxy, firewall), then check again"
		case commerce.RateLimited:
			remedy = "somebody else uses up this app's rate limit; check again in a minute"
		default:
			remedy = "check shopify.domain, shopify.client_id or access_token, and shopify.api_version of the shop"
		}
	}
	f.Problem(remedy, "%s", text)
}

// identity holds the store that the token opens against the settings.
func (c checker) identity(f *commerce.Findings, store *apiStore) {
	if store == nil {
		f.Problem("check shopify.endpoint of the shop", "the answer does not say which store it is")
		return
	}
	if !strings.EqualFold(store.Domain, c.set.Domain) {
		f.Problem("set shopify.domain to "+store.Domain+", or enter the token of the store "+c.set.Domain+"; deliveries of another store are refused",
			"the token opens the store %s, and the settings name %s", store.Domain, c.set.Domain)
	}
	money := []string{store.Currency}
	if c.set.Money == "presentment" {
		money = slices.Compact(slices.Sorted(slices.Values(append(store.Presentment, store.Currency))))
	}
	prices := "prices without tax"
	if store.TaxesIncluded {
		prices = "prices with tax"
	}
	f.OK("%s answers: %q, books %s, %s", store.Domain, store.Name, strings.Join(money, ", "), prices)
	last := &f.List[len(f.List)-1]
	for _, code := range money {
		last.Needs = append(last.Needs, "currency/"+c.shop+"/"+code, "pricelist/"+c.shop+"/"+code)
	}
}

// supported is how long Shopify serves a version of its API at least.
const supported = 12

// answered judges version and clock of the last answer.
func (c checker) answered(f *commerce.Findings) {
	last := c.client.last.Load()
	if last == nil {
		return
	}
	asked := c.set.APIVersion
	released, err := time.Parse("2006-01", asked)
	end := released.AddDate(0, supported, 0)
	switch {
	case last.version != "" && last.version != asked:
		f.Warn("set shopify.api_version to "+last.version+" and the app's webhooks to the same version",
			"the Admin API serves version %s instead of %s, which it no longer has", last.version, asked)
	case err == nil && c.now().AddDate(0, 2, 0).After(end):
		f.Warn("raise shopify.api_version before that day; Shopify then serves a newer version unasked",
			"the Admin API's version %s is supported until about %s", asked, end.Format(time.DateOnly))
	default:
		f.OK("the Admin API serves version %s, until %s at least", asked, end.Format(time.DateOnly))
	}
	if !last.date.IsZero() {
		f.Skew("the store's", last.ahead())
	}
}

// grants are the rights of the app. One to write holds that to read.
func (a *apiInstallation) grants() map[string]bool {
	granted := map[string]bool{}
	if a == nil {
		return granted
	}
	for _, s := range a.Scopes {
		granted[s.Handle] = true
		if what, ok := strings.CutPrefix(s.Handle, "write_"); ok {
			granted["read_"+what] = true
		}
	}
	return granted
}

// scopes compares what the app may do with what is needed. The right to orders
// holds that to their transactions, refunds, fulfilments and risk.
func (c checker) scopes(f *commerce.Findings, app *apiInstallation, granted map[string]bool) {
	var names []string
	for _, s := range app.Scopes {
		names = append(names, s.Handle)
	}
	slices.Sort(names)
	list := strings.Join(names, ", ")
	where := "add it to the app's Admin API scopes, install the app again, and enter its new token as shopify.access_token"
	if c.set.ClientID != "" {
		where = "add it to a new version of the app in the Dev Dashboard, release that, and accept it in the store"
	}
	switch {
	case !granted["read_orders"]:
		f.Problem(where, "the scope read_orders is not granted (granted: %s)", orNone(list))
	case !granted["read_customers"]:
		f.Warn(where, "the scope read_customers is not granted: the buyer of an order may be unreadable (granted: %s)", list)
	default:
		f.OK("scopes granted: %s", list)
	}
	if granted["read_orders"] && !granted["read_returns"] {
		f.Warn(where, "the scope read_returns is not granted: returns are not seen, only their refunds; goods that come back without a word on a refund's line stay unknown")
	}
	if c.set.Variants && !granted["read_products"] {
		f.Problem(where+", or remove shopify.variants", "the scope read_products is not granted, which shopify.variants needs: no order can be read")
	}
	for _, scope := range []string{"read_locations", "read_merchant_managed_fulfillment_orders"} {
		if c.located && !granted[scope] {
			f.Problem(where+", or remove books.warehouses", "the scope %s is not granted, which books.warehouses needs", scope)
		}
	}
	if c.shelves && !c.located && !granted["read_locations"] {
		f.Problem(where+", or remove books.returns.locations", "the scope read_locations is not granted, which books.returns.locations needs: no order can be read")
	}
	switch reach := c.now().AddDate(0, 0, -readableDays); {
	case granted["read_all_orders"]:
	case !c.goLive.IsZero() && c.goLive.Before(reach):
		f.Warn("ask Shopify for that scope and accept it in the store; without it those orders are in no sweep, no pull and no webhook's read",
			"read_all_orders is not granted: orders made between go_live (%s) and %s, %d days ago, cannot be read", c.goLive.Format(time.DateOnly), reach.Format(time.DateOnly), readableDays)
	default:
		f.OK("read_all_orders is not granted: only orders of the last %d days can be read", readableDays)
		f.List[len(f.List)-1].Remedy = "ask Shopify for that scope if older orders shall come in or still change"
	}
}

// readableDays is how old an order may be that an app reads without read_all_orders.
const readableDays = 60

// readable tries what scopes do not tell: protected customer data is approved
// apart from them.
func (c checker) readable(ctx context.Context, f *commerce.Findings) {
	got, err := c.client.ask(ctx, c.store(), c.queries.probe, nil)
	switch {
	case err != nil:
		c.failed(f, err)
	case got.Orders != nil && len(got.Orders.Nodes) == 0:
		f.OK("there is no order yet that could be read as a trial")
	default:
		f.OK("orders and their buyers can be read")
	}
}

// webhooks holds the subscriptions against what must come in; returns says that
// the app may see them.
func (c checker) webhooks(ctx context.Context, f *commerce.Findings, returns bool) {
	subs, err := c.subscriptions(ctx)
	if err != nil {
		c.failed(f, err)
		return
	}
	if c.hook == "" {
		f.Warn(sayAddress, "the app made %d webhook subscriptions by the API; where they must lead is not known", len(subs))
		return
	}
	j := judgement{checker: c, subs: subs, returns: returns}
	if !j.postable() {
		f.Problem(sayHTTPS, "Shopify posts to https addresses only, and this shop's is %s", c.hook)
	}
	j.write(f)
}

const (
	sayAddress = "set server.public_url to the address that the shops post to, and check again"
	sayHTTPS   = "put a TLS proxy or tunnel before odoogate and begin server.public_url with https://"
)

func (c checker) subscriptions(ctx context.Context) ([]subscription, error) {
	var all connection[subscription]
	vars := map[string]any{}
	for {
		got, err := c.client.ask(ctx, c.store(), c.queries.webhooks, vars)
		if err != nil {
			return nil, err
		}
		if got.Webhooks == nil {
			return nil, &commerce.Error{Op: "shopify.webhooks", Reason: commerce.Invalid, Detail: "the store's answer holds no subscriptions"}
		}
		if err := all.add(c.store(), *got.Webhooks); err != nil {
			return nil, err
		}
		if !all.PageInfo.HasNextPage {
			return all.Nodes, nil
		}
		vars["after"] = all.PageInfo.EndCursor
	}
}

func orNone(list string) string {
	if list == "" {
		return "none"
	}
	return list
}

// enum is how the Admin API writes a topic: ORDERS_CREATE.
func enum(topic string) string {
	return strings.ToUpper(strings.NewReplacer("/", "_", ".", "_").Replace(topic))
}
