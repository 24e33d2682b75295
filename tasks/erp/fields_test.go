package erp

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

func TestAValueBecomesWhatItsFieldWants(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	const no = "\x00no"
	for typ, rows := range map[string]map[string]string{
		"char":    {"a\n b\x00": "a b", "<b>": "<b>"},
		"text":    {"a\r\nb\x00": "a\nb"},
		"html":    {"a <b>\nc": "a &lt;b&gt;<br/>c"},
		"integer": {"12": "12", "-3.0": "-3", "2147483648": no, "1.5": no, "1e3": no, "twelve": no, "": no, "0x1F": no},
		"float":   {"12.50": "12.5", "12,50": no, "1,000.00": no, "NaN": no, "1e999999": no, "99999999999999999": no, "-0.1": "-0.1"},
		"monetary": {
			"9.90": "9.9", "9.90 €": no},
		"boolean": {"yes": "1", "TRUE": "1", "1": "1", "on": "1", "no": "0", "0": "0", "maybe": no},
		"date": {"2026-11-30": "2026-11-30", "20261130": "2026-11-30", "30.11.2026": "2026-11-30", "2.3.2026": "2026-03-02", "November 30, 2026": "2026-11-30",
			"2026-11-30T23:30:00Z": "2026-12-01", "2026-11-30 23:30": "2026-11-30", "1796000000": "2026-11-30", "02/03/2026": no, "2026-02-30": no, "soon": no, "0001-01-01": no},
		"datetime":  {"2026-11-30T10:00:00+01:00": "2026-11-30 09:00:00", "2026-11-30 10:00": "2026-11-30 08:00:00", "2026-11-30": "2026-11-29 22:00:00", "later": no},
		"selection": {"std": "std", "Express delivery": "fast", " EXPRESS  delivery": "fast", "FAST": "fast", "2": "2", "none": no},
	} {
		c := column{Type: typ, Choices: json.RawMessage(`[["std","Standard"],["fast","Express delivery"],["1","2"],["2","Two"]]`)}
		for value, want := range rows {
			got, err := c.cell(value, helsinki)
			if want == no {
				require.Error(t, err, "%s from %q gave %q", typ, value, got)
				continue
			}
			require.NoError(t, err, "%s from %q", typ, value)
			require.Equal(t, want, got, "%s from %q", typ, value)
		}
	}
}

// FuzzCell: whatever a shop has, a value is one that Odoo takes, and is one again.
func FuzzCell(f *testing.F) {
	for _, text := range []string{"12.50", "2026-11-30 10:00", "yes", "std", "a <b>", "1e9", "-0", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range fillable() {
			c := column{Type: typ, Choices: json.RawMessage(`[["std","Standard"]]`)}
			cell, err := c.cell(text, time.UTC)
			require.NotContains(t, cell, "\x00")
			if err != nil || typ == "html" || typ == "many2one" {
				continue
			}
			again, err := c.cell(cell, time.UTC)
			require.NoError(t, err, "%s %q gave %q", typ, text, cell)
			require.Equal(t, cell, again, "%s %q", typ, text)
		}
	})
}

func TestAVATNumberHasTheFormOfItsCountry(t *testing.T) {
	for number, want := range map[string]map[string]bool{
		"FI12345671":     {"FI": true, "DE": true, "US": true, "": true},
		"12345671":       {"FI": true, "SE": false, "US": true, "": true},
		"FI123":          {"FI": false, "US": true, "": false},
		"DE129273398":    {"AT": true},
		"EL123456789":    {"GR": true},
		"GR123456789":    {"GR": true},
		"123456789":      {"GR": true, "GB": true, "FI": false},
		"NL123456789B01": {"NL": true},
		"NL123456789":    {"NL": false},
		"CHE123456788":   {"CH": true},
		"IE6388047V":     {"IE": true},
		"ESX9999999X":    {"ES": true},
		"SE556036079301": {"SE": true},
		"FRXX999999999":  {"FR": true},
		"ESP010101ABC":   {"MX": true, "ES": false},
		"":               {"FI": false, "US": false},
	} {
		for country, is := range want {
			require.Equal(t, is, validVAT(number, country), "%s in %q", number, country)
		}
	}
}

// filling are the books with fields of some types, and rules for them.
func filling(rules ...config.FieldRule) settings {
	s := books()
	s.Columns = map[string]map[string]column{
		orderModel: {"x_gift": {Type: "char"}, "x_due": {Type: "date"}, "x_must": {Type: "char", Required: true}, "x_count": {Type: "integer"},
			"amount_total": {Type: "monetary", ReadOnly: true}, "tag_ids": {Type: "many2many"}, "team_id": {Type: "many2one", Relation: "crm.team"},
			"x_desk": {Type: "many2one", Relation: "res.partner.category"}},
		partnerModel: {"vat": {Type: "char"}, "x_gift": {Type: "char"}},
	}
	s.Books.Fields = rules
	s.From["fields"] = "books.fields"
	return s
}

func on(order, from, field string) config.FieldRule {
	return config.FieldRule{From: from, On: order, Field: field}
}

func TestARuleThatCanNeverFillItsFieldParksTheOrder(t *testing.T) {
	s := filling(on("order", "a", "x_gone"), on("order", "b", "amount_total"), on("order", "c", "tag_ids"), on("order", "d", "team_id"),
		on("customer", "e", "email"), on("order", "f", "x_gift"))
	_, err := planOrder(order(), have{Products: stock()}, s, Applied{})
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, commerce.Missing, e.Reason)
	for _, want := range []string{
		`the line {from: "a", on: order, field: x_gone} under books.fields of shop fi names a field of sale.order that Odoo does not have, or does not show its user`,
		`{from: "b", on: order, field: amount_total} under books.fields of shop fi names a field of sale.order that cannot be written`,
		`{from: "c", on: order, field: tag_ids} under books.fields of shop fi names a field of sale.order of the type many2many, which no text can become`,
		`{from: "d", on: order, field: team_id} under books.fields of shop fi names a field of sale.order that odoogate fills itself`,
		`{from: "e", on: customer, field: email} under books.fields of shop fi names a field of res.partner that odoogate fills itself`,
	} {
		require.Contains(t, e.Detail, want)
	}
	require.NotContains(t, e.Detail, "x_gift")
	require.Contains(t, e.Remedy, "create the field x_gone in Odoo")
	require.Contains(t, e.Needs, "fill/fi/sale.order/x_gone")
	n, ok := parseNeed("fill/fi/sale.order/x_gone")
	require.True(t, ok && n.ofMaster())
	require.NotNil(t, s.lacks(n, nil))
	s.Columns[orderModel]["x_gone"] = column{Type: "char"}
	require.Nil(t, s.lacks(n, nil), "the field was made")
}

func TestFieldsOfAnOrderThatIsThere(t *testing.T) {
	rules := []config.FieldRule{on("order", "gift", "x_gift"), on("order", "due", "x_due"), on("order", "must", "x_must"), on("order", "count", "x_count")}
	shop := config.Shop{ID: "fi", Books: config.Books{Fields: rules}}
	of := func(pairs ...string) *commerce.Order {
		o := order()
		for i := 0; i < len(pairs); i += 2 {
			o.Meta = append(o.Meta, commerce.Property{Name: pairs[i], Value: pairs[i+1]})
		}
		return o
	}
	was := of("gift", "Hi", "must", "m")
	remembered := Applied{Digest: was.Digest(), Lines: was.LinesDigest(), Fields: FieldsDigest(shop, was)}
	older := Applied{Digest: was.Digest(), Lines: was.LinesDigest()}
	row := odooclient.Row{"x_gift": "Hi", "x_due": false, "x_must": "m", "x_count": json.Number("0")}
	for _, c := range []struct {
		name   string
		order  *commerce.Order
		last   Applied
		row    odooclient.Row
		state  string
		want   map[string]string
		notice string
	}{
		{name: "nothing changed", order: was, last: remembered},
		{name: "people changed one in Odoo", order: was, last: remembered, row: odooclient.Row{"x_gift": "Theirs", "x_must": "m"}},
		{name: "one changed in the shop", order: of("gift", "Hello", "must", "m"), last: remembered, want: map[string]string{"x_gift": "Hello"}},
		{name: "one came up in the shop, and people filled it", order: of("gift", "Hi", "must", "m", "due", "2026-12-01"), last: remembered,
			row: odooclient.Row{"x_gift": "Hi", "x_due": "2026-12-24", "x_must": "m"}, want: map[string]string{"x_due": "2026-12-01"}},
		{name: "one changed to what people wrote", order: of("gift", "Hello", "must", "m"), last: remembered, row: odooclient.Row{"x_gift": "Hello", "x_must": "m"}},
		{name: "one went from the shop", order: of("must", "m"), last: remembered, want: map[string]string{"x_gift": ""}},
		{name: "one went that must be there", order: of("gift", "Hi"), last: remembered, notice: "the field x_must of S00007 must have a value"},
		{name: "one is no date any more", order: of("gift", "Hi", "must", "m", "due", "soon"), last: remembered,
			notice: `what the shop has under "due" is no date or time, or one that may mean two days: the field x_due is left out`},
		{name: "a rule that is newer than the order fills what is empty", order: of("gift", "Hi", "count", "3", "must", "m"), last: older, want: map[string]string{"x_count": "3"}},
		{name: "a rule that is newer than the order leaves what is there", order: of("gift", "Hello", "must", "m"), last: older,
			notice: "the field x_gift of S00007 has another value than the shop has under \"gift\", and it is not known who changed it"},
		{name: "nothing is remembered", order: of("gift", "Hello", "must", "m"), notice: "it is not known who changed it"},
		{name: "nothing is remembered of a quotation", order: of("gift", "Hello", "must", "m"), state: "draft", want: map[string]string{"x_gift": "Hello"}},
		{name: "a run began", order: of("gift", "Hello", "must", "m"), last: Applied{Begun: true}, want: map[string]string{"x_gift": "Hello"}},
		{name: "a person lets the shop win", order: was, last: Applied{Digest: was.Digest(), Fields: remembered.Fields, Forced: true},
			row: odooclient.Row{"x_gift": "Theirs", "x_must": "m"}, want: map[string]string{"x_gift": "Hi"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := filling(rules...)
			state := c.state
			if state == "" {
				state = "sale"
			}
			h := have{Order: standingFrom(c.order, s, state), Products: stock()}
			if h.Order.Fields = c.row; c.row == nil {
				h.Order.Fields = row
			}
			p, err := planOrder(c.order, h, s, c.last)
			require.NoError(t, err)
			got := map[string]string{}
			for _, f := range p.Fields {
				got[f.Field] = f.Value
			}
			if c.want == nil {
				c.want = map[string]string{}
			}
			require.Equal(t, c.want, got)
			require.Empty(t, p.Lines)
			if c.notice == "" {
				require.Empty(t, p.Notices)
				return
			}
			require.Len(t, p.Notices, 1)
			require.Contains(t, p.Notices[0], c.notice)
		})
	}
}

func TestOfSeveralRulesForAFieldTheFirstWithAValueFillsIt(t *testing.T) {
	s := filling(on("order", "none", "x_gift"), on("order", "second", "x_gift"), on("order", "third", "x_gift"), on("customer", "third", "x_gift"))
	o := order()
	o.Meta = []commerce.Property{{Name: "third", Value: "3"}, {Name: "Second ", Value: " "}, {Name: "second", Value: " 2 "}, {Name: "second", Value: "no"}}
	p, err := planOrder(o, have{Products: stock()}, s, Applied{})
	require.NoError(t, err)
	require.Equal(t, []filled{{Field: "x_gift", Value: "2", Rule: s.Books.Fields[1]}}, p.Header.Fields)
	require.Equal(t, []filled{{Field: "x_gift", Value: "3", Rule: s.Books.Fields[3]}}, p.People.Buyer.Fields)
}

func TestAMappedVATNumberMakesACompanyWhileMatchHasIt(t *testing.T) {
	mapped := func(value string, match ...string) (people, []string) {
		s := filling(on("customer", "_vat", "vat"))
		if len(match) > 0 {
			s.Books.Customers.Match = match
		}
		o := order()
		o.Meta = []commerce.Property{{Name: "_vat", Value: value}}
		p, err := planOrder(o, have{Products: stock()}, s, Applied{})
		require.NoError(t, err)
		return *p.People, p.Notices
	}
	all, told := mapped("fi 1234567-1")
	require.Empty(t, told)
	require.True(t, all.Buyer.Legal, "a sole trader")
	require.Equal(t, "FI12345671", all.Buyer.Fields[0].Value)
	require.Empty(t, all.Buyer.VAT, "so that what Odoo refuses can be left out")

	all, told = mapped("fi 1234567-1", "email")
	require.Empty(t, told)
	require.False(t, all.Buyer.Legal)
	require.Equal(t, "FI12345671", all.Buyer.Fields[0].Value)

	all, told = mapped("FI 12")
	require.Equal(t, []string{`what the shop has under "_vat" is no VAT number of its country: the field vat is left out`}, told)
	require.False(t, all.Buyer.Legal)
	require.Empty(t, all.Buyer.Fields)
}
