package woocommercetest

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Scenarios is how many different cases Generate goes through in turn.
const Scenarios = 28

type scenario struct {
	name  string
	shape func(*generator, *Order)
}

// scenarios are the cases, in the order of their appearance.
func scenarios() [Scenarios]scenario {
	return [Scenarios]scenario{
		{"ordinary", func(*generator, *Order) {}},
		{"two tax rates", func(g *generator, o *Order) {
			o.Lines = []Line{LineOf(g.product(false), 1), LineOf(g.product(true), 3)}
		}},
		{"coupon in percent", func(_ *generator, o *Order) { o.Coupons = []Coupon{coupon("save10", "percent", "10")} }},
		{"coupon of a fixed sum", func(g *generator, o *Order) {
			o.Lines = []Line{LineOf(g.product(false), 3), LineOf(g.product(false), 1), LineOf(g.product(true), 2)}
			o.Coupons = []Coupon{coupon("five", "fixed_cart", "5")}
		}},
		{"coupon on each piece", func(_ *generator, o *Order) { o.Coupons = []Coupon{coupon("piece-0-30", "fixed_product", "0.30")} }},
		{"two coupons at once", func(_ *generator, o *Order) {
			o.Coupons = []Coupon{coupon("loyal7", "percent", "7.5"), coupon("two", "fixed_cart", "2")}
		}},
		{"everything free", func(_ *generator, o *Order) {
			o.Coupons = []Coupon{coupon("press100", "percent", "100")}
			o.ShippingLines[0] = ShippingLine{Method: "free_shipping", Title: "Free shipping"}
		}},
		{"free shipping by a coupon", func(_ *generator, o *Order) {
			c := coupon("shipfree", "fixed_cart", "0")
			c.FreeShipping = true
			o.Coupons = []Coupon{c}
			o.ShippingLines[0] = ShippingLine{Method: "free_shipping", Title: "Free shipping"}
		}},
		{"tax on top", func(_ *generator, o *Order) { o.PricesIncludeTax = false }},
		{"tax on top, coupon, two rates", func(g *generator, o *Order) {
			o.PricesIncludeTax = false
			o.Lines = []Line{LineOf(g.product(true), 7), LineOf(g.product(false), 3)}
			o.Coupons = []Coupon{coupon("save12", "percent", "12.5")}
		}},
		{"guest", func(_ *generator, o *Order) { o.Customer = 0 }},
		{"made by staff, nobody known", func(_ *generator, o *Order) {
			o.Customer, o.Billing, o.Shipping, o.ShippingLines = 0, Address{}, Address{}, nil
			o.CreatedVia, o.PaymentMethod, o.PaymentTitle, o.TransactionID = "admin", "", "", ""
		}},
		{"regular customer", regular},
		{"company with a VAT number", func(g *generator, o *Order) {
			o.Billing.Company, o.Billing.Street = "Öljy & Vesi Oy", "PL 7"
			o.Shipping.Company = "Öljy & Vesi Oy, varasto"
			o.Lines = append(o.Lines, LineOf(g.products[14], 2))
			o.Meta = append(o.Meta, Meta{Key: "_billing_vat_number", Value: "FI02459042"})
		}},
		{"shipped abroad without tax", abroad},
		{"unusual characters", unusual},
		{"block checkout", func(_ *generator, o *Order) {
			o.CreatedVia, o.Billing.Company, o.Note = "store-api", "Müßig & Söhne <Oy>", "leave it & run"
		}},
		{"many, and a sum that does not divide", func(g *generator, o *Order) {
			o.Lines = []Line{LineOf(g.products[9], 7), LineOf(g.products[13], 13), LineOf(g.products[11], 3)}
			o.Coupons = []Coupon{coupon("tenoff", "fixed_cart", "10")}
		}},
		{"two ways of shipping", func(_ *generator, o *Order) {
			bulky := Parcel("24.50")
			bulky.Title = "Bulky goods"
			o.ShippingLines = append(o.ShippingLines, bulky)
		}},
		{"paid later by bank", func(_ *generator, o *Order) {
			o.Status, o.PaymentMethod, o.PaymentTitle, o.TransactionID = "on-hold", "bacs", "Direct bank transfer", ""
		}},
		{"cash on delivery with its fee", func(_ *generator, o *Order) {
			o.PaymentMethod, o.PaymentTitle, o.TransactionID = "cod", "Cash on delivery", ""
			o.Fees = []Fee{{Name: "COD fee", Amount: dec("2.39"), Taxes: []TaxRate{standardRate()}}}
		}},
		{"fee that takes off", func(_ *generator, o *Order) {
			o.Fees = []Fee{{Name: "Loyalty &ndash; thanks", Amount: dec("-1.20"), Taxes: []TaxRate{standardRate()}}}
		}},
		{"regular customer again", regular},
		{"no e-mail", func(_ *generator, o *Order) { o.Billing.Email, o.Customer = "", 0 }},
		{"collected at the shop", func(_ *generator, o *Order) {
			o.Shipping = Address{}
			o.ShippingLines[0] = ShippingLine{Method: "local_pickup", Title: "Collect at the shop"}
		}},
		{"completed at once", func(_ *generator, o *Order) { o.Status = completed }},
		{"plugins' fields, and a number of their own", func(_ *generator, o *Order) {
			o.Number = "WC-2026-" + o.CreatedAt.Format("150405")
			o.Extra = map[string]any{"gift_wrap": true, "shipment_trackings": []any{}, "points": map[string]any{"used": 0, "earned": "12"}}
			o.Meta = append(o.Meta, Meta{Key: "_nested", Value: map[string]any{"a": []any{1, "2", nil}}}, Meta{Key: "_empty", Value: nil}, Meta{Key: "_list", Value: []any{}})
		}},
		{"taxes rounded in the end", func(g *generator, o *Order) {
			o.RoundAtSubtotal = true
			o.Lines = []Line{LineOf(g.products[9], 1), LineOf(g.products[11], 1), LineOf(g.products[12], 1)}
		}},
	}
}

func coupon(code, kind, amount string) Coupon {
	return Coupon{Code: code, Kind: kind, Amount: dec(amount)}
}

// regular is one of four people who keep buying.
func regular(g *generator, o *Order) {
	people := []Address{
		{First: "Kaisa", Last: "Laine", Email: "kaisa.laine@example.com"},
		{First: "Börje", Last: "Ström", Email: "borje@example.org"},
		{First: "Hannu", Last: "Salo", Email: "hannu.salo@example.net"},
		{First: "Eeva", Last: "Lind", Email: "eeva@example.com"},
	}
	i := g.rng.IntN(len(people))
	home := people[i]
	home.Street, home.City, home.Zip, home.Country = "Koulukatu "+string(rune('1'+i)), "Oulu", "90100", "FI"
	o.Billing, o.Shipping = home, home
	o.Shipping.Email = ""
	o.Customer = g.store.regular(Customer{ID: 900_001 + int64(i), First: home.First, Last: home.Last, Email: home.Email, Billing: o.Billing, Shipping: o.Shipping})
}

// regular adds somebody who may be there already.
func (s *Store) regular(c Customer) int64 {
	s.mu.Lock()
	known := s.customers[c.ID] != nil
	s.mu.Unlock()
	if known {
		return c.ID
	}
	return s.AddCustomer(c)
}

func abroad(_ *generator, o *Order) {
	for i := range o.Lines {
		o.Lines[i].Taxes = nil
	}
	o.PricesIncludeTax = false
	o.ShippingLines[0] = ShippingLine{Method: "flat_rate", Title: "DHL worldwide", Cost: decimal.RequireFromString("19.90")}
	for _, a := range []*Address{&o.Billing, &o.Shipping} {
		a.Street, a.City, a.Zip, a.State, a.Country, a.Phone = "123 Elm Street", "Portland", "97201", "OR", "US", "+15035550123"
	}
}

func unusual(_ *generator, o *Order) {
	o.Billing.First, o.Billing.Last = "D'Arcy \"Żaneta\"", "O’Néill & Söhne"
	o.Shipping.Street2 = "c/o 山田太郎 🏔"
	o.Note = "Jätä ovelle 🚚; älä soita!\r\nKiitos — „Ż“ \\ \u2028 loppu"
	o.Meta = append(o.Meta, Meta{Key: "Gift text", Value: "Hyvää joulua <3 & terveisiä"})
	o.Lines[0].Meta = append(o.Lines[0].Meta, Meta{Key: "engraving", Value: "Zoë ❤ \"1/2\" &times; 2"})
}

// ScenarioName says what the nth order of a Generate is about, in words joined by
// dashes.
func ScenarioName(n int) string {
	return strings.NewReplacer(" ", "-", ",", "").Replace(scenarios()[n%Scenarios].name)
}
