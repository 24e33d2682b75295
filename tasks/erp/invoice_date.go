package erp

import (
	"context"
	"time"

	"github.com/odoogate/odoogate/odooclient"
)

// dateInvoices sets date and journal of drafts. A day in a locked period becomes
// the first open one, and people are told. A draft that people are to post keeps a
// day that they gave it.
func (w *writer) dateInvoices(ctx context.Context, p *papers) (notices []string, err error) {
	day, moved := w.invoiceDay(p)
	journal, g := w.named("invoice_journal", w.Books.InvoiceJournal)
	if g != nil {
		return nil, missing(w.order.Ref, *g)
	}
	for i, v := range p.Invoices {
		day := day
		if theirs := !w.Flow.Posts() && v.Date.After(w.Company.Locked); theirs {
			day = v.Date
		}
		if v.State != "draft" || v.Type != "out_invoice" {
			continue
		}
		if moved && !day.After(w.Company.Locked.AddDate(0, 0, 1)) {
			notices = []string{"invoiced on " + day.Format(time.DateOnly) + ", the first day after the locked period, and not on the order's own"}
		}
		if v.Date.Equal(day) && (journal == 0 || v.Journal == journal) {
			continue
		}
		columns, row := []string{".id", "invoice_date"}, []any{itoa(v.ID), day.Format(time.DateOnly)}
		if journal != 0 {
			columns, row = append(columns, "journal_id/.id"), append(row, ref(journal))
		}
		if _, err := w.loadIn(ctx, "account.move", columns, [][]any{row}, nil); err != nil {
			return nil, err
		}
		p.Invoices[i].Date = day
	}
	return notices, nil
}

// invoiceDay is the day of the order or of today, in the shop's zone. A further
// invoice is of the day of the change that it is for.
func (w *writer) invoiceDay(p *papers) (day time.Time, moved bool) {
	at := w.order.CreatedAt
	switch {
	case w.Flow.InvoiceDate == "today":
		at = w.now()
	case p.posted():
		at = w.order.UpdatedAt
	}
	return w.openDay(at)
}

// openDay is the day of a moment, in the shop's zone, or the first one after the
// period that is closed.
func (s settings) openDay(at time.Time) (day time.Time, moved bool) {
	day = s.dayOf(at)
	if s.Company.Locked.IsZero() || day.After(s.Company.Locked) {
		return day, false
	}
	return s.Company.Locked.AddDate(0, 0, 1), true
}

// dayOf is the day in the shop's zone, as a date.
func (s settings) dayOf(at time.Time) time.Time {
	zone, err := time.LoadLocation(s.Books.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// post posts a draft.
func (w *writer) post(ctx context.Context, model string, id int64) error {
	return w.posted(ctx, model, id, w.do(ctx, model, "action_post", id))
}

// posted passes over Odoo's refusal to post what somebody posted a moment before us:
// that is what was wanted.
func (w *writer) posted(ctx context.Context, model string, id int64, err error) error {
	if odooclient.KindOf(err) != odooclient.UserError {
		return err
	}
	row, ok, readErr := w.odoo.Get(ctx, w.query(model, "state"), id)
	if readErr == nil && ok && row.Str("state") != "draft" {
		return nil
	}
	return err
}
