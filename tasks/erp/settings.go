package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// master is what seldom changes in Odoo, read once and shared by all orders. It
// is never changed after it was read.
type master struct {
	Companies  []company
	Currencies map[string]currency // active ones, by code
	Pricelists []pricelist
	Taxes      []tax            // active sale taxes of all companies
	Version    int              // Odoo's major version
	Countries  map[string]int64 // by code
	States     map[string]int64 // by country code / state code
	Languages  []language       // installed ones, by code
	Warehouses []known
	Teams      []known
	Terms      []known // of payment
	Users      []known
	Carriers   []known
	Fiscal     []known // positions
	Locations  []known
	Journals   []known // of banks and cash
	Sales      []known // journals of sales
	Methods    []known // of payment, inbound, by journal
	NoteType   int64   // of messages that only people inside read
	Digits     digits
	// ProductFields are the fields of a product variant with their types.
	ProductFields map[string]string
	// Columns are the fields of orders and contacts, by model.
	Columns map[string]map[string]column
	Names   names
	Own     int64 // the company of our user; 0: it cannot be told
}

// language is one that is installed; ISO is the short code of the one that stands
// for all of its countries.
type language struct{ Code, ISO string }

type company struct {
	ID                      int64
	Name, Currency, Country string    // codes; Country is the fiscal one
	Global                  bool      // taxes are rounded globally, not per line
	Locked                  time.Time // the last day of the books that is closed; zero: none
}

type currency struct {
	ID       int64
	Code     string
	Rounding decimal.Decimal
}

type pricelist struct {
	ID       int64
	Name     string
	Currency string
	Company  int64 // 0: of every company
}

// digits are the decimals that Odoo keeps (decimal.precision).
type digits struct{ Price, Discount, Quantity int32 }

// names are the field names that differ between versions and installed apps;
// empty: there is no such field.
type names struct {
	LineTaxes    string
	LineDelivery string
	OrderLocked  string
	CompanyName  string
	// MoveGroup is what ties a transfer to its order where its order lines do not (17),
	// MoveName a text that moves must have there.
	MoveGroup, PickingReturn, MoveName string

	OrderNotes, OrderWarehouse, OrderTeam, OrderTerms, PartnerLang                      string
	PhoneSanitized                                                                      string
	OrderUser, OrderCarrier, OrderFiscal, OrderPicking, OrderTaxes                      string
	OrderPromise, OrderTags, OrderPickings, InvoicePosted, PaymentMemo, PaymentInvoices string
	OrderDelivery                                                                       string
}

// settings is what the configuration says for one order, against the master data:
// with the order and what Odoo has of it, all that a plan depends on.
type settings struct {
	*master
	Shop      string
	GoLive    config.Moment
	Import    config.Import
	Books     config.Books
	From      config.Origins // of Books
	Company   company
	Strange   string // the order's channel, where the configuration speaks of others only
	Flow      config.Workflow
	Flowing   bool // a workflow is chosen; false: rules choose, and none applies
	Risk      config.Risk
	WriteBack config.WriteBack
	Ties      map[Tie]int64 // of the order's records
}

// Facts are what channels and rules are chosen by.
func Facts(o *commerce.Order) config.Facts {
	return config.Facts{Channel: o.Channel, Country: destination(o), Currency: o.Currency, Gateways: o.Gateways, Tags: o.Tags,
		Financial: o.Financial, Paid: o.Paid, Fulfilment: cmp.Or(o.Fulfilment, "unfulfilled"), Risk: riskOf(o)}
}

// riskOf is the risk as rules know it: one that is not assessed is none.
func riskOf(o *commerce.Order) string {
	if o.Risk.Level == "" || o.Risk.Level == "pending" {
		return "none"
	}
	return o.Risk.Level
}

// settingsFor is what holds for an order with these facts. Its error names the
// company that is missing.
func settingsFor(shop config.Shop, f config.Facts, m *master) (settings, error) {
	s := chosenFor(shop, f, m)
	if s.Books.Company == "" {
		at := slices.IndexFunc(m.Companies, func(c company) bool { return c.ID == m.Own })
		if at < 0 {
			return s, missing(commerce.Ref{}, gap{
				detail: "Odoo does not tell which company its user works for",
				remedy: fmt.Sprintf("name it as books.company of shop %s", shop.ID)})
		}
		s.Company = m.Companies[at]
		return s, nil
	}
	for _, c := range m.Companies {
		if c.Name == s.Books.Company {
			s.Company = c
			return s, nil
		}
	}
	return s, missing(commerce.Ref{}, gap{
		detail: fmt.Sprintf("Odoo shows its user no company named %q", s.Books.Company),
		remedy: fmt.Sprintf("correct books.company of shop %s, or give the user that company in Odoo", shop.ID)})
}

// chosenFor is the same without its company.
func chosenFor(shop config.Shop, f config.Facts, m *master) settings {
	s := settings{master: m, Shop: shop.ID, GoLive: shop.GoLive, Import: shop.Import}
	s.Books, s.From = shop.For(f)
	s.Flow, _, s.Flowing = shop.WorkflowFor(f)
	s.Risk, s.WriteBack = shop.Risk, shop.WriteBack
	if f.Channel != "" && !shop.KnowsChannel(f.Channel) {
		s.Strange = f.Channel
	}
	return s
}

// layersOf is what can hold in a shop, each against the master data.
func layersOf(shop config.Shop, m *master) ([]settings, error) {
	var all []settings
	for _, l := range shop.Layers() {
		alone := config.Shop{ID: shop.ID, GoLive: shop.GoLive, Import: shop.Import, Books: l.Books}
		s, err := settingsFor(alone, config.Facts{}, m)
		if err != nil {
			return nil, err
		}
		s.From = l.From
		all = append(all, s)
	}
	return all, nil
}

// context is what every call about this shop carries: the company, and that no
// follower is added and no mail leaves because of us.
func (s settings) context() map[string]any {
	c := map[string]any{
		"mail_create_nosubscribe":       true,
		"mail_create_nolog":             true,
		"mail_notrack":                  true,
		"mail_auto_subscribe_no_notify": true,
		"tracking_disable":              true,
	}
	if s.Books.Company != "" {
		c["allowed_company_ids"] = []int64{s.Company.ID}
	}
	return c
}

// gridOf is what amounts of the currency are rounded to.
func (s settings) gridOf(code string) (grid, *gap) {
	c, ok := s.Currencies[code]
	if !ok {
		return grid{}, &gap{
			detail: fmt.Sprintf("the currency %s is not active in Odoo", code),
			remedy: fmt.Sprintf("activate %s in Odoo and give it a pricelist", code),
			need:   strings.Join([]string{"currency", s.Shop, code}, "/")}
	}
	return grid{Amount: c.Rounding, Price: s.Digits.Price, Discount: s.Digits.Discount, Quantity: s.Digits.Quantity}, nil
}

// pricelist is the one that carries the order's currency; nil: the company's own
// currency needs none.
func (s settings) pricelist(code string) (*pricelist, *gap) {
	need := strings.Join([]string{"pricelist", s.Shop, code}, "/")
	var fits []pricelist
	for _, p := range s.Pricelists {
		if p.Currency == code && (p.Company == 0 || p.Company == s.Company.ID) {
			fits = append(fits, p)
		}
	}
	if name := s.Books.Pricelists[code]; name != "" {
		fits = slices.DeleteFunc(fits, func(p pricelist) bool { return p.Name != name })
		if len(fits) != 1 {
			return nil, &gap{need: need,
				detail: fmt.Sprintf("Odoo has %d active pricelists named %q in %s for company %s", len(fits), name, code, s.Company.Name),
				remedy: fmt.Sprintf("make that name unique in Odoo, or correct books.pricelists of shop %s", s.Shop)}
		}
		return &fits[0], nil
	}
	switch {
	case len(fits) == 1:
		return &fits[0], nil
	case len(fits) == 0 && code == s.Company.Currency:
		return nil, nil
	case len(fits) == 0:
		return nil, &gap{need: need,
			detail: fmt.Sprintf("Odoo has no pricelist in %s for company %s", code, s.Company.Name),
			remedy: fmt.Sprintf("create a pricelist in %s in Odoo", code)}
	}
	return nil, &gap{need: need,
		detail: fmt.Sprintf("Odoo has %d pricelists in %s for company %s", len(fits), code, s.Company.Name),
		remedy: fmt.Sprintf("name one in books.pricelists of shop %s, for example {%s: %q}", s.Shop, code, fits[0].Name)}
}

// state is the id of a region, 0 when Odoo does not know it.
func (s settings) state(country, code string) int64 {
	return s.States[country+"/"+code]
}
