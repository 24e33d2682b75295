package shopifytest

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

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// scenarios are the cases, in the order of their appearance.
func scenarios() [Scenarios]scenario {
	return [Scenarios]scenario{
		{"ordinary", func(*generator, *Order) {}},
		{"two tax rates", func(g *generator, o *Order) {
			o.Lines = []Line{g.line(g.product(false), 1), g.line(g.product(true), 3)}
		}},
		{"code in percent", func(_ *generator, o *Order) {
			o.Discounts = []Discount{{Kind: "discount_code", Title: "SAVE10", Percent: dec("10"), Across: true}}
		}},
		{"code of a fixed sum", func(g *generator, o *Order) {
			o.Lines = []Line{g.line(g.product(false), 3), g.line(g.product(false), 1), g.line(g.product(true), 2)}
			o.Discounts = []Discount{{Kind: "discount_code", Title: "FIVE", Fixed: dec("5"), Across: true}}
		}},
		{"automatic discount on each line", func(_ *generator, o *Order) {
			o.Discounts = []Discount{{Kind: "automatic", Title: "Autumn sale −15 %", Percent: dec("15")}}
		}},
		{"fixed discount on one line", func(g *generator, o *Order) {
			o.Lines = append([]Line{g.line(g.products[5], 2)}, o.Lines...)
			o.Discounts = []Discount{{Kind: "manual", Title: "Scratched box", Fixed: dec("7.77"), Only: []int{0}}}
		}},
		{"everything free", func(_ *generator, o *Order) {
			o.Discounts = []Discount{{Kind: "discount_code", Title: "PRESS100", Percent: dec("100"), Across: true}}
		}},
		{"free shipping", func(_ *generator, o *Order) {
			o.ShippingLines[0].Price, o.ShippingLines[0].Title = decimal.Zero, "Free shipping"
		}},
		{"discounted shipping", func(_ *generator, o *Order) {
			o.Discounts = []Discount{{Kind: "discount_code", Title: "SHIP50", Percent: dec("50"), Shipping: true}}
		}},
		{"tax on top", func(_ *generator, o *Order) { o.TaxesIncluded = false }},
		{"tax on top, code, two rates", func(g *generator, o *Order) {
			o.TaxesIncluded = false
			o.Lines = []Line{g.line(g.product(true), 7), g.line(g.product(false), 3)}
			o.Discounts = []Discount{{Kind: "discount_code", Title: "SAVE12", Percent: dec("12.5"), Across: true}}
		}},
		{"guest", func(_ *generator, o *Order) { o.Customer.State = "disabled" }},
		{"at the till, nobody known", func(_ *generator, o *Order) {
			o.Customer, o.Billing, o.Shipping, o.ShippingLines = nil, nil, nil, nil
			o.Email, o.Source, o.Gateway = "", "pos", "cash"
		}},
		{"regular customer", regular},
		{"company", func(g *generator, o *Order) {
			o.Billing.Company, o.Billing.Street = "Öljy & Vesi Oy", "PL 7"
			o.Shipping.Company = "Öljy & Vesi Oy, varasto"
			o.Lines = append(o.Lines, g.line(g.products[19], 2))
			o.PONumber = "PO-2026/118"
		}},
		{"dollars, shipped abroad without tax", abroad},
		{"dollars with tax and code", func(_ *generator, o *Order) {
			o.Presentment, o.Rate = "USD", dec("1.0837")
			o.Discounts = []Discount{{Kind: "discount_code", Title: "HELLO", Percent: dec("10"), Across: true}}
		}},
		{"unusual characters", unusual},
		{"many, and a sum that does not divide", func(g *generator, o *Order) {
			o.Lines = []Line{g.line(g.products[12], 7), g.line(g.products[18], 13), g.line(g.products[15], 3)}
			o.Discounts = []Discount{{Kind: "discount_code", Title: "TENOFF", Fixed: dec("10"), Across: true}}
		}},
		{"two ways of shipping", func(_ *generator, o *Order) {
			o.ShippingLines = append(o.ShippingLines, ShippingLine{Code: "bulky", Title: "Bulky goods",
				Price: dec("24.50"), Taxes: []TaxRate{standardRate()}})
		}},
		{"paid later by bank", func(_ *generator, o *Order) { o.Gateway, o.Manual = "Bank Deposit", true }},
		{"two discounts at once", func(_ *generator, o *Order) {
			o.Discounts = []Discount{
				{Kind: "automatic", Title: "Second half price", Percent: dec("25"), Only: []int{0}},
				{Kind: "discount_code", Title: "LOYAL7", Percent: dec("7"), Across: true},
			}
		}},
		{"no e-mail", func(_ *generator, o *Order) {
			o.Email, o.Customer = "", nil
			o.Phone = o.Billing.Phone
		}},
		{"regular customer again", regular},
		{"bundle with a code", func(g *generator, o *Order) {
			o.Bundles = []Bundle{{Variant: firstVariantID + 900, SKU: BundleSKU, Title: BundleTitle, Quantity: 2}}
			mugs, coffee := g.line(g.products[0], 4), g.line(g.products[20], 2)
			mugs.Price, mugs.Bundle, coffee.Bundle = dec("12.67"), 1, 1 // the store spreads the bundle's price
			o.Lines = []Line{mugs, coffee, g.line(g.product(false), 1)}
			o.Discounts = []Discount{{Kind: "discount_code", Title: "BOX5", Percent: dec("5"), Across: true}}
		}},
		{"gift card sold", func(_ *generator, o *Order) {
			o.Lines = append(o.Lines, Line{Title: "Gift card 50 €", SKU: "", Variant: firstVariantID + 901, Price: dec("50"), Quantity: 1, Current: 1, GiftCard: true})
		}},
		{"tip", func(_ *generator, o *Order) {
			o.Lines = append(o.Lines, Line{Title: "Tip", Price: dec("3.50"), Quantity: 1, Current: 1, Tip: true})
		}},
		{"duties", func(g *generator, o *Order) {
			abroad(g, o)
			o.Duties = dec("7.25")
		}},
	}
}

// regular is one of four people who keep buying.
func regular(g *generator, o *Order) {
	people := []Customer{
		{First: "Kaisa", Last: "Laine", Email: "kaisa.laine@example.com"},
		{First: "Börje", Last: "Ström", Email: "borje@example.org"},
		{First: "Hannu", Last: "Salo", Email: "hannu.salo@example.net"},
		{First: "Eeva", Last: "Lind", Email: "eeva@example.com"},
	}
	i := g.rng.IntN(len(people))
	who := people[i]
	who.ID, who.State = 1_153_106_273_147_239_000+int64(i), "enabled"
	o.Customer, o.Email = &who, who.Email
	home := Address{First: who.First, Last: who.Last, Street: "Koulukatu " + string(rune('1'+i)), City: "Oulu", Zip: "90100", Country: "FI"}
	ship := home
	o.Billing, o.Shipping = &home, &ship
}

func abroad(_ *generator, o *Order) {
	o.Presentment, o.Rate, o.Locale = "USD", dec("1.0837"), "en-US"
	for i := range o.Lines {
		o.Lines[i].Taxes = nil
	}
	o.ShippingLines[0] = ShippingLine{Code: "dhl-world", Title: "DHL worldwide", Price: dec("19.90")}
	for _, a := range []*Address{o.Billing, o.Shipping} {
		a.Street, a.City, a.Zip, a.Province, a.Country, a.Phone = "123 Elm Street", "Portland", "97201", "OR", "US", "+15035550123"
	}
}

func unusual(_ *generator, o *Order) {
	o.Customer.First, o.Customer.Last = "D'Arcy \"Żaneta\"", "O’Néill <b>& Söhne</b>"
	o.Billing.First, o.Billing.Last = o.Customer.First, o.Customer.Last
	o.Shipping.Street2 = "c/o 山田太郎 🏔"
	o.Note = "Jätä ovelle 🚚; älä soita!\nKiitos — „Ż“ \\ \u2028 loppu"
	o.Attributes = [][2]string{{"Gift text", "Hyvää joulua <3 & terveisiä"}, {"_source_campaign", "x1"}}
	o.Tags = []string{"vip", "žluť", "a b"}
	o.Lines[0].Properties = [][2]string{{"engraving", "Zoë ❤ \"1/2\""}}
}

// ScenarioName says what the nth order of a Generate is about, in words joined
// by dashes.
func ScenarioName(n int) string {
	return strings.NewReplacer(" ", "-", ",", "").Replace(scenarios()[n%Scenarios].name)
}
