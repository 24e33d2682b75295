package shopify

import (
	"encoding/json"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// payload is the REST-shaped order of a webhook. Pointers tell null and absent
// from zero; the amounts with a *_set stand for both moneys.
type payload struct {
	ID                  ident     `json:"id"`
	Name                string    `json:"name"`
	SourceName          string    `json:"source_name"`
	Currency            string    `json:"currency"`
	PresentmentCurrency string    `json:"presentment_currency"`
	Locale              string    `json:"customer_locale"`
	Note                string    `json:"note"`
	PONumber            string    `json:"po_number"`
	Tags                string    `json:"tags"`
	Test                bool      `json:"test"`
	TaxesIncluded       *bool     `json:"taxes_included"`
	CreatedAt           time.Time `json:"created_at"`
	UpdatedAt           time.Time `json:"updated_at"`
	CancelledAt         time.Time `json:"cancelled_at"`
	FinancialStatus     string    `json:"financial_status"`
	FulfillmentStatus   string    `json:"fulfillment_status"`
	Email               string    `json:"email"`
	Phone               string    `json:"phone"`
	Gateways            []string  `json:"payment_gateway_names"`

	Attributes []payloadProperty `json:"note_attributes"`

	Customer *payloadCustomer `json:"customer"`
	Billing  *payloadAddress  `json:"billing_address"`
	Shipping *payloadAddress  `json:"shipping_address"`

	Applications  []payloadApplication `json:"discount_applications"`
	LineItems     *[]payloadLine       `json:"line_items"`
	ShippingLines []payloadShipping    `json:"shipping_lines"`
	Fulfillments  []payloadFulfillment `json:"fulfillments"`
	Refunds       []json.RawMessage    `json:"refunds"`
	Returns       []json.RawMessage    `json:"returns"`

	Total     amount `json:"current_total_price"`
	TotalSet  *bag   `json:"current_total_price_set"`
	Tax       amount `json:"current_total_tax"`
	TaxSet    *bag   `json:"current_total_tax_set"`
	Tip       amount `json:"total_tip_received"`
	Owed      amount `json:"total_outstanding"`
	FeesSet   *bag   `json:"current_total_additional_fees_set"`
	DutiesSet *bag   `json:"current_total_duties_set"`
}

type payloadCustomer struct {
	ID        ident  `json:"id"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Phone     string `json:"phone"`
}

type payloadAddress struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Company   string `json:"company"`
	Address1  string `json:"address1"`
	Address2  string `json:"address2"`
	City      string `json:"city"`
	Zip       string `json:"zip"`
	Province  string `json:"province_code"`
	Country   string `json:"country_code"`
	Phone     string `json:"phone"`
}

func (a *payloadAddress) neutral() *commerce.Address {
	if a == nil {
		return nil
	}
	return &commerce.Address{FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Street: a.Address1,
		Street2: a.Address2, City: a.City, Zip: a.Zip, State: a.Province, Country: a.Country, Phone: a.Phone}
}

// payloadApplication is the definition of a discount; lines point to it by its
// place in the list.
type payloadApplication struct {
	Code        string `json:"code"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type payloadAllocation struct {
	Amount      amount `json:"amount"`
	AmountSet   *bag   `json:"amount_set"`
	Application int    `json:"discount_application_index"`
}

type payloadTax struct {
	Title    string `json:"title"`
	Rate     amount `json:"rate"`
	Price    amount `json:"price"`
	PriceSet *bag   `json:"price_set"`
}

type payloadLine struct {
	ID               ident               `json:"id"`
	SKU              string              `json:"sku"`
	Group            json.RawMessage     `json:"sales_line_item_group_id"`
	Name             string              `json:"name"`
	Quantity         int64               `json:"quantity"`
	CurrentQuantity  *int64              `json:"current_quantity"`
	Price            amount              `json:"price"`
	PriceSet         *bag                `json:"price_set"`
	GiftCard         bool                `json:"gift_card"`
	RequiresShipping bool                `json:"requires_shipping"`
	Taxable          bool                `json:"taxable"`
	Allocations      []payloadAllocation `json:"discount_allocations"`
	TaxLines         []payloadTax        `json:"tax_lines"`
	Properties       []payloadProperty   `json:"properties"`
}

type payloadShipping struct {
	ID            ident               `json:"id"`
	Code          string              `json:"code"`
	Title         string              `json:"title"`
	IsRemoved     bool                `json:"is_removed"`
	Price         amount              `json:"price"`
	PriceSet      *bag                `json:"price_set"`
	Discounted    amount              `json:"discounted_price"`
	DiscountedSet *bag                `json:"discounted_price_set"`
	CurrentSet    *bag                `json:"current_discounted_price_set"`
	Allocations   []payloadAllocation `json:"discount_allocations"`
	TaxLines      []payloadTax        `json:"tax_lines"`
}

type payloadFulfillment struct {
	ID        ident     `json:"id"`
	Status    string    `json:"status"`
	Company   string    `json:"tracking_company"`
	Numbers   []string  `json:"tracking_numbers"`
	CreatedAt time.Time `json:"created_at"`
	LineItems []struct {
		ID       ident `json:"id"`
		Quantity int64 `json:"quantity"`
	} `json:"line_items"`
}

// payloadProperty is what the buyer gave with a line. Apps write numbers and
// lists into it as well: those keep their JSON text.
type payloadProperty struct {
	Name  string
	Value string
}

// UnmarshalJSON takes any value.
func (p *payloadProperty) UnmarshalJSON(raw []byte) error {
	var loose struct {
		Name  string          `json:"name"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &loose); err != nil {
		return err
	}
	p.Name = loose.Name
	if len(loose.Value) == 0 || string(loose.Value) == "null" {
		return nil
	}
	if json.Unmarshal(loose.Value, &p.Value) != nil {
		p.Value = string(loose.Value)
	}
	return nil
}
