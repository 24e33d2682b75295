package erp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// accountLook is what is known of an account's contact.
type accountLook struct {
	have
	Skip  string // why it is left as it is
	Last  CustomerApplied
	Done  asks // what was asked
	Ours  map[int64]bool
	Taken bool // somebody else has the account's e-mail address
	Open  bool // goods of an order are on their way to the contact's own address
	// Elsewhere says that another company than the contact's has the account's VAT number.
	Elsewhere bool
}

// copied lets a plan change the contacts.
func (l *accountLook) copied() {
	if l.Buyer != nil {
		buyer := *l.Buyer
		l.Buyer = &buyer
	}
	switch {
	case l.Company == nil:
	case l.Buyer != nil && l.Company.ID == l.Buyer.ID:
		l.Company = l.Buyer
	default:
		company := *l.Company
		l.Company = &company
	}
}

// asks are what a plan must know and does not: most accounts need none of it.
type asks struct{ Children, Ours, Taken, Open, Records bool }

// accountFields are read of contacts beside what orders need of them.
func (s settings) accountFields() []string {
	all := []string{"active", "partner_share", "email", "create_date", "write_date"}
	if s.Names.CompanyName != "" {
		all = append(all, s.Names.CompanyName)
	}
	for _, r := range s.Books.Fields {
		if r.On == config.OnCustomer && s.misfit(r) == nil && !slices.Contains(all, r.Field) && !slices.Contains(s.partnerFields(), r.Field) {
			all = append(all, r.Field)
		}
	}
	return all
}

// account finds the contact of an account: the one that it is tied to, else the one
// that it was brought to before, else the one that an order of it would find.
func (r reader) account(ctx context.Context, o *commerce.Order, last CustomerApplied) (accountLook, error) {
	id := r.identity(o)
	l := accountLook{Last: last}
	for _, at := range []int64{id.Tied, last.OdooID} {
		if at == 0 || l.Buyer != nil {
			continue
		}
		row, ok, err := r.odoo.Get(ctx, odooclient.Query{Model: partnerModel, Fields: append(r.partnerFields(), r.more...), Context: r.context()}, at)
		if err != nil {
			return l, err
		}
		p := r.partnerOf(row)
		p.row = row
		switch owner, _ := row.Ref("company_id"); {
		case !ok || owner != 0 && owner != r.Company.ID || !p.contact():
		case !row.Bool("active"):
			l.Skip = fmt.Sprintf("contact %d is archived in Odoo", at)
			return l, nil
		default:
			l.Buyer = &p
		}
		if l.Buyer == nil && at == id.Tied {
			return l, missing(o.Ref, *r.untied(at))
		}
	}
	l.another(last.OdooID)
	if err := r.family(ctx, o, id, &l); err != nil {
		return l, err
	}
	l.another(last.OdooID)
	l.Skip = r.untouchable(l)
	return l, nil
}

// another forgets what was brought to another contact: it says nothing of this one. Where
// none is remembered, a run may have begun to make this one.
func (l *accountLook) another(brought int64) {
	if brought != 0 && (l.Buyer == nil || l.Buyer.ID != brought) {
		l.Last = CustomerApplied{}
	}
}

// family reads the company of a buyer with a VAT number; for one who was not found yet
// it looks as orders do.
func (r reader) family(ctx context.Context, o *commerce.Order, id identity, l *accountLook) error {
	was := l.Buyer
	switch {
	case was == nil:
		err := r.who(ctx, o, &l.have)
		l.Done.Children = l.Company != nil || l.Buyer != nil && r.elsewhere(o, l.Buyer.place)
		return err
	case id.Company == "" || r.settledAccount(o, l.Last):
		return nil
	case was.Parent == 0 && was.Company:
		l.Company = was
	case was.Parent != 0:
		if err := r.above(ctx, l); err != nil {
			return err
		}
	}
	if l.Company != nil && (normalVAT(l.Company.VAT) == "" || normalVAT(l.Company.VAT) == r.vat(o).Value) {
		return nil
	}
	// The account is of a company, and this is none, or another: it went over to the one
	// that has its number, where there is one.
	var there have
	if err := r.who(ctx, o, &there); err != nil {
		return err
	}
	found := there.Twins != nil || r.people(o, there).Buyer.ID != 0
	if found || r.Books.Customers.Accounts == "all" && (l.Company == nil || there.Company != nil) {
		l.have, l.Done.Children = there, there.Company != nil
		return nil
	}
	l.Elsewhere = there.Company != nil
	return nil
}

// above reads the company that a person belongs to, with all others there.
func (r reader) above(ctx context.Context, l *accountLook) error {
	at := itoa(l.Buyer.Parent)
	rows, err := r.odoo.FindEither(ctx, odooclient.Query{Model: partnerModel, Field: "id", Or: "parent_id", Fields: append(r.partnerFields(), r.more...),
		Context: r.context()}, at, at)
	for _, row := range rows {
		p := r.partnerOf(row)
		p.row = row
		switch {
		case p.ID != l.Buyer.Parent:
			l.Children = append(l.Children, p)
		case p.Company:
			l.Company = &p
		}
	}
	if l.Done.Children = l.Company != nil; l.Company == nil {
		l.Children = nil
	}
	return err
}

// untouchable says why a contact is left as it is; "" for one that may be written.
func (s settings) untouchable(l accountLook) string {
	p := l.Buyer
	if p == nil || p.row == nil {
		return ""
	}
	guests := s.Books.Customers.Guests == "shared" && p.Parent == 0 && p.Name == s.Books.Customers.Guest
	switch {
	case guests:
		return fmt.Sprintf("contact %d is the one that guests share", p.ID)
	case !p.row.Bool("partner_share"):
		return fmt.Sprintf("contact %d is of a user of Odoo, whom only administrators change: change it by hand", p.ID)
	}
	return ""
}

// answer finds out what a plan asks for, all of it at once.
func (r reader) answer(ctx context.Context, o *commerce.Order, a asks, l *accountLook) error {
	root := l.Buyer
	if l.Company != nil {
		root = l.Company
	}
	l.Done = asks{l.Done.Children || a.Children, l.Done.Ours || a.Ours, l.Done.Taken || a.Taken, l.Done.Open || a.Open, l.Done.Records || a.Records}
	var work []func(context.Context) error
	if a.Children {
		work = append(work, func(ctx context.Context) (err error) {
			l.Children, err = r.below(ctx, root.ID)
			return err
		})
	}
	if a.Ours {
		work = append(work, func(ctx context.Context) error { return r.ours(ctx, l) })
	}
	if a.Taken {
		work = append(work, func(ctx context.Context) (err error) {
			l.Taken, err = r.taken(ctx, o, l)
			return err
		})
	}
	if a.Open {
		work = append(work, func(ctx context.Context) (err error) {
			l.Open, err = r.underway(ctx, root, l.Children)
			return err
		})
	}
	if a.Records {
		work = append(work, func(ctx context.Context) (err error) {
			l.Records, err = r.records(ctx, givenFor(r.Books.Fields, o, config.OnCustomer))
			return err
		})
	}
	return each(ctx, work, func(ctx context.Context, i int) error { return work[i](ctx) })
}

// ours asks which of the contacts an order or an account made.
func (r reader) ours(ctx context.Context, l *accountLook) error {
	all := []*person{l.Buyer}
	if l.Company != nil && l.Company.ID != l.Buyer.ID {
		all = append(all, l.Company)
	}
	names := make([]string, len(all))
	err := each(ctx, all, func(ctx context.Context, i int) (err error) {
		names[i], err = r.odoo.ExternalID(ctx, partnerModel, all[i].ID)
		return err
	})
	l.Ours = map[int64]bool{}
	for i, p := range all {
		l.Ours[p.ID] = isOurs(names[i])
	}
	return err
}

// taken reports whether another contact has the account's e-mail address, so that its
// orders would find two; of a company's people only others of the company count.
func (r reader) taken(ctx context.Context, o *commerce.Order, l *accountLook) (bool, error) {
	found, err := r.partners(ctx, key{Kind: "email", Value: email(o)})
	return slices.ContainsFunc(found, func(p person) bool {
		apart := l.Company != nil && p.ID != l.Company.ID && p.Parent != l.Company.ID
		return p.ID != l.Buyer.ID && !apart
	}), err
}

// waited is how long goods of an order may be on their way; what is older is not
// delivered in Odoo.
const waited = 60 * 24 * time.Hour

// underway reports whether an order of our shops is yet to be delivered to the own
// address of a contact or of those that share it: another address there would send the
// goods elsewhere than the order says.
func (r reader) underway(ctx context.Context, root *person, children []person) (bool, error) {
	at := []int64{root.ID}
	for _, p := range children {
		if p.contact() {
			at = append(at, p.ID)
		}
	}
	since := r.now().Add(-waited).Format(time.DateOnly) // a day, so that many share the call
	q := odooclient.Query{Model: orderModel, Field: "partner_shipping_id", Fields: []string{"state", "origin"}, Context: r.context(),
		Domain: []any{[]any{"state", "in", []string{"draft", "sent", "sale"}}, []any{"date_order", ">=", since}}}
	if r.Names.OrderDelivery != "" {
		q.Fields = append(q.Fields, r.Names.OrderDelivery)
	}
	found := make([]bool, len(at))
	err := each(ctx, at, func(ctx context.Context, i int) error {
		rows, err := r.odoo.Find(ctx, q, itoa(at[i]))
		found[i] = slices.ContainsFunc(rows, func(row odooclient.Row) bool {
			if row.Str("state") != "sale" {
				return strings.HasPrefix(row.Str("origin"), r.Shop+"/")
			}
			left := row.Str(r.Names.OrderDelivery)
			return left != "" && left != "full"
		})
		return err
	})
	return slices.Contains(found, true), err
}
