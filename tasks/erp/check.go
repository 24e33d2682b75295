package erp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// Check asks Odoo whether the shops' orders can be booked: reachability, login,
// rights, apps, and everything that the settings name. It only reads. Findings
// about one shop's books have that shop as their part.
func (b *Books) Check(ctx context.Context, shops []config.Shop) []commerce.Finding {
	c := &inspection{odoo: b.reads, f: &commerce.Findings{Part: "odoo"}}
	if !c.reachable(ctx) || !c.user(ctx) || !c.apps(ctx) {
		return c.f.List
	}
	m, err := readMaster(ctx, b.reads)
	if err != nil {
		c.failed(err, "")
		return c.f.List
	}
	for _, shop := range shops {
		c.f.Part = "shop " + shop.ID
		c.books(ctx, shop, m)
	}
	return c.f.List
}

// inspection is one Check under way.
type inspection struct {
	odoo odoo
	f    *commerce.Findings
}

// failed notes why Odoo did not answer a question; remedy stands where the fault
// has none of its own.
func (c *inspection) failed(err error, remedy string) {
	var e *commerce.Error
	if !errors.As(classify(commerce.Ref{}, err), &e) {
		e = &commerce.Error{Detail: err.Error()}
	}
	text := e.Detail
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		remedy = e.Remedy
	}
	if remedy == "" {
		remedy = "look into Odoo's log for the reason, then check again"
	}
	c.f.Problem(remedy, "%s", text)
}

// The versions of Odoo that everything was measured with, at their ends.
const (
	oldest = 17
	newest = 19
)

func (c *inspection) reachable(ctx context.Context) bool {
	v, err := c.odoo.Version(ctx)
	if err != nil {
		c.failed(err, "see that odoo.url is the address of Odoo itself and that this machine reaches it (network, DNS, firewall)")
		return false
	}
	edition := "Community"
	if strings.Contains(v.Text, "+e") {
		edition = "Enterprise"
	}
	protocol, err := c.odoo.Protocol(ctx)
	if err != nil {
		c.failed(err, "see that odoo.url leads to Odoo's RPC, and leave odoo.protocol at auto")
		return false
	}
	switch {
	case v.Major != 0 && v.Major < oldest:
		c.f.Problem(fmt.Sprintf("use Odoo %d to %d", oldest, newest), "Odoo %s is too old", v.Text)
	case v.Major == 0 || v.Major > newest:
		c.f.Warn("try it with a copy of your database first", "Odoo %s (%s, over %s) is newer than what odoogate was measured with (%d to %d)", v.Text, edition, protocol, oldest, newest)
	default:
		c.f.OK("Odoo %s answers (%s, over %s)", v.Text, edition, protocol)
	}
	if ahead, ok := c.odoo.Skew(); ok {
		c.f.Skew("Odoo's", ahead)
	}
	return true
}

// group is one that the gateway's user needs, as Odoo's form of users shows it.
type group struct{ xid, name, without string }

func groups() []group {
	return []group{
		{"sales_team.group_sale_salesman_all_leads", "Sales / User: All Documents", "orders of other people cannot be read or changed"},
		{"base.group_partner_manager", "Contact Creation", "buyers cannot be created, and contacts do not follow accounts"},
		{"account.group_account_invoice", "Invoicing / Billing", "taxes, invoices and payments are closed"},
		{"stock.group_stock_user", "Inventory / User", "stock and deliveries are closed"},
	}
}

// user looks at the user that odoogate is in Odoo.
func (c *inspection) user(ctx context.Context) bool {
	uid, err := c.odoo.UID(ctx)
	if err != nil {
		c.failed(err, "")
		return false
	}
	var rows []odooclient.Row
	err = c.odoo.Call(ctx, odooclient.Request{Model: "res.users", Method: "read", IDs: []int64{uid},
		Args: map[string]any{"fields": []string{"login", "email", "company_ids"}}}, &rows)
	if err != nil || len(rows) == 0 {
		c.failed(err, "let the user read its own record")
		return false
	}
	me := rows[0]
	c.f.OK("the login of user %q works", me.Str("login"))
	if me.Str("email") == "" {
		c.f.Problem("enter an e-mail address at that user in Odoo",
			"the user %q has no e-mail address: posting invoices, payments and returns fails without one", me.Str("login"))
	}
	return c.groups(ctx, uid)
}

func (c *inspection) groups(ctx context.Context, uid int64) bool {
	var has []string
	for _, g := range groups() {
		ok, err := c.inGroup(ctx, uid, g.xid)
		switch {
		case err != nil:
			c.failed(err, "")
			return false
		case ok:
			has = append(has, g.name)
		default:
			c.f.Problem(fmt.Sprintf("give odoogate's user the group %q in Odoo (Settings, Users)", g.name),
				"the user lacks the group %q: %s", g.name, g.without)
		}
	}
	if len(has) == len(groups()) {
		c.f.OK("the user has the groups %s", strings.Join(has, "; "))
	}
	if admin, err := c.inGroup(ctx, uid, "base.group_system"); err == nil && admin {
		c.f.Warn("give odoogate a user of its own with only the groups it needs: "+groupNames(),
			"the user may change Odoo's settings, which odoogate never does")
	}
	return true
}

func groupNames() string {
	var out []string
	for _, g := range groups() {
		out = append(out, g.name)
	}
	return strings.Join(out, "; ")
}

// inGroup asks the way 18 and later want it, a record's method, and then that of
// 17, the model's.
func (c *inspection) inGroup(ctx context.Context, uid int64, xid string) (bool, error) {
	req := odooclient.Request{Model: "res.users", Method: "has_group", IDs: []int64{uid}, Args: map[string]any{"group_ext_id": xid}}
	var yes bool
	err := c.odoo.Call(ctx, req, &yes)
	if odooclient.KindOf(err) == odooclient.BadArgs {
		req.IDs = nil
		err = c.odoo.Call(ctx, req, &yes)
	}
	return yes, err
}

// apps tells installed apps by their fields, which every user may see.
func (c *inspection) apps(ctx context.Context) bool {
	order, err := c.odoo.Fields(ctx, "sale.order")
	if err != nil {
		c.failed(err, "")
		return false
	}
	installed := []string{"Sales"}
	for _, app := range []struct{ field, name string }{
		{"warehouse_id", "Inventory"}, {"carrier_id", "Delivery"},
	} {
		if order.First(app.field) != "" {
			installed = append(installed, app.name)
		}
	}
	c.f.OK("apps that concern orders: %s", strings.Join(installed, ", "))
	if order.First("warehouse_id") == "" {
		c.f.Warn("install Inventory if goods are shipped", "Inventory is not installed: confirmed orders make no deliveries")
	}
	return true
}
