package erp

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/odooclient"
)

// readNames learns the field names that differ between versions and apps.
func readNames(ctx context.Context, c odoo) (names, error) {
	order, err := c.Fields(ctx, "sale.order")
	if err != nil {
		return names{}, err
	}
	line, err := c.Fields(ctx, "sale.order.line")
	if err != nil {
		return names{}, err
	}
	partner, err := c.Fields(ctx, "res.partner")
	if err != nil {
		return names{}, err
	}
	notes := order.First("message_ids")
	message, err := c.Fields(ctx, "mail.message")
	if err != nil || slices.ContainsFunc(noteParts(), func(part string) bool { return message.First(part) == "" }) {
		notes = ""
	}
	if err := optional(err); err != nil {
		return names{}, err
	}
	payment, err := c.Fields(ctx, "account.payment")
	if err := optional(err); err != nil {
		return names{}, err
	}
	bill, err := c.Fields(ctx, "account.move")
	if err := optional(err); err != nil {
		return names{}, err
	}
	picking, err := c.Fields(ctx, "stock.picking")
	if err := optional(err); err != nil {
		return names{}, err
	}
	move, err := c.Fields(ctx, "stock.move")
	if err := optional(err); err != nil {
		return names{}, err
	}
	return names{
		InvoicePosted: bill.First("posted_before"),
		LineTaxes:     line.First("tax_ids", "tax_id"),
		LineDelivery:  line.First("is_delivery"),
		OrderLocked:   order.First("locked"),
		CompanyName:   partner.First("company_name"),
		MoveGroup:     move.First("group_id"),
		PickingReturn: picking.First("return_id"),
		MoveName:      move.First("name"),

		OrderNotes: notes, OrderWarehouse: order.First("warehouse_id"), OrderTeam: order.First("team_id"),
		OrderTerms: order.First("payment_term_id"), PartnerLang: partner.First("lang"),
		PhoneSanitized: partner.First("phone_sanitized"),
		OrderUser:      order.First("user_id"), OrderCarrier: order.First("carrier_id"), OrderFiscal: order.First("fiscal_position_id"),
		OrderPicking: order.First("picking_policy"), OrderTaxes: order.First("tax_totals"),
		OrderPromise: order.First("commitment_date"), OrderTags: order.First("tag_ids"), OrderPickings: order.First("picking_ids"), OrderDelivery: order.First("delivery_status"), PaymentMemo: payment.First("memo", "ref"), PaymentInvoices: payment.First("invoice_ids"),
	}, nil
}

// readProductFields learns what products have: products.match may name any field,
// also one that people made a moment ago.
func readProductFields(ctx context.Context, c odoo) (map[string]string, error) {
	var fields map[string]odooclient.Field
	err := c.Call(ctx, odooclient.Request{Model: "product.product", Method: "fields_get",
		Args: map[string]any{"attributes": []string{"type"}}}, &fields)
	types := make(map[string]string, len(fields))
	for name, f := range fields {
		types[name] = f.Type
	}
	return types, err
}

// named reads the records that settings name. One that our user may not read is
// as good as none.
func (m *master) named(ctx context.Context, c odoo, all *errgroup.Group) {
	list := func(into *[]known, field, model, company string, of func(odooclient.Row, *known), more ...string) {
		if field == "" {
			return
		}
		all.Go(func() error {
			fields := append([]string{"name"}, more...)
			if company != "" {
				fields = append(fields, company)
			}
			var rows []odooclient.Row
			err := optional(c.Call(ctx, odooclient.Request{Model: model, Method: "search_read",
				Args: map[string]any{"domain": []any{}, "fields": fields}}, &rows))
			for _, r := range rows {
				k := known{ID: r.ID(), Name: r.Str("name")}
				k.Company, _ = r.Ref(company)
				if of != nil {
					of(r, &k)
				}
				*into = append(*into, k)
			}
			return err
		})
	}
	const company = "company_id"
	list(&m.Warehouses, m.Names.OrderWarehouse, "stock.warehouse", company, func(r odooclient.Row, k *known) { k.Stock, _ = r.Ref("lot_stock_id") }, "lot_stock_id")
	list(&m.Teams, m.Names.OrderTeam, "crm.team", company, nil)
	list(&m.Terms, m.Names.OrderTerms, "account.payment.term", company, nil)
	list(&m.Fiscal, m.Names.OrderFiscal, "account.fiscal.position", company, nil)
	list(&m.Users, m.Names.OrderUser, "res.users", "", func(r odooclient.Row, k *known) { k.Alias = r.Str("login") }, "login")
	list(&m.Carriers, m.Names.OrderCarrier, "delivery.carrier", company, func(r odooclient.Row, k *known) { k.Product, _ = r.Ref("product_id") }, "product_id")
	list(&m.Locations, m.Names.OrderWarehouse, "stock.location", company, func(r odooclient.Row, k *known) {
		k.Name = r.Str("complete_name")
		k.Warehouse, _ = r.Ref("warehouse_id")
		k.Internal = r.Str("usage") == "internal"
	}, "complete_name", "warehouse_id", "usage")
	list(&m.Methods, m.Names.PaymentMemo, "account.payment.method.line", "", func(r odooclient.Row, k *known) {
		if k.Journal, _ = r.Ref("journal_id"); r.Str("payment_type") != "inbound" {
			k.Journal = 0
		}
	}, "journal_id", "payment_type")
	m.journals(ctx, c, all)
	if m.Names.PartnerLang != "" {
		all.Go(func() error {
			fields, err := c.Fields(ctx, "res.lang")
			if err != nil {
				return optional(err)
			}
			iso := fields.First("iso_code", "code")
			var rows []odooclient.Row
			err = optional(c.Call(ctx, odooclient.Request{Model: "res.lang", Method: "search_read",
				Args: map[string]any{"domain": []any{}, "fields": []string{"code", iso}, "order": "code"}}, &rows))
			for _, r := range rows {
				m.Languages = append(m.Languages, language{Code: r.Str("code"), ISO: r.Str(iso)})
			}
			return err
		})
	}
	if m.Names.OrderNotes != "" {
		all.Go(func() (err error) {
			var ok bool
			if _, m.NoteType, ok, err = c.Resolve(ctx, "mail.mt_note"); err == nil && !ok {
				m.Names.OrderNotes = ""
			}
			return err
		})
	}
}

// journals reads those that invoices and payments may stand in.
func (m *master) journals(ctx context.Context, c odoo, all *errgroup.Group) {
	if m.Names.PaymentMemo == "" {
		return
	}
	all.Go(func() error {
		var rows []odooclient.Row
		err := optional(c.Call(ctx, odooclient.Request{Model: "account.journal", Method: "search_read", Args: map[string]any{
			"domain": []any{[]any{"type", "in", []string{"sale", "bank", "cash"}}}, "fields": []string{"name", "type", "company_id"}}}, &rows))
		for _, r := range rows {
			k := known{ID: r.ID(), Name: r.Str("name")}
			k.Company, _ = r.Ref("company_id")
			if r.Str("type") == "sale" {
				m.Sales = append(m.Sales, k)
			} else {
				m.Journals = append(m.Journals, k)
			}
		}
		return err
	})
}

// optional passes over what the user may not see or Odoo does not have.
func optional(err error) error {
	switch odooclient.KindOf(err) {
	case odooclient.AccessError, odooclient.NoModel:
		return nil
	}
	return err
}
