package erp_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// filledWorld is a world whose orders and contacts have fields of their own.
func filledWorld(t *testing.T, version int, rules ...config.FieldRule) *world {
	t.Helper()
	w := worldOf(t, odootest.Options{Version: version})
	for typ, name := range map[string]string{"char": "x_gift", "date": "x_due", "boolean": "x_rush", "integer": "x_count", "monetary": "x_deposit"} {
		w.odoo.AddField("sale.order", name, typ, name)
	}
	w.odoo.AddField("sale.order", "x_speed", "selection", "Speed", "std", "Standard", "fast", "Express")
	w.odoo.AddField("sale.order", "x_desk", "many2one", "Desk", "crm.team")
	w.odoo.AddField("res.partner", "x_club", "boolean", "Club member")
	w.shop.Books.Fields = rules
	return w
}

func rule(on, from, field string) config.FieldRule {
	return config.FieldRule{From: from, On: on, Field: field}
}

func meta(o *commerce.Order, pairs ...string) *commerce.Order {
	for i := 0; i < len(pairs); i += 2 {
		o.Meta = append(o.Meta, commerce.Property{Name: pairs[i], Value: pairs[i+1]})
	}
	return o
}

// field is a field of a record as Odoo answers it.
func (w *world) field(model string, id int64, name string) any {
	w.t.Helper()
	c := odooclient.New(w.odoo.Config(), odooclient.Options{})
	defer c.Close()
	row, ok, err := c.Get(w.t.Context(), odooclient.Query{Model: model, Fields: []string{name}}, id)
	require.NoError(w.t, err)
	require.True(w.t, ok)
	if _, name := row.Ref(name); name != "" {
		return name
	}
	if s := row.Str(name); s != "" {
		return s
	}
	return row[name]
}

func TestFieldsAreFilledWithTheOrderAndItsNewCustomer(t *testing.T) {
	for _, version := range []int{17, 19} {
		w := filledWorld(t, version, rule("order", "_gift", "x_gift"), rule("order", "_due", "x_due"), rule("order", "_rush", "x_rush"),
			rule("order", "_count", "x_count"), rule("order", "_deposit", "x_deposit"), rule("order", "_speed", "x_speed"), rule("order", "_desk", "x_desk"),
			rule("order", "_delivery", "commitment_date"), rule("customer", "_club", "x_club"), rule("customer", "_site", "website"))
		w.shop.Books.TimeZone = "Europe/Helsinki"
		w.odoo.Add("crm.team", odootest.Values{"name": "Desk A"})
		o := meta(anna(1), "_gift", " Hyvää <joulua> ", "_due", "20261224", "_rush", "yes", "_count", "3", "_deposit", "9.90", "_speed", "express",
			"_desk", "Desk A", "_delivery", "2026-12-24 10:00", "_club", "1", "_site", "https://example.com", "_other", "x")
		out := w.book(o)
		require.Equal(t, "created", out.Action)
		require.Empty(t, out.Notices)
		require.Equal(t, 4, out.Writes, "fields cost no call of their own")
		h := w.equal(o)
		for name, want := range map[string]any{"x_gift": "Hyvää <joulua>", "x_due": "2026-12-24", "x_rush": true, "x_count": "3", "x_deposit": "9.9",
			"x_speed": "fast", "x_desk": "Desk A", "commitment_date": "2026-12-24 08:00:00"} {
			require.Equal(t, want, w.field("sale.order", h.ID, name), "%s in %d", name, version)
		}
		require.Equal(t, true, w.field("res.partner", h.Partner, "x_club"))
		require.Equal(t, "https://example.com", w.field("res.partner", h.Partner, "website"))

		again := w.book(o)
		require.Equal(t, "unchanged", again.Action)
		require.Zero(t, again.Writes)
	}
}

// remembered is what the journal keeps of an order that was brought to Odoo.
func (w *world) remembered(o *commerce.Order) erp.Applied {
	return erp.Applied{Digest: o.Digest(), Lines: o.LinesDigest(), Fields: erp.FieldsDigest(w.shop, o), OdooID: w.only().ID}
}

func TestAFieldChangesAgainWhenTheShopChangesItAndOnlyThen(t *testing.T) {
	w := filledWorld(t, 17, rule("order", "_gift", "x_gift"), rule("order", "_desk", "x_desk"), rule("customer", "_club", "x_club"))
	w.odoo.Add("crm.team", odootest.Values{"name": "Desk A"})
	o := meta(anna(1), "_gift", "Hi", "_desk", "Desk A")
	w.book(o)
	id, last := w.only().ID, w.remembered(o)
	w.odoo.Set("sale.order", id, odootest.Values{"x_gift": "Theirs"})
	calls := w.odoo.CallCount()
	require.Equal(t, "unchanged", w.bookAfter(o, last).Action)
	require.Equal(t, 1, w.odoo.CallCount()-calls, "what is remembered costs one look")
	require.Equal(t, "Theirs", w.field("sale.order", id, "x_gift"))

	// Another order line is people's business too, and stays.
	w.odoo.Set("sale.order.line", w.only().Lines[0].ID, odootest.Values{"name": "Two mugs, blue"})
	o.Meta = nil
	meta(o, "_gift", "Hello", "_desk", "Desk A", "_club", "1")
	out := w.bookAfter(o, last)
	require.Equal(t, "updated", out.Action)
	require.True(t, out.Booked && out.Filled)
	require.Equal(t, 1, out.Writes)
	require.Equal(t, "Hello", w.field("sale.order", id, "x_gift"))
	require.Equal(t, "Two mugs, blue", w.only().Lines[0].Name)
	require.Equal(t, false, w.field("res.partner", w.only().Partner, "x_club"), "a contact that is there is never changed")
	last = w.remembered(o)
	require.Equal(t, "unchanged", w.bookAfter(o, last).Action)

	o.Meta = nil
	out = w.bookAfter(o, last)
	require.Equal(t, "updated", out.Action)
	require.Equal(t, false, w.field("sale.order", id, "x_gift"), "the shop has it no more")
	require.Equal(t, false, w.field("sale.order", id, "x_desk"))
}

func TestAnEditedOrderAndItsFieldsChangeInOneRun(t *testing.T) {
	w := filledWorld(t, 19, rule("order", "_delivery", "commitment_date"))
	o := meta(anna(1), "_delivery", "2026-12-24")
	w.book(o)
	last := w.remembered(o)
	mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
	o.Meta[0].Value = "2026-12-30"
	require.Equal(t, "updated", w.bookAfter(o, last).Action)
	require.Equal(t, "2026-12-30", w.equal(o).Commitment.Format("2006-01-02"))
	require.Equal(t, "unchanged", w.bookAfter(o, w.remembered(o)).Action)
}

// A run that ends at the fields leaves no doubt about the lines: what people changed of
// them is not taken for ours.
func TestARunThatEndsAtTheFieldsHasBookedTheOrder(t *testing.T) {
	w := filledWorld(t, 17, rule("order", "_gift", "x_gift"))
	o := meta(anna(1), "_gift", "Hi")
	w.book(o)
	last := w.remembered(o)
	last.Begins = func(context.Context) error { return errors.New("the lines are not begun") }
	o.Meta[0].Value = "Hello"
	w.odoo.Fault(func(model, method string) odootest.FaultMode {
		if model+"."+method == "sale.order.load" {
			return odootest.Err500
		}
		return odootest.None
	})
	out, err := w.books.Order(t.Context(), w.shop, o, last, yes)
	require.Error(t, err)
	require.True(t, out.Booked)
	require.False(t, out.Filled)
	w.odoo.Fault(nil)
	require.Equal(t, "updated", w.bookAfter(o, last).Action)
	require.Equal(t, "Hello", w.field("sale.order", w.only().ID, "x_gift"))
}

func TestAValueThatDoesNotFitKeepsNoOrderOut(t *testing.T) {
	w := filledWorld(t, 17, rule("order", "_due", "x_due"), rule("order", "_desk", "x_desk"), rule("order", "_gift", "x_gift"), rule("customer", "_vat", "vat"))
	for range 2 {
		w.odoo.Add("crm.team", odootest.Values{"name": "Twice"})
	}
	o := meta(anna(1), "_due", "soon", "_desk", "Twice", "_gift", "a\x00b", "_vat", "FI 99")
	out := w.book(o)
	require.Equal(t, []string{
		`what the shop has under "_due" is no date or time, or one that may mean two days: the field x_due is left out`,
		`Odoo has 2 records of crm.team with the name under "_desk": the field x_desk is left out`,
		`what the shop has under "_vat" is no VAT number of its country: the field vat is left out`,
	}, out.Notices)
	h := w.equal(o)
	require.Equal(t, "ab", w.field("sale.order", h.ID, "x_gift"))
	require.Empty(t, h.Buyer.VAT)
}

func TestWhatOdooRefusesIsLeftOutAndTheRestComesIn(t *testing.T) {
	w := filledWorld(t, 17, rule("order", "_gift", "x_gift"), rule("order", "_rush", "x_rush"), rule("customer", "_vat", "vat"), rule("customer", "_club", "x_club"))
	w.odoo.Refuse("sale.order", "x_gift", func(text string) string {
		if text == "bad" {
			return "No such gift."
		}
		return ""
	})
	w.odoo.Refuse("res.partner", "vat", func(text string) string {
		if strings.HasSuffix(text, "9") {
			return "The VAT number [" + text + "] for partner [x] does not seem to be valid. \nNote: the expected format is FI12345671"
		}
		return ""
	})
	o := meta(anna(1), "_gift", "bad", "_rush", "1", "_vat", "FI12345679", "_club", "yes")
	good := meta(anna(2), "_gift", "good", "_vat", "FI12345671")
	good.Customer.Email = "bo@example.com"
	out := w.book(o)
	require.Equal(t, []string{
		`Odoo refuses what the shop has under "_vat": the field vat is left out`,
		`Odoo refuses what the shop has under "_gift": the field x_gift is left out`,
	}, out.Notices)
	h := w.equal(o)
	require.Equal(t, true, w.field("sale.order", h.ID, "x_rush"))
	require.Empty(t, h.Buyer.VAT)
	require.True(t, h.Buyer.Company)
	require.Equal(t, true, w.field("res.partner", h.Partner, "x_club"), "only the number was refused")
	require.Empty(t, w.book(good).Notices)
	require.Equal(t, "FI12345671", w.equal(good).Buyer.VAT)
}

func TestACompanyIsFoundByANumberOfItsOwnField(t *testing.T) {
	w := filledWorld(t, 17, rule("customer", "_vat", "vat"))
	firm := w.odoo.AddPartner(map[string]any{"name": "Kuppi Oy", "is_company": true, "vat": "FI12345671"})
	o := meta(anna(1), "_vat", "fi-1234567-1")
	w.book(o)
	require.Equal(t, firm, w.equal(o).Buyer.Commercial)
}

func TestGuestsThatShareAContactLeaveItAsItIs(t *testing.T) {
	w := filledWorld(t, 17, rule("customer", "_club", "x_club"))
	w.shop.Books.Customers = config.Customers{Guests: "shared", Guest: "Web guest"}
	o := meta(anna(1), "_club", "1")
	o.Customer.ID = ""
	w.book(o)
	require.Equal(t, false, w.field("res.partner", w.equal(o).Partner, "x_club"))
}

func TestACheckTellsFieldsThatCannotBeFilled(t *testing.T) {
	w := filledWorld(t, 17, rule("order", "a", "x_gone"), rule("order", "b", "amount_total"), rule("order", "c", "x_gift"))
	require.Equal(t, []string{
		`problem: the line {from: "a", on: order, field: x_gone} under books.fields of shop fi names a field of sale.order that Odoo does not have, or does not show its user`,
		`problem: the line {from: "b", on: order, field: amount_total} under books.fields of shop fi names a field of sale.order that cannot be written`,
	}, graveOf(t, w.books.Check(t.Context(), []config.Shop{w.shop})))

	e := w.fails(anna(1), erp.Applied{}, commerce.Missing)
	require.Equal(t, []string{"fill/fi/sale.order/x_gone", "fill/fi/sale.order/amount_total"}, e.Needs)
	met := func() []string {
		w.books.Refresh()
		all, err := w.books.Met(t.Context(), w.shop, e.Needs)
		require.NoError(t, err)
		return all
	}
	require.Empty(t, met())
	w.odoo.AddField("sale.order", "x_gone", "char", "Gone")
	require.Equal(t, e.Needs[:1], met(), "the field was made")
	w.shop.Books.Fields = w.shop.Books.Fields[:1]
	require.Equal(t, e.Needs, met(), "the line was taken out")
	w.book(anna(1))
}

func TestAnExplanationSaysWhereAFieldComesFromAndNotWhatItHolds(t *testing.T) {
	w := filledWorld(t, 17, rule("order", "_gift", "x_gift"), rule("order", "_due", "x_due"), rule("customer", "_site", "website"))
	w.shop.Mode = "observe"
	o := meta(anna(1), "_gift", "To my Kaisa", "_site", "https://kaisa.example.com")
	e, err := w.books.Explain(t.Context(), w.shop, o)
	require.NoError(t, err)
	all := strings.Join(append(e.Steps, e.Reasons...), "\n")
	for _, want := range []string{
		`the field x_gift from "_gift"`, `customer: a new contact, with the field website from "_site"`,
		`order field x_gift: what the shop has under "_gift", by the line {from: "_gift", on: order, field: x_gift} under books.fields`,
		`order field x_due: the shop has nothing for it under "_due"`,
	} {
		require.Contains(t, all, want)
	}
	require.NotContains(t, strings.ToLower(all), "kaisa")
}
