package erp

import (
	"context"
	"slices"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// who reads the buyer and those of his addresses that the order may need. A buyer
// who is known costs one call, his addresses one more where an address of the
// order is not his own; a company two, for its contacts are read in any case.
func (r reader) who(ctx context.Context, o *commerce.Order, h *have) error {
	id := r.identity(o)
	if id.Company == "" {
		err := r.private(ctx, id, h)
		if err == nil && id.Tied != 0 && h.Buyer == nil {
			h.Twins = r.untied(id.Tied)
		}
		if err != nil || h.Buyer == nil || id.Guest != "" || !r.elsewhere(o, h.Buyer.place) {
			return err // the addresses of a shared guest are countless: their external ids find them
		}
		h.Children, err = r.below(ctx, h.Buyer.ID)
		return err
	}
	if err := r.company(ctx, id, h); err != nil || h.Company == nil {
		return err
	}
	var err error
	h.Children, err = r.below(ctx, h.Company.ID)
	if h.Buyer == nil {
		h.Buyer, h.Twins = r.within(id, *h.Company, h.Children)
	}
	return err
}

// private finds a buyer by the first of his keys that anybody has.
func (r reader) private(ctx context.Context, id identity, h *have) error {
	for _, k := range id.Keys {
		found, err := r.partners(ctx, k)
		if err != nil {
			return err
		}
		if h.Buyer, h.Twins, err = r.choose(ctx, k, found, id.Buyer); err != nil || h.Buyer != nil || h.Twins != nil {
			return err
		}
	}
	return nil
}

// company finds the company of a buyer with a VAT number. One whose number Odoo
// lacks is met through its own people: they are known there under another key.
func (r reader) company(ctx context.Context, id identity, h *have) error {
	for _, k := range id.Keys {
		found, err := r.partners(ctx, k)
		if err != nil {
			return err
		}
		if k.Kind == "vat" {
			found = slices.DeleteFunc(found, func(p person) bool { return !p.head() })
			if h.Company, h.Twins, err = r.choose(ctx, k, found, id.Company); err != nil || h.Company != nil || h.Twins != nil {
				return err
			}
			continue
		}
		found = slices.DeleteFunc(found, func(p person) bool { return p.VAT != "" || !p.Company && p.Parent == 0 })
		buyer, twins, err := r.choose(ctx, k, found, id.Buyer)
		if err != nil || twins != nil {
			h.Twins = twins
			return err
		}
		if buyer == nil {
			continue
		}
		h.Buyer, h.Company = buyer, buyer
		if buyer.head() {
			return nil
		}
		above, err := r.partners(ctx, key{Kind: "id", Value: itoa(buyer.Parent)})
		if err != nil || len(above) == 1 && above[0].Company {
			if err == nil {
				h.Company = &above[0]
			}
			return err
		}
		h.Buyer, h.Company = nil, nil // archived, or the contact of a private person
	}
	return nil
}

// within finds the buyer among the people of his company, itself included.
func (s settings) within(id identity, company person, children []person) (*person, *gap) {
	for _, k := range id.Keys {
		var fits []person
		for _, p := range append([]person{company}, children...) {
			if k.Kind != "vat" && k.is(p) && (p.ID == company.ID || p.contact()) {
				fits = append(fits, p)
			}
		}
		if p, twins := s.one(k, fits); p != nil || twins != nil {
			return p, twins
		}
	}
	return nil, nil
}
