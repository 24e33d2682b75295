package tasks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// accountKey is which of a shop's accounts a contact was last brought to, or comes from.
func accountKey(contact commerce.Ref) string {
	return shopKey(contact.Shop, "account:"+contact.ID)
}

// contactRef names a contact of Odoo for a shop.
func contactRef(shop string, id int64) commerce.Ref {
	return commerce.Ref{Shop: shop, Kind: commerce.KindContact, ID: fmt.Sprint(id)}
}

// contactID is the id in Odoo of a contact, 0 for a name that is none.
func contactID(ref commerce.Ref) int64 {
	id, err := strconv.ParseInt(ref.ID, 10, 64)
	if err != nil {
		return 0
	}
	return max(id, 0)
}

func noContactID() Verdict {
	return Verdict{Outcome: Skipped, Reason: string(commerce.Invalid), Remedy: "name contacts by their ids in Odoo, which are numbers"}
}

// pushing is where accounts are looked for.
type pushing struct {
	shop    *handlers.Shop
	setter  handlers.CustomerSetter
	journal *Journal
}

// accountOf is the account of a contact, nil for none: the one that a person bound to it,
// else the one with its e-mail address, else the one that it was known by last.
func accountOf(ctx context.Context, p pushing, k *erp.Contact) (*commerce.Customer, error) {
	bound, err := p.bound(ctx, k.ID)
	if err != nil {
		return nil, err
	}
	found, err := p.setter.CustomerWith(ctx, k.Email())
	switch {
	case commerce.ReasonOf(err) == commerce.NotFound:
		found = nil
	case err != nil:
		return nil, err
	case len(bound) == 0 || slices.Contains(bound, found.Ref.ID):
		return found, nil
	}
	if len(bound) > 1 {
		return nil, &commerce.Error{Op: "push", Reason: commerce.Invalid, Ref: contactRef(p.shop.ID, k.ID),
			Detail: fmt.Sprintf("the accounts %s are bound to the contact, and none of them has its e-mail address", strings.Join(bound, ", ")),
			Remedy: fmt.Sprintf("leave one of them bound: odoogate bind %s --help", p.shop.ID)}
	}
	if len(bound) == 1 {
		c, err := p.shop.Customers.Customer(ctx, bound[0])
		if commerce.ReasonOf(err) == commerce.NotFound {
			err = &commerce.Error{Op: "push", Reason: commerce.Invalid, Ref: contactRef(p.shop.ID, k.ID),
				Detail: fmt.Sprintf("the contact is bound to account %s by odoogate bind, and the shop has no such account any more", bound[0]),
				Remedy: fmt.Sprintf("bind it to another, or unbind it: odoogate bind %s --help", p.shop.ID)}
		}
		return c, err
	}
	return p.known(ctx, k.ID)
}

// bound are the accounts that a person tied to the contact, in order.
func (p pushing) bound(ctx context.Context, id int64) (all []string, err error) {
	ties, err := NewTies(p.journal.rdb).All(ctx, p.shop.ID)
	if err != nil {
		return nil, &commerce.Error{Op: "ties", Reason: commerce.Unavailable, Ref: contactRef(p.shop.ID, id), Err: err}
	}
	for _, tie := range slices.SortedFunc(maps.Keys(ties), func(a, b erp.Tie) int { return strings.Compare(a.ID, b.ID) }) {
		if tie.Kind == erp.TieCustomer && ties[tie] == id {
			all = append(all, tie.ID)
		}
	}
	return all, nil
}

// known is the account that the contact was known by last, as long as the shop has it and
// it is brought to nobody else since.
func (p pushing) known(ctx context.Context, id int64) (*commerce.Customer, error) {
	account, err := p.journal.rdb.Get(ctx, accountKey(contactRef(p.shop.ID, id))).Result()
	if err = ignoreNil(err); err != nil {
		return nil, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: contactRef(p.shop.ID, id), Err: err}
	}
	if account == "" {
		return nil, nil //nolint:nilnil // none is an answer
	}
	rec, _, err := p.journal.Get(ctx, commerce.Ref{Shop: p.shop.ID, Kind: commerce.KindCustomer, ID: account})
	if err != nil {
		return nil, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: contactRef(p.shop.ID, id), Err: err}
	}
	if rec.OdooID != id {
		return nil, nil //nolint:nilnil // as above
	}
	c, err := p.shop.Customers.Customer(ctx, account)
	if commerce.ReasonOf(err) == commerce.NotFound {
		return nil, nil //nolint:nilnil // as above
	}
	return c, err
}

// unmet is the outcome for a contact that an account's own orders would not find.
func unmet(why, remedy string, err error) (*Verdict, error) {
	if err != nil || why == "" {
		return nil, err
	}
	return &Verdict{Outcome: Skipped, Reason: why, Remedy: remedy}, nil
}

// orVerdict is a verdict that may not be there.
func orVerdict(v *Verdict) Verdict {
	if v == nil {
		return Verdict{}
	}
	return *v
}

// newAccount says why no account is made of a contact that has none; Outcome Asked: one is.
func newAccount(shop *handlers.Shop, setter handlers.CustomerSetter, plan erp.PushPlan) Verdict {
	switch {
	case !shop.Config.WriteBack.MakesAccounts():
		return Verdict{Outcome: Skipped, Reason: "the shop has no account with its e-mail address, and none is made (write_back.accounts is known)",
			Remedy: fmt.Sprintf("set write_back.accounts of shop %s to all; %s", shop.ID, setter.Announces())}
	case !shop.Config.Live():
		return Verdict{Outcome: Skipped, Reason: "observed", Detail: strings.Join(showPush("make an account", plan), "\n")}
	}
	return Verdict{Outcome: Asked}
}

func observedPush(c *commerce.Customer, plan erp.PushPlan) Verdict {
	return Verdict{Outcome: Skipped, Reason: "observed", Detail: strings.Join(showPush("account "+c.Ref.ID, plan), "\n")}
}

// showPush is a plan as people read it, a step a line and without values.
func showPush(what string, plan erp.PushPlan) []string {
	out := []string{"nothing to write: " + what + " is equal"}
	if len(plan.Parts) > 0 {
		out[0] = fmt.Sprintf("write %s of %s", strings.Join(plan.Parts, ", "), what)
	}
	if what == "make an account" {
		out[0] = what + " with " + strings.Join(plan.Parts, ", ")
	}
	for _, n := range plan.Notices {
		out = append(out, "look at: "+n)
	}
	return out
}
