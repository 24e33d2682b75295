package erp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/odooclient"
)

// The models whose fields books.fields fills.
const (
	orderModel   = "sale.order"
	partnerModel = "res.partner"
)

// column is what Odoo says about a field that values may be written to.
type column struct {
	Type     string          `json:"type"`
	Relation string          `json:"relation"` // the model that a many2one leads to
	Required bool            `json:"required"`
	ReadOnly bool            `json:"readonly"`
	Choices  json.RawMessage `json:"selection"` // pairs of key and label
}

// readColumns learns what orders and contacts have, each time that master data is
// read: people may have made a field a moment ago.
func readColumns(ctx context.Context, c odoo, model string) (all map[string]column, err error) {
	err = c.Call(ctx, odooclient.Request{Model: model, Method: "fields_get",
		Args: map[string]any{"attributes": []string{"type", "relation", "required", "readonly", "selection"}}}, &all)
	return all, err
}

// options are the keys of a selection with their labels.
func (c column) options() (all [][2]string) {
	if json.Unmarshal(c.Choices, &all) != nil {
		return nil
	}
	return all
}

// filled is a field with what is written to it.
type filled struct {
	Field string           `json:"field"`
	Value string           `json:"value"` // as load takes it; empty: the field is emptied
	Link  bool             `json:"link,omitempty"`
	Rule  config.FieldRule `json:"-"`
}

// column is the field's column of a load.
func (f filled) column() string {
	if f.Link {
		return f.Field + "/.id"
	}
	return f.Field
}

// modelOf is the model of what a rule fills.
func modelOf(r config.FieldRule) string {
	if r.On == config.OnCustomer {
		return partnerModel
	}
	return orderModel
}

// ownFields are those that an order or a contact gets from odoogate anyway, or by
// which it is known.
func ownFields(model string) []string {
	if model == partnerModel {
		return []string{"id", "name", "type", "street", "street2", "zip", "city", "state_id", "country_id", "phone", "email", "parent_id",
			"is_company", "company_type", "company_name", "company_id", "ref", "lang", "tz", "active"}
	}
	return []string{"id", "name", "state", "locked", "client_order_ref", "origin", "date_order", "partner_id", "partner_invoice_id",
		"partner_shipping_id", "company_id", "currency_id", "pricelist_id", "warehouse_id", "team_id", "user_id", "payment_term_id",
		"fiscal_position_id", "carrier_id", "picking_policy"}
}

// fillable are the types that a text can become.
func fillable() []string {
	return []string{"char", "text", "html", "integer", "float", "monetary", "boolean", "date", "datetime", "selection", "many2one"}
}

// misfit finds that a rule can never fill its field.
func (s settings) misfit(r config.FieldRule) *gap {
	model := modelOf(r)
	c, there := s.Columns[model][r.Field]
	which := fmt.Sprintf("the line %s under %s of shop %s names a field of %s", r, s.From["fields"], s.Shop, model)
	g := gap{need: strings.Join([]string{"fill", s.Shop, model, r.Field}, "/"), remedy: "name another field in that line, or take it out"}
	switch {
	case slices.Contains(ownFields(model), r.Field):
		g.detail = which + " that odoogate fills itself"
	case !there:
		g.detail = which + " that Odoo does not have, or does not show its user"
		g.remedy = fmt.Sprintf("create the field %s in Odoo (Settings, Technical, Fields, in developer mode), or correct that line", r.Field)
	case c.ReadOnly:
		g.detail = which + " that cannot be written"
	case !slices.Contains(fillable(), c.Type):
		g.detail = which + fmt.Sprintf(" of the type %s, which no text can become", c.Type)
	default:
		return nil
	}
	return &g
}

// misfits are those of all rules.
func (s settings) misfits() (all gaps) {
	for _, r := range s.Books.Fields {
		if g := s.misfit(r); g != nil {
			all.add(*g)
		}
	}
	return all
}

// refilled are the fields of orders that rules fill, to be read with an order.
func (s settings) refilled() (all []string) {
	for _, r := range s.Books.Fields {
		if r.On == config.OnOrder && s.misfit(r) == nil && !slices.Contains(all, r.Field) {
			all = append(all, r.Field)
		}
	}
	return all
}
