package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Why nothing is done about an account that the shop has no more. Its contact stays:
// invoices name it, and whoever wants to be forgotten asks for that.
const (
	accountGone      = "not in the shop any more; its contact stays in Odoo"
	accountNeverSeen = "not in the shop any more; no contact is known of it"
)

// accountThere is said of an event that told of a deletion.
const accountThere = "the shop says that it deleted the account, and has it"

// noAccounts says why nothing is done about the accounts of a shop's customers, and what
// would change that; "": they are brought to their contacts.
func noAccounts(shop *handlers.Shop) (why, remedy string) {
	switch {
	case shop.Customers == nil:
		return fmt.Sprintf("the accounts of shop %s cannot be read: with %s, customers come with their orders alone", shop.ID, shop.Platform), ""
	case !shop.Config.FollowsAccounts():
		return fmt.Sprintf("shop %s leaves accounts alone (books.customers.accounts: orders)", shop.ID), "set it to known or all"
	}
	return "", ""
}

// importCustomer brings one account to its contact. Where the shop's accounts are left
// alone, its event is noted.
func (w *Worker) importCustomer(ctx context.Context, e commerce.Event) error {
	shop := w.shops[e.Ref.Shop]
	if shop == nil {
		return w.noteEvent(ctx, e)
	}
	if why, _ := noAccounts(shop); why != "" {
		return w.noteEvent(ctx, e)
	}
	return w.importRecord(ctx, ImportCustomer.Name, e, func(held *lease, e commerce.Event, end *ending, round int) (Verdict, error) {
		return w.bookCustomer(held, shop, e, end, round)
	})
}

// meet has the account of a new order's buyer looked at, unless it was brought to its
// contact before: what it and the contact have in common now tells later who changed what.
func (w *Worker) meet(ctx context.Context, shop *handlers.Shop, o *commerce.Order) {
	why, _ := noAccounts(shop)
	if why != "" || o.Customer.ID == "" {
		return
	}
	ref := commerce.Ref{Shop: shop.ID, Kind: commerce.KindCustomer, ID: o.Customer.ID}
	rec, _, err := w.journal.Get(ctx, ref)
	if err == nil && rec.Outcome != Done {
		_, err = w.queue.Ask(ctx, LaneSweep, ref, "met", o.Ref.ID)
	}
	if err != nil {
		w.log.Warn("the account of an order's buyer is looked at when it changes, and not now", "shop", shop.ID, "ref", ref.String(), "detail", err.Error())
	}
}

// bookCustomer brings one state of an account to Odoo.
func (w *Worker) bookCustomer(held *lease, shop *handlers.Shop, e commerce.Event, end *ending, round int) (Verdict, error) {
	end.rec.Under = under(shop.Config)
	if stale(held, e, end.rec, round) {
		return Verdict{Outcome: Stale}, nil
	}
	c, err := account(held, shop, e, end, round)
	if commerce.ReasonOf(err) == commerce.NotFound {
		return Verdict{Outcome: Skipped, Reason: end.rec.gone()}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	end.did("read", time.Now())
	v, err := w.applyCustomer(held, shop, e, c, end)
	if e.Gone && v.Outcome == Done {
		v.Detail = accountThere
	}
	return v, err
}

// gone is why nothing is done about the account any more.
func (r Record) gone() string {
	if r.OdooID == 0 {
		return accountNeverSeen
	}
	return accountGone
}

// account is the account as it is now. The payload alone is enough only where what was
// applied last is strictly older and no other run came between: whether Odoo knows one of
// which nothing is remembered, only its present state can tell.
func account(held *lease, shop *handlers.Shop, e commerce.Event, end *ending, round int) (*commerce.Customer, error) {
	before := end.rec
	if fresh(held, e, before, round) && before.Outcome == Done && before.UpdatedAt.Before(e.UpdatedAt) {
		c, err := shop.Customers.Decode(e.Body)
		if !errors.Is(err, handlers.ErrPartial) {
			return c, err
		}
	}
	end.read = time.Now()
	return shop.Customers.Customer(held.ctx, e.Aggregate.ID)
}

// applyCustomer brings a state of the account to its contact, unless a newer one or this
// very one was brought there before.
func (w *Worker) applyCustomer(held *lease, shop *handlers.Shop, e commerce.Event, c *commerce.Customer, end *ending) (Verdict, error) {
	rec, before, digest := &end.rec, end.rec, c.Digest()
	if v, err := w.beingMade(held.ctx, c, before); v != nil || err != nil {
		return orVerdict(v), err
	}
	switch {
	case asked(e, before):
	case before.Digest != "" && c.UpdatedAt.Before(before.UpdatedAt):
		return Verdict{Outcome: Stale}, nil
	case before.Outcome == Done && !before.Begun && digest == before.Digest:
		rec.UpdatedAt = c.UpdatedAt
		return Verdict{Outcome: Done, Reason: "unchanged", Needs: before.Needs}, nil
	}
	last := before.CustomerApplied()
	last.Begins = func(ctx context.Context, tries []string) error {
		rec.Tried = tried(tries, rec.Tried)
		err := w.begins(ctx, c.Ref, "tried", strings.Join(rec.Tried, " "))
		rec.Begun = rec.Begun || err == nil // whatever ends the run
		return err
	}
	var out erp.CustomerOutcome
	writes, err := w.writeOdoo(held, end, &last.Begun, func(ctx context.Context) (_ int, err error) {
		out, err = w.books.Customer(ctx, shop.Config, c, last, held.still)
		return out.Writes, err
	})
	if writes > 0 {
		end.did("written", time.Now())
	}
	for _, notice := range out.Notices {
		w.log.Warn("account holds something to look at", "shop", c.Ref.Shop, "ref", c.Ref.String(), "event", e.ID, "notice", notice)
	}
	if err != nil {
		rec.Begun = rec.Begun || writes > 0
		return Verdict{}, redacted(err, words(c))
	}
	if out.OdooID != 0 {
		rec.OdooID, rec.OdooName = out.OdooID, out.OdooName
		if err := w.rdb.Set(held.ctx, accountKey(contactRef(shop.ID, out.OdooID)), c.Ref.ID, doneFor).Err(); err != nil {
			return Verdict{}, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: c.Ref, Err: err}
		}
	}
	switch out.Action {
	case "skipped":
		return Verdict{Outcome: Skipped, Reason: out.Reason, Needs: out.Needs}, nil
	case "observed": // nothing was applied, so nothing is remembered as applied
		return Verdict{Outcome: Skipped, Reason: out.Action, Detail: strings.Join(out.Plan, "\n")}, nil
	}
	rec.UpdatedAt, rec.Digest, rec.Begun = c.UpdatedAt, digest, false
	if out.Fields != nil {
		rec.Marks = out.Fields
	}
	return Verdict{Outcome: Done, Reason: out.Action, Needs: out.Needs}, nil
}

// mostTried is how many marks of what was written a record keeps: those of two runs that
// write all of an account and two dozen fields of the configuration.
const mostTried = 64

// tried puts marks before those of earlier runs.
func tried(marks, before []string) []string {
	all := slices.Clone(marks)
	for _, m := range before {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all[:min(len(all), mostTried)]
}

// words hold what the customer gave with the account, to be taken out of what Odoo says
// of it.
func words(c *commerce.Customer) *commerce.Order {
	return &commerce.Order{Customer: c.Party, Billing: c.Billing, Shipping: c.Shipping, Meta: c.Meta}
}

// under names the settings that decide whether an account has a contact: what was skipped
// under others is looked at again.
func under(shop config.Shop) string {
	sum := sha256.New()
	for _, layer := range shop.Layers() {
		_, _ = fmt.Fprintf(sum, "%s %+v\n", layer.Place, layer.Books.Customers) // a hash takes it all
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
