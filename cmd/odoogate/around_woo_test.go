package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// startWoo starts a WooCommerce shop with one account beside the store and puts its settings
// into $WOO and the account into $ACCOUNT.
func (a *around) startWoo(ts *testscript.TestScript, _ bool, _ []string) {
	a.woo = woocommercetest.New(woocommercetest.Options{Home: "https://shop.example.com"})
	url, stop, err := a.woo.Listen("127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ts.Check(stop()) })
	ts.Setenv("WOO", wooStore{a.woo}.settings(url))
	a.account(ts, false, []string{"anna@example.com"})
}

// account email makes an account in the WooCommerce shop and puts its id into $ACCOUNT.
func (a *around) account(ts *testscript.TestScript, _ bool, args []string) {
	id := a.woo.AddCustomer(woocommercetest.Customer{Email: args[0], First: "Anna", Last: "Virtanen",
		Billing: woocommercetest.Address{First: "Anna", Last: "Virtanen", Street: "Mannerheimintie 1", City: "Helsinki", Zip: "00100", Country: "FI", Email: args[0], Phone: "+358401"}})
	ts.Setenv("ACCOUNT", strconv.FormatInt(id, 10))
}

// calls phone has the customer of $ACCOUNT change it, and with an address the shop tells
// that there.
func (a *around) calls(ts *testscript.TestScript, _ bool, args []string) {
	id, err := strconv.ParseInt(ts.Getenv("ACCOUNT"), 10, 64)
	ts.Check(err)
	ts.Check(a.woo.UpdateCustomer(id, func(c *woocommercetest.Customer) { c.Billing.Phone = args[0] }))
	if len(args) < 2 {
		return
	}
	ds, err := a.woo.Deliveries(ts.Getenv("ACCOUNT"), "customer.updated")
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	status, err := woocommercetest.Post(ctx, http.DefaultClient, args[1], ds[0])
	ts.Check(err)
	if status != http.StatusOK {
		ts.Fatalf("the delivery was answered %d", status)
	}
}

// contact email phone waits until Odoo has one contact with that e-mail address and it has
// that phone; ! contact email says that it has none.
func (a *around) contact(ts *testscript.TestScript, neg bool, args []string) {
	var found []string
	look := func() bool {
		found = nil
		for _, p := range a.odoo.Partners() {
			if p.Email == args[0] {
				found = append(found, p.Phone)
			}
		}
		return len(found) == 1 && found[0] == args[1]
	}
	if neg {
		if args = append(args, ""); look() || len(found) > 0 {
			ts.Fatalf("Odoo has %d contacts of %s", len(found), args[0])
		}
		return
	}
	poll(ts, look, func() string { return fmt.Sprintf("of %s Odoo has the phones %q, want %q", args[0], found, args[1]) })
}

// person email phone puts a contact into Odoo, and its id into $PERSON; with the id in
// $PERSON and no e-mail address (-) it changes that one.
func (a *around) person(ts *testscript.TestScript, _ bool, args []string) {
	if args[0] != "-" {
		ts.Setenv("PERSON", strconv.FormatInt(a.odoo.AddPartner(map[string]any{"name": "Otto Ek", "email": args[0], "phone": args[1]}), 10))
		return
	}
	id, err := strconv.ParseInt(ts.Getenv("PERSON"), 10, 64)
	ts.Check(err)
	a.odoo.Set("res.partner", id, odootest.Values{"phone": args[1]})
}

// shopper email phone wants one account of the shop with that e-mail address, and it has
// that phone; ! shopper email wants none.
func (a *around) shopper(ts *testscript.TestScript, neg bool, args []string) {
	var found []string
	for _, c := range a.woo.Customers() {
		if c.Email == args[0] {
			found = append(found, c.Billing.Phone)
		}
	}
	switch {
	case neg && len(found) > 0, !neg && (len(found) != 1 || found[0] != args[1]):
		ts.Fatalf("of %s the shop has the phones %q", args[0], found)
	}
}
