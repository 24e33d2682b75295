package odootest_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/odooclient/odootest"
)

// A test seeds the server, lets the code under test talk to it over HTTP and
// looks at what is there afterwards.
func Example() {
	s := odootest.New(odootest.Options{})
	url, stop, err := s.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	s.AddProduct("MUG", "Mug", decimal.NewFromInt(12))
	s.AddPartner(map[string]any{"name": "Ann"})

	resp, err := http.Post(url+"/jsonrpc", "application/json", strings.NewReader(`{"id": 1, "params": {"service": "object", "method": "execute_kw",
		"args": ["odoo", 3, "api", "sale.order", "load", [["id", "partner_id", "order_line/id", "order_line/product_id"],
			[["odoogate.fi_order_1", "Ann", "odoogate.fi_line_1_1", "MUG"]]]]}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()

	o := s.Orders()[0]
	fmt.Println(o.XID, o.Name, o.State, o.Total.StringFixed(2), o.Currency, s.MailsSent())
	// Output: odoogate.fi_order_1 S00001 draft 12.00 EUR 0
}
