package erp

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/odooclient"
)

// have is what Odoo holds of one order's world.
type have struct {
	Order    *standing // the order; nil: Odoo has none
	Foreign  *standing // an order with our reference that somebody else made
	Buyer    *person   // nil: Odoo does not know him
	Company  *person   // of a buyer with a VAT number; nil: Odoo does not know it
	Children []person  // the contacts and addresses of the company, else of the buyer
	Twins    *gap      // several may be the buyer, and a person must decide
	Products shelf
	Records  map[record][]int64 // that many2one fields of rules lead to
}

// standing is an order as it stands in Odoo.
type standing struct {
	ID         int64
	Name       string // S00012
	State      string // draft, sent, sale, done, cancel
	Ref        string // client_order_ref
	Origin     string
	Currency   string
	Date       time.Time
	Total, Tax decimal.Decimal
	Groups     map[int64]decimal.Decimal // tax by account.tax.group, where it was read
	Locked     bool
	Promised   time.Time // the day of delivery that was promised; zero: none
	Invoicing  string    // invoice_status, where it was read
	Left       bool      // all goods have, where it was read
	Ours       bool      // of one that is cancelled: we did, nobody touched it since, and it has no invoice
	Lines      []held
	Moves      []move         // of its goods, where they were read
	Fields     odooclient.Row // those that books.fields fills
}

// held is an order line as it stands in Odoo.
type held struct {
	ID int64
	line
	Delivered, Invoiced decimal.Decimal // less what came back, and what was credited
	ToInvoice           decimal.Decimal // as Odoo reckons it: of some products only what was delivered
}

// open reports whether the order is still a quotation.
func (h *standing) open() bool { return h.State == "draft" || h.State == "sent" }

func (h *standing) confirmed() bool { return h.State == "sale" || h.State == "done" }

// delivered reports whether goods of the order are with the buyer.
func (h *standing) delivered() bool {
	return slices.ContainsFunc(h.Lines, func(l held) bool { return l.Delivered.IsPositive() })
}

// invoiced reports whether anything of the order is on an invoice.
func (h *standing) invoiced() bool {
	return slices.ContainsFunc(h.Lines, func(l held) bool { return !l.Invoiced.IsZero() })
}
