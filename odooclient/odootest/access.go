package odootest

import "strings"

// level is how much a user may do.
type level int

const (
	nobody   level = iota // logs in, may read master data only
	employee              // the gateway's user: sales, stock, billing, contact creation
	system                // administrator
)

// login is one account.
type login struct {
	id       int64
	password string
	key      string // API key; opens JSON-2 and stands for the password elsewhere
	level    level
}

// opens says whether a text is the account's password or its API key.
func (l login) opens(secret any) bool {
	return secret != "" && (secret == l.password || secret == l.key)
}

// right is what the gateway's user may do with a model (r, w, c, u) and, for
// what it may not, the groups that the refusal names.
type right struct {
	may    string
	groups map[string][]string
}

// rightsTable is as measured with a user of the four groups a gateway needs.
// decimal.precision and ir.model.data are closed to it even for reading: digits
// are to be read from fields_get.
func rightsTable() map[string]right {
	const (
		settings  = "Administration/Settings"
		rights    = "Administration/Access Rights"
		inventory = "Inventory/Administrator"
		invoicing = "Invoicing/Billing Administrator"
		sales     = "Sales/Administrator"
	)
	only := func(may string, groups ...string) right {
		r := right{may: may, groups: map[string][]string{}}
		for _, op := range []string{"r", "w", "c", "u"} {
			r.groups[op] = groups
		}
		return r
	}
	out := map[string]right{
		"res.company":                  only("r", rights),
		"res.currency":                 only("r", settings, invoicing),
		"res.country":                  only("r", settings),
		"res.country.state":            only("rwcu"),
		"res.lang":                     only("r", settings),
		"res.users":                    only("r", rights),
		"res.partner":                  only("rwcu", "Extra Rights/Contact Creation", inventory, sales),
		"decimal.precision":            only("", settings),
		"ir.module.module":             only("r", settings),
		"ir.model.data":                only("", rights),
		"uom.uom":                      only("r", settings, inventory, sales),
		"product.template":             only("r", settings, inventory, sales),
		"product.product":              only("r", settings, inventory, invoicing, sales),
		"product.pricelist":            only("r", settings, inventory, sales),
		"account.tax":                  only("r", invoicing),
		"account.tax.repartition.line": only("r", invoicing),
		"account.account":              only("r", invoicing),
		"stock.warehouse":              only("r", inventory),
		"delivery.carrier":             only("r", inventory, sales),
		"stock.picking":                only("rwcu"),
		"stock.move":                   only("rwc", inventory, sales),
		"sale.order":                   only("rwc", sales, "Sales/User: Own Documents Only"),
		"sale.order.line":              only("rwcu", sales, "Sales/User: Own Documents Only"),
	}
	out["sale.order"].groups["u"] = []string{sales}
	out["decimal.precision"].groups["c"], out["decimal.precision"].groups["u"] = nil, nil
	return out
}

// hasGroup is res.users.has_group for the caller.
func hasGroup(e *env, c *call) (any, error) {
	switch toText(c.args["group_ext_id"]) {
	case "base.group_user":
		return true, nil
	case "sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads", "stock.group_stock_user",
		"account.group_account_invoice", "base.group_partner_manager", "product.group_product_pricelist":
		return e.level >= employee, nil
	}
	return e.level == system, nil
}

// allowed checks a right on a model.
func (e *env) allowed(m *model, op string) error {
	if op == "" || op == "-" || e.level == system {
		return nil
	}
	if e.level == employee && strings.Contains(m.access, op) {
		return nil
	}
	if e.level == nobody && op == "r" && (m.access == "r" || m.name == "res.partner") {
		return nil
	}
	return accessError(m, op)
}
