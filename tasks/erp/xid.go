package erp

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// module is the first part of every external id that is ours. No Odoo module has
// this name, so no update of one ever cleans our ids away.
const module = "odoogate."

var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// part makes a piece of an external id from a platform's own id. Odoo refuses
// spaces, and a dot would end the module's name.
func part(id string) string {
	if plainID.MatchString(id) {
		return id
	}
	return "x" + hash(id)
}

func hash(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:10])
}

func orderXID(ref commerce.Ref) string { return module + ref.Shop + "_order_" + part(ref.ID) }

// lineXID names row n of a line. Shipping lines and bundles have number ranges of
// their own in some shops, so they have names of their own too; a line without an id is
// named by its place in the order.
func lineXID(o *commerce.Order, index, n int) string {
	l := o.Lines[index]
	kind, id := "_line_", part(l.ID)
	switch l.Kind {
	case commerce.LineShipping:
		kind = "_shipping_"
	case commerce.LineBundle:
		kind = "_bundle_"
	case commerce.LineRefund:
		kind = "_back_"
	}
	if l.ID == "" {
		id = "o" + part(o.Ref.ID) + "_" + strconv.Itoa(index)
	}
	return module + o.Ref.Shop + kind + id + "_" + strconv.Itoa(n)
}

// paymentXID names the payment of a transaction.
func paymentXID(ref commerce.Ref, transaction string) string {
	return module + ref.Shop + "_payment_" + part(transaction)
}

// refundXID names the credit note of a refund, and its n-th row.
func refundXID(ref commerce.Ref, refund string) string {
	return module + ref.Shop + "_refund_" + part(refund)
}

// settledXID names the n-th credit note of an order that no refund is behind.
func settledXID(ref commerce.Ref, n int) string {
	return module + ref.Shop + "_credit_" + part(ref.ID) + "_" + strconv.Itoa(n)
}

// returnXID names the n-th transfer that brings back what came with a key, of those
// that bring back what a delivery took out.
func returnXID(ref commerce.Ref, key string, delivery int64, n int) string {
	return module + ref.Shop + "_return_" + part(key) + "_" + itoa(delivery) + "_" + strconv.Itoa(n)
}

// roundingXID names row n of those on the rounding product.
func roundingXID(ref commerce.Ref, n int) string {
	return module + ref.Shop + "_rounding_" + part(ref.ID) + "_" + strconv.Itoa(n)
}

// productXID names a product that is made for a line, by its SKU, else by the shop's
// variant; "" where the line has neither.
func productXID(shop string, l commerce.Line) string {
	switch {
	case l.SKU != "":
		return module + shop + "_product_" + part(l.SKU)
	case l.VariantID != "":
		return module + shop + "_variant_" + part(l.VariantID)
	}
	return ""
}

// origin is what the order's source document says: shop and id.
func origin(ref commerce.Ref) string { return ref.Shop + "/" + ref.ID }

// reference is what people know the order by.
func reference(ref commerce.Ref, number string) string {
	if number != "" {
		return number
	}
	return ref.ID
}

// isOrderXID reports whether an external id is that of an order of any of our shops.
func isOrderXID(xid string) bool {
	return strings.HasPrefix(xid, module) && strings.Contains(xid, "_order_")
}

// isOurs reports whether an external id is one that we gave.
func isOurs(xid string) bool { return strings.HasPrefix(xid, module) }

func itoa(id int64) string { return strconv.FormatInt(id, 10) }
