package tasks

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// fakeAccounts are those of a shop; payloads are "id version".
type fakeAccounts struct {
	mu       sync.Mutex
	accounts map[string]*commerce.Customer
	reads    int
	err      error // of a read
	listErr  error
}

// followed gives the rig's shop accounts; nobody goes through them unless the test does.
func (r *rig) followed() *fakeAccounts {
	a := &fakeAccounts{accounts: map[string]*commerce.Customer{}}
	r.opt.Shops["fi"].Customers = a
	r.opt.Shops["fi"].Config.Jobs.Customers.Enabled = new(false)
	return a
}

func (a *fakeAccounts) put(all ...*commerce.Customer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range all {
		a.accounts[c.Ref.ID] = c
	}
}

func (a *fakeAccounts) remove(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.accounts, id)
}

// fail lets reads fail from here on.
func (a *fakeAccounts) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

func (a *fakeAccounts) readCount() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.reads
}

func (a *fakeAccounts) Decode(body []byte) (*commerce.Customer, error) {
	var id string
	var version int
	if _, err := fmt.Sscanf(string(body), "%s %d", &id, &version); err != nil {
		return nil, &commerce.Error{Op: "decode", Reason: commerce.Invalid, Err: err}
	}
	return customer(id, version), nil
}

func (a *fakeAccounts) Customer(_ context.Context, id string) (*commerce.Customer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reads++
	c := a.accounts[id]
	switch {
	case a.err != nil:
		return nil, a.err
	case id == "1":
		return nil, &commerce.Error{Op: "customer", Reason: commerce.Ignored, Ref: customerRef(id), Detail: "it is of staff"}
	case c == nil:
		return nil, &commerce.Error{Op: "customer", Reason: commerce.NotFound, Ref: customerRef(id)}
	}
	copied := *c
	return &copied, nil
}

func (a *fakeAccounts) Registered(_ context.Context, from, until time.Time) iter.Seq2[handlers.Change, error] {
	return func(yield func(handlers.Change, error) bool) {
		a.mu.Lock()
		var list []handlers.Change
		for _, c := range a.accounts {
			if !c.CreatedAt.Before(from) && (until.IsZero() || c.CreatedAt.Before(until)) {
				list = append(list, handlers.Change{Ref: c.Ref, At: c.UpdatedAt})
			}
		}
		err := a.listErr
		a.mu.Unlock()
		slices.SortFunc(list, func(a, b handlers.Change) int { return cmp.Compare(a.Ref.ID, b.Ref.ID) })
		for _, change := range list {
			if !yield(change, nil) {
				return
			}
		}
		if err != nil {
			yield(handlers.Change{}, err)
		}
	}
}

func customerRef(id string) commerce.Ref {
	return commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: id}
}

// customer is an account of the canary in a version.
func customer(id string, version int) *commerce.Customer {
	return &commerce.Customer{Ref: customerRef(id), CreatedAt: at(0), UpdatedAt: at(version),
		Party: commerce.Party{ID: id, Email: canary, Phone: fmt.Sprint("+358 40 ", 100000+version)}}
}

// accountHint is a delivery about an account.
func accountHint(event, id string, version int) commerce.Event {
	return commerce.Event{ID: event, Topic: "customer.updated", Hint: commerce.HintCustomer, Ref: customerRef(id), Aggregate: customerRef(id),
		UpdatedAt: at(version), Received: time.Now(), Body: fmt.Appendf(nil, "%s %d %s", id, version, canary)}
}

// accountDeletion is how a shop says that an account is deleted; it tells nothing else of it.
func accountDeletion(event, id string) commerce.Event {
	e := accountHint(event, id, 0)
	e.Topic, e.Gone, e.Body, e.UpdatedAt = "customer.deleted", true, nil, time.Time{}
	return e
}

func (r *rig) customerRecord(id string) Record {
	r.t.Helper()
	rec, _, err := NewJournal(r.rdb).Get(context.Background(), customerRef(id))
	require.NoError(r.t, err)
	return rec
}

// fakeContacts are those that the fake books made of accounts.
type fakeContacts struct {
	written map[string]time.Time // account → the version that was brought to it last
	calls   int
	last    erp.CustomerApplied
	during  func(ctx context.Context, c *commerce.Customer, still func(context.Context) error) error
	writing func(c *commerce.Customer) // once it is noted that a run has begun to write
	out     *erp.CustomerOutcome       // what Customer answers, nil: that it was created
	fails   error
}

func (b *fakeBooks) Customer(ctx context.Context, shop config.Shop, c *commerce.Customer, last erp.CustomerApplied, still func(context.Context) error) (erp.CustomerOutcome, error) {
	b.mu.Lock()
	b.contacts.calls++
	b.contacts.last = last
	during, writing, out, fails := b.contacts.during, b.contacts.writing, b.contacts.out, b.contacts.fails
	b.mu.Unlock()
	if during != nil {
		if err := during(ctx, c, still); err != nil {
			return erp.CustomerOutcome{}, err
		}
	}
	switch {
	case shop.Mode == "observe":
		return erp.CustomerOutcome{Action: "observed", Plan: []string{"make a contact"}}, fails
	case out != nil:
		return *out, fails
	}
	if err := last.Begins(ctx, []string{contactMark(c)}); err != nil {
		return erp.CustomerOutcome{}, err
	}
	if writing != nil {
		writing(c)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.contacts.written == nil {
		b.contacts.written = map[string]time.Time{}
	}
	b.contacts.written[c.Ref.ID] = c.UpdatedAt
	return erp.CustomerOutcome{Action: "created", OdooID: 70, OdooName: "70", Fields: map[string]string{"phone": contactMark(c)}, Writes: 1}, nil
}

// contactMark is that of the version that an account's contact has.
func contactMark(c *commerce.Customer) string { return "m" + c.Digest()[:7] }

// contactCalls is how often the books were asked for a contact.
func (b *fakeBooks) contactCalls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.contacts.calls
}

// Contact and Meets are for the books themselves: pushes are tested with an Odoo in memory.
func (b *fakeBooks) Contact(context.Context, config.Shop, int64) (*erp.Contact, error) {
	return nil, &commerce.Error{Op: "contact", Reason: commerce.Internal, Detail: "these books have no contacts to push"}
}

func (b *fakeBooks) Meets(context.Context, *erp.Contact, *commerce.Customer, erp.CustomerApplied) (why, remedy string, err error) {
	return "", "", nil
}

// contact is the version that was brought to an account's contact last.
func (b *fakeBooks) contact(id string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.contacts.written[id]
}
