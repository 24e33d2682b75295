package erp

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/odooclient"
)

func sortedKeys[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }

// invoices are the order's invoices and credit notes, oldest first.
func (t teller) invoices(ctx context.Context, ids []int64) ([]StoryInvoice, error) {
	slices.Sort(ids)
	all := make([]StoryInvoice, len(ids))
	q := odooclient.Query{Model: "account.move", Fields: []string{"name", "move_type", "state", "payment_state", "invoice_date", "currency_id",
		"amount_total", "amount_tax", "amount_residual"}}
	err := each(ctx, ids, func(ctx context.Context, i int) error {
		row, _, err := t.reads.Get(ctx, q, ids[i])
		all[i] = StoryInvoice{ID: ids[i], Name: row.Str("name"), Type: row.Str("move_type"), State: row.Str("state"), Paid: row.Str("payment_state"),
			Date: row.Time("invoice_date"), Total: t.money(row, "amount_total"), Tax: t.money(row, "amount_tax"), Residual: t.money(row, "amount_residual")}
		return err
	})
	return all, err
}

// payments are those that this gateway registered for the order, which the memo
// finds and the external id proves, and those that people registered on one of its
// invoices.
func (t teller) payments(ctx context.Context, order odooclient.Row, invoices []StoryInvoice) ([]StoryPayment, error) {
	if t.Names.PaymentMemo == "" {
		return nil, nil
	}
	var rows []odooclient.Row
	fields := []string{"name", "payment_type", "state", "date", "amount", "currency_id", "journal_id", t.Names.PaymentMemo}
	if t.Names.PaymentInvoices != "" {
		fields = append(fields, t.Names.PaymentInvoices)
	}
	err := t.reads.Call(ctx, odooclient.Request{Model: "account.payment", Method: "search_read", Args: map[string]any{
		"domain": t.paymentsOf(order, invoices), "fields": fields, "order": "id"}}, &rows)
	if err != nil {
		return nil, err
	}
	all := make([]StoryPayment, len(rows))
	err = each(ctx, rows, func(ctx context.Context, i int) error {
		row := rows[i]
		xid, err := t.reads.ExternalID(ctx, "account.payment", row.ID())
		_, journal := row.Ref("journal_id")
		all[i] = StoryPayment{ID: row.ID(), XID: xid, Name: row.Str("name"), Type: row.Str("payment_type"), State: row.Str("state"),
			Date: row.Time("date"), Amount: t.money(row, "amount"), Journal: journal}
		return err
	})
	var ours []StoryPayment
	for i, p := range all {
		if strings.HasPrefix(p.XID, module+t.shop+"_") || !strings.HasPrefix(p.XID, module) && t.pays(rows[i], invoices) {
			ours = append(ours, p)
		}
	}
	return ours, err
}

// paymentsOf is what payments of the order are searched by.
func (t teller) paymentsOf(order odooclient.Row, invoices []StoryInvoice) []any {
	numbers := []string{reference(t.ref, t.number)}
	if n := order.Str("client_order_ref"); n != "" && n != numbers[0] {
		numbers = append(numbers, n)
	}
	memo := t.Names.PaymentMemo
	var terms []any
	for _, n := range numbers {
		terms = append(terms, []any{memo, "=like", literal(n) + " %"})
	}
	var names []string
	var ids []int64
	for _, v := range invoices {
		ids = append(ids, v.ID)
		if v.Name != "" && v.Name != "/" {
			names = append(names, v.Name)
		}
	}
	if len(names) > 0 {
		terms = append(terms, []any{memo, "in", names})
	}
	if t.Names.PaymentInvoices != "" && len(ids) > 0 {
		terms = append(terms, []any{t.Names.PaymentInvoices, "in", ids})
	}
	var domain []any
	for range len(terms) - 1 {
		domain = append(domain, "|")
	}
	company, _ := order.Ref("company_id")
	return append(append(domain, terms...), []any{"company_id", "=", company})
}

// literal takes their meaning from the characters that a pattern of SQL has.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// pays reports whether a payment that people registered names one of the invoices.
func (t teller) pays(payment odooclient.Row, invoices []StoryInvoice) bool {
	memo, ids := payment.Str(t.Names.PaymentMemo), payment.IDs(t.Names.PaymentInvoices)
	return slices.ContainsFunc(invoices, func(v StoryInvoice) bool { return memo == v.Name || slices.Contains(ids, v.ID) })
}
