package erp_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/odoogate/odoogate/tasks/erp"
)

func TestDbg(t *testing.T) {
	v, _ := strconv.Atoi(os.Getenv("V"))
	if v == 0 {
		v = 17
	}
	p := atLife(t, v)
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if os.Getenv("DIST") != "" {
		p.lived(seed)
	}
	c, told := p.lived(seed)
	var last erp.Applied
	look := func(books *erp.Books, i int) {
		o := told[i]
		for range 6 {
			out, err := books.Order(p.Context(), p.shop, o, last, yes)
			t.Log(i, out.Action, out.Booked, err)
			if out.Booked && out.Action != "skipped" {
				last = applied(o, out)
			} else if err != nil && out.Action != "skipped" {
				last.Begun = last.Begun || out.Writes > 0
			}
			if n := p.count("sale.order", []any{"client_order_ref", "=", o.Number}); n > 0 {
				t.Log(p.documents(o))
				for _, l := range p.rows("sale.order.line", []string{"product_uom_qty", "price_unit", "discount", "price_total", "price_tax", "qty_invoiced"}, []any{"order_id", "=", out.OdooID}) {
					t.Log(l)
				}
			}
			if err == nil {
				break
			}
		}
	}
	if os.Getenv("DIST") == "" {
		for i := range told {
			look(p.Books, i)
		}
	} else {
		r := rand.New(rand.NewPCG(seed, 7))
		for at := range told {
			if at < len(told)-1 && r.IntN(3) == 0 {
				continue
			}
			for range 1 + r.IntN(2) {
				s := &scissors{after: r.IntN(2) == 0}
				if r.IntN(3) == 0 {
					s.at = 15 + r.Int64N(70)
				}
				look(p.through(s), at)
			}
		}
	}
	t.Log(c.said)
}
