package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// product is a product variant that Odoo has.
type product struct {
	ID       int64
	SKU      string
	Archived bool
	Service  bool
	Company  int64 // 0: of every company
}

// ask is a question for products: a field and the value that it must have.
type ask struct{ Field, Value string }

// The fields that products are asked by, beside those of products.match.
const (
	byCode    = "default_code"
	byBarcode = "barcode"
	byID      = "id"
	byXID     = "external id"
)

// String is the question in people's words: "internal reference MUG".
func (a ask) String() string {
	words := map[string]string{byCode: "internal reference"}
	return cleanLine(cmp.Or(words[a.Field], a.Field)+" "+a.Value, shortText)
}

// shelf is what Odoo has of the products that an order needs, by what was asked
// for. A question without products was asked in vain.
type shelf map[ask][]product

// way is one way to find the product of a line.
type way struct {
	ask
	How         string // in people's words, empty: those of the question
	Placeholder bool   // it stands for a product that Odoo does not have
}

// search is how the product of a line is looked for.
type search struct {
	ways  []way       // the first that finds something counts
	wrong *gap        // a setting that hinders it
	make  *newProduct // what is made when nothing is found
	lack  gap         // what is missing when nothing is found
}

// choice is the product that a line is booked on.
type choice struct {
	product
	New         *newProduct // to be made first; product has no id then
	Placeholder bool
	Found       string // how it was found, in people's words
}

// choose finds the one product that is looked for on the shelf, or what is missing.
func (s settings) choose(of search, have shelf) (choice, *gap) {
	for _, w := range of.ways {
		switch fits := s.fits(have[w.ask]); len(fits) {
		case 0:
		case 1:
			return choice{product: fits[0], Placeholder: w.Placeholder, Found: cmp.Or(w.How, w.String())}, nil
		default:
			return choice{}, ambiguous(w.ask, fits, of.lack.need)
		}
	}
	switch {
	case of.wrong != nil:
		return choice{}, of.wrong
	case of.make != nil:
		return choice{product: product{SKU: of.make.SKU, Service: !of.make.Ships}, New: of.make, Found: "new"}, nil
	}
	return choice{}, &of.lack
}

// fits are the products that the company may sell: archived ones only when there
// are no others.
func (s settings) fits(found []product) []product {
	found = slices.DeleteFunc(slices.Clone(found), func(p product) bool { return p.Company != 0 && p.Company != s.Company.ID })
	live := slices.DeleteFunc(slices.Clone(found), func(p product) bool { return p.Archived })
	if len(live) > 0 {
		return live
	}
	return found
}

// due is the question that is to be asked next: none when an answer holds a
// product, or when all were asked.
func (s settings) due(of search, have shelf) (ask, bool) {
	for _, w := range of.ways {
		found, asked := have[w.ask]
		if !asked {
			return w.ask, true
		}
		if len(s.fits(found)) > 0 {
			break
		}
	}
	return ask{}, false
}

func ambiguous(a ask, fits []product, need string) *gap {
	ids := make([]string, len(fits))
	for i, p := range fits {
		ids[i] = itoa(p.ID)
	}
	return &gap{need: need,
		detail: fmt.Sprintf("Odoo has %d products with %s (ids %s)", len(fits), a, strings.Join(ids, ", ")),
		remedy: fmt.Sprintf("archive all but one of the products with %s", a)}
}
