package commerce

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestARefReadsBackWhatItWrites(t *testing.T) {
	for _, want := range []Ref{{"fi", "order", "5001"}, {"a1", "refund", "gid://shopify/Refund/1"}, {"se", "product", "a/b/c"}} {
		got, err := ParseRef(want.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "fi", "fi/order", "fi/order/", "/order/1", "fi//1"} {
		_, err := ParseRef(bad)
		require.ErrorContains(t, err, "want shop/kind/id", "input %q", bad)
	}
}

func FuzzParseRef(f *testing.F) {
	f.Add("fi/order/5001")
	f.Add("//")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRef(s)
		if err != nil {
			return
		}
		require.Equal(t, s, r.String())
		require.False(t, r.IsZero())
	})
}

func TestMoneyIsWrittenWithItsCurrencysDecimals(t *testing.T) {
	for _, row := range []struct{ amount, currency, want string }{
		{"404.95", "EUR", "404.95 EUR"}, {"7", "EUR", "7.00 EUR"}, {"107", "JPY", "107 JPY"}, {"516.681", "KWD", "516.681 KWD"}, {"-0.5", "USD", "-0.50 USD"},
	} {
		require.Equal(t, row.want, Money{decimal.RequireFromString(row.amount), row.currency}.String())
	}
}

func TestMoneyOfAnotherCurrencyIsNeverEqual(t *testing.T) {
	one, cents := decimal.NewFromInt(1), decimal.RequireFromString("1.00")
	require.True(t, Money{one, "EUR"}.Equal(Money{cents, "EUR"}))
	require.False(t, Money{one, "EUR"}.Equal(Money{one, "USD"}))
}

func TestTheSameDeliveryHasTheSameTaskID(t *testing.T) {
	e := Event{ID: "w1", Topic: "orders/create", Ref: Ref{"fi", "order", "5001"}, Received: time.Now(), Body: []byte("a")}
	again := e
	again.Received, again.Body = e.Received.Add(time.Hour), []byte("a")
	require.Equal(t, e.TaskID(), again.TaskID())
	for _, change := range []func(*Event){
		func(e *Event) { e.ID = "w2" }, func(e *Event) { e.Topic = "orders/updated" },
		func(e *Event) { e.Ref.ID = "5002" }, func(e *Event) { e.Ref.Shop = "se" }, func(e *Event) { e.Nonce = "operator" },
	} {
		other := e
		change(&other)
		require.NotEqual(t, e.TaskID(), other.TaskID())
	}
}

// randomOrder is an order with lines, discounts and taxes of any size.
func randomOrder(rng *rand.Rand) *Order {
	money := func() Money { return Money{decimal.New(rng.Int64N(1_000_000), -2), "EUR"} }
	o := &Order{Ref: Ref{"fi", "order", fmt.Sprint(rng.Uint64())}, Number: fmt.Sprint("#", rng.IntN(9999)), Currency: "EUR",
		Customer: Party{Email: fmt.Sprintf("p%d@example.com", rng.IntN(99))}, Shipping: &Address{City: "Oulu", Zip: fmt.Sprint(rng.IntN(99999))},
		Total: money(), TotalTax: money()}
	for i := range 1 + rng.IntN(5) {
		o.Lines = append(o.Lines, Line{ID: fmt.Sprint(i), SKU: "A", Quantity: decimal.NewFromInt(1 + rng.Int64N(9)), UnitPrice: money(), Total: money(),
			Discounts: []Discount{{Title: "SAVE", Amount: money()}}, Taxes: []Tax{{Rate: decimal.RequireFromString("25.5"), Amount: money()}}})
	}
	return o
}

func TestTheDigestSeesWhatIsBookedAndNothingElse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		o := randomOrder(rng)
		same := *o
		same.Note, same.Tags, same.UpdatedAt, same.Financial, same.URL = "call first", []string{"vip"}, time.Now(), "paid", "https://x"
		same.Paid, same.Gateways, same.PurchaseOrder, same.Attributes = true, []string{"cash"}, "PO", []Property{{"Gift", "Hi"}}
		same.Location, same.LocationName, same.Draft, same.Test = "1", "Oulu", true, true
		require.Equal(t, o.Digest(), same.Digest(), "notes, tags, times and payment reopen nothing")

		for name, change := range map[string]func(*Order){
			"quantity":  func(o *Order) { o.Lines[0].Quantity = o.Lines[0].Quantity.Add(decimal.NewFromInt(1)) },
			"price":     func(o *Order) { o.Lines[0].UnitPrice.Amount = o.Lines[0].UnitPrice.Amount.Add(decimal.New(1, -2)) },
			"discount":  func(o *Order) { o.Lines[0].Discounts = nil },
			"tax":       func(o *Order) { o.Lines[0].Taxes = nil },
			"line":      func(o *Order) { o.Lines = o.Lines[1:] },
			"total":     func(o *Order) { o.Total.Amount = o.Total.Amount.Add(decimal.New(1, -2)) },
			"cancelled": func(o *Order) { o.CancelledAt = time.Now() },
			"address":   func(o *Order) { o.Shipping = &Address{City: "Turku"} },
			"buyer":     func(o *Order) { o.Customer.Email = "other@example.com" },
		} {
			other := *o
			other.Lines = append([]Line{}, o.Lines...)
			change(&other)
			require.NotEqual(t, o.Digest(), other.Digest(), "a changed %s is not seen", name)
		}
	}
}

func TestTheDigestDoesNotDependOnHowADecimalIsWritten(t *testing.T) {
	o := randomOrder(rand.New(rand.NewPCG(2, 2)))
	same := *o
	same.Lines = append([]Line{}, o.Lines...)
	for i := range same.Lines {
		same.Lines[i].UnitPrice.Amount = decimal.RequireFromString(same.Lines[i].UnitPrice.Amount.StringFixed(5))
		same.Lines[i].Total.Amount = decimal.RequireFromString(same.Lines[i].Total.Amount.StringFixed(4))
	}
	require.Equal(t, o.Digest(), same.Digest())
}

func TestAnErrorNamesThingAndRemedy(t *testing.T) {
	err := &Error{Op: "import", Reason: Missing, Ref: Ref{"fi", "order", "5001"}, Detail: "Odoo has no tax for 25.5 % in company 1", Remedy: "map it under taxes"}
	require.Equal(t, "fi/order/5001: Odoo has no tax for 25.5 % in company 1; map it under taxes", err.Error())
	wrapped := fmt.Errorf("book: %w", err)
	require.Equal(t, Missing, ReasonOf(wrapped))
	require.Equal(t, Internal, ReasonOf(errors.New("x")))
	require.Empty(t, ReasonOf(nil))
	require.ErrorIs(t, &Error{Err: err}, err)
}

func TestWhatOthersSayOfAnOrderShowsNothingOfItsBuyer(t *testing.T) {
	o := &Order{Note: "Ring at O'Brien & sons\nback door", PurchaseOrder: "PO-7781", Tags: []string{"vip of Liisa"},
		Customer: Party{Email: "Ann@Example.COM", FirstName: "Ann", LastName: "Annala-Berg", Company: "Berg \t&  Co", VAT: "FI12345678"},
		Shipping: &Address{Street: "Koulukatu 1", City: "Oulu", Zip: "90100"}, Meta: []Property{{Name: "_crm_id", Value: "C-4711"}}}
	for in, want := range map[string]string{
		"partner ann@example.com exists":                                 "partner […] exists",
		"<p>Ring at O&#39;Brien &amp; sons<br/>back door</p>":            "<p>[…]<br/>[…]</p>",
		"Annala-Berg of Koulukatu 1, 90100 Oulu, fi12345678 has PO-7781": "[…] of […], […], […] has […]",
		"no rule for the tag Vip of liisa":                               "no rule for the tag […]",
		"no record named c-4711":                                         "no record named […]",
		"contact Berg & Co is archived":                                  "contact […] is archived",
		"The product of S00012 is archived":                              "The product of S00012 is archived",
	} {
		require.Equal(t, want, o.Redact(in))
	}
	require.Equal(t, "x", (&Order{}).Redact("x"))
}

func TestAnEventsLogValueHoldsNothingOfItsBody(t *testing.T) {
	e := Event{ID: "w1", Topic: "orders/create", Ref: Ref{"fi", "order", "1"}, Body: []byte("kaisa.laine@example.com")}
	require.False(t, strings.Contains(e.LogValue().String(), "kaisa"))
}

// What is remembered of orders must outlive new words on a line.
func TestTheDigestOfAnOrdinaryOrderNeverChanges(t *testing.T) {
	o := &Order{Number: "#1001", Currency: "EUR", Total: Money{decimal.New(1490, -2), "EUR"},
		Lines: []Line{{ID: "1", Kind: LineProduct, SKU: "MUG", Title: "Mug", Quantity: decimal.NewFromInt(1)}}}
	require.Equal(t, "1a589c88894d38059caeffd2", o.Digest())
	o.Lines[0].VariantID, o.Lines[0].Barcode = "44", "640"
	require.Equal(t, "1a589c88894d38059caeffd2", o.Digest(), "by what a product is found is not what is booked")
	o.Lines[0].Bundle = "9"
	require.NotEqual(t, "1a589c88894d38059caeffd2", o.Digest(), "a part of a bundle is another line")
}
