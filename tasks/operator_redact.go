package tasks

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// redactTopic is what stands in the journal for an erasure that a person asked for here.
const redactTopic = "operator/redact"

// redaction is the request of a person here. Asked for again it is the same one.
func redaction(shop, customer string, orders []string) Request {
	ref := commerce.Ref{Shop: shop, Kind: commerce.KindCustomer, ID: customer}
	if customer == "" {
		sorted := slices.Sorted(slices.Values(orders))
		ref = commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: strings.Join(sorted, "+")}
	}
	return Request{Shop: shop, Name: redactTopic + "/" + ref.ID, Topic: redactTopic, Wish: commerce.WishErase, Ref: ref,
		Customer: customer, Orders: orders}
}

// Redaction is a request of a person here, with what is held of whom it is about.
type Redaction struct {
	DryRun bool `json:"dry_run"`
	Report
}

// Redact has a worker erase what is held about a customer of a shop, or about single
// orders, all by the shop's ids; without earnest it only says what is held. It returns
// the request. Odoo is never touched. Invalid: nobody is named.
func (o *Operator) Redact(ctx context.Context, shop, customer string, orders []string, earnest bool) (did Redaction, err error) {
	did.DryRun = !earnest
	if err := o.knows(shop); err != nil {
		return did, err
	}
	if customer == "" && len(orders) == 0 || slices.Contains(orders, "") {
		return did, &commerce.Error{Op: "redact", Reason: commerce.Invalid, Detail: "it is not said about whom", Remedy: "name the customer, or the orders"}
	}
	r := redaction(shop, customer, orders)
	r.Received, r.State = time.Now().UTC(), RequestOpen
	if did.Report, err = o.requests.Held(ctx, r); err != nil || !earnest {
		return did, err
	}
	if err := o.Did(ctx, shop, Change{What: "redact", On: r.Name}); err != nil {
		return did, err
	}
	_, err = o.queue.Accept(ctx, r.Again(uuid.NewString()))
	return did, err
}
