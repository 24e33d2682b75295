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
	if err != nil || !slices.ContainsFunc(all, func(v StoryInvoice) bool { return v.credit() && v.stands() }) {
		return all, err
	}
	return all, each(ctx, all, func(ctx context.Context, i int) error { return t.billedTaxes(ctx, &all[i]) })
}

// payments reads, in one search, those that this gateway registered for the orders,
// which the memo finds and the external id proves, and those that people registered on
// one of their invoices.
func (t teller) payments(ctx context.Context, tales []*tale) error {
	tales = slices.DeleteFunc(slices.Clone(tales), func(s *tale) bool { return s.Order == nil })
	if t.Names.PaymentMemo == "" || len(tales) == 0 {
		return nil
	}
	var rows []odooclient.Row
	fields := []string{"name", "payment_type", "state", "date", "amount", "currency_id", "journal_id", "company_id", t.Names.PaymentMemo}
	if t.Names.PaymentInvoices != "" {
		fields = append(fields, t.Names.PaymentInvoices)
	}
	err := t.reads.Call(ctx, odooclient.Request{Model: "account.payment", Method: "search_read", Args: map[string]any{
		"domain": t.paymentsOf(tales), "fields": fields, "order": "id"}}, &rows)
	if err != nil {
		return err
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
	for i, p := range all {
		for _, s := range tales {
			if t.pays(p, rows[i], s) {
				s.Payments = append(s.Payments, p)
			}
		}
	}
	return err
}

// numbers are what the order is known by in memos.
func (s *tale) numbers() []string {
	numbers := []string{reference(s.Ref, s.Number)}
	if n := s.row.Str("client_order_ref"); n != "" && n != numbers[0] {
		numbers = append(numbers, n)
	}
	return numbers
}

// paymentsOf is what payments of the orders are searched by.
func (t teller) paymentsOf(tales []*tale) []any {
	memo := t.Names.PaymentMemo
	var terms []any
	var names []string
	var ids, companies []int64
	for _, s := range tales {
		for _, n := range s.numbers() {
			terms = append(terms, []any{memo, "=like", literal(n) + " %"})
		}
		for _, v := range s.Invoices {
			ids = append(ids, v.ID)
			if v.numbered() {
				names = append(names, v.Name)
			}
		}
		if company, _ := s.row.Ref("company_id"); !slices.Contains(companies, company) {
			companies = append(companies, company)
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
	return append(append(domain, terms...), []any{"company_id", "in", companies})
}

func (v StoryInvoice) numbered() bool { return v.Name != "" && v.Name != "/" }

// literal takes their meaning from the characters that a pattern of SQL has.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// pays reports whether a payment is one of the order: registered by us under its
// number, or by people on one of its invoices.
func (t teller) pays(p StoryPayment, row odooclient.Row, s *tale) bool {
	company, _ := s.row.Ref("company_id")
	if c, _ := row.Ref("company_id"); c != company {
		return false
	}
	memo, ids := row.Str(t.Names.PaymentMemo), row.IDs(t.Names.PaymentInvoices)
	billed := slices.ContainsFunc(s.Invoices, func(v StoryInvoice) bool {
		return v.numbered() && memo == v.Name || slices.Contains(ids, v.ID)
	})
	if !strings.HasPrefix(p.XID, module) {
		return billed
	}
	named := slices.ContainsFunc(s.numbers(), func(n string) bool { return strings.HasPrefix(memo, n+" ") })
	return strings.HasPrefix(p.XID, module+t.shop+"_") && (billed || named)
}
