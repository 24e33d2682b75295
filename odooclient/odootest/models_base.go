package odootest

import (
	"fmt"
	"time"
)

// models declares every model. A new one is a table of fields here or in a file
// beside, with the hooks it needs.
func models(ed *edition) map[string]*model {
	all := map[string]*model{}
	rights := rightsTable(ed)
	add := func(name, label string, fields ...*field) *model {
		m := &model{name: name, label: label, edition: ed, rights: parseRights(rights[name]), fields: map[string]*field{}, methods: map[string]*method{}}
		m.add(
			col("integer", "id", "ID").ro(),
			col("char", "display_name", "Display Name").calc(func(e *env, r *record) any { return e.displayName(r) }),
			col("datetime", "create_date", "Created on").ro(),
			rel("many2one", "create_uid", "Created by", "res.users").ro(),
			col("datetime", "write_date", "Last Updated on").ro(),
			rel("many2one", "write_uid", "Last Updated by", "res.users").ro(),
		)
		m.add(fields...)
		all[name] = m
		return m
	}
	baseModels(add, ed)
	partnerModels(add, ed)
	productModels(add, ed)
	taxModels(add, ed)
	fiscalModels(add, ed)
	saleModels(add, ed)
	teamModels(add)
	stockModels(add, ed)
	accountModels(add, ed)
	invoiceModels(add, ed)
	paymentModels(add, ed)
	mailModels(add)
	activityModels(add, ed)
	saleWizards(add, ed)
	for name, r := range companyRules() {
		all[name].rule = r
	}
	for _, m := range all {
		if m.thread && m.fields["message_ids"] == nil {
			m.add(o2m("message_ids", "Messages", "mail.message", "res_id"))
		}
		if m.thread {
			open := o2m("activity_ids", "Activities", "mail.activity", "res_id")
			open.live = true
			m.add(open)
		}
	}
	return all
}

type declare func(name, label string, fields ...*field) *model

func baseModels(add declare, ed *edition) {
	m := add("res.company", "Companies",
		col("char", "name", "Company Name").must(),
		rel("many2one", "partner_id", "Partner", "res.partner"),
		rel("many2one", "currency_id", "Currency", "res.currency").must(),
		rel("many2one", "country_id", "Country", "res.country"),
		rel("many2one", "account_fiscal_country_id", "Fiscal Country", "res.country"),
		rel("many2one", "account_sale_tax_id", "Default Sale Tax", "account.tax"),
		sel("tax_calculation_rounding_method", "Tax Calculation Rounding Method",
			"round_per_line", "Round per Line", "round_globally", "Round Globally").defFn(func(e *env) any { return e.s.edition.rounding }),
		col("boolean", "active", "Active").def(true),
	)
	m.add(lockFields(ed)...)
	if ed.major >= 19 {
		m.add(sel("account_price_include", "Default Sales Price Include", "tax_included", "Tax Included", "tax_excluded", "Tax Excluded").def("tax_excluded"))
	}
	m = add("res.currency", "Currency",
		col("char", "name", "Currency").must(),
		col("char", "full_name", "Name"),
		col("char", "symbol", "Symbol").must(),
		col("float", "rounding", "Rounding Factor"),
		col("integer", "decimal_places", "Decimal Places").calc(func(_ *env, r *record) any {
			return int64(-r.dec("rounding").Exponent())
		}),
		col("float", "rate", "Current Rate"),
		sel("position", "Symbol Position", "after", "After Amount", "before", "Before Amount").def("after"),
		col("boolean", "active", "Active").def(true),
	)
	m.order = "active desc, name"
	m = add("res.country", "Country",
		col("char", "name", "Country Name").must(),
		col("char", "code", "Country Code").index(),
		rel("many2one", "currency_id", "Currency", "res.currency"),
		o2m("state_ids", "States", "res.country.state", "country_id"),
	)
	m.order, m.search = "name", []string{"code", "name"}
	m = add("res.country.state", "Country state",
		rel("many2one", "country_id", "Country", "res.country").must().index(),
		col("char", "name", "State Name").must(),
		col("char", "code", "State Code").must(),
	)
	m.order, m.search = "code", []string{"code", "name"}
	m.display = func(e *env, r *record) string {
		if c := e.related(r, "country_id"); c != nil {
			return fmt.Sprintf("%s (%s)", r.str("name"), c.str("code"))
		}
		return r.str("name")
	}
	m = add("res.lang", "Languages",
		col("char", "name", "Name").must(), col("char", "code", "Locale Code").must(), col("char", "iso_code", "ISO code"),
		col("boolean", "active", "Active").def(true))
	m.order = "active desc, name"
	m = add("res.groups", "Access Groups",
		col("char", "name", "Name").must(), col("char", "full_name", "Group Name").ro(),
		rel("many2many", "implied_ids", "Inherits", "res.groups"), col("boolean", "share", "Share Group").def(false))
	m.order, m.recName = "name", "full_name"
	m = add("res.users", "User",
		col("char", "name", "Name").must(),
		col("char", "login", "Login").must(),
		col("char", "email", "Email"),
		lang(),
		col("char", "tz", "Timezone"),
		rel("many2one", "partner_id", "Related Partner", "res.partner"),
		rel("many2one", "company_id", "Company", "res.company"),
		rel("many2many", "company_ids", "Companies", "res.company"),
		rel("many2many", "groups_id", "Groups", "res.groups"),
		col("boolean", "share", "Share User").def(false),
		col("boolean", "active", "Active").def(true),
	)
	m.order, m.search, m.after = "name, login", []string{"login", "name"}, afterUser
	if ed.major >= 19 {
		m.add(rel("many2many", "all_group_ids", "Groups and implied groups", "res.groups").calc(func(e *env, r *record) any {
			return e.implied(r.ids("groups_id"))
		}))
	}
	m.methods["has_group"] = &method{record: ed.major >= 19, params: []string{"group_ext_id"}, required: 1, op: "-", run: hasGroup}
	m.methods["context_get"] = &method{op: "-", run: func(e *env, _ *call) (any, error) {
		return map[string]any{"lang": "en_US", "tz": false, "uid": e.uid}, nil
	}}
	m = add("decimal.precision", "Decimal Precision",
		col("char", "name", "Usage").must(), col("integer", "digits", "Digits").must())
	m.methods["precision_get"] = &method{params: []string{"application"}, required: 1, op: "-", run: precisionGet}
	add("ir.module.module", "Module",
		col("char", "name", "Technical Name").must(), col("char", "shortdesc", "Module Name"),
		sel("state", "Status", "uninstalled", "Not Installed", "installed", "Installed").def("uninstalled"))
	m = add("ir.model.data", "Model Data",
		col("char", "name", "External Identifier").must(), col("char", "module", "Module").must(),
		col("char", "model", "Model Name").must(), col("integer", "res_id", "Record ID"),
		col("boolean", "noupdate", "Non Updatable").def(false))
	add("ir.model.access", "Model Access", col("char", "name", "Name").must())
	m.methods["check_object_reference"] = &method{
		params: []string{"module", "xml_id", "raise_on_access_error"}, required: 2, op: "-", run: checkObjectReference,
	}
}

// afterUser refuses a login twice. In 17 a user's groups are stored with all
// that they imply.
func afterUser(e *env, rs []*record, _ map[string]bool, _ bool) error {
	for _, r := range rs {
		if r.m.edition.major < 19 {
			e.set(r, "groups_id", e.implied(r.ids("groups_id")))
		}
		for _, other := range e.table("res.users").rows {
			if other != r && other.str("login") == r.str("login") {
				return checkFailed(r.m, "login_key", "You can not have two users with the same login!")
			}
		}
	}
	return nil
}

func precisionGet(e *env, c *call) (any, error) {
	return int64(e.digits(toText(c.args["application"]))), nil
}

// checkObjectReference is the one door a user without settings rights has to
// the external ids: xid to model and id.
func checkObjectReference(e *env, c *call) (any, error) {
	name := toText(c.args["module"]) + "." + toText(c.args["xml_id"])
	x, ok := e.s.xids[name]
	if !ok {
		return nil, valueError("External ID not found in the system: %s", name)
	}
	if m := e.s.models[x.model]; m != nil {
		if err := e.allowed(m, "r"); err != nil {
			return nil, err
		}
	}
	if e.browse(x.model, x.id) == nil {
		return []any{x.model, false}, nil
	}
	return []any{x.model, x.id}, nil
}

// clock is now in microseconds, as PostgreSQL keeps it.
func (s *Server) clock() time.Time { return s.now().UTC().Truncate(time.Microsecond) }
