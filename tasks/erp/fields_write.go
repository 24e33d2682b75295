package erp

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/odoogate/odoogate/odooclient"
)

// refill writes the fields of an order that is there. It comes after all else of the
// order, so that a run that ends with it leaves no doubt about the lines.
func (w *writer) refill(ctx context.Context) error {
	return w.softly(&w.plan.Fields, func() error {
		if len(w.plan.Fields) == 0 {
			return nil
		}
		columns, row := []string{"id"}, []any{w.plan.XID}
		for _, f := range w.plan.Fields {
			columns, row = append(columns, f.column()), append(row, f.Value)
		}
		_, err := w.load(ctx, columns, [][]any{row})
		return err
	})
}

// softly loads a record with fields that rules fill. One that Odoo refuses is taken out
// and told, and the rest goes again: it keeps nothing out. Where Odoo does not say for
// which field it refuses, each is tried. A refusal that stays without any is returned.
func (w *writer) softly(fields *[]filled, load func() error) error {
	all := *fields
	err := load()
	for names := blamed(err, *fields); len(names) > 0; names = blamed(err, *fields) {
		was := *fields
		for _, name := range names {
			*fields = without(was, name)
			if err = load(); len(blamed(err, was)) == 0 {
				break
			}
		}
		if len(names) > 1 && len(blamed(err, was)) > 0 { // more than one of them, or none
			*fields = nil
			err = load()
		}
	}
	for _, f := range all {
		if err == nil && !slices.Contains(*fields, f) {
			w.told = append(w.told, fmt.Sprintf("Odoo refuses what the shop has under %q: the field %s is left out", f.Rule.From, f.Field))
		}
	}
	return err
}

func without(all []filled, name string) []filled {
	return slices.DeleteFunc(slices.Clone(all), func(f filled) bool { return f.Field == name })
}

// blamed are the fields for which Odoo may have refused a record: the one that it
// names, else a VAT number that it quotes, else all of them.
func blamed(err error, fields []filled) (names []string) {
	var row *odooclient.RowError
	if !errors.As(err, &row) {
		return nil
	}
	for _, f := range fields {
		if row.Field == f.Field || f.Field == "vat" && aboutVAT(row, f.Value) {
			return []string{f.Field}
		}
		names = append(names, f.Field)
	}
	if row.Field != "" {
		return nil
	}
	return names
}
