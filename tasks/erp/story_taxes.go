package erp

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// addTax adds to the tax of a rate.
func addTax(list []StoryTax, rate decimal.Decimal, amount commerce.Money) []StoryTax {
	if at := slices.IndexFunc(list, func(t StoryTax) bool { return t.Rate.Equal(rate) }); at >= 0 {
		list[at].Amount.Amount = list[at].Amount.Amount.Add(amount.Amount)
		return list
	}
	if amount.IsZero() {
		return list
	}
	return append(list, StoryTax{rate, amount})
}

// sumOf is the tax of all rates.
func sumOf(list []StoryTax) (sum decimal.Decimal) {
	for _, t := range list {
		sum = sum.Add(t.Amount.Amount)
	}
	return sum
}

// orderTaxes are the order's taxes by rate: what its lines say where Odoo rounds line
// by line, else what its summary says. nil: it cannot be told.
func (t teller) orderTaxes(ctx context.Context, s *tale, lines []odooclient.Row) ([]StoryTax, error) {
	var taxes []StoryTax
	plain := true // each line has one tax, of a rate
	groups := map[int64][]decimal.Decimal{}
	for _, row := range lines {
		levied := t.levied(row.IDs(t.Names.LineTaxes))
		for _, one := range levied {
			if !slices.ContainsFunc(groups[one.Group], one.Rate.Equal) {
				groups[one.Group] = append(groups[one.Group], one.Rate)
			}
		}
		row["currency_id"] = s.row["currency_id"]
		amount := t.money(row, "price_tax")
		switch {
		case amount.IsZero():
		case len(levied) == 1 && levied[0].Kind == parity.Percent:
			taxes = addTax(taxes, levied[0].Rate, amount)
		default:
			plain = false
		}
	}
	own, _ := s.row.Ref("company_id")
	global := slices.ContainsFunc(t.Companies, func(c company) bool { return c.ID == own && c.Global })
	if plain && !global && sumOf(taxes).Equal(s.Order.Tax.Amount) || t.Names.OrderTaxes == "" {
		return taxes, nil
	}
	return t.summedTaxes(ctx, s, groups)
}

// levied are the taxes of those ids, those of a group each for itself. One that is not
// known, such as an archived one, has no rate.
func (t teller) levied(ids []int64) []tax {
	var all []tax
	for _, id := range ids {
		at := slices.IndexFunc(t.Taxes, func(x tax) bool { return x.ID == id })
		switch {
		case at < 0:
			all = append(all, tax{ID: id})
		case t.Taxes[at].Kind == parity.Group:
			all = append(all, t.Taxes[at].Children...)
		default:
			all = append(all, t.Taxes[at])
		}
	}
	return all
}

// summedTaxes reads the summary of the order: the amount of each group of taxes, of
// which a group of one rate tells the tax of that rate.
func (t teller) summedTaxes(ctx context.Context, s *tale, rates map[int64][]decimal.Decimal) ([]StoryTax, error) {
	row, _, err := t.reads.Get(ctx, odooclient.Query{Model: "sale.order", Fields: []string{t.Names.OrderTaxes}}, s.Order.ID)
	if err != nil {
		return nil, err
	}
	currency := s.Order.Total.Currency
	var taxes []StoryTax
	for group, amount := range (grid{Amount: t.Currencies[currency].Rounding}).groupsOf(row[t.Names.OrderTaxes]) {
		if len(rates[group]) != 1 {
			return nil, nil
		}
		taxes = addTax(taxes, rates[group][0], commerce.Money{Amount: amount, Currency: currency})
	}
	if !sumOf(taxes).Equal(s.Order.Tax.Amount) {
		return nil, nil
	}
	return taxes, nil
}

// billedTaxes reads the taxes of an invoice or a credit note by rate.
func (t teller) billedTaxes(ctx context.Context, v *StoryInvoice) error {
	rows, err := t.reads.Find(ctx, odooclient.Query{Model: "account.move.line", Field: "move_id", Fields: []string{"tax_line_id", "amount_currency"},
		Domain: []any{[]any{"display_type", "=", "tax"}}}, itoa(v.ID))
	for _, row := range rows {
		id, _ := row.Ref("tax_line_id")
		amount := commerce.Money{Amount: row.Dec("amount_currency").Abs().Round(commerce.Digits(v.Tax.Currency)), Currency: v.Tax.Currency}
		for _, one := range t.levied([]int64{id}) {
			v.Taxes = addTax(v.Taxes, one.Rate, amount)
		}
	}
	if !sumOf(v.Taxes).Equal(v.Tax.Amount) {
		v.Taxes = nil
	}
	return err
}
