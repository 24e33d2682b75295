package tasks

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// OrderView is all that is known of an order, without anybody's data. A side that
// did not tell is nil, and Away says why.
type OrderView struct {
	Order       string            `json:"order"`
	Number      string            `json:"number,omitempty"`
	Shop        *ShopView         `json:"shop"`
	Odoo        *erp.Story        `json:"odoo"`
	Journal     *JournalView      `json:"journal"` // nil also: nothing came in yet
	Compared    bool              `json:"compared"`
	Differences []erp.Difference  `json:"differences,omitempty"`
	Away        map[string]string `json:"away,omitempty"` // shop, odoo or journal: why it cannot be read
}

// ShopView is the shop's side.
type ShopView struct {
	State       string          `json:"state"` // open, cancelled
	Financial   string          `json:"financial"`
	Fulfilment  string          `json:"fulfilment"`
	Channel     string          `json:"channel"`
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Total       commerce.Money  `json:"total"`
	Tax         commerce.Money  `json:"tax"`
	Received    commerce.Money  `json:"received"`
	Refunded    commerce.Money  `json:"refunded"`
	Pending     commerce.Money  `json:"refund_pending"`
	Outstanding *commerce.Money `json:"outstanding,omitempty"`
	Lines       []LineView      `json:"lines"`
	Shipments   []ShipmentView  `json:"shipments,omitempty"`
	Refunds     []RefundView    `json:"refunds,omitempty"`
	Returns     []ReturnView    `json:"returns,omitempty"`
}

// LineView is a line of the order.
type LineView struct {
	ID       string          `json:"id"`
	Label    string          `json:"label"`
	Quantity decimal.Decimal `json:"quantity"`
	Price    commerce.Money  `json:"price"`
	Total    commerce.Money  `json:"total"`
}

// PartView is how much of a line something is about.
type PartView struct {
	Line     string          `json:"line"`
	Quantity decimal.Decimal `json:"quantity"`
	Restock  string          `json:"restock,omitempty"`
}

// ShipmentView is what left.
type ShipmentView struct {
	ID       string     `json:"id"`
	Status   string     `json:"status"`
	Carrier  string     `json:"carrier,omitempty"`
	Tracking []string   `json:"tracking,omitempty"`
	At       time.Time  `json:"at"`
	Parts    []PartView `json:"lines"`
}

// RefundView is money that went back, or is on its way.
type RefundView struct {
	ID       string         `json:"id"`
	At       time.Time      `json:"at"`
	Amount   commerce.Money `json:"amount"`
	Pending  commerce.Money `json:"pending"`
	Shipping commerce.Money `json:"shipping"`
	Return   string         `json:"return,omitempty"`
	Parts    []PartView     `json:"lines"`
}

// ReturnView is what comes back.
type ReturnView struct {
	ID       string     `json:"id"`
	Status   string     `json:"status"`
	Parts    []PartView `json:"lines"`
	Received []PartView `json:"received,omitempty"`
}

// JournalView is how the last run ended.
type JournalView struct {
	Outcome  Outcome   `json:"outcome"`
	Reason   string    `json:"reason,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Remedy   string    `json:"remedy,omitempty"`
	Needs    []string  `json:"needs,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Attempts int       `json:"attempts"`
	Writes   int       `json:"writes"`
	Released bool      `json:"released,omitempty"`
	Forced   bool      `json:"reimport_asked,omitempty"`
}

// View is what may be shown of an order.
func (l *Looked) View() OrderView {
	v := OrderView{Order: l.Ref.String(), Away: map[string]string{}}
	for side, err := range map[string]error{"shop": l.ShopErr, "odoo": l.OdooErr, "journal": l.JournalErr} {
		if err != nil {
			_, why, _ := strings.Cut(": "+err.Error(), l.Ref.String()+": ") // whose it is, is said
			v.Away[side] = cmp.Or(why, err.Error())
		}
	}
	if l.OdooErr == nil {
		v.Odoo = &l.Story
		if l.Story.Order != nil {
			v.Number = l.Story.Order.Reference
		}
	}
	if l.Order != nil {
		v.Number, v.Shop = l.Order.Number, shopViewOf(l.Order)
	}
	if l.Known {
		r := l.Record
		v.Journal = &JournalView{Outcome: r.Outcome, Reason: r.Reason, Detail: r.Detail, Remedy: r.Remedy, Needs: r.Needs, At: r.At,
			Attempts: r.Attempts, Writes: r.Writes, Released: r.Released, Forced: r.Forced != ""}
	}
	v.Differences, v.Compared = l.Differences()
	return v
}

func shopViewOf(o *commerce.Order) *ShopView {
	v := &ShopView{State: "open", Financial: o.Financial, Fulfilment: cmp.Or(o.Fulfilment, "unfulfilled"), Channel: o.Channel,
		Created: o.CreatedAt, Updated: o.UpdatedAt, Total: o.Total, Tax: o.TotalTax, Received: commerce.Money{Currency: o.Currency},
		Refunded: erp.Refunded(o), Pending: commerce.Money{Currency: o.Currency}, Outstanding: o.Outstanding}
	if o.Cancelled() {
		v.State = "cancelled"
	}
	for _, p := range o.Received() {
		v.Received.Amount = v.Received.Amount.Add(p.Amount.Amount)
	}
	names := labels{}
	for _, l := range o.Lines {
		names[l.ID] = erp.LineLabel(l)
		v.Lines = append(v.Lines, LineView{l.ID, names[l.ID], l.Quantity, l.UnitPrice, l.Total})
	}
	for _, s := range o.Shipments {
		v.Shipments = append(v.Shipments, names.shipment(s))
	}
	for _, r := range o.Refunds {
		v.Pending.Amount = v.Pending.Amount.Add(r.Pending.Amount)
		v.Refunds = append(v.Refunds, names.refund(r, o.Currency))
	}
	for _, r := range o.Returns {
		v.Returns = append(v.Returns, names.back(r))
	}
	return v
}

// labels are what the order's lines are called, by their ids.
type labels map[string]string

func (n labels) part(line string, quantity decimal.Decimal, restock string) PartView {
	return PartView{cmp.Or(n[line], line), quantity, restock}
}

func (n labels) shipment(s commerce.Shipment) ShipmentView {
	v := ShipmentView{ID: s.ID, Status: s.Status, Carrier: s.Carrier, Tracking: s.Tracking, At: s.At}
	for _, line := range slices.Sorted(maps.Keys(s.Lines)) {
		v.Parts = append(v.Parts, n.part(line, s.Lines[line], ""))
	}
	return v
}

func (n labels) refund(r commerce.Refund, currency string) RefundView {
	v := RefundView{ID: r.ID, At: r.At, Amount: r.Amount, Pending: r.Pending, Shipping: commerce.Money{Currency: currency}, Return: r.Return}
	for _, l := range r.Lines {
		v.Parts = append(v.Parts, n.part(l.LineID, l.Quantity, l.Restock))
	}
	for _, s := range r.Shipping {
		v.Shipping.Amount = v.Shipping.Amount.Add(s.Amount.Amount)
	}
	return v
}

func (n labels) back(r commerce.Return) ReturnView {
	v := ReturnView{ID: r.ID, Status: r.Status}
	for _, l := range r.Lines {
		v.Parts = append(v.Parts, n.part(l.LineID, l.Quantity, ""))
	}
	for _, l := range r.Received {
		v.Received = append(v.Received, n.part(l.LineID, l.Quantity, ""))
	}
	return v
}
