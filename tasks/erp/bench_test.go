package erp

import (
	"fmt"
	"testing"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// BenchmarkPlan is what deciding costs, without any call: a new order of five
// lines with discounts.
func BenchmarkPlan(b *testing.B) {
	o, s := order(), books()
	for i := range 4 {
		l := sold(fmt.Sprint(10+i), "TEE", "3", "19.90", fmt.Sprint(53-i), "25.5", "0")
		l.Discounts = []commerce.Discount{{Title: "SALE", Amount: eur("6.70")}}
		o.Lines = append(o.Lines, l)
	}
	h := have{Products: stock()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := planOrder(o, h, s, Applied{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlanUnchanged is the same for an order that stands as it should.
func BenchmarkPlanUnchanged(b *testing.B) {
	o, s := order(), books()
	h := have{Products: stock(), Order: standingFrom(o, s, "sale")}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := planOrder(o, h, s, Applied{}); err != nil || p.Action != unchanged {
			b.Fatal(p.Action, err)
		}
	}
}
