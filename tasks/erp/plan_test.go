package erp

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// planCase is one plan: what the case changes before the plan is made.
type planCase struct {
	name  string
	order func(o *commerce.Order)
	have  func(o *commerce.Order, h *have, s settings)
	books func(s *settings)
	last  func(o *commerce.Order) Applied

	contradicts bool // the order's sums are not made those of its lines
}

func stands(state string) func(*commerce.Order, *have, settings) {
	return func(o *commerce.Order, h *have, s settings) { h.Order = standingFrom(o, s, state) }
}

// edited changes the order after it was booked in the given state.
func edited(state string, change func(o *commerce.Order)) func(*commerce.Order, *have, settings) {
	return func(o *commerce.Order, h *have, s settings) {
		h.Order = standingFrom(o, s, state)
		change(o)
	}
}

func before(*commerce.Order) Applied { return Applied{Digest: "of an older state", OdooID: 7} }

func threeMugs(o *commerce.Order) {
	o.Lines[0] = sold("1", "MUG", "3", "12.55", "37.65", "25.5", "7.65")
	o.Total, o.TotalTax = eur("42.55"), eur("8.65")
}

func sum(o *commerce.Order, total, tax string) { o.Total, o.TotalTax = eur(total), eur(tax) }

func planCases() []planCase { return append(orderCases(), peopleCases()...) }

func orderCases() []planCase {
	elsewhere := commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Drottninggatan 2", City: "Turku", Zip: "20100", Country: "FI"}
	all := []planCase{
		{name: "new order of a new buyer"},
		{name: "new order of a known buyer", have: func(_ *commerce.Order, h *have, s settings) {
			h.Buyer = &person{ID: 501, place: place{Name: "Anna Virtanen", Street: "mannerheimintie  1", Zip: "00100", City: "HELSINKI", Country: 70}}
		}},
		{name: "words for people", order: func(o *commerce.Order) {
			o.Note, o.PurchaseOrder, o.Locale, o.Channel, o.URL = "Ring <b>twice</b> & wait\nthanks\x00", "PO 7", "fi", "web", "https://admin.example.com/orders/5001?a=1&b=\"2\""
			o.Attributes = []commerce.Property{{Name: "Gift text", Value: "Hyvää joulua <3"}, {Name: "_campaign", Value: "x"}, {Name: "Empty"}}
			o.Gateways, o.Financial = []string{"shopify_payments", "gift_card"}, "paid"
			o.Shipping.Company = "K-Market Kamppi, locker 4"
		}},
		{name: "warehouse of the location, team and terms", order: func(o *commerce.Order) { o.Location, o.LocationName = "68", "Turku Store" },
			books: func(s *settings) {
				s.Books.Warehouse, s.Books.Warehouses = "Helsinki", map[string]string{"Turku Store": "Turku"}
				s.Books.Team, s.Books.PaymentTerm = "Website", "30 days"
			}},
		{name: "warehouse, team and terms that Odoo does not know", order: func(o *commerce.Order) { o.Lines[0].SKU = "NEW" },
			books: func(s *settings) {
				s.Books.Warehouse, s.Books.Team, s.Books.PaymentTerm = "Oulu", "Nobody", "Twice"
			}},
		{name: "no field for a warehouse", books: func(s *settings) {
			m := *s.master
			m.Names.OrderWarehouse, m.Names.OrderNotes = "", ""
			s.master, s.Books.Warehouse = &m, "Helsinki"
		}},
		{name: "cancelled before import and wanted as a quotation", order: func(o *commerce.Order) { o.CancelledAt = o.CreatedAt },
			books: func(s *settings) { s.Import.Cancelled = "quotation" }},
		{name: "words changed on a confirmed order", have: edited("sale", func(o *commerce.Order) {
			o.Note, o.PurchaseOrder, o.Tags, o.Gateways = "another", "PO 9", []string{"vip"}, []string{"cash"}
		}), last: before},
		{name: "guest without e-mail", order: func(o *commerce.Order) { o.Customer = commerce.Party{} }},
		{name: "customer without e-mail", order: func(o *commerce.Order) { o.Customer.Email = "" }},
		{name: "goods go elsewhere", order: func(o *commerce.Order) { o.Shipping = &elsewhere }},
		{name: "goods and invoice go elsewhere together", order: func(o *commerce.Order) { o.Shipping, o.Billing = &elsewhere, &elsewhere },
			have: func(_ *commerce.Order, h *have, _ settings) {
				h.Buyer = &person{ID: 501, place: place{Name: "Anna Virtanen", Street: "Old road 1", City: "Helsinki", Country: 70}}
			}},
		{name: "known address of a known buyer", order: func(o *commerce.Order) { o.Shipping = &elsewhere },
			have: func(o *commerce.Order, h *have, s settings) {
				h.Buyer = &person{ID: 501, place: s.own(o, s.home(o))}
				h.Children = []person{{ID: 502, Parent: 501, place: place{Name: "Bo Ek", Street: "Drottninggatan 2", Zip: "20100", City: "Turku", Country: 70}}}
			}},
		{name: "company buyer", order: func(o *commerce.Order) { o.Customer.Company = "Kuppi Oy"; o.Billing.Company = "Kuppi Oy" }},
		{name: "unknown country and state", order: func(o *commerce.Order) {
			o.Billing.Country, o.Billing.State = "XK", "01"
			o.Shipping = nil
			o.Lines[0].Taxes, o.Lines[1].Taxes = nil, nil
			sum(o, "30.00", "0")
		}},
		{name: "prices without tax", order: func(o *commerce.Order) {
			o.PricesIncludeTax = false
			o.Lines = []commerce.Line{sold("1", "MUG", "2", "10.00", "20.00", "25.5", "5.10")}
			sum(o, "25.10", "5.10")
		}},
		{name: "included prices and only an excluded tax", order: func(o *commerce.Order) {
			o.Lines = []commerce.Line{sold("1", "MUG", "2", "11.00", "22.00", "10", "2.00")}
			sum(o, "22.00", "2.00")
		}},
		{name: "excluded prices and only an included tax", order: func(o *commerce.Order) {
			o.PricesIncludeTax = false
			o.Lines = []commerce.Line{sold("1", "MUG", "3", "10.00", "27.00", "14", "3.78")}
			o.Lines[0].Discounts = []commerce.Discount{{Title: "TENOFF", Amount: eur("3.00")}}
			sum(o, "30.78", "3.78")
		}},
		{name: "discount that a percentage expresses", order: func(o *commerce.Order) {
			o.Lines[0] = sold("1", "MUG", "2", "12.55", "22.59", "25.5", "4.59")
			o.Lines[0].Discounts = []commerce.Discount{{Title: "TEN", Amount: eur("2.51")}}
			sum(o, "27.49", "5.59")
		}},
		{name: "three for ten", order: func(o *commerce.Order) {
			o.Lines = []commerce.Line{sold("1", "MUG", "3", "4.00", "10.00", "25.5", "2.03")}
			o.Lines[0].Discounts = []commerce.Discount{{Title: "3 for 10", Amount: eur("2.00")}}
			sum(o, "10.00", "2.03")
		}},
		{name: "everything for free", order: func(o *commerce.Order) {
			for i := range o.Lines {
				o.Lines[i].Discounts = []commerce.Discount{{Title: "FREE", Amount: o.Lines[i].Total}}
				o.Lines[i].Total, o.Lines[i].Taxes[0].Amount = eur("0"), eur("0")
			}
			sum(o, "0", "0")
		}},
		{name: "free shipping keeps its line", order: func(o *commerce.Order) {
			o.Lines[1] = shipping("0.00", "", "")
			sum(o, "25.10", "5.10")
		}},
		{name: "two taxes on a line", order: func(o *commerce.Order) {
			o.PricesIncludeTax = false
			l := sold("1", "MUG", "1", "100.00", "100.00", "5", "5.00")
			l.Taxes = append(l.Taxes, commerce.Tax{Title: "QST", Rate: dec("9.975"), Amount: eur("9.98")})
			o.Lines = []commerce.Line{l}
			sum(o, "114.98", "14.98")
		}},
		{name: "tax free order", order: func(o *commerce.Order) {
			o.Lines[0].Taxes, o.Lines[1].Taxes = nil, []commerce.Tax{{Rate: dec("0"), Amount: eur("0")}}
			sum(o, "30.00", "0")
		}},
		{name: "tax of the destination", order: func(o *commerce.Order) {
			o.Shipping.Country, o.PricesIncludeTax = "DE", false
			o.Lines = []commerce.Line{sold("1", "MUG", "1", "100.00", "100.00", "19", "19.00")}
			sum(o, "119.00", "19.00")
		}},
		{name: "tax by rule", books: func(s *settings) { s.Books.Taxes = []config.TaxRule{{Rate: "24.0", Tax: "24% goods"}} },
			order: func(o *commerce.Order) {
				o.Lines = []commerce.Line{sold("1", "MUG", "1", "12.40", "12.40", "24", "2.40")}
				sum(o, "12.40", "2.40")
			}},
		{name: "two taxes of one rate", order: func(o *commerce.Order) {
			o.Lines = []commerce.Line{sold("1", "MUG", "1", "12.40", "12.40", "24", "2.40")}
		}},
		{name: "unknown SKUs, tax and shipping product", books: func(s *settings) { s.Books.Products.Shipping = "" },
			order: func(o *commerce.Order) {
				o.Lines = append([]commerce.Line{sold("2", "NO1", "1", "1.00", "1.00", "8", "0.07"), sold("3", "NO2", "1", "1.00", "1.00", "8", "0.07"),
					sold("4", "", "1", "1.00", "1.00", "", "")}, o.Lines...)
			}},
		{name: "two products with one SKU", have: func(_ *commerce.Order, h *have, _ settings) {
			h.Products[code("MUG")] = append(h.Products[code("MUG")], product{ID: 111, SKU: "MUG"})
		}},
		{name: "archived twin of a product", have: func(_ *commerce.Order, h *have, _ settings) {
			h.Products[code("MUG")] = append([]product{{ID: 11, SKU: "MUG", Archived: true}}, h.Products[code("MUG")]...)
		}},
		{name: "another currency", order: dollars},
		{name: "amount in another currency than the order", order: func(o *commerce.Order) { o.Lines[1].Total.Currency = "USD" }},
		{name: "inactive currency", order: func(o *commerce.Order) { o.Currency = "SEK" }},
		{name: "currency without a pricelist", books: func(s *settings) { s.Pricelists = s.Pricelists[:1] }, order: dollars},
		{name: "two pricelists of a currency", books: func(s *settings) {
			s.Pricelists = append(s.Pricelists, pricelist{ID: 15, Name: "Web USD", Currency: "USD"})
		}, order: dollars},
		{name: "pricelist by name", books: func(s *settings) {
			s.Pricelists = append(s.Pricelists, pricelist{ID: 15, Name: "Web USD", Currency: "USD"})
			s.Books.Pricelists = map[string]string{"USD": "Web USD"}
		}, order: dollars},
		{name: "company currency without pricelists", books: func(s *settings) { s.Pricelists = nil }},
		{name: "gift card", order: func(o *commerce.Order) { o.Lines[0].Kind = commerce.LineGiftCard }},
		{name: "risky order is held", order: func(o *commerce.Order) { o.Risk.Level = "high" }, books: func(s *settings) { s.Risk.Hold = []string{"high"} }},
		{name: "released order of a risk", order: func(o *commerce.Order) { o.Risk.Level = "high" }, books: func(s *settings) { s.Risk.Hold = []string{"high"} },
			have: stands("draft"), last: func(o *commerce.Order) Applied { return Applied{Digest: o.Digest(), OdooID: 7, Released: true} }},
		{name: "no rule chooses a workflow", order: func(o *commerce.Order) {
			o.Financial, o.Gateways, o.Channel, o.Tags = "pending", []string{"Klarna"}, "web", []string{"b2b"}
		}, books: func(s *settings) { s.Flowing = false }},
		{name: "workflow that confirms nothing", books: func(s *settings) { s.Flow.Confirm = new(false) }},
		{name: "quotations only", books: func(s *settings) { s.Books.Draft = new(true) }},
		{name: "line edited away", order: func(o *commerce.Order) {
			o.Lines[0].Quantity, o.Lines[0].SKU = dec("0"), "GONE"
			sum(o, "4.90", "1.00")
		}},
		{name: "no lines at all", order: func(o *commerce.Order) { o.Lines = nil }},
		{name: "text with a NUL", order: func(o *commerce.Order) { o.Lines[0].Title = "Mug\x00" }},
		{name: "engraving and discounts in the text", order: func(o *commerce.Order) {
			o.Lines[0].Properties = []commerce.Property{{Name: "Engraving", Value: "Äiti"}, {Name: "_bundle", Value: "7"}, {Name: "Empty"}}
			o.Lines[1].Title = ""
		}},
		{name: "test order", order: func(o *commerce.Order) { o.Test = true }},
		{name: "somebody else's order with the number", have: func(_ *commerce.Order, h *have, _ settings) {
			h.Foreign = &standing{ID: 3, Name: "S00003", Ref: "#1001"}
		}},
		{name: "quotation after a crash is confirmed", have: stands("draft")},
		{name: "quotation with other totals", have: func(o *commerce.Order, h *have, s settings) {
			h.Order = standingFrom(o, s, "draft")
			h.Order.Total = dec("30.01")
		}},
		{name: "quotation is rewritten", have: func(o *commerce.Order, h *have, s settings) {
			o.Lines = append(o.Lines, sold("2", "TEE", "1", "20.00", "20.00", "25.5", "4.06"))
			h.Order = standingFrom(o, s, "sent")
			o.Lines = o.Lines[:2]
			threeMugs(o)
		}},
		{name: "quotation in another currency", have: func(o *commerce.Order, h *have, s settings) {
			h.Order = standingFrom(o, s, "draft")
			h.Order.Currency = "USD"
		}},
		{name: "confirmed order unchanged", have: stands("sale")},
		{name: "confirmed order of the same digest with edits of people", have: func(o *commerce.Order, h *have, s settings) {
			h.Order = standingFrom(o, s, "sale")
			h.Order.Lines[0].Quantity = dec("5")
		}, last: func(o *commerce.Order) Applied { return Applied{Digest: o.Digest(), OdooID: 7} }},
		{name: "confirmed order after a crash before its date", have: func(o *commerce.Order, h *have, s settings) {
			h.Order = standingFrom(o, s, "sale")
			h.Order.Date = o.CreatedAt.Add(48 * time.Hour)
		}},
		{name: "date changed by people stays", have: func(o *commerce.Order, h *have, s settings) {
			h.Order = standingFrom(o, s, "sale")
			h.Order.Date = o.CreatedAt.Add(48 * time.Hour)
		}, last: before},
		{name: "confirmed order edited in the shop", last: before, have: func(o *commerce.Order, h *have, s settings) {
			o.Lines = append(o.Lines, sold("2", "TEE", "1", "20.00", "20.00", "25.5", "4.06"))
			h.Order = standingFrom(o, s, "sale")
			o.Lines = append(o.Lines[:2], sold("3", "TEE", "2", "20.00", "40.00", "25.5", "8.13"))
			threeMugs(o)
			sum(o, "82.55", "16.78")
		}},
		{name: "confirmed order differs and nothing is remembered", have: edited("sale", threeMugs)},
		{name: "locked order edited in the shop", last: before, have: func(o *commerce.Order, h *have, s settings) {
			edited("sale", threeMugs)(o, h, s)
			h.Order.Locked = true
		}},
		{name: "delivered order edited in the shop", last: before, have: func(o *commerce.Order, h *have, s settings) {
			edited("sale", threeMugs)(o, h, s)
			h.Order.Lines[0].Delivered = h.Order.Lines[0].Quantity
		}},
		{name: "line with another product", last: before, have: edited("sale", func(o *commerce.Order) { o.Lines[0].SKU = "TEE" })},
		{name: "confirmed in another currency", last: before, have: func(o *commerce.Order, h *have, s settings) {
			edited("sale", threeMugs)(o, h, s)
			h.Order.Currency = "USD"
		}},
		{name: "lines added by people stay", last: before, have: func(o *commerce.Order, h *have, s settings) {
			edited("sale", threeMugs)(o, h, s)
			h.Order.Lines = append(h.Order.Lines, held{ID: 99, line: line{XID: "", Product: 102, row: row{Quantity: dec("1")}}})
		}},
		{name: "shop changed and the lines are equal", last: before, have: func(o *commerce.Order, h *have, s settings) {
			h.Order = standingFrom(o, s, "sale")
			h.Order.Total = dec("31.00")
		}},
		{name: "cancelled before import", order: cancel},
		{name: "cancelled in the shop", have: edited("sale", cancel)},
		{name: "cancelled on both sides", have: edited("cancel", cancel)},
		{name: "cancelled after shipment", have: func(o *commerce.Order, h *have, s settings) {
			edited("sale", cancel)(o, h, s)
			h.Order.Lines[0].Delivered = h.Order.Lines[0].Quantity
		}},
		{name: "cancelled in the shop and locked in Odoo", have: func(o *commerce.Order, h *have, s settings) {
			edited("sale", cancel)(o, h, s)
			h.Order.Locked = true
		}},
		{name: "cancelled by people in Odoo", have: stands("cancel")},
		{name: "quotation whose order was emptied", last: before, have: edited("draft", func(o *commerce.Order) {
			o.Lines = nil
			sum(o, "0", "0")
		})},
	}
	return slices.Concat(all, productCases(), bundleCases())
}

func cancel(o *commerce.Order) { o.CancelledAt = o.CreatedAt.Add(time.Hour) }

// make runs the case.
func (c planCase) make() (plan, error) {
	o, s, h, last := order(), books(), have{Products: stock()}, Applied{}
	if c.books != nil {
		c.books(&s)
	}
	if c.order != nil {
		c.order(o)
	}
	if c.have != nil {
		c.have(o, &h, s)
	}
	if !c.contradicts {
		o = totalled(o)
	}
	if c.last != nil {
		last = c.last(o)
	}
	return planOrder(o, h, s, last)
}

// told is a plan or the error in its place, as a golden file shows it.
type told struct {
	Plan  *plan  `json:"plan,omitempty"`
	Error *refus `json:"error,omitempty"`
}

type refus struct {
	Reason commerce.Reason `json:"reason"`
	Detail string          `json:"detail"`
	Remedy string          `json:"remedy"`
	Needs  []string        `json:"needs,omitempty"`
}

func TestPlansAreThoseOfTheGoldenFiles(t *testing.T) {
	for _, c := range planCases() {
		t.Run(c.name, func(t *testing.T) {
			var got told
			p, err := c.make()
			if err == nil {
				err = p.Parked
			}
			if err == nil {
				got.Plan = &p
			} else {
				var e *commerce.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, "fi/order/5001", e.Ref.String())
				got.Error = &refus{e.Reason, e.Detail, e.Remedy, e.Needs}
			}
			var raw strings.Builder
			enc := json.NewEncoder(&raw)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			require.NoError(t, enc.Encode(got))
			golden(t, c.name, raw.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(name)+".golden.json")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func TestEveryGoldenFileHasItsCase(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden.json"))
	require.NoError(t, err)
	require.Len(t, files, len(planCases()))
}
