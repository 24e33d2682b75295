package erp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// Contact is a contact of Odoo as an account of a shop would hold it.
type Contact struct {
	ID           int64
	Skip, Remedy string // why no account is to hold it, and what would change that; "": one may
	Notices      []string

	settings
	shop   config.Shop
	person person
	all    commerce.CustomerWrite
	doors  []place // its own address and all below it
}

// Email is the address that its account has.
func (k *Contact) Email() string { return k.person.Email }

func (k *Contact) ref() commerce.Ref {
	return commerce.Ref{Shop: k.Shop, Kind: commerce.KindContact, ID: itoa(k.ID)}
}

// Contact reads a contact with the addresses under it, two calls. Of these it takes the
// one for invoices and the one for deliveries, the oldest of each kind: contacts, other and
// private addresses are nobody's business in a shop. It writes nothing. Errors are as of
// Order.
func (b *Books) Contact(ctx context.Context, shop config.Shop, id int64) (*Contact, error) {
	b.busy.Add(1)
	defer b.busy.Add(-1)
	k := &Contact{ID: id, shop: shop}
	k.Shop = shop.ID
	if err := b.contact(ctx, k); err != nil {
		return nil, ofAccount(k.ref(), err)
	}
	return k, nil
}

func (b *Books) contact(ctx context.Context, k *Contact) error {
	m, err := b.master.get(ctx)
	if err != nil {
		return err
	}
	if k.settings, err = settingsFor(k.shop, config.Facts{}, m); err != nil {
		return err
	}
	r := b.reader(k.settings)
	r.known = nil // what is a minute old may have been changed by people since
	row, ok, err := r.odoo.Get(ctx, odooclient.Query{Model: partnerModel, Fields: append(r.partnerFields(), r.accountFields()...), Context: r.context()}, k.ID)
	if err != nil {
		return err
	}
	k.person = r.partnerOf(row)
	k.person.row = row
	if k.judge(ok); k.Skip != "" {
		return nil
	}
	children, err := r.below(ctx, k.ID)
	if err != nil {
		return err
	}
	k.take(children)
	return nil
}

// judge says why the contact gets no account.
func (k *Contact) judge(there bool) {
	p, owner := k.person, int64(0)
	if there {
		owner, _ = p.row.Ref("company_id")
	}
	typed := strings.TrimSpace(p.row.Str("email"))
	mail := k.emailKey(&commerce.Order{Customer: commerce.Party{Email: p.Email}})
	_, domain, _ := strings.Cut(p.Email, "@")
	no := func(why, remedy string, args ...any) {
		k.Skip, k.Remedy = fmt.Sprintf("contact %d "+why, append([]any{k.ID}, args...)...), remedy
	}
	switch {
	case !there:
		no("is not in Odoo, or its user of the gateway may not see it", "name the ids of contacts as Odoo has them, such as in the address of its form")
	case !p.row.Bool("active"):
		no("is archived in Odoo", "unarchive it there, then push it again")
	case p.Parent != 0:
		no("is a contact or an address of contact %d", fmt.Sprintf("push contact %d: its addresses for invoices and deliveries go with it", p.Parent), p.Parent)
	case !p.contact():
		no("is an address and nobody's contact", "make it a contact in Odoo (its address type), then push it again")
	case owner != 0 && owner != k.Company.ID:
		no("is of another company than %s, for which the shop's orders are booked", "take the company off the contact in Odoo, or push it to a shop of that company", k.Company.Name)
	case !p.row.Bool("partner_share"):
		no("is of a user of Odoo, whose contact follows no account", "make the account in the shop by hand")
	case k.Books.Customers.Guests == "shared" && p.Name == k.Books.Customers.Guest:
		no("is the one that guests share", "push the contact of a person")
	case typed == "":
		no("has no e-mail address", "enter it in Odoo, then push the contact again: an account is known by it")
	case mail.Value == "" && k.alias(domain):
		no("has an e-mail address that a marketplace made for an order", "enter the person's own in Odoo, then push the contact again")
	case mail.Value == "":
		no("has an e-mail address that is none, or several", "enter one in Odoo, then push the contact again")
	}
}

// take makes of the contact and what stands under it all that an account may hold.
func (k *Contact) take(children []person) {
	p := k.person
	w := commerce.CustomerWrite{Email: p.Email, Phone: cleanLine(p.Phone, longName)}
	if p.Company {
		w.Company = cleanLine(p.Name, longName)
	} else {
		w.FirstName, w.LastName = splitName(p.Name)
		w.Company = cleanLine(p.row.Str(k.Names.CompanyName), longName)
	}
	k.doors = []place{p.place}
	for _, c := range children {
		k.doors = append(k.doors, c.place)
	}
	bill := p.place
	if c := k.first(children, "invoice"); c != nil {
		bill = c.place
	}
	w.Billing = k.address(bill)
	if c := k.first(children, "delivery"); c != nil {
		w.Shipping = k.address(c.place)
		w.Shipping.FirstName, w.Shipping.LastName = splitName(cmp.Or(c.Name, map[bool]string{false: p.Name}[p.Company]))
		if p.Company {
			w.Shipping.Company = w.Company
		}
	}
	k.all = w
}

// first is the oldest address of a kind that says where.
func (k *Contact) first(children []person, kind string) *person {
	all := slices.DeleteFunc(slices.Clone(children), func(c person) bool { return c.Kind != kind || c.empty() })
	if len(all) == 0 {
		return nil
	}
	if len(all) > 1 {
		k.Notices = append(k.Notices, fmt.Sprintf("contact %d has %d addresses of type %s: the oldest goes to the shop, which has room for one", k.ID, len(all), kind))
	}
	one := slices.MinFunc(all, func(a, b person) int { return cmp.Compare(a.ID, b.ID) })
	return &one
}

// address is a place in neutral words, nil for none.
func (k *Contact) address(p place) *commerce.Address {
	if p.empty() {
		return nil
	}
	a := &commerce.Address{Street: p.Street, Street2: p.Street2, City: p.City, Zip: p.Zip}
	for code, id := range k.Countries {
		if id == p.Country {
			a.Country = code
		}
	}
	for name, id := range k.States {
		if country, code, _ := strings.Cut(name, "/"); id == p.State && country == a.Country {
			a.State = code
		}
	}
	return a
}

// splitName cuts a name before its last word: both parts side by side are the name again.
func splitName(name string) (first, last string) {
	name = cleanLine(name, longName)
	if at := strings.LastIndexByte(name, ' '); at >= 0 {
		return name[:at], name[at+1:]
	}
	return name, ""
}

// account is one that the shop would have of the contact and nothing else.
func (k *Contact) account() *commerce.Customer {
	ref := commerce.Ref{Shop: k.Shop, Kind: commerce.KindCustomer, ID: "new"}
	c := holding(commerce.Customer{Ref: ref, Party: commerce.Party{ID: ref.ID}}, k.all)
	return &c
}

// Words hold what of the contact no message may tell.
func (k *Contact) Words() *commerce.Order { return accountOrder(k.account()) }

// Meets says why an account would not be brought to the contact by its own orders and
// changes, and what would change that; "": it would. With c nil it is asked of the one that
// the contact would get. Whatever it holds then, nobody else's account is written, and no
// second contact comes of one that is made. It writes nothing.
func (b *Books) Meets(ctx context.Context, k *Contact, c *commerce.Customer, last CustomerApplied) (why, remedy string, err error) {
	b.busy.Add(1)
	defer b.busy.Add(-1)
	if c == nil {
		c = k.account()
	}
	o := accountOrder(c)
	s := k.under(o)
	if s.Ties, err = b.tiesOf(ctx, o); err != nil {
		return "", "", err
	}
	r := b.reader(s)
	r.known, r.more = nil, s.accountFields()
	l, err := r.account(ctx, o, last)
	if err != nil {
		return "", "", ofAccount(o.Ref, err)
	}
	if l.Twins != nil {
		return l.Twins.detail, fmt.Sprintf("merge them in Odoo or archive all but one, then push the one that is left; or set customers.duplicates of shop %s to oldest", s.Shop), nil
	}
	buyer := int64(0)
	if l.Skip == "" {
		buyer = s.people(o, l.have).Buyer.ID
	}
	switch {
	case buyer == k.ID:
		return "", "", nil
	case l.Skip != "":
		return "its account is another's: " + l.Skip, "change the account in the shop by hand", nil
	case buyer != 0:
		return fmt.Sprintf("the account with its e-mail address is that of contact %d", buyer),
			fmt.Sprintf("push contact %d; where both are the same person, merge them in Odoo", buyer), nil
	}
	return "an order of the account with its e-mail address would not find it, and make another contact",
		fmt.Sprintf("have customers.match of shop %s list email; where the account has a VAT number, enter it in Odoo too", s.Shop), nil
}

// under is what holds for an account.
func (k *Contact) under(o *commerce.Order) settings {
	s := k.settings
	s.Books, s.From = k.shop.For(Facts(o))
	return s
}
