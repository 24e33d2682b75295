package shopifytest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"
)

// Generate makes n different orders and adds them to the store, oldest first; it
// returns their ids. The same seed gives the same orders. Any Scenarios
// consecutive ones hold every case that the store knows. With
// Options.UnknownSKU the last one holds that SKU.
func (s *Store) Generate(seed uint64, n int) []string {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), products: Catalogue()}
	at := s.opts.Now().Add(-time.Duration(n) * time.Minute)
	ids := make([]string, 0, n)
	before := s.count() // so that two calls make different people
	for i := range n {
		o := g.base(before + i)
		o.CreatedAt = at.Add(time.Duration(i) * time.Minute)
		scenarios()[i%Scenarios].shape(g, o)
		if i == n-1 && s.opts.UnknownSKU != "" {
			o.Lines[0].SKU, o.Lines[0].Title = s.opts.UnknownSKU, "Not in the catalogue"
		}
		ids = append(ids, s.AddOrder(*o))
	}
	return ids
}

type generator struct {
	rng      *rand.Rand
	products []Product
}

// base is an ordinary paid order: one to three lines, tax in the price, shipped
// in Finland to somebody with an account.
func (g *generator) base(i int) *Order {
	who := g.person(i)
	o := &Order{
		Email: who.Email, Customer: &who, Billing: g.address(who), Locale: "fi", Source: "web",
		TaxesIncluded: true, Gateway: "shopify_payments", RiskLevel: "LOW",
	}
	shipping := *o.Billing
	o.Shipping = &shipping
	for range 1 + g.rng.IntN(3) {
		o.Lines = append(o.Lines, g.line(g.products[g.rng.IntN(len(g.products))], 1+g.rng.IntN(4)))
	}
	o.ShippingLines = []ShippingLine{{Code: ShippingCode, Title: ShippingTitle,
		Price: decimal.RequireFromString("5.90"), Taxes: []TaxRate{standardRate()}}}
	return o
}

func (g *generator) line(p Product, quantity int) Line {
	rate := standardRate()
	if p.Reduced {
		rate = reducedRate()
	}
	return Line{SKU: p.SKU, Title: p.Name, Variant: p.Variant, Barcode: p.Barcode, Price: p.Price, Quantity: quantity, Current: quantity, Taxes: []TaxRate{rate}}
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
	id := g.rng.IntN(9000) + 1000
	return Customer{
		ID:    7_064_055_069_303_700_000 + int64(i)*10_000 + int64(id),
		First: firsts[g.rng.IntN(len(firsts))], Last: lasts[g.rng.IntN(len(lasts))],
		Email: fmt.Sprintf("buyer%d.%d@example.com", i, id), State: "enabled",
	}
}

func (g *generator) address(who Customer) *Address {
	cities := [][2]string{{"Helsinki", "00100"}, {"Tampere", "33100"}, {"Jyväskylä", "40100"}, {"Rovaniemi", "96200"}, {"Åbo", "20100"}}
	city := cities[g.rng.IntN(len(cities))]
	return &Address{First: who.First, Last: who.Last, Street: fmt.Sprintf("Mannerheimintie %d A %d", 1+g.rng.IntN(160), 1+g.rng.IntN(40)),
		City: city[0], Zip: city[1], Country: "FI", Phone: fmt.Sprintf("+35840%07d", g.rng.IntN(10_000_000))}
}
