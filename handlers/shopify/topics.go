package shopify

import "github.com/odoogate/odoogate/handlers/commerce"

// topic is what we know of one webhook topic.
type topic struct {
	name string
	hint commerce.Hint
	// kind names the record in a Ref.
	kind string
	// id finds the record's id in the body; "" is an error unless loose.
	id func(*facts) ident
	// loose topics have no published body: without an id the store itself is named.
	loose bool
	// whole bodies hold the complete order and can be decoded.
	whole bool
	// check holds destructive topics to the shape of their bodies: headers are
	// not signed, so a signed order can come back labelled orders/delete.
	check func(f *facts, domain string) error
	// privacy is what a request about people's data asks for.
	privacy func(f *facts) *commerce.Privacy
}

// The kinds of records whose bodies may not name their order; see OrderOf.
const (
	kindReturn  = "return"
	kindReverse = "reverse_fulfillment_order"
	kindParcel  = "reverse_delivery"
)

// topics is every topic of the 2026-04 WebhookSubscriptionTopic list and the
// compliance topics. Whatever is not here is answered 200 and counted.
func topics() map[string]topic {
	t := map[string]topic{
		"orders/create":              {hint: commerce.HintOrder, kind: commerce.KindOrder, id: rootID, whole: true},
		"orders/updated":             {hint: commerce.HintOrder, kind: commerce.KindOrder, id: rootID, whole: true},
		"orders/paid":                {hint: commerce.HintOrder, kind: commerce.KindOrder, id: rootID, whole: true},
		"orders/cancelled":           {hint: commerce.HintOrder, kind: commerce.KindOrder, id: rootID, whole: true},
		"orders/edited":              {hint: commerce.HintOrder, kind: commerce.KindOrder, id: orderID},
		"orders/fulfilled":           {hint: commerce.HintFulfilment, kind: commerce.KindOrder, id: rootID},
		"orders/partially_fulfilled": {hint: commerce.HintFulfilment, kind: commerce.KindOrder, id: rootID},
		"orders/delete":              {hint: commerce.HintOrderGone, kind: commerce.KindOrder, id: rootID, check: gone("Order")},
		"orders/risk_assessment_changed": {
			hint: commerce.HintRisk, kind: commerce.KindOrder, id: orderID, loose: true},
		"orders/link_requested":                      {hint: commerce.HintOther, kind: commerce.KindOrder, id: orderOrRoot, loose: true},
		"orders/shopify_protect_eligibility_changed": {hint: commerce.HintRisk, kind: commerce.KindOrder, id: orderOrRoot, loose: true},

		"order_transactions/create":  {hint: commerce.HintPayment, kind: "transaction", id: rootID},
		"tender_transactions/create": {hint: commerce.HintPayment, kind: "transaction", id: rootID},
		"refunds/create":             {hint: commerce.HintRefund, kind: commerce.KindRefund, id: rootID},
		"disputes/create":            {hint: commerce.HintPayment, kind: "dispute", id: rootID},
		"disputes/update":            {hint: commerce.HintPayment, kind: "dispute", id: rootID},

		"products/create":        {hint: commerce.HintProduct, kind: commerce.KindProduct, id: rootID},
		"products/update":        {hint: commerce.HintProduct, kind: commerce.KindProduct, id: rootID},
		"products/delete":        {hint: commerce.HintProductGone, kind: commerce.KindProduct, id: rootID, check: gone("Product")},
		"variants/in_stock":      {hint: commerce.HintStock, kind: "variant", id: rootID},
		"variants/out_of_stock":  {hint: commerce.HintStock, kind: "variant", id: rootID},
		"inventory_items/create": {hint: commerce.HintStock, kind: "inventory_item", id: rootID},
		"inventory_items/update": {hint: commerce.HintStock, kind: "inventory_item", id: rootID},
		"inventory_items/delete": {hint: commerce.HintStock, kind: "inventory_item", id: rootID, check: gone("InventoryItem")},

		"customers/create":             {hint: commerce.HintCustomer, kind: "customer", id: rootID},
		"customers/update":             {hint: commerce.HintCustomer, kind: "customer", id: rootID},
		"customers/enable":             {hint: commerce.HintCustomer, kind: "customer", id: rootID},
		"customers/disable":            {hint: commerce.HintCustomer, kind: "customer", id: rootID},
		"customers/delete":             {hint: commerce.HintCustomer, kind: "customer", id: rootID, check: gone("Customer")},
		"customers/merge":              {hint: commerce.HintCustomer, kind: "customer", id: customerID, loose: true},
		"customers/purchasing_summary": {hint: commerce.HintCustomer, kind: "customer", id: customerID},
		"customer.tags_added":          {hint: commerce.HintCustomer, kind: "customer", id: customerID, loose: true},
		"customer.tags_removed":        {hint: commerce.HintCustomer, kind: "customer", id: customerID, loose: true},

		"customers/data_request": {hint: commerce.HintPrivacy, kind: "customer", id: customerID, check: dataRequest, privacy: showRequest},
		"customers/redact":       {hint: commerce.HintPrivacy, kind: "customer", id: customerID, check: customerRedact, privacy: eraseRequest},
		"shop/redact":            {hint: commerce.HintPrivacy, kind: commerce.KindShop, id: shopID, check: shopRedact, privacy: closeRequest},

		"app/uninstalled":        {hint: commerce.HintUninstalled, kind: commerce.KindShop, id: rootID, check: uninstalled},
		"app/scopes_update":      {hint: commerce.HintShop, kind: "app", id: rootID, loose: true},
		"shop/update":            {hint: commerce.HintShop, kind: commerce.KindShop, id: rootID},
		"bulk_operations/finish": {hint: commerce.HintOther, kind: "bulk_operation", id: rootID},

		"reverse_deliveries/attach_deliverable": {hint: commerce.HintReturn, kind: kindParcel, id: rootID, loose: true},
		"reverse_fulfillment_orders/dispose":    {hint: commerce.HintReturn, kind: kindReverse, id: rootID, loose: true},
	}
	for _, name := range []string{"fulfillments/create", "fulfillments/update"} {
		t[name] = topic{hint: commerce.HintFulfilment, kind: "fulfillment", id: rootID}
	}
	for _, name := range []string{"fulfillment_events/create", "fulfillment_events/delete"} {
		t[name] = topic{hint: commerce.HintFulfilment, kind: "fulfillment_event", id: rootID}
	}
	for _, name := range []string{"fulfillment_holds/added", "fulfillment_holds/released"} {
		t[name] = topic{hint: commerce.HintFulfilment, kind: "fulfillment_order", id: fulfilmentOrderID, loose: true}
	}
	for _, verb := range []string{"request", "approve", "decline", "cancel", "close", "reopen", "update"} {
		t["returns/"+verb] = topic{hint: commerce.HintReturn, kind: kindReturn, id: rootID}
	}
	t["returns/process"] = topic{hint: commerce.HintReturn, kind: kindReturn, id: rootID, loose: true}
	for _, verb := range []string{"connect", "update", "disconnect"} {
		t["inventory_levels/"+verb] = topic{hint: commerce.HintStock, kind: "inventory_item", id: inventoryItemID}
	}
	for _, verb := range []string{"create", "update"} {
		t["draft_orders/"+verb] = topic{hint: commerce.HintOther, kind: "draft_order", id: rootID}
	}
	t["draft_orders/delete"] = topic{hint: commerce.HintOther, kind: "draft_order", id: rootID, check: gone("DraftOrder")}
	for _, verb := range []string{"create", "update", "activate", "deactivate"} {
		t["locations/"+verb] = topic{hint: commerce.HintOther, kind: "location", id: rootID}
	}
	t["locations/delete"] = topic{hint: commerce.HintOther, kind: "location", id: rootID, check: gone("Location")}
	for _, verb := range fulfilmentOrderVerbs() {
		t["fulfillment_orders/"+verb] = topic{
			hint: commerce.HintFulfilment, kind: "fulfillment_order", id: fulfilmentOrderID, loose: true}
	}
	for name, entry := range t {
		entry.name = name
		t[name] = entry
	}
	return t
}

func fulfilmentOrderVerbs() []string {
	return []string{
		"moved", "hold_released", "scheduled_fulfillment_order_ready", "order_routing_complete", "cancelled",
		"fulfillment_service_failed_to_complete", "fulfillment_request_rejected", "cancellation_request_submitted",
		"cancellation_request_accepted", "cancellation_request_rejected", "fulfillment_request_submitted",
		"fulfillment_request_accepted", "line_items_prepared_for_local_delivery", "line_items_prepared_for_pickup",
		"placed_on_hold", "merged", "split", "progress_reported", "manually_reported_progress_stopped", "rescheduled",
	}
}
