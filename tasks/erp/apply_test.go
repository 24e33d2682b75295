package erp

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// loads remembers what is loaded; nothing else of Odoo is there.
type loads struct {
	odoo
	shapes []odooclient.Shape
	rows   [][][]any
}

func (l *loads) Load(_ context.Context, s odooclient.Shape, rows [][]any) (int64, error) {
	l.shapes, l.rows = append(l.shapes, s), append(l.rows, rows)
	return int64(500 + len(l.rows)), nil
}

func TestPartnersAreMadeSoThatOdooNeverOverwritesOne(t *testing.T) {
	o, s := order(), books()
	o.Shipping = &commerce.Address{FirstName: "Bo", LastName: "Ek", Street: "Ågatan 2", City: "Turku", Zip: "20100", Country: "FI"}
	p, err := planOrder(o, have{Products: stock()}, s, Applied{})
	require.NoError(t, err)
	fake := &loads{}
	w := writer{odoo: fake, now: time.Now, settings: s, order: o, plan: p, still: func(context.Context) error { return nil }}
	require.NoError(t, w.people(t.Context(), p.People))
	require.Len(t, fake.rows, 2)
	for _, shape := range fake.shapes {
		require.Equal(t, "res.partner", shape.Model)
		require.Equal(t, "update", shape.Context["mode"])
		require.Equal(t, true, shape.Context["noupdate"])
		require.Equal(t, true, shape.Context["tracking_disable"])
		require.NotContains(t, shape.Context, "tz")
	}
	require.Equal(t, "501", fake.rows[1][0][len(fake.rows[1][0])-1], "the address belongs to the buyer")
	require.EqualValues(t, 502, p.People.Delivery.ID)
	require.Nil(t, p.People.Invoice)
}

// refusing is an Odoo that refuses every record with a text.
type refusing struct {
	odoo
	text string
}

func (r refusing) Load(_ context.Context, s odooclient.Shape, _ [][]any) (int64, error) {
	return 0, &odooclient.RowError{Model: s.Model, Message: r.text}
}

func TestAVATNumberThatOdooRefusesIsToldWithoutIt(t *testing.T) {
	for text, vat := range map[string]bool{
		"The VAT number [FI12345671] for partner [Kuppi Oy] does not seem to be valid.": true,  // 17
		"The VAT number [12345671] for partner [Kuppi Oy] does not seem to be valid.":   true,  // 19
		"You are not allowed to create 'Contact' (res.partner) records.":                false, // rights
	} {
		o, s := order(), books()
		kuppi(o)
		p, err := planOrder(o, have{Products: stock()}, s, Applied{})
		require.NoError(t, err)
		w := writer{odoo: refusing{text: text}, now: time.Now, settings: s, order: o, plan: p, still: func(context.Context) error { return nil }}
		err = classify(o.Ref, w.people(t.Context(), p.People))
		require.Equal(t, vat, commerce.ReasonOf(err) == commerce.Invalid, text)
		require.NotContains(t, err.Error(), "12345671")
		require.NotContains(t, err.Error(), "Kuppi")
		if vat {
			require.ErrorContains(t, err, "correct it in the shop")
		}
	}
}

func TestTheRowsOfAnOrderCarryTheirHeaderOnce(t *testing.T) {
	o, s := order(), books()
	p, err := planOrder(o, have{Products: stock()}, s, Applied{})
	require.NoError(t, err)
	p.People.Buyer.ID = 501
	w := writer{settings: s, order: o, plan: p}
	want := [][]any{
		{"odoogate.fi_order_5001", "#1001", "fi/5001", "2026-11-20 10:00:00", "501", "501", "501", "11", "31",
			"odoogate.fi_line_1_0", "10", "101", "A MUG", "2", "12.55", "0", "22", false,
			"odoogate.fi_order_5001_note", "sale.order", "<p>fi #1001</p><ul><li><b>Delivery:</b> Posti (posti)</li></ul>", "comment", "1", "2"},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil,
			"odoogate.fi_shipping_900_0", "11", "109", "Posti", "1", "4.9", "0", "22", true, nil, nil, nil, nil, nil, nil},
	}
	if d := cmp.Diff(want, w.rows(true)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	require.Len(t, w.columns(true), len(want[0]))
	require.Equal(t, len(w.columns(false)), len(w.rows(false)[0]))
}

func TestFaultsSayWhatToDo(t *testing.T) {
	fault := func(k odooclient.Kind, model, text string) error {
		return &odooclient.Fault{Kind: k, Model: model, Method: "load", Message: text}
	}
	for _, c := range []struct {
		err    error
		reason commerce.Reason
		detail string
		remedy string
	}{
		{fault(odooclient.Unreachable, "", ""), commerce.Unavailable, "cannot be reached", ""},
		{fault(odooclient.Uncertain, "sale.order", ""), commerce.Unavailable, "did not answer sale.order.load", ""},
		{fault(odooclient.BadAnswer, "sale.order", ""), commerce.Unavailable, "status", ""},
		{fault(odooclient.Serialization, "", ""), commerce.Conflict, "another transaction", ""},
		{fault(odooclient.MissingRecord, "", ""), commerce.Conflict, "deleted", ""},
		{fault(odooclient.AccessDenied, "", ""), commerce.Denied, "login", "odoo.password"},
		{fault(odooclient.NoDatabase, "", ""), commerce.Denied, "database", "odoo.database"},
		{fault(odooclient.AccessError, "res.partner", "no"), commerce.Denied, "no", "Contact Creation"},
		{fault(odooclient.AccessError, "account.tax", "no"), commerce.Denied, "no", "Invoicing / Billing"},
		{fault(odooclient.AccessError, "stock.picking", "no"), commerce.Denied, "no", "Inventory / User"},
		{fault(odooclient.AccessError, "sale.order", "no"), commerce.Denied, "no", "All Documents"},
		{fault(odooclient.UserError, "sale.order", "Too late."), commerce.Invalid, "Odoo refuses: Too late.", "replay"},
		{fault(odooclient.ValidationError, "sale.order", "Bad."), commerce.Invalid, "Bad.", "replay"},
		{fault(odooclient.NoModel, "sale.order", ""), commerce.Denied, "no sale.order", "Sales"},
		{fault(odooclient.BadField, "sale.order", "Invalid field"), commerce.Internal, "Invalid field", ""},
		{&odooclient.RowError{Model: "sale.order", Field: "order_line", Message: "Bad product"}, commerce.Invalid, "order_line: Bad product", "replay"},
		{&odooclient.RowError{Model: "res.partner", Message: "You are not allowed to create 'Contact' (res.partner) records."}, commerce.Denied, "not allowed", "Contact Creation"},
		{&odooclient.RowError{Model: "sale.order", Message: "Access to unauthorized or invalid companies."}, commerce.Denied, "companies", "company"},
		{&odooclient.RowError{Model: "sale.order", Message: "You cannot change the pricelist of a confirmed order !"}, commerce.Conflict, "meanwhile", ""},
		{&odooclient.RowError{Model: "sale.order", Message: "It is forbidden to modify the following fields in a locked order:"}, commerce.Conflict, "meanwhile", ""},
		{&odooclient.RowError{Model: "sale.order", Field: "partner_id", Message: "No matching record found for database id '9' in field 'Customer'"}, commerce.Conflict, "deleted", ""},
		{context.Canceled, commerce.Unavailable, "not waited", ""},
		{errors.New("else"), commerce.Internal, "", ""},
	} {
		err := classify(order().Ref, c.err)
		var e *commerce.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.reason, e.Reason, c.err.Error())
		require.Contains(t, e.Detail, c.detail)
		require.Contains(t, e.Remedy, c.remedy)
		require.Equal(t, order().Ref, e.Ref)
	}
}

func TestAKnownErrorOnlyGetsItsRecord(t *testing.T) {
	mine := &commerce.Error{Reason: commerce.Missing, Detail: "x"}
	var e *commerce.Error
	require.ErrorAs(t, classify(order().Ref, mine), &e)
	require.Equal(t, order().Ref, e.Ref)
	require.True(t, mine.Ref.IsZero())
	other := &commerce.Error{Reason: commerce.Missing, Ref: commerce.Ref{Shop: "se", Kind: "order", ID: "1"}}
	require.ErrorAs(t, classify(order().Ref, other), &e)
	require.Equal(t, other.Ref, e.Ref)
}
