package woocommerce

import "github.com/odoogate/odoogate/handlers/commerce"

// topic is what we know of one webhook topic.
type topic struct {
	name string
	hint commerce.Hint
	// kind is the record that the topic is about, and must be what the body holds.
	kind string
	// gone topics tell of a record only its id.
	gone bool
}

// looked reports whether the record is looked at in the shop, and says itself what became
// of it, whatever its topic.
func (t topic) looked() bool {
	return t.kind == commerce.KindOrder || t.kind == commerce.KindCustomer
}

// kindCoupon is a kind of record beside those of commerce.
const kindCoupon = "coupon"

// topics are those of WooCommerce itself. Whatever is not here is answered 200 and
// counted, hooks (action.*) and those of plugins among it.
func topics() map[string]topic {
	t := map[string]topic{
		"product.published": {hint: commerce.HintProduct, kind: commerce.KindProduct},
		"product.deleted":   {hint: commerce.HintProductGone, kind: commerce.KindProduct, gone: true},
		"customer.deleted":  {hint: commerce.HintCustomer, kind: commerce.KindCustomer, gone: true},
		"coupon.deleted":    {hint: commerce.HintOther, kind: kindCoupon, gone: true},
		// Only trashing is told, and on some shops of records of other kinds too.
		"order.deleted": {hint: commerce.HintOrder, kind: commerce.KindOrder, gone: true},
	}
	for _, verb := range []string{"created", "updated", "restored"} {
		t["order."+verb] = topic{hint: commerce.HintOrder, kind: commerce.KindOrder}
		t["product."+verb] = topic{hint: commerce.HintProduct, kind: commerce.KindProduct}
		t["coupon."+verb] = topic{hint: commerce.HintOther, kind: kindCoupon}
		if verb != "restored" {
			t["customer."+verb] = topic{hint: commerce.HintCustomer, kind: commerce.KindCustomer}
		}
	}
	for name, entry := range t {
		entry.name = name
		t[name] = entry
	}
	return t
}
