package tasks

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// rehearsing is books of which an operator asks for contacts alone.
type rehearsing struct {
	OperatorBooks
	books *fakeBooks
}

func (b rehearsing) Customer(ctx context.Context, shop config.Shop, c *commerce.Customer, last erp.CustomerApplied, still func(context.Context) error) (erp.CustomerOutcome, error) {
	return b.books.Customer(ctx, shop, c, last, still)
}

// accountsDesk is an operator of a shop with accounts.
func (r *rig) accountsDesk() (*Operator, *fakeAccounts) {
	shop := r.followed()
	return NewOperator(OperatorOptions{Redis: r.rdb, Shops: r.opt.Shops, Books: rehearsing{books: r.books}, Who: "anna"}), shop
}

func TestAccountsArePulledByIDByTheirRegistrationAndAllOfThem(t *testing.T) {
	r := newRig(t)
	op, shop := r.accountsDesk()
	old, late := customer("7", 1), customer("8", 1)
	late.CreatedAt = at(0).Add(24 * time.Hour)
	shop.put(old, late)
	r.start()
	pull := func(w PullWish) map[string]Pulled {
		t.Helper()
		did, err := op.PullCustomers(t.Context(), "fi", w, false)
		require.NoError(t, err)
		byID := map[string]Pulled{}
		p := Puller{Kind: commerce.KindCustomer, Shop: r.opt.Shops["fi"], Journal: NewJournal(r.rdb)}
		for _, one := range r.pulled(p.Await(t.Context(), did.Customers)) {
			byID[one.ID] = one
		}
		return byID
	}
	by := pull(PullWish{IDs: []string{"7", "404", "7", "1"}})
	require.Equal(t, string(commerce.NotFound), by["1"].Reason, "an account of staff is no customer's")
	require.Equal(t, []any{Done, "created"}, []any{by["7"].State, by["7"].Reason})
	require.Equal(t, []any{Skipped, string(commerce.NotFound)}, []any{by["404"].State, by["404"].Reason})
	require.Contains(t, by["404"].Remedy, "guests have none")
	require.Equal(t, at(1), r.books.contact("7"))

	by = pull(PullWish{From: at(0).Add(time.Hour), To: at(0).Add(48 * time.Hour)})
	require.Len(t, by, 1)
	require.Equal(t, Done, by["8"].State, "go_live and the like say nothing about accounts")
	require.Len(t, pull(PullWish{All: true}), 2)
	require.Equal(t, 4, r.books.contactCalls(), "who asks for a look gets one")
	var did []string
	for _, c := range r.audited() {
		did = append(did, c.What+" "+c.On)
	}
	require.Equal(t, []string{"pull customers all", "pull customers registered 2026-11-22T11:00:00Z to 2026-11-24T10:00:00Z", "pull customers customer/7,404,7,1"}, did)
	r.silent()
}

func TestADryRunOfAccountsSaysWhatWouldBeWritten(t *testing.T) {
	r := newRig(t)
	op, shop := r.accountsDesk()
	shop.put(customer("7", 1))
	did, err := op.PullCustomers(t.Context(), "fi", PullWish{IDs: []string{"7", "404", "1"}}, true)
	require.NoError(t, err)
	require.Equal(t, PulledCustomers{DryRun: true, Customers: []Pulled{
		{ID: "7", State: Planned, Plan: []string{"make a contact"}}, {ID: "404", State: Skipped, Reason: "not_found"}, {ID: "1", State: Skipped, Reason: "not_found"}}}, did)
	require.Empty(t, r.waiting())
	r.books.contacts.fails = &commerce.Error{Op: "erp.customer", Reason: commerce.Missing, Detail: "two contacts have " + canary, Remedy: "merge them"}
	did, err = op.PullCustomers(t.Context(), "fi", PullWish{IDs: []string{"7"}}, true)
	require.NoError(t, err)
	require.Equal(t, []Pulled{{ID: "7", State: Parked, Reason: "missing", Detail: "two contacts have […]", Remedy: "merge them"}}, did.Customers)
	r.books.contacts.fails = &commerce.Error{Op: "erp.customer", Reason: commerce.Unavailable}
	_, err = op.PullCustomers(t.Context(), "fi", PullWish{IDs: []string{"7"}}, true)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
}

func TestAPullOfAccountsThatCannotBeNamesTheReasonAndTheRemedy(t *testing.T) {
	r := newRig(t)
	op := r.operator()
	refused := func(says, remedy string) {
		t.Helper()
		_, err := op.PullCustomers(t.Context(), "fi", PullWish{IDs: []string{"7"}}, false)
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, remedy)
		_, err = op.Explain(t.Context(), "fi", "customer/7")
		require.ErrorContains(t, err, says)
	}
	refused("the accounts of shop fi cannot be read: with fake", "")
	r.followed()
	_, err := op.Explain(t.Context(), "fi", "customer/7")
	require.ErrorContains(t, err, "odoogate pull customers --shop fi --ids 7 --dry-run says what would be written for it")
	r.opt.Shops["fi"].Config.Books.Customers.Accounts = "orders"
	refused("books.customers.accounts: orders", "set it to known or all")
	require.Empty(t, r.audited())
}
