package erp

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// CustomerApplied is what the journal remembers of the runs before about one account;
// zero: nothing.
type CustomerApplied struct {
	OdooID int64 // of its contact
	// Fields are marks of the values that the shop had of each field when it was last
	// brought to the contact, by field: hashes, and not the values.
	Fields map[string]string
	// Begun says that a run since then wrote something and did not end well, or that two
	// wrote at once: what Odoo has of a field may be one of Tried, and ours.
	Begun bool
	// Tried are marks of what runs were about to write lately, in any order.
	Tried []string
	// Begins is as of Applied; it is given the marks of what is about to be written.
	Begins func(ctx context.Context, tries []string) error
}

// CustomerOutcome is what became of an account.
type CustomerOutcome struct {
	Action   string // created, updated, unchanged, skipped, observed
	Reason   string // why it was skipped
	OdooID   int64
	OdooName string            // of the contact: its id as text, for names are personal
	Fields   map[string]string // to be remembered; nil: nothing was applied
	Writes   int
	Plan     []string // observed: what would have been written, a step a line, without values
	Needs    []string // what in Odoo lets it go on by itself
	Notices  []string // what a person may want to look at; no personal data
}

// Customer brings an account to its contact in Odoo, which is looked for like the buyer
// of an order of it. What the shop changed since last is written where Odoo still holds
// what was brought last, or nothing; what people changed in Odoo stays and is told. New
// addresses become contacts under it. Whether an account without a contact gets one is
// for books.customers.accounts to say. Nothing is brought back from the archive, and
// nothing is emptied that did not come from the shop. Errors and still are as of Order;
// running it again, also after a crash at any point, leads to the same contact.
func (b *Books) Customer(ctx context.Context, shop config.Shop, c *commerce.Customer, last CustomerApplied, still func(context.Context) error) (CustomerOutcome, error) {
	b.busy.Add(1)
	defer b.busy.Add(-1)
	o := accountOrder(c)
	out, err := b.customer(ctx, shop, o, last, still)
	var lost *stopped
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &lost):
		return out, lost.err
	}
	return out, ofAccount(o.Ref, err)
}

// accountOrder is an order of the account's facts: whoever finds and makes the contacts
// of a buyer does the same for an account.
func accountOrder(c *commerce.Customer) *commerce.Order {
	o := &commerce.Order{Ref: c.Ref, URL: c.URL, Customer: c.Party, Billing: c.Billing, Shipping: c.Shipping, Meta: c.Meta}
	o.Customer.ID = cmp.Or(o.Customer.ID, c.Ref.ID)
	return o
}

// ofAccount puts what went wrong in the words of accounts.
func ofAccount(ref commerce.Ref, err error) error {
	var e *commerce.Error
	if !errors.As(classify(ref, err), &e) {
		return err
	}
	own := *e
	own.Op = strings.Replace(own.Op, "erp.order", "erp.customer", 1)
	own.Detail = strings.ReplaceAll(own.Detail, "the order", "the account")
	own.Remedy = strings.ReplaceAll(own.Remedy, "the order", "the account")
	return &own
}

func (b *Books) customer(ctx context.Context, shop config.Shop, o *commerce.Order, last CustomerApplied, still func(context.Context) error) (CustomerOutcome, error) {
	if strings.ContainsRune(texts(o), 0) {
		return CustomerOutcome{}, &commerce.Error{Op: "erp.customer", Reason: commerce.Invalid, Ref: o.Ref,
			Detail: "a text of the account holds a NUL character, which no database keeps",
			Remedy: "remove it in the shop; it is invisible, so type the text anew"}
	}
	if books, _ := shop.For(Facts(o)); books.Customers.Accounts == "orders" {
		return CustomerOutcome{Action: skipped, Reason: "buyers come with their orders alone (customers.accounts is orders)"}, nil
	}
	m, err := b.master.get(ctx)
	if err != nil {
		return CustomerOutcome{}, err
	}
	p, s, err := b.accountPlan(ctx, shop, o, last, m)
	if missesMaster(err) && !b.master.young() {
		b.master.forgetThis(m)
		if m, err = b.master.get(ctx); err != nil {
			return CustomerOutcome{}, err
		}
		p, s, err = b.accountPlan(ctx, shop, o, last, m)
	}
	out := p.outcome()
	if err != nil || p.Skip != "" {
		return out, err
	}
	if !shop.Live() {
		out.Action, out.Plan, out.Fields = observed, p.show(), nil
		return out, nil
	}
	w := &writer{odoo: b.odoo, settings: s, order: o, still: still, now: b.master.now}
	if last.Begins != nil {
		w.begins = func(ctx context.Context) error { return last.Begins(ctx, p.tries()) }
	}
	err = w.account(ctx, &p)
	out.Writes = int(w.writes.Load())
	if out.Writes > 0 {
		b.people.drop(p.holds)
	}
	if err != nil {
		out.Fields = nil
		return out, err
	}
	out.OdooID, out.Notices = p.People.Buyer.ID, append(out.Notices, w.told...)
	out.OdooName = itoa(out.OdooID)
	return out, nil
}

// accountPlan looks at what Odoo has as often as the plan asks for more of it.
func (b *Books) accountPlan(ctx context.Context, shop config.Shop, o *commerce.Order, last CustomerApplied, m *master) (accountPlan, settings, error) {
	s, err := settingsFor(shop, Facts(o), m)
	if err != nil {
		return accountPlan{}, s, err
	}
	if s.Ties, err = b.tiesOf(ctx, o); err != nil {
		return accountPlan{}, s, err
	}
	r := b.reader(s)
	r.known, r.more = nil, s.accountFields() // what is a minute old may have been changed by people since
	l, err := r.account(ctx, o, last)
	for err == nil {
		p := s.planAccount(o, l)
		if p.Asks == (asks{}) {
			return p, s, p.lacks(o, s, l)
		}
		err = r.answer(ctx, o, p.Asks, &l)
	}
	return accountPlan{}, s, err
}

// lacks is what keeps the account out.
func (p *accountPlan) lacks(o *commerce.Order, s settings, l accountLook) error {
	if l.Twins != nil {
		return missing(o.Ref, *l.Twins)
	}
	if p.Skip != "" {
		return nil
	}
	var all gaps
	for _, r := range s.Books.Fields {
		if g := s.misfit(r); g != nil && r.On == config.OnCustomer {
			all.add(*g)
		}
	}
	if g := s.speaks(s.Books.Language); g != nil && p.Made {
		all.add(*g)
	}
	return missing(o.Ref, all...)
}
