package tasks

import (
	"context"
	"fmt"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// PushCustomer makes an account of a shop hold what a contact of Odoo says. Running it
// twice writes once.
var PushCustomer = eventKind("customer:push")

// noPush says why no contact is pushed to a shop; "": some may be.
func noPush(shop *handlers.Shop) string {
	if _, ok := shop.Customers.(handlers.CustomerSetter); !ok {
		return fmt.Sprintf("the accounts of shop %s cannot be written: with %s, customers go from the shop to Odoo alone", shop.ID, shop.Platform)
	}
	return ""
}

// push is a contact on its way to its account. What is written for it is found by looking,
// so any run carries on what another began.
type push struct {
	*Worker
	shop   *handlers.Shop
	setter handlers.CustomerSetter
	held   *lease // of the contact
	end    *ending
	id     int64
	sent   map[string]string // marks of what was to be written when a run broke off
	made   bool
	email  string // of the contact
}

func (w *Worker) pushCustomer(ctx context.Context, e commerce.Event) error {
	return w.importRecord(ctx, PushCustomer.Name, e, func(held *lease, e commerce.Event, end *ending, _ int) (Verdict, error) {
		return w.pushContact(held, e, end)
	})
}

func (w *Worker) pushContact(held *lease, e commerce.Event, end *ending) (Verdict, error) {
	shop := w.shops[e.Ref.Shop]
	if shop == nil || noPush(shop) != "" {
		return Verdict{}, &commerce.Error{Op: "push", Reason: commerce.Invalid, Ref: e.Aggregate,
			Detail: "no shop is configured here by that name whose accounts can be written", Remedy: "put the shop back under shops, or discard the event"}
	}
	setter, _ := shop.Customers.(handlers.CustomerSetter)
	id := contactID(e.Aggregate)
	if id == 0 {
		return noContactID(), nil
	}
	p := &push{Worker: w, shop: shop, setter: setter, held: held, end: end, id: id, sent: end.rec.Sent}
	return p.run()
}

func (p *push) run() (Verdict, error) {
	k, err := p.contact()
	if err != nil {
		return Verdict{}, err
	}
	if k.Skip != "" {
		return Verdict{Outcome: Skipped, Reason: k.Skip, Remedy: k.Remedy}, nil
	}
	account, err := accountOf(p.held.ctx, pushing{p.shop, p.setter, p.journal}, k)
	if err != nil || account == nil {
		return p.without(k, err)
	}
	return p.beside(account.Ref)
}

// contact reads the contact as it is now.
func (p *push) contact() (k *erp.Contact, err error) {
	err = p.atOdoo(p.held, func(ctx context.Context) error {
		k, err = p.books.Contact(ctx, p.shop.Config, p.id)
		return err
	})
	return k, err
}

// meets is an outcome where an account's own orders would not find the contact; c nil: the
// account that it would get.
func (p *push) meets(k *erp.Contact, c *commerce.Customer, last erp.CustomerApplied) (v *Verdict, err error) {
	err = p.atOdoo(p.held, func(ctx context.Context) error {
		v, err = unmet(p.books.Meets(ctx, k, c, last))
		return err
	})
	return v, redacted(err, k.Words())
}

// without is for a contact that has no account: one is made where that is wanted.
func (p *push) without(k *erp.Contact, err error) (Verdict, error) {
	if err != nil {
		return Verdict{}, redacted(err, k.Words())
	}
	if v, err := p.meets(k, nil, erp.CustomerApplied{}); v != nil || err != nil {
		return orVerdict(v), err
	}
	if v := newAccount(p.shop, p.setter, k.New()); v.Outcome == Skipped {
		return v, nil
	}
	account, err := p.create(k)
	if err != nil {
		return Verdict{}, err
	}
	return p.beside(account.Ref)
}
