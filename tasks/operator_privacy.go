package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Requests are what was asked about people's data, of one shop or of all (""), each
// shop's in the order in which they came.
func (o *Operator) Requests(ctx context.Context, shop string) ([]Request, error) {
	shops, err := o.these(shop)
	if err != nil {
		return nil, err
	}
	list := []Request{}
	for _, id := range shops {
		of, err := o.requests.List(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, of...)
	}
	return list, nil
}

// Request is one of them with what is held now about whom it is about. NotFound: there is
// none of that name.
func (o *Operator) Request(ctx context.Context, shop, name string) (Report, error) {
	r, err := o.request(ctx, shop, name)
	if err != nil {
		return Report{}, err
	}
	return o.requests.Held(ctx, r)
}

// RunRequest has a worker carry a request out, on a person's word: one that waits for a
// person, or one that was done before. It answers how the request stands from now on.
func (o *Operator) RunRequest(ctx context.Context, shop, name string) (Request, error) {
	r, err := o.request(ctx, shop, name)
	if err != nil {
		return r, err
	}
	if err := o.Did(ctx, shop, Change{What: "privacy run", On: name}); err != nil {
		return r, err
	}
	_, err = o.queue.Accept(ctx, r.Again(uuid.NewString()))
	r.State, r.Done, r.Remedy = RequestOpen, time.Time{}, ""
	return r, err
}

// CloseRequest notes that a person did what a request asks for. Conflict: it is done, or
// still with the workers.
func (o *Operator) CloseRequest(ctx context.Context, shop, name string) (Request, error) {
	r, err := o.request(ctx, shop, name)
	if err != nil {
		return r, err
	}
	switch r.State {
	case RequestDone:
		return r, &commerce.Error{Op: "privacy done", Reason: commerce.Conflict,
			Detail: fmt.Sprintf("request %s of %s is done since %s", name, shop, utc(r.Done))}
	case RequestOpen:
		return r, &commerce.Error{Op: "privacy done", Reason: commerce.Conflict,
			Detail: fmt.Sprintf("request %s of %s is still with the workers", name, shop)}
	}
	if err := o.Did(ctx, shop, Change{What: "privacy done", On: name}); err != nil {
		return r, err
	}
	if err := o.requests.Close(ctx, shop, name); err != nil {
		return r, err
	}
	return o.request(ctx, shop, name)
}

func (o *Operator) request(ctx context.Context, shop, name string) (Request, error) {
	if err := o.knows(shop); err != nil {
		return Request{}, err
	}
	r, known, err := o.requests.Get(ctx, shop, name)
	if err == nil && !known {
		err = &commerce.Error{Op: "privacy", Reason: commerce.NotFound, Detail: fmt.Sprintf("%s has no request %q", shop, name),
			Remedy: fmt.Sprintf("odoogate privacy ls %s lists them", shop)}
	}
	return r, err
}
