package woocommerce

import (
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// decoder turns records of one shop into neutral ones.
type decoder struct {
	shop  string
	set   Settings
	wants func(name string) bool // a value of the meta data, for a field of Odoo; nil: none
}

// Decode understands the payload of an order.* delivery: the record as the REST API
// tells it. An order with refunds is ErrPartial, for what these are about stands
// elsewhere; so is a payload of another version of the API. A draft is Ignored.
func (d decoder) Decode(body []byte) (*commerce.Order, error) {
	rec, err := recordOf(body)
	if err != nil {
		return nil, &commerce.Error{Op: "woocommerce.decode", Reason: commerce.Invalid, Detail: "the body is not an order", Err: err}
	}
	if rec.ID == "" {
		return nil, &commerce.Error{Op: "woocommerce.decode", Reason: commerce.Invalid, Detail: "the body has no order id"}
	}
	if !rec.whole() || len(rec.Refunds) > 0 {
		return nil, handlers.ErrPartial
	}
	return d.order(rec, nil)
}

// whole reports whether a record is an order of this version of the API.
func (r *record) whole() bool {
	return r.LineItems != nil && r.PricesIncludeTax != nil && r.Status != "" && r.Total.valid && !r.Modified.IsZero()
}

// order maps a record with its refunds. Its errors are Invalid, where the record
// cannot be understood, and Ignored for a draft.
func (d decoder) order(rec *record, refunds []refund) (*commerce.Order, error) {
	ref := commerce.Ref{Shop: d.shop, Kind: commerce.KindOrder, ID: string(rec.ID)}
	if isDraft(rec.Status) {
		return nil, &commerce.Error{Op: "woocommerce.decode", Reason: commerce.Ignored, Ref: ref, Detail: draftWords}
	}
	if rec.ID == "" || !rec.whole() {
		return nil, &commerce.Error{Op: "woocommerce.decode", Reason: commerce.Invalid, Ref: ref, Detail: "the record is not a whole order"}
	}
	o, err := newMapping(rec, refunds).order()
	if err != nil {
		return nil, &commerce.Error{Op: "woocommerce.decode", Reason: commerce.Invalid, Ref: ref,
			Detail: "the order cannot be understood", Err: err}
	}
	o.Ref, o.URL, o.Meta = ref, d.set.adminURL(ref.ID), d.meta(rec.Meta)
	return o, nil
}

// meta are the values that the settings name. Lists and objects are none.
func (d decoder) meta(all metas) (out []commerce.Property) {
	for _, one := range all {
		if value := either(string(one.Value), string(one.Truth)); d.wants != nil && d.wants(one.Key) && value != "" {
			out = append(out, commerce.Property{Name: one.Key, Value: value})
		}
	}
	return out
}

// draftWords say why nothing is done about a draft.
const draftWords = "a draft: the buyer is still at the checkout, or staff is still writing it"

// isDraft reports whether an order is not placed yet.
func isDraft(status string) bool {
	switch status {
	case "checkout-draft", "auto-draft", "draft":
		return true
	}
	return false
}

// plain is what was wrong with JSON, without its words.
func plain(err error) error { return wire.PlainJSON(err) }
