package woocommercetest

import (
	"github.com/shopspring/decimal"
)

// Product is what the store sells. Parent is the product that it is a variation of, 0
// for a simple one.
type Product struct {
	ID, Parent int64
	SKU, Name  string
	Price      decimal.Decimal
	// Reduced goods have the lower of the two tax rates.
	Reduced bool
	// Size is what a variation is of.
	Size string
}

// Catalogue is everything that Generate puts into orders; only Options.UnknownSKU is
// not in it. Prices are the store's, and divide badly. Names have HTML entities.
func Catalogue() []Product {
	rows := []struct {
		sku, name, price string
		reduced          bool
		size             string
	}{
		{"MUG-001", "Enamel mug, white", "14.90", false, ""},
		{"MUG-002", "Enamel mug, blue", "14.90", false, ""},
		{"TEE-S-BLK", "T-shirt black", "24.95", false, "S"},
		{"TEE-M-BLK", "T-shirt black", "24.95", false, "M"},
		{"TEE-L-BLK", "T-shirt black", "24.95", false, "L"},
		{"LAMP-10", "Desk lamp Pohjola", "89.99", false, ""},
		{"CHAIR-7", "Oak chair", "249.50", false, ""},
		{"SOCK-3P", "Wool socks, three pairs", "19.99", false, ""},
		{"BAG-22", "Canvas bag &amp; strap", "34.33", false, ""},
		{"CANDLE-S", "Candle, small", "3.33", false, ""},
		{"CANDLE-L", "Candle, large", "12.49", false, ""},
		{"SOAP-LAV", "Soap, lavender", "6.66", false, ""},
		{"PEN-BLK", "Pen, black", "1.99", false, ""},
		{"STICKER", "Sticker", "0.35", false, ""},
		{"TENT-2", "Tent for two", "429.00", false, ""},
		{"COFFEE-250", "Coffee beans 250&nbsp;g", "7.95", true, ""},
		{"COFFEE-1K", "Coffee beans 1&nbsp;kg", "26.90", true, ""},
		{"TEA-100", "Nettle tea 100 g", "8.47", true, ""},
		{"JAM-340", "Cloudberry jam 340 g", "11.11", true, ""},
		{"CHOC-DK", "Dark chocolate 70 %", "3.79", true, ""},
	}
	out := make([]Product, len(rows))
	for i, r := range rows {
		out[i] = Product{ID: firstProductID + int64(i), SKU: r.sku, Name: r.name, Price: decimal.RequireFromString(r.price), Reduced: r.reduced}
		if r.size != "" {
			out[i].Parent, out[i].Size = teeID, r.size
			out[i].Name += " &ndash; " + r.size
		}
	}
	return out
}

// Where products are counted from, and the one that the T-shirts are variations of.
const (
	firstProductID = 100
	teeID          = 90
)

// ShippingCode and ShippingTitle are of the line that most orders ship with.
const (
	ShippingCode  = "flat_rate"
	ShippingTitle = "Posti parcel"
)

// The two rates of the store's country.
func standardRate() TaxRate { return TaxRate{ID: 1, Label: "ALV", Percent: dec("25.5")} }
func reducedRate() TaxRate  { return TaxRate{ID: 2, Label: "ALV", Percent: dec("14")} }

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// rates are those of a product.
func (p Product) rates() []TaxRate {
	if p.Reduced {
		return []TaxRate{reducedRate()}
	}
	return []TaxRate{standardRate()}
}

// LineOf is n pieces of a product.
func LineOf(p Product, n int) Line {
	l := Line{Product: p.ID, SKU: p.SKU, Name: p.Name, Quantity: n, Price: p.Price, Taxes: p.rates()}
	if p.Parent != 0 {
		l.Product, l.Variation = p.Parent, p.ID
		l.Meta = []Meta{{Key: "pa_size", Value: p.Size}}
	}
	return l
}

// Parcel is a way of shipping that costs so much, tax included, at the standard rate.
func Parcel(gross string) ShippingLine {
	cost := dec(gross).Mul(hundred).DivRound(hundred.Add(standardRate().Percent), 4)
	return ShippingLine{Method: ShippingCode, Title: ShippingTitle, Cost: cost, Taxes: []TaxRate{standardRate()}}
}
