package shopify

import "github.com/odoogate/odoogate/handlers/commerce"

// The compliance topics: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance

func showRequest(f *facts) *commerce.Privacy {
	return &commerce.Privacy{Wish: commerce.WishShow, Request: string(f.DataRequest.ID), Customer: string(f.Customer.ID),
		Orders: f.OrdersRequested.texts()}
}

func eraseRequest(f *facts) *commerce.Privacy {
	return &commerce.Privacy{Wish: commerce.WishErase, Customer: string(f.Customer.ID), Orders: f.OrdersToRedact.texts()}
}

func closeRequest(*facts) *commerce.Privacy { return &commerce.Privacy{Wish: commerce.WishClose} }
