package odootest

import (
	"slices"
	"strings"
)

// login is one account.
type login struct {
	id       int64
	password string
	key      string // API key; opens JSON-2 and stands for the password elsewhere
}

// opens says whether a text is the account's password or its API key.
func (l login) opens(secret any) bool {
	return secret != "" && (secret == l.password || secret == l.key)
}

// rightsTable is which groups may read, write, create and unlink records of a
// model, as read from real servers. decimal.precision and ir.model.data are
// closed to a gateway's user even for reading: digits are read from fields_get.
func rightsTable(ed *edition) map[string]string {
	table := map[string]string{
		"res.company":                  "r: portal rights user; wcu: rights",
		"res.currency":                 "r: billingmanager portal system user; wcu: billingmanager system",
		"res.country":                  "r: contacts portal system user; wcu: system",
		"res.country.state":            "r: contacts portal user; wcu: contacts",
		"res.lang":                     "r: portal system user; wcu: system",
		"res.users":                    "r: portal rights user; wcu: rights",
		"res.groups":                   "r: rights user; wcu: rights",
		"res.partner":                  "r: billingmanager contacts portal salesman salesmanager stockmanager user; wc: contacts salesmanager stockmanager; u: contacts",
		"decimal.precision":            "rw: system",
		"ir.module.module":             "r: system user; wcu: system",
		"ir.model.data":                "rwcu: rights",
		"ir.model.access":              "rwcu: rights",
		"uom.uom":                      "r: salesman salesmanager stockmanager system user; wcu: salesmanager stockmanager system",
		"product.template":             "r: salesman salesmanager stock stockmanager system user; wcu: salesmanager stockmanager system",
		"product.product":              "r: billingmanager readonly salesman salesmanager stock stockmanager system user; wcu: billingmanager salesmanager stockmanager system",
		"product.pricelist":            "r: contacts salesman salesmanager stockmanager system user; wcu: salesmanager stockmanager system",
		"crm.team":                     "r: salesman salesmanager user; wcu: salesmanager",
		"account.payment.term":         "r: billingmanager salesman user; wcu: billingmanager",
		"account.account":              "r: billing billingmanager contacts readonly salesman stockmanager user; wcu: billingmanager",
		"account.tax":                  "r: billing billingmanager readonly salesman user; wcu: billingmanager",
		"account.tax.repartition.line": "r: billing billingmanager readonly user; wcu: billingmanager",
		"account.tax.group":            "r: billing billingmanager readonly salesman user; wcu: billingmanager",
		"account.fiscal.position":      "r: billingmanager user; wcu: billingmanager",
		"account.fiscal.position.tax":  "r: billingmanager user; wcu: billingmanager",
		"stock.location":               "r: contacts salesman salesmanager stockmanager user; wcu: stockmanager",
		"stock.picking.type":           "r: stock stockmanager user; wcu: stockmanager",
		"stock.warehouse":              "r: salesman stockmanager user; wcu: stockmanager",
		"delivery.carrier":             "r: contacts salesman salesmanager stock stockmanager system; wcu: salesmanager stockmanager",
		"stock.picking":                "r: billing portal readonly salesman salesmanager stock stockmanager; wc: billing salesman salesmanager stock stockmanager; u: salesmanager stock stockmanager",
		"stock.move":                   "r: billing readonly salesman salesmanager stock stockmanager; wc: billing salesman salesmanager stock stockmanager; u: salesmanager stockmanager",
		"account.journal":              "r: billing billingmanager readonly salesman stockmanager; w: billingmanager stockmanager; cu: billingmanager",
		"account.payment.method.line":  "r: billing user; wcu: billing",
		"account.payment.method":       "r: billing user; wu: billing",
		"account.move":                 "r: billing billingmanager portal readonly salesman; wcu: billing",
		"account.move.line":            "r: billing billingmanager portal readonly salesman; wcu: billing",
		"account.payment":              "r: billing readonly; wcu: billing",
		"account.payment.register":     "rwc: billing",
		"account.move.reversal":        "rwc: billing",
		"account.partial.reconcile":    "r: accountant billing readonly salesman stockmanager; wcu: accountant billing stockmanager",
		"account.full.reconcile":       "r: accountant billing readonly; wcu: accountant billing",
		"sale.advance.payment.inv":     "rwc: salesman",
		"ir.model":                     "rwcu: rights",
		"mail.activity":                "rwcu: user",
		"mail.activity.type":           "r: salesmanager system user; wcu: salesmanager system",
		"crm.tag":                      "rwc: salesman salesmanager; u: salesmanager",
		"sale.order.cancel":            "rwc: salesman",
		"choose.delivery.carrier":      "rwc: salesman stock",
		"stock.quant":                  "r: stock user; wc: stock",
		"stock.move.line":              "rwcu: stock stockmanager user",
		"stock.return.picking":         "rwc: stock",
		"stock.return.picking.line":    "rwcu: stock",
		"stock.backorder.confirmation": "rwc: stock",
		"sale.order":                   "r: accountant billing portal readonly salesman salesmanager stock; w: accountant billing salesman salesmanager stock; c: salesman salesmanager; u: salesmanager",
		"sale.order.line":              "r: accountant billing portal readonly salesman stock; w: accountant billing salesman stock; cu: salesman",
		"mail.message":                 "rwcu: portal user",
		"mail.notification":            "r: portal system user; wc: system user; u: system",
		"mail.message.subtype":         "r: portal system user; wcu: system",
		"mail.mail":                    "rwcu: system",
		"sms.sms":                      "rwcu: system",
		"procurement.group":            "rwc: user",
	}
	if ed.major >= 19 {
		table["uom.uom"] = "r: products salesman system user; wcu: products system"
		table["product.template"] = "r: products stock user; wcu: products"
		table["product.product"] = "r: products readonly stock user; wcu: products"
		table["product.pricelist"] = "r: contacts products salesman salesmanager stockmanager user; wcu: products salesmanager stockmanager"
	}
	return table
}

// parseRights turns "r: a b; wcu: a" into the groups of every right.
func parseRights(line string) map[string][]string {
	out := map[string][]string{}
	for part := range strings.SplitSeq(line, ";") {
		ops, groups, _ := strings.Cut(strings.TrimSpace(part), ": ")
		for _, op := range strings.Split(ops, "") {
			out[op] = strings.Fields(groups)
		}
	}
	return out
}

// allowed checks a right on a model.
func (e *env) allowed(m *model, op string) error {
	if op == "" || op == "-" || e.su {
		return nil
	}
	mine := e.groups()
	if slices.ContainsFunc(m.rights[op], func(g string) bool { return mine[g] }) {
		return nil
	}
	return accessError(m, op)
}

// groups are the caller's groups with what they imply, by short name.
func (e *env) groups() map[string]bool {
	if e.mine == nil {
		e.mine = map[string]bool{}
		if u := e.browse("res.users", e.uid); u != nil {
			e.mine = e.groupsOf(u)
		}
	}
	return e.mine
}

func (e *env) groupsOf(user *record) map[string]bool {
	out := map[string]bool{}
	for _, id := range e.implied(user.ids("groups_id")) {
		out[e.s.edition.group(e.s.names[recordKey{"res.groups", id}][0]).short] = true
	}
	return out
}

// implied are groups with all that they bring along.
func (e *env) implied(ids []int64) []int64 {
	var out []int64
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		if slices.Contains(out, id) {
			continue
		}
		out = append(out, id)
		if g := e.browse("res.groups", id); g != nil {
			ids = append(slices.Clone(ids), g.ids("implied_ids")...)
		}
	}
	slices.Sort(out)
	return out
}

// hasGroup is res.users.has_group: in 17 for the caller, in 19 for the record.
func hasGroup(e *env, c *call) (any, error) {
	mine := e.groups()
	if c.m.edition.major >= 19 {
		if len(c.rs) != 1 {
			return nil, valueError("Expected singleton: %s", recordset(c.m, c.rs))
		}
		mine = e.groupsOf(c.rs[0])
	}
	g := c.m.edition.group(toText(c.args["group_ext_id"]))
	if g.short == "technical" && c.m.edition.major >= 19 {
		return false, nil // which 19 grants in debug mode only
	}
	return mine[g.short], nil
}
