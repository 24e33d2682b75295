package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// ownField makes a field as people do in Odoo's settings.
func (p *place) ownField(model, name, typ string, more ...string) {
	p.Helper()
	if p.memory != nil {
		p.memory.AddField(model, name, typ, name, more...)
		return
	}
	if p.count("ir.model.fields", []any{"model", "=", model}, []any{"name", "=", name}) > 0 {
		return
	}
	vals := map[string]any{"model_id": p.rows("ir.model", []string{"model"}, []any{"model", "=", model})[0].ID(),
		"name": name, "field_description": name, "ttype": typ, "state": "manual"}
	switch typ {
	case "selection":
		var options []any
		for i := 0; i < len(more); i += 2 {
			options = append(options, []any{0, 0, map[string]any{"value": more[i], "name": more[i+1], "sequence": i}})
		}
		vals["selection_ids"] = options
	case "many2one":
		vals["relation"] = more[0]
	}
	p.call("ir.model.fields", "create", map[string]any{"vals_list": []any{vals}})
}

func (p *place) record(model, field string, id int64) odooclient.Row {
	p.Helper()
	rows := p.rows(model, []string{field}, []any{"id", "=", id})
	require.Len(p, rows, 1)
	return rows[0]
}

func TestEveryTypeOfFieldIsFilledAsOdooWantsIt(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		add := func(on, name, typ, value string, more ...string) {
			model := map[string]string{config.OnOrder: "sale.order", config.OnCustomer: "res.partner"}[on]
			if typ != "" {
				p.ownField(model, name, typ, more...)
			}
			p.shop.Books.Fields = append(p.shop.Books.Fields, rule(on, "_"+name, name))
			meta(o, "_"+name, value)
		}
		wants := map[string]any{"x_g_char": "Hyvää joulua", "x_g_text": "a\nb", "x_g_integer": "12", "x_g_float": "12.5", "x_g_boolean": true,
			"x_g_date": "2026-12-24", "x_g_datetime": "2026-12-24 08:00:00", "x_g_selection": "fast", "commitment_date": "2026-12-24 08:00:00"}
		add("order", "x_g_char", "char", " Hyvää  joulua ")
		add("order", "x_g_text", "text", "a\r\nb")
		add("order", "x_g_html", "html", "a <b>")
		add("order", "x_g_integer", "integer", "12")
		add("order", "x_g_float", "float", "12.50")
		add("order", "x_g_boolean", "boolean", "yes")
		add("order", "x_g_date", "date", "20261224")
		add("order", "x_g_datetime", "datetime", "2026-12-24T10:00:00+02:00")
		add("order", "x_g_selection", "selection", "express", "std", "Standard", "fast", "Express")
		add("order", "x_g_country", "many2one", "Finland", "res.country")
		add("order", "commitment_date", "", "2026-12-24T10:00:00+02:00")
		add("customer", "x_g_since", "datetime", "2026-12-24T10:00:00+02:00")
		add("customer", "website", "", "https://"+p.run+".example.com")
		add("customer", "vat", "", p.vat())
		for _, f := range p.Check(p.Context(), []config.Shop{p.shop}) {
			require.NotContains(p, f.Text, "books.fields", "%s: %s", f.Level, f.Text)
		}

		out := p.book(o, erp.Applied{})
		require.Equal(p, "created", out.Action)
		require.Empty(p, out.Notices)
		got := func(name string) any {
			row := p.record("sale.order", name, out.OdooID)
			if s := row.Str(name); s != "" {
				return s
			}
			return row[name]
		}
		for name, want := range wants {
			require.Equal(p, want, got(name), name)
		}
		require.Contains(p, got("x_g_html"), "a &lt;b&gt;")
		_, country := p.record("sale.order", "x_g_country", out.OdooID).Ref("x_g_country")
		require.Equal(p, "Finland", country)
		buyer := p.partnersOf(out).buyer
		require.Equal(p, "2026-12-24 08:00:00", p.record("res.partner", "x_g_since", buyer.ID()).Str("x_g_since"))
		require.Empty(p, p.record("res.partner", "tz", buyer.ID()).Str("tz"), "the zone of times is not the contact's")
		require.NotEmpty(p, p.record("res.partner", "vat", buyer.ID()).Str("vat"))

		last := erp.Applied{Digest: o.Digest(), Lines: o.LinesDigest(), Fields: erp.FieldsDigest(p.shop, o), OdooID: out.OdooID}
		require.Equal(p, "unchanged", p.book(o, erp.Applied{}).Action, "nothing is remembered, and all is equal")
		o.Meta[0].Value, o.Meta[5].Value, o.Meta[9].Value = "Hello", "no", ""
		require.Equal(p, "updated", p.book(o, last).Action)
		require.Equal(p, "Hello", got("x_g_char"))
		require.Equal(p, false, got("x_g_boolean"))
		require.Equal(p, false, got("x_g_country"))
		require.Equal(p, "12", got("x_g_integer"), "what did not change was not touched")
	})
}

func TestAMappedVATNumberThatOdooRefusesIsLeftOut(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Books.Fields = []config.FieldRule{rule("customer", "_vat", "vat")}
		if p.memory != nil {
			p.memory.Refuse("res.partner", "vat", func(text string) string {
				if text == "FI12345670" {
					return "The VAT number [FI12345670] for partner [x] does not seem to be valid. \nNote: the expected format is FI12345671"
				}
				return ""
			})
		}
		o := meta(p.order(), "_vat", "FI12345670")
		out := p.book(o, erp.Applied{})
		if p.memory == nil && p.count("ir.module.module", []any{"name", "=", "base_vat"}, []any{"state", "=", "installed"}) == 0 {
			require.Equal(p, "FI12345670", p.partnersOf(out).buyer.Str("vat"), "an Odoo without base_vat takes any")
			return
		}
		require.Equal(p, []string{`Odoo refuses what the shop has under "_vat": the field vat is left out`}, out.Notices)
		require.Empty(p, p.partnersOf(out).buyer.Str("vat"))
	})
}
