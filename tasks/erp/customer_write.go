package erp

import (
	"context"
	"errors"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// account writes what the plan says: what is there first, so that new addresses are
// made under what holds now. A run that ends between two of these finds the rest to do.
func (w *writer) account(ctx context.Context, p *accountPlan) error {
	for _, e := range p.Edits {
		if err := w.edit(ctx, e); err != nil {
			return err
		}
	}
	if !p.Made && p.addresses() == 0 {
		return nil
	}
	return w.refusal("a new contact of the account", p.words, w.people(ctx, &p.People))
}

// edit writes fields of one contact. Those that Odoo may refuse by themselves are
// left out then, and the rest goes.
func (w *writer) edit(ctx context.Context, e edit) error {
	err := w.softly(&e.Soft, func() error {
		columns, row := []string{".id"}, []any{itoa(e.ID)}
		for _, f := range append(e.Set[:len(e.Set):len(e.Set)], e.Soft...) {
			columns, row = append(columns, f.column()), append(row, f.Value)
		}
		if len(columns) == 1 {
			return nil
		}
		_, err := w.loadIn(ctx, partnerModel, columns, [][]any{row}, map[string]any{"tz": "UTC"})
		return err
	})
	return w.refusal(strings.Join(e.Parts, ", ")+" of "+e.String(), e.words, err)
}

// refusal puts what Odoo has against a contact in words that quote nothing of it, and
// so that it waits for a person: the same again would be refused again.
func (w *writer) refusal(what string, words []string, err error) error {
	var row *odooclient.RowError
	if !errors.As(err, &row) {
		return err
	}
	var e *commerce.Error
	if !errors.As(classify(w.order.Ref, err), &e) || e.Reason != commerce.Invalid && e.Reason != commerce.Denied {
		return err
	}
	own := commerce.Error{Op: "erp.customer", Reason: commerce.Invalid, Ref: w.order.Ref, Detail: "Odoo refuses " + what,
		Remedy: "try the same by hand in Odoo to see why, correct it there or in the shop, then replay the account"}
	if e.Reason == commerce.Denied {
		own.Detail, own.Remedy = "Odoo does not let its user of the gateway write "+what, e.Remedy+", or change that contact by hand; then replay the account"
	}
	if !quotes(row.Message, append(words, accountWords(w.order)...)) {
		own.Detail += ": " + row.Message
	}
	return &own
}
