package shopify

import "time"

// The answers of the Admin API, as far as our queries select them.

// connection is one page of a list.
type connection[T any] struct {
	Nodes    []T `json:"nodes"`
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
}

// tip is one order of the list of changes.
type tip struct {
	ID        ident     `json:"id"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// apiBag is a MoneyBag of which the query picked one side.
type apiBag struct {
	Money apiMoney `json:"money"`
}

type apiMoney struct {
	Amount   amount `json:"amount"`
	Currency string `json:"currencyCode"`
}

type apiStore struct {
	Name          string   `json:"name"`
	Domain        string   `json:"myshopifyDomain"`
	Currency      string   `json:"currencyCode"`
	Presentment   []string `json:"enabledPresentmentCurrencies"`
	TaxesIncluded bool     `json:"taxesIncluded"`
}

type apiInstallation struct {
	Scopes []struct {
		Handle string `json:"handle"`
	} `json:"accessScopes"`
}

// subscription is one webhook of the app.
type subscription struct {
	ID     ident    `json:"id"`
	Topic  string   `json:"topic"` // ORDERS_CREATE
	URI    string   `json:"uri"`
	Format string   `json:"format"`
	Filter string   `json:"filter"`
	Fields []string `json:"includeFields"`
}

// apiHookChange is what became of a change of a webhook.
type apiHookChange struct {
	Webhook *subscription `json:"webhookSubscription"`
	Errors  []struct {
		Message string `json:"message"`
	} `json:"userErrors"`
}

type apiOrder struct {
	ID                  ident     `json:"id"`
	Name                string    `json:"name"`
	SourceName          string    `json:"sourceName"`
	Locale              string    `json:"customerLocale"`
	Note                string    `json:"note"`
	PONumber            string    `json:"poNumber"`
	Tags                []string  `json:"tags"`
	Test                bool      `json:"test"`
	Currency            string    `json:"currencyCode"`
	PresentmentCurrency string    `json:"presentmentCurrencyCode"`
	TaxesIncluded       bool      `json:"taxesIncluded"`
	CreatedAt           time.Time `json:"createdAt"`
	UpdatedAt           time.Time `json:"updatedAt"`
	CancelledAt         time.Time `json:"cancelledAt"`
	Financial           string    `json:"displayFinancialStatus"`
	Fulfilment          string    `json:"displayFulfillmentStatus"`
	Email               string    `json:"email"`
	Phone               string    `json:"phone"`
	Gateways            []string  `json:"paymentGatewayNames"`

	Attributes []apiAttribute `json:"customAttributes"`

	Customer *apiCustomer `json:"customer"`
	Billing  *apiAddress  `json:"billingAddress"`
	Shipping *apiAddress  `json:"shippingAddress"`

	Outstanding  *apiBag `json:"totalOutstandingSet"`
	ReturnStatus string  `json:"returnStatus"`

	Total  *apiBag `json:"currentTotalPriceSet"`
	Tax    *apiBag `json:"currentTotalTaxSet"`
	Fees   *apiBag `json:"currentTotalAdditionalFeesSet"`
	Duties *apiBag `json:"currentTotalDutiesSet"`
	// FeesWere and DutiesWere are the same at the checkout.
	FeesWere   *apiBag `json:"originalTotalAdditionalFeesSet"`
	DutiesWere *apiBag `json:"originalTotalDutiesSet"`
	Tip        struct {
		Shop apiMoney `json:"shopMoney"`
	} `json:"totalTipReceivedSet"`

	LineItems     connection[apiLine]     `json:"lineItems"`
	ShippingLines connection[apiShipping] `json:"shippingLines"`
	Transactions  []apiTransaction        `json:"transactions"`
	Fulfillments  []apiFulfillment        `json:"fulfillments"`
	Refunds       []apiRefund             `json:"refunds"`
	Returns       connection[apiReturn]   `json:"returns"`
	Retail        *apiLocation            `json:"retailLocation"`
	Assigned      connection[apiAssigned] `json:"fulfillmentOrders"`
	Risk          struct {
		Recommendation string `json:"recommendation"`
		Assessments    []struct {
			Level string `json:"riskLevel"`
		} `json:"assessments"`
	} `json:"risk"`
}

// apiAssigned is the location that one part of an order leaves from.
type apiAssigned struct {
	To struct {
		Name     string       `json:"name"`
		Location *apiLocation `json:"location"`
	} `json:"assignedLocation"`
}

type apiLocation struct {
	ID   ident  `json:"id"`
	Name string `json:"name"`
}

type apiCustomer struct {
	ID        ident  `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     struct {
		Address string `json:"emailAddress"`
	} `json:"defaultEmailAddress"`
	Phone struct {
		Number string `json:"phoneNumber"`
	} `json:"defaultPhoneNumber"`
}

type apiAddress struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Company   string `json:"company"`
	Address1  string `json:"address1"`
	Address2  string `json:"address2"`
	City      string `json:"city"`
	Zip       string `json:"zip"`
	Province  string `json:"provinceCode"`
	Country   string `json:"countryCodeV2"`
	Phone     string `json:"phone"`
}

type apiAllocation struct {
	Amount      *apiBag `json:"allocatedAmountSet"`
	Application struct {
		Code        string `json:"code"`
		Title       string `json:"title"`
		Description string `json:"description"`
	} `json:"discountApplication"`
}

type apiTax struct {
	Title string  `json:"title"`
	Rate  amount  `json:"rate"`
	Price *apiBag `json:"priceSet"`
}

// apiGroup is a bundle that lines are parts of.
type apiGroup struct {
	ID       ident  `json:"id"`
	Title    string `json:"title"`
	Quantity int64  `json:"quantity"`
	Variant  ident  `json:"variantId"`
	SKU      string `json:"variantSku"`
}

type apiLine struct {
	ID      ident     `json:"id"`
	SKU     string    `json:"sku"`
	Group   *apiGroup `json:"lineItemGroup"`
	Variant *struct {
		ID      ident  `json:"id"`
		Barcode string `json:"barcode"`
	} `json:"variant"`
	Name        string          `json:"name"`
	Quantity    int64           `json:"quantity"`
	Current     int64           `json:"currentQuantity"`
	GiftCard    bool            `json:"isGiftCard"`
	Ships       bool            `json:"requiresShipping"`
	Taxable     bool            `json:"taxable"`
	Unit        *apiBag         `json:"originalUnitPriceSet"`
	Allocations []apiAllocation `json:"discountAllocations"`
	Taxes       []apiTax        `json:"taxLines"`
	Attributes  []apiAttribute  `json:"customAttributes"`
}

type apiAttribute struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type apiShipping struct {
	ID          ident           `json:"id"`
	Code        string          `json:"code"`
	Title       string          `json:"title"`
	Price       *apiBag         `json:"originalPriceSet"`
	Discounted  *apiBag         `json:"discountedPriceSet"`
	Current     *apiBag         `json:"currentDiscountedPriceSet"`
	Allocations []apiAllocation `json:"discountAllocations"`
	Taxes       []apiTax        `json:"taxLines"`
}

type apiTransaction struct {
	ID          ident     `json:"id"`
	Gateway     string    `json:"gateway"`
	Kind        string    `json:"kind"`
	Status      string    `json:"status"`
	Manual      bool      `json:"manualPaymentGateway"`
	CreatedAt   time.Time `json:"createdAt"`
	ProcessedAt time.Time `json:"processedAt"`
	Amount      *apiBag   `json:"amountSet"`
}

type apiFulfillment struct {
	ID        ident     `json:"id"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
	Tracking  []struct {
		Company string `json:"company"`
		Number  string `json:"number"`
	} `json:"trackingInfo"`
	Lines connection[apiFulfillmentLine] `json:"fulfillmentLineItems"`
}

type apiFulfillmentLine struct {
	Quantity int64 `json:"quantity"`
	Line     named `json:"lineItem"`
}
