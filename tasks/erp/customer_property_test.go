package erp_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// ledger is what an account's contact ought to hold: what the shop changed arrives
// where Odoo holds what was brought, or nothing; else people have the last word.
type ledger struct{ shop, brought, odoo map[string]string }

// run is one run of the gateway, after one that had begun.
func (l *ledger) run(begun bool) {
	for field, want := range l.shop {
		if (want != l.brought[field] || begun) && (l.odoo[field] == l.brought[field] || l.odoo[field] == "") {
			l.odoo[field] = want
		}
		l.brought[field] = want
	}
}

// changes lets the shop change something, or people in Odoo.
func (l *ledger) changes(p *place, r *rand.Rand, a *account, people bool) {
	field := []string{"name", "phone", "street"}[r.IntN(3)]
	value := map[string]string{"name": "V", "phone": "+358 40 00000", "street": "Road "}[field] + fmt.Sprint(r.IntN(4))
	if r.IntN(5) == 0 && field == "phone" {
		value = ""
	}
	if !people {
		l.shop[field] = value
		return
	}
	l.odoo[field] = value
	written := value
	if field == "name" {
		written = "Anna " + value
	}
	p.change(a.last.OdooID, map[string]any{field: written})
}

// told gives the account the values of the shop.
func (l *ledger) told(a *account) {
	a.LastName, a.Phone = l.shop["name"], l.shop["phone"]
	home := *a.Billing
	home.LastName, home.Street = a.LastName, l.shop["street"]
	a.Billing, a.Shipping = &home, &home
}

func holds(row odooclient.Row) map[string]string {
	return map[string]string{"name": strings.TrimPrefix(row.Str("name"), "Anna "), "phone": row.Str("phone"), "street": row.Str("street")}
}

func TestEditsOfBothSidesComeTogether(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Customers.Accounts = "all"
		seeds := uint64(6)
		if p.memory == nil {
			seeds = 1
		}
		for seed := range seeds {
			r := rand.New(rand.NewPCG(seed, 11))
			a := &account{Customer: p.registered()}
			l := &ledger{shop: map[string]string{"name": "V0", "phone": "+358 40 000000", "street": "Road 0"}, brought: map[string]string{}, odoo: map[string]string{}}
			l.told(a)
			require.Equal(p, "created", p.tellAccount(a).Action)
			l.run(false)
			for step := range 30 {
				for range 1 + r.IntN(3) {
					l.changes(p, r, a, r.IntN(3) == 0)
				}
				l.told(a)
				p.brokenThenWhole(r, a, l)
				require.Equal(p, l.odoo, holds(p.partner(a.last.OdooID)), "seed %d, step %d", seed, step)
				require.Zero(p, p.tellAccount(a).Writes, "the same again writes nothing")
			}
			doors := map[string]bool{}
			for _, c := range p.childrenOf(a.last.OdooID) {
				door := c.Str("name") + " " + c.Str("street")
				require.False(p, doors[door], "an address is there twice: %s", door)
				doors[door] = true
			}
		}
	})
}

// brokenThenWhole cuts a run somewhere, now and then, and lets it run again, perhaps once
// the shop has changed more.
func (p *place) brokenThenWhole(r *rand.Rand, a *account, l *ledger) {
	p.Helper()
	if r.IntN(2) == 0 {
		cut := &scissors{after: r.IntN(2) == 0}
		books := p.through(cut)
		_, err := books.Bindable(p.Context(), p.shop, erp.TieCustomer, nil) // it knows the master data then
		require.NoError(p, err)
		cut.set(cut.count.Load() + int64(1+r.IntN(5)))
		last := a.last
		last.Begins = a.begins
		died := r.IntN(2) == 0 // when all was written
		if out, err := books.Customer(p.Context(), p.shop, a.Customer, last, yes); err == nil && !died {
			a.last = erp.CustomerApplied{OdooID: out.OdooID, Fields: out.Fields}
			l.run(false)
		}
		for range r.IntN(3) {
			l.changes(p, r, a, false)
		}
		l.told(a)
	}
	l.run(a.last.Begun)
	p.tellAccount(a)
}

// Wherever a run is cut, the next one ends where one without a cut ends.
func TestAnAccountThatWasCutOffEndsTheSame(t *testing.T) {
	for _, firm := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("firm %v, after %v", firm, after), func(t *testing.T) {
				everywhere(t, func(p *place) {
					if p.memory == nil {
						return // the property test cuts there
					}
					var ends []string
					for at := range int64(14) {
						p.shop.Books.Customers.Accounts = "all"
						a := &account{Customer: p.registered()}
						if firm {
							p.firm(a.Customer)
						}
						cut := &scissors{after: after}
						books := p.through(cut)
						run := func() {
							cut.set(0)
							_, err := books.Bindable(p.Context(), p.shop, erp.TieCustomer, nil)
							require.NoError(p, err)
							if at > 0 {
								cut.set(cut.count.Load() + at)
							}
							last := a.last
							last.Begins = a.begins
							if out, err := books.Customer(p.Context(), p.shop, a.Customer, last, yes); err == nil {
								a.last = erp.CustomerApplied{OdooID: out.OdooID, Fields: out.Fields}
							}
							p.tellAccount(a)
							require.Zero(p, p.tellAccount(a).Writes)
						}
						run()
						a.LastName, a.Phone = "Uusi", "+358 50 7654321"
						p.moves(a, "Bulevardi 3")
						goods := *a.Billing
						goods.Street = "Ågatan 2"
						a.Shipping = &goods
						run()
						who := p.partner(a.last.OdooID)
						end := []string{fmt.Sprint(holds(who))}
						root := who.ID()
						if firm {
							root = parentOf(who)
							end = append(end, p.partner(root).Str("street"))
						}
						for _, c := range p.childrenOf(root) {
							end = append(end, fmt.Sprint(c.Str("name"), c.Str("type"), c.Str("street")))
						}
						slices.Sort(end)
						ends = append(ends, strings.Join(end, "\n"))
					}
					for at, end := range ends {
						require.Equal(p, ends[0], end, "cut at exchange %d", at)
					}
				})
			})
		}
	}
}
