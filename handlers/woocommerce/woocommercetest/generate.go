package woocommercetest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Generate makes n different orders and adds them to the store, oldest first; it
// returns their ids. The same seed gives the same orders. Any Scenarios consecutive
// ones hold every case that the store knows. With Options.UnknownSKU the last one holds
// that SKU.
func (s *Store) Generate(seed uint64, n int) []string {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), products: Catalogue(), store: s}
	at := s.now().Add(-time.Duration(n) * time.Minute)
	ids := make([]string, 0, n)
	before := s.count() // so that two calls make different people
	for i := range n {
		o := g.base(before + i)
		o.CreatedAt = at.Add(time.Duration(i) * time.Minute)
		scenarios()[i%Scenarios].shape(g, o)
		if i == n-1 && s.opts.UnknownSKU != "" {
			o.Lines[0].SKU, o.Lines[0].Name = s.opts.UnknownSKU, "Not in the catalogue"
		}
		ids = append(ids, s.AddOrder(*o))
	}
	return ids
}

type generator struct {
	rng      *rand.Rand
	products []Product
	store    *Store
}

// base is an ordinary order, paid at the checkout: one to three lines, shipped in
// Finland to somebody with an account.
func (g *generator) base(i int) *Order {
	who := g.person(i)
	home := g.address(who)
	who.Billing, who.Shipping = home, home
	who.Shipping.Email = ""
	o := &Order{Status: "processing", CreatedVia: "checkout", Customer: g.store.AddCustomer(who), Billing: who.Billing, Shipping: who.Shipping,
		PaymentMethod: "stripe", PaymentTitle: "Credit card", TransactionID: fmt.Sprintf("pi_example_%d", 1000+i),
		PricesIncludeTax: !g.store.opts.TaxOnTop, RoundAtSubtotal: g.store.opts.RoundAtSubtotal,
		Meta: []Meta{{Key: "_wc_order_attribution_source_type", Value: "typein"}, {Key: "is_vat_exempt", Value: "no"}}}
	for range 1 + g.rng.IntN(3) {
		o.Lines = append(o.Lines, LineOf(g.products[g.rng.IntN(len(g.products))], 1+g.rng.IntN(4)))
	}
	o.ShippingLines = []ShippingLine{Parcel("5.90")}
	return o
}

// product picks one of the standard or the reduced goods.
func (g *generator) product(reduced bool) Product {
	for {
		if p := g.products[g.rng.IntN(len(g.products))]; p.Reduced == reduced {
			return p
		}
	}
}

func (g *generator) person(i int) Customer {
	firsts := []string{"Aino", "Väinö", "Åsa", "Łukasz", "Siobhán", "Matti", "Zoë", "Jürgen", "Inés", "Olga", "Tuulikki", "Mikael"}
	lasts := []string{"Virtanen", "Öberg", "Żółć", "O'Connor", "Müller", "Korhonen", "Nieminen", "García", "Petrova", "Mäkelä"}
	return Customer{First: firsts[g.rng.IntN(len(firsts))], Last: lasts[g.rng.IntN(len(lasts))],
		Email: fmt.Sprintf("buyer%d.%d@example.com", i, g.rng.IntN(9000)+1000)}
}

func (g *generator) address(who Customer) Address {
	cities := [][2]string{{"Helsinki", "00100"}, {"Tampere", "33100"}, {"Jyväskylä", "40100"}, {"Rovaniemi", "96200"}, {"Åbo", "20100"}}
	city := cities[g.rng.IntN(len(cities))]
	return Address{First: who.First, Last: who.Last, Street: fmt.Sprintf("Mannerheimintie %d A %d", 1+g.rng.IntN(160), 1+g.rng.IntN(40)),
		City: city[0], Zip: city[1], Country: "FI", Phone: fmt.Sprintf("+35840%07d", g.rng.IntN(10_000_000)), Email: who.Email}
}
