package odootest

import (
	"cmp"
	"slices"
	"strings"
)

// group is one res.groups record that rights depend on.
type group struct {
	short   string // its name in rightsTable
	xid     string
	name    string // "Category/Name" or the name alone
	implies string // short names
}

// groupTable is as read from real servers; the names of 19 follow the 17 ones.
func groupTable(major int) []group {
	rows := []struct{ short, xid, name17, name19, implies string }{
		{"user", "base.group_user", "User types/Internal User", "Role / User", "pricelists currencies technical"},
		{"portal", "base.group_portal", "User types/Portal", "Role / Portal", ""},
		{"system", "base.group_system", "Administration/Settings", "Role / Administrator", "rights"},
		{"rights", "base.group_erp_manager", "Administration/Access Rights", "Access Rights", "user"},
		{"contacts", "base.group_partner_manager", "Extra Rights/Contact Creation", "Contact/Creation", ""},
		{"technical", "base.group_no_one", "Extra Rights/Technical Features", "Technical Features", ""},
		{"companies", "base.group_multi_company", "Extra Rights/Multi Companies", "Multi Companies", ""},
		{"currencies", "base.group_multi_currency", "Extra Rights/Multi Currencies", "Multi Currencies", ""},
		{"pricelists", "product.group_product_pricelist", "Technical/Basic Pricelists", "Basic Pricelists", ""},
		{"salesman", "sales_team.group_sale_salesman", "Sales/User: Own Documents Only", "Sales/User: Own Documents Only", "user"},
		{"allsales", "sales_team.group_sale_salesman_all_leads", "Sales/User: All Documents", "Sales/User: All Documents", "salesman"},
		{"salesmanager", "sales_team.group_sale_manager", "Sales/Administrator", "Sales/Administrator", "allsales"},
		{"stock", "stock.group_stock_user", "Inventory/User", "Inventory/User", "user"},
		{"stockmanager", "stock.group_stock_manager", "Inventory/Administrator", "Inventory/Administrator", "stock"},
		{"billing", "account.group_account_invoice", "Invoicing/Billing", "Accounting/Invoicing", "user"},
		{"billingmanager", "account.group_account_manager", "Invoicing/Billing Administrator", "Accounting/Administrator", "billing"},
		{"readonly", "account.group_account_readonly", "Technical/Show Accounting Features - Readonly", "Show Accounting Features - Readonly", "user"},
		{"accountant", "account.group_account_user", "Technical/Show Full Accounting Features", "Show Full Accounting Features", "billing readonly"},
		{"products", "product.group_product_manager", "", "Products/Create", ""},
	}
	var out []group
	for _, r := range rows {
		g := group{r.short, r.xid, r.name17, r.implies}
		if major >= 19 {
			g.name = r.name19
			if g.short == "system" {
				g.implies += " products contacts"
			}
		}
		if g.name != "" {
			out = append(out, g)
		}
	}
	return out
}

// group finds a group by external id or short name; the zero group if unknown.
func (d *edition) group(name string) group {
	i := slices.IndexFunc(d.groups, func(g group) bool { return g.xid == name || g.short == name })
	if i < 0 {
		return group{}
	}
	return d.groups[i]
}

// category is the part of the name before the slash; groups without one stand
// last where groups are listed.
func (g group) category() string {
	category, _, found := strings.Cut(g.name, "/")
	if !found || strings.HasSuffix(category, " ") {
		return "\xff"
	}
	return category
}

// groupNames are groups as a refusal lists them.
func (d *edition) groupNames(short []string) []string {
	list := make([]group, len(short))
	for i, s := range short {
		list[i] = d.group(s)
	}
	slices.SortFunc(list, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.category(), b.category()), cmp.Compare(a.name, b.name))
	})
	names := make([]string, len(list))
	for i, g := range list {
		names[i] = g.name
	}
	return names
}

// seedGroups makes the groups' records.
func (s *Server) seedGroups(e *env) {
	for _, g := range s.edition.groups {
		r := e.make("res.groups", map[string]any{"name": g.name[strings.LastIndex(g.name, "/")+1:], "full_name": fullName(g.name)})
		e.bind(g.xid, "res.groups", r.id)
	}
	for _, g := range s.edition.groups {
		e.set(e.browse("res.groups", s.xids[g.xid].id), "implied_ids", s.groupIDs(strings.Fields(g.implies)))
	}
}

// fullName puts spaces around the slash between category and name.
func fullName(name string) string {
	if strings.Contains(name, " / ") {
		return name
	}
	return strings.Replace(name, "/", " / ", 1)
}

// groupIDs are the records of groups, by external id or short name.
func (s *Server) groupIDs(names []string) []int64 {
	var out []int64
	for _, n := range names {
		x, ok := s.xids[s.edition.group(n).xid]
		if !ok {
			panic("odootest: no group " + n)
		}
		out = append(out, x.id)
	}
	slices.Sort(out)
	return out
}
