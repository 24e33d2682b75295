package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// newFor is how long a new account's own news wait for the push that made it: longer than
// a run that died is noticed and done again.
const newFor = 2 * time.Minute

// newKey says that an account with an e-mail address is being made, whose id nobody knows
// yet.
func newKey(shop, email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	return shopKey(shop, "new:"+hex.EncodeToString(sum[:12]))
}

// create makes the account of a contact, and says before that one is on its way: until it
// is known what both sides have in common, its import would not know whose it is.
func (p *push) create(k *erp.Contact) (*commerce.Customer, error) {
	plan := k.New()
	if err := p.intend(plan.Sent); err != nil {
		return nil, err
	}
	if err := p.rdb.Set(p.held.ctx, newKey(p.shop.ID, k.Email()), "1", newFor).Err(); err != nil {
		return nil, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: p.held.ref, Err: err}
	}
	if err := p.held.still(p.held.ctx); err != nil {
		return nil, err
	}
	account, err := p.setter.CreateCustomer(p.held.ctx, plan.Write)
	switch commerce.ReasonOf(err) {
	case "":
		p.made = true
		p.end.did("told", time.Now())
	case commerce.Exists: // somebody registered meanwhile, or a run before this one made it
		account, err = p.setter.CustomerWith(p.held.ctx, k.Email())
		if commerce.ReasonOf(err) == commerce.NotFound {
			return nil, &commerce.Error{Op: "push", Reason: commerce.Invalid, Ref: p.held.ref,
				Detail: "the shop has an account with the contact's e-mail address, and shows none", Remedy: "look for it in the shop by hand"}
		}
	}
	return account, redacted(err, k.Words())
}

// beingMade is an outcome for an account of which nothing is remembered and that a push is
// making.
func (w *Worker) beingMade(ctx context.Context, c *commerce.Customer, before Record) (*Verdict, error) {
	if before.Marks != nil || c.Email == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	n, err := w.rdb.Exists(ctx, newKey(c.Ref.Shop, c.Email)).Result()
	if err != nil {
		return nil, &commerce.Error{Op: "journal", Reason: commerce.Unavailable, Ref: c.Ref, Err: err}
	}
	if n == 0 {
		return nil, nil //nolint:nilnil // as above
	}
	return &Verdict{Outcome: Snooze, Reason: string(commerce.Conflict), Detail: "a push is making the account", After: time.Second}, nil
}
