package erp

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// Story is all that Odoo holds of one order, for people to read. It holds no
// personal data: no contacts, no addresses, none of the words on lines.
type Story struct {
	Order     *StoryOrder     `json:"order"`                   // nil: Odoo has none
	Foreign   string          `json:"foreign,omitempty"`       // an order with its number that somebody else made
	Other     *StoryOrder     `json:"foreign_order,omitempty"` // that order
	Lines     []StoryLine     `json:"lines,omitempty"`
	Transfers []StoryTransfer `json:"transfers,omitempty"`
	Invoices  []StoryInvoice  `json:"invoices,omitempty"` // credit notes too
	Payments  []StoryPayment  `json:"payments,omitempty"`
}

// StoryOrder is the sale order itself.
type StoryOrder struct {
	ID        int64          `json:"id"`
	Name      string         `json:"name"`      // S00012
	Reference string         `json:"reference"` // the number that it has in the shop
	State     string         `json:"state"`     // draft, sent, sale, done, cancel
	Locked    bool           `json:"locked,omitempty"`
	Date      time.Time      `json:"date"`
	Invoicing string         `json:"invoice_status"` // no, to invoice, invoiced, upselling
	Total     commerce.Money `json:"total"`
	Tax       commerce.Money `json:"tax"`
	Taxes     []StoryTax     `json:"taxes,omitempty"`
}

// StoryTax is the tax of one rate in percent. None are told where Odoo sums several
// rates up in one amount.
type StoryTax struct {
	Rate   decimal.Decimal `json:"rate"`
	Amount commerce.Money  `json:"amount"`
}

// StoryLine is a line of the order. One that people added has no external id of ours.
type StoryLine struct {
	ID        int64           `json:"id"`
	XID       string          `json:"external_id,omitempty"`
	Product   string          `json:"product"` // its internal reference
	Quantity  decimal.Decimal `json:"quantity"`
	Delivered decimal.Decimal `json:"delivered"` // what came back taken off
	Invoiced  decimal.Decimal `json:"invoiced"`  // what was credited taken off
}

// Added reports whether people added the line to the order.
func (l StoryLine) Added() bool { return !strings.HasPrefix(l.XID, module) && !l.Quantity.IsZero() }

// StoryTransfer is a delivery of the order, or what comes back of one.
type StoryTransfer struct {
	ID       int64       `json:"id"`
	Name     string      `json:"name"` // WH/OUT/00007
	Kind     string      `json:"kind"` // outgoing, incoming, internal
	State    string      `json:"state"`
	Done     time.Time   `json:"done,omitzero"`
	Tracking string      `json:"tracking,omitempty"`
	Moves    []StoryMove `json:"moves"`
}

// StoryMove is how much of a product a transfer moves, or moved once it is done.
type StoryMove struct {
	Product  string          `json:"product"`
	Line     int64           `json:"line"` // of the order
	State    string          `json:"state"`
	Quantity decimal.Decimal `json:"quantity"`
	Refunded bool            `json:"refunded,omitempty"` // of a return: it counts as not delivered
}

// StoryInvoice is an invoice or a credit note.
type StoryInvoice struct {
	ID       int64          `json:"id"`
	Name     string         `json:"name"` // empty or / for a draft
	Type     string         `json:"type"` // out_invoice, out_refund
	State    string         `json:"state"`
	Paid     string         `json:"payment_state"`
	Date     time.Time      `json:"date,omitzero"`
	Total    commerce.Money `json:"total"`
	Tax      commerce.Money `json:"tax"`
	Taxes    []StoryTax     `json:"taxes,omitempty"` // only where something was credited
	Residual commerce.Money `json:"residual"`
}

// StoryPayment is money that came in or went out.
type StoryPayment struct {
	ID      int64          `json:"id"`
	XID     string         `json:"external_id,omitempty"` // empty: people registered it
	Name    string         `json:"name"`
	Type    string         `json:"type"` // inbound, outbound
	State   string         `json:"state"`
	Date    time.Time      `json:"date,omitzero"`
	Amount  commerce.Money `json:"amount"`
	Journal string         `json:"journal"`
}

// Story reads all that Odoo holds of an order: some eight calls, however many
// documents there are, and the master data. number is what people know the order
// by; it may be empty where the shop cannot be asked. It writes nothing. Its error
// is one of asking Odoo.
func (b *Books) Story(ctx context.Context, shop config.Shop, ref commerce.Ref, number string) (Story, error) {
	m, err := b.master.get(ctx)
	if err != nil {
		return Story{}, classify(ref, err)
	}
	t := teller{reads: b.reads, master: m, shop: shop.ID, resolves: true}
	one := &tale{Asked: Asked{Ref: ref, Number: number}}
	if err := t.tell(ctx, []*tale{one}); err != nil {
		return Story{}, classify(ref, err)
	}
	return one.Story, nil
}

// Numbered are the orders of the shop that Odoo knows by that number, with or
// without the # before it. Several may have one, for people write into that field.
func (b *Books) Numbered(ctx context.Context, shop config.Shop, number string) ([]commerce.Ref, error) {
	bare := strings.TrimPrefix(number, "#")
	texts := []string{bare, "#" + bare}
	found := make([][]odooclient.Row, len(texts))
	query := odooclient.Query{Model: "sale.order", Field: "client_order_ref", Fields: []string{"origin"}}
	err := each(ctx, texts, func(ctx context.Context, i int) (err error) {
		found[i], err = b.reads.Find(ctx, query, texts[i])
		return err
	})
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	rows := slices.Concat(found...)
	refs := make([]commerce.Ref, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) error {
		xid, err := b.reads.ExternalID(ctx, "sale.order", rows[i].ID())
		refs[i] = refOf(shop.ID, xid, rows[i].Str("origin"))
		return err
	})
	if err != nil {
		return nil, classify(commerce.Ref{}, err)
	}
	var ours []commerce.Ref
	for _, ref := range refs {
		if !ref.IsZero() {
			ours = append(ours, ref)
		}
	}
	return ours, nil
}

// refOf is the order of the shop that an external id names, zero for none. The
// source document tells ids that an external id only holds a hash of.
func refOf(shop, xid, origin string) commerce.Ref {
	ref := commerce.Ref{Shop: shop, Kind: commerce.KindOrder}
	if id, ok := strings.CutPrefix(origin, shop+"/"); ok {
		if ref.ID = id; id != "" && orderXID(ref) == xid {
			return ref
		}
	}
	id, ok := strings.CutPrefix(xid, module+shop+"_order_")
	if ref.ID = id; !ok || id == "" {
		return commerce.Ref{}
	}
	return ref
}
