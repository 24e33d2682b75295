package erp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// newProduct is a product that Odoo lacks and products.unknown lets us make.
type newProduct struct {
	XID     string          `json:"xid"`
	Name    string          `json:"name"`
	SKU     string          `json:"sku,omitempty"`
	Barcode string          `json:"barcode,omitempty"`
	Price   decimal.Decimal `json:"price"`           // in the mode of Taxes
	Taxes   []int64         `json:"taxes,omitempty"` // none: Odoo's own choice
	Ships   bool            `json:"ships,omitempty"`
}

func newProductOf(xid string, l commerce.Line) *newProduct {
	return &newProduct{XID: xid, Name: cmp.Or(cleanLine(l.Title, longTitle), l.SKU, l.VariantID), SKU: l.SKU, Barcode: l.Barcode, Ships: l.NeedsShipping}
}

// priced is the product with what the line says of its price. One in a foreign
// currency says nothing: Odoo keeps prices in the company's.
func (p *newProduct) priced(w *wanting, it item) *newProduct {
	out := *p
	less, more := hundred, hundred // what the price must lose or gain for the mode of Odoo's taxes
	for _, t := range it.Taxes {
		out.Taxes = append(out.Taxes, t.Odoo.ID)
		switch included := w.order.PricesIncludeTax; {
		case included && !t.Odoo.Included:
			less = less.Add(t.Rate)
		case !included && t.Odoo.Included:
			more = more.Add(t.Rate)
		}
	}
	slices.Sort(out.Taxes)
	out.Taxes = slices.Compact(out.Taxes)
	if w.order.Currency == w.Company.Currency {
		out.Price = it.Line.UnitPrice.Amount.Mul(more).DivRound(less, 8).Round(w.Digits.Price)
	}
	return &out
}

// products makes the products that are missing, each once, and puts them on their
// lines. Its external id keeps Odoo from having one twice, whoever comes first, and
// one that is there stays as people made it.
func (w *writer) products(ctx context.Context) error {
	made := map[string]int64{}
	for i, l := range w.plan.Lines {
		if l.New == nil {
			continue
		}
		if _, ok := made[l.New.XID]; !ok {
			columns, row := w.productRow(l.New)
			id, err := w.loadIn(ctx, "product.product", columns, [][]any{row}, onlyNew())
			if err != nil {
				return w.refused(err)
			}
			made[l.New.XID] = id
		}
		w.plan.Lines[i].Product = made[l.New.XID]
	}
	return nil
}

// refused names the group that lets a user make products.
func (w *writer) refused(err error) error {
	var e *commerce.Error
	if !errors.As(classify(w.order.Ref, err), &e) || e.Reason != commerce.Denied || errors.As(err, new(*stopped)) {
		return err
	}
	_, name := w.mayMake()
	named := *e
	named.Remedy = fmt.Sprintf("give that user the group %q in Odoo, or set books.products.unknown of shop %s to park", name, w.Shop)
	return &named
}

// onlyNew makes load leave a record as it is that has the external id already:
// that is what noupdate with mode "update" means.
func onlyNew() map[string]any { return map[string]any{"mode": "update", "noupdate": true} }

func (w *writer) productRow(p *newProduct) (columns []string, row []any) {
	add := func(column string, value any) {
		if field, _, _ := strings.Cut(column, "/"); column == "id" || w.ProductFields[field] != "" {
			columns, row = append(columns, column), append(row, value)
		}
	}
	add("id", p.XID)
	add("name", p.Name)
	add(byCode, p.SKU)
	if p.Barcode != "" {
		add(byBarcode, p.Barcode)
	}
	add("list_price", p.Price.String())
	add("sale_ok", "1")
	add("purchase_ok", "0")
	if len(p.Taxes) > 0 {
		ids := make([]string, len(p.Taxes))
		for i, t := range p.Taxes {
			ids[i] = itoa(t)
		}
		add("taxes_id/.id", strings.Join(ids, ","))
	}
	kind, goods := "type", "consu"
	if w.ProductFields["detailed_type"] != "" { // before 18
		kind = "detailed_type"
		if w.Names.OrderWarehouse != "" { // Inventory is installed
			goods = "product"
		}
	}
	if !p.Ships {
		add(kind, "service")
		return columns, row
	}
	add(kind, goods)
	add("is_storable", "1")
	return columns, row
}

// mayMake are the groups of which one lets Odoo's user make products, and their
// name there.
func (m *master) mayMake() (xids []string, name string) {
	if m.ProductFields["detailed_type"] != "" {
		return []string{"sales_team.group_sale_manager", "stock.group_stock_manager"}, "Sales / Administrator"
	}
	return []string{"product.group_product_manager"}, "Products / Create"
}
