package gateway

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

// accounts are three, and before 2020 more than anybody can read.
type accounts struct{}

func (accounts) Decode([]byte) (*commerce.Customer, error) { return nil, handlers.ErrPartial }

func (accounts) Customer(_ context.Context, id string) (*commerce.Customer, error) {
	if id == "404" {
		return nil, &commerce.Error{Op: "customer", Reason: commerce.NotFound}
	}
	return &commerce.Customer{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: id}, Party: commerce.Party{ID: id}, UpdatedAt: time.Now()}, nil
}

func (accounts) Registered(_ context.Context, from, until time.Time) iter.Seq2[handlers.Change, error] {
	return func(yield func(handlers.Change, error) bool) {
		for n := 0; n < 3 || !until.IsZero() && from.Year() < 2020; n++ {
			if !yield(handlers.Change{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindCustomer, ID: fmt.Sprint(25 + n)}, At: from}, nil) {
				return
			}
		}
	}
}

func (ledger) Customer(_ context.Context, shop config.Shop, c *commerce.Customer, _ erp.CustomerApplied, _ func(context.Context) error) (erp.CustomerOutcome, error) {
	if !shop.Live() {
		return erp.CustomerOutcome{Action: "observed", Plan: []string{"make a contact"}}, nil
	}
	return erp.CustomerOutcome{Action: "created", OdooID: 70, OdooName: "70", Fields: map[string]string{"phone": "x"}, Writes: 1}, nil
}

// CustomerWith and the rest make accounts{} take what is pushed; no push of the API's test
// gets that far.
func (accounts) CustomerWith(context.Context, string) (*commerce.Customer, error) {
	return nil, &commerce.Error{Op: "customer", Reason: commerce.NotFound}
}

func (accounts) CreateCustomer(context.Context, commerce.CustomerWrite) (*commerce.Customer, error) {
	return nil, &commerce.Error{Op: "customer", Reason: commerce.Invalid}
}

func (accounts) SetCustomer(context.Context, string, commerce.CustomerWrite) (*commerce.Customer, error) {
	return nil, &commerce.Error{Op: "customer", Reason: commerce.Invalid}
}

func (accounts) Announces() string { return "nobody is told" }

// Contact is one without an e-mail address, whatever the id.
func (ledger) Contact(_ context.Context, _ config.Shop, id int64) (*erp.Contact, error) {
	return &erp.Contact{ID: id, Skip: fmt.Sprintf("contact %d has no e-mail address", id), Remedy: "enter it in Odoo"}, nil
}

// pushesCustomers has contacts brought to the shop, and sees what came of one.
func (d *desk) pushesCustomers() {
	d.t.Helper()
	const path = "/api/shops/fi/customers/push"
	dry := read[tasks.PushedCustomers](d.t, d.post(path, `{"ids": ["12"], "dry_run": true}`))
	require.Equal(d.t, tasks.PushedCustomers{DryRun: true, Shop: "fi", Contacts: []tasks.Pulled{
		{ID: "12", State: tasks.Skipped, Reason: "contact 12 has no e-mail address", Remedy: "enter it in Odoo"}}}, dry)
	pushed := read[tasks.PushedCustomers](d.t, d.post(path, `{"ids": ["12", "12", "Anna"]}`))
	require.Len(d.t, pushed.Contacts, 2)
	require.Eventually(d.t, func() bool {
		return len(read[events](d.t, d.get("/api/shops/fi/events?state=skipped&record=contact/12")).Events) > 0
	}, 10*time.Second, 5*time.Millisecond)
	shown := d.get("/api/shops/fi/events/" + pushed.Contacts[0].Event)
	require.Contains(d.t, shown, `"reason":"contact 12 has no e-mail address"`)
	require.Contains(d.t, shown, `"remedy":"enter it in Odoo"`)
	require.Contains(d.t, d.get("/api/trace?event="+pushed.Contacts[0].Event), `"record":"contact/12"`)
}

// pullsCustomers has accounts looked at, and sees what came of one.
func (d *desk) pullsCustomers() {
	d.t.Helper()
	const path = "/api/shops/fi/customers/pull"
	dry := read[tasks.PulledCustomers](d.t, d.post(path, `{"all": true, "dry_run": true}`))
	require.True(d.t, dry.DryRun)
	require.Len(d.t, dry.Customers, 3)
	require.Equal(d.t, tasks.Pulled{ID: "25", State: tasks.Planned, Plan: []string{"make a contact"}}, dry.Customers[0])
	pulled := read[tasks.PulledCustomers](d.t, d.post(path, `{"ids": ["25", "404", "25"]}`))
	require.Len(d.t, pulled.Customers, 2)
	require.Equal(d.t, []any{tasks.Asked, tasks.Skipped}, []any{pulled.Customers[0].State, pulled.Customers[1].State})
	require.Eventually(d.t, func() bool {
		return len(read[events](d.t, d.get("/api/shops/fi/events?state=done&record=customer/25")).Events) > 0
	}, time.Minute, 5*time.Millisecond)
	require.Contains(d.t, d.get("/api/trace?event="+pulled.Customers[0].Event), `"odoo":[{"kind":"contact","name":"70","state":""}]`)
	require.Len(d.t, read[tasks.PulledCustomers](d.t, d.post(path, `{"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}`)).Customers, 3)
}
