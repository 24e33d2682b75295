package shopifytest

import (
	"strconv"

	"github.com/shopspring/decimal"
)

// Where variants and barcodes are counted from.
const (
	firstVariantID = 44_556_677_889_900
	firstBarcode   = 6_400_000_000_010
)

// Product is what the store sells.
type Product struct {
	SKU, Name string
	Price     decimal.Decimal
	// Reduced goods have the lower of the two tax rates.
	Reduced bool
	Variant int64
	Barcode string
}

// Catalogue is everything that Generate puts into orders; only
// Options.UnknownSKU is not in it. Prices are the store's, and divide badly.
func Catalogue() []Product {
	rows := []struct {
		sku, name, price string
		reduced          bool
	}{
		{"MUG-001", "Enamel mug, white", "14.90", false},
		{"MUG-002", "Enamel mug, blue", "14.90", false},
		{"TEE-S-BLK", "T-shirt black - S", "24.95", false},
		{"TEE-M-BLK", "T-shirt black - M", "24.95", false},
		{"TEE-L-BLK", "T-shirt black - L", "24.95", false},
		{"LAMP-10", "Desk lamp Pohjola", "89.99", false},
		{"LAMP-11", "Floor lamp Pohjola", "189.00", false},
		{"CHAIR-7", "Oak chair", "249.50", false},
		{"SOCK-3P", "Wool socks, three pairs", "19.99", false},
		{"CAP-01", "Knitted cap", "29.00", false},
		{"BAG-22", "Canvas bag", "34.33", false},
		{"BLANKET", "Wool blanket", "119.00", false},
		{"CANDLE-S", "Candle, small", "3.33", false},
		{"CANDLE-L", "Candle, large", "12.49", false},
		{"KNIFE-5", "Carving knife", "54.70", false},
		{"SOAP-LAV", "Soap, lavender", "6.66", false},
		{"NOTE-A5", "Notebook A5", "9.95", false},
		{"PEN-BLK", "Pen, black", "1.99", false},
		{"STICKER", "Sticker", "0.35", false},
		{"TENT-2", "Tent for two", "429.00", false},
		{"COFFEE-250", "Coffee beans 250 g", "7.95", true},
		{"COFFEE-1K", "Coffee beans 1 kg", "26.90", true},
		{"TEA-100", "Nettle tea 100 g", "8.47", true},
		{"JAM-340", "Cloudberry jam 340 g", "11.11", true},
		{"HONEY-500", "Honey 500 g", "9.49", true},
		{"CHOC-DK", "Dark chocolate 70 %", "3.79", true},
	}
	out := make([]Product, len(rows))
	for i, r := range rows {
		out[i] = Product{SKU: r.sku, Name: r.name, Price: decimal.RequireFromString(r.price), Reduced: r.reduced,
			Variant: firstVariantID + int64(i), Barcode: strconv.Itoa(firstBarcode + i)}
	}
	return out
}

// BundleSKU is that of the bundle that some orders hold; BundleTitle its name.
const (
	BundleSKU   = "GIFT-BOX"
	BundleTitle = "Gift box, mug and coffee"
)

// ShippingCode and ShippingTitle are of the line that most orders ship with.
const (
	ShippingCode  = "posti-standard"
	ShippingTitle = "Posti parcel"
)

// The two rates of the store's country.
func standardRate() TaxRate { return TaxRate{"ALV", decimal.RequireFromString("0.255")} }
func reducedRate() TaxRate  { return TaxRate{"ALV", decimal.RequireFromString("0.14")} }
