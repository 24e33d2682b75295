package erp

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// products holds the products that the settings of one layer name against Odoo:
// there, once, and services where goods would be delivered.
func (c *inspection) products(ctx context.Context, s settings) error {
	named := map[string]string{"placeholder": s.Books.Products.Placeholder, "rounding": s.Books.Products.Rounding}
	services := map[string]bool{"rounding": true}
	for _, sp := range specials() {
		named[sp.key], services[sp.key] = sp.name(s.Books.Products), sp.service
	}
	var all []search
	for _, key := range slices.Sorted(maps.Keys(named)) {
		if named[key] != "" {
			all = append(all, s.searchNamed(key, named[key]))
		}
	}
	bound := slices.Compact(slices.Sorted(maps.Values(s.Books.Products.Bind)))
	for _, sku := range bound {
		all = append(all, s.searchNamed("bind", sku))
	}
	r := reader{odoo: c.odoo, settings: s, alone: true}
	have, err := r.look(ctx, all, shelf{})
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		c.product(s, key, named[key], services[key], have)
	}
	for _, sku := range bound {
		c.gap(second(s.choose(s.searchNamed("bind", sku), have)))
	}
	if s.Books.Products.Shipping == "" {
		c.shipping(s)
	}
	return c.matching(ctx, s)
}

// product judges one that the settings name.
func (c *inspection) product(s settings, key, sku string, service bool, have shelf) {
	if sku == "" {
		return
	}
	p, g := s.choose(s.searchNamed(key, sku), have)
	switch {
	case g != nil:
		c.gap(g)
	case p.Archived:
		c.warn("unarchive it in Odoo, or name another", "the product %q, which books.products.%s names, is archived", sku, key)
	case service && !p.Service:
		c.gap(&gap{remedy: "change that product's type to Service in Odoo",
			detail: fmt.Sprintf("the %s product %q is no service: Odoo would want to deliver it", key, sku)})
	case key == "shipping":
		c.once("shipping is booked on the service %q", sku)
	}
}

// once notes something only the first time that a layer of the shop says it.
func (c *inspection) once(format string, args ...any) {
	if !c.said(fmt.Sprintf(format, args...)) {
		c.f.OK(format, args...)
	}
}

func (c *inspection) warn(remedy, format string, args ...any) {
	if !c.said(fmt.Sprintf(format, args...)) {
		c.f.Warn(remedy, format, args...)
	}
}

func (c *inspection) said(text string) bool {
	return slices.ContainsFunc(c.f.List, func(f commerce.Finding) bool { return f.Part == c.f.Part && f.Text == text })
}

// shipping is about a shop that leaves shipping to the delivery methods.
func (c *inspection) shipping(s settings) {
	carriers := slices.DeleteFunc(append(slices.Collect(maps.Values(s.Books.Carriers)), s.Books.Carrier), func(name string) bool { return name == "" })
	if len(carriers) > 0 && s.Books.Carrier != "" {
		c.once("shipping is booked on the products of the delivery methods")
		return
	}
	text := "no shipping product is named: orders with shipping are parked"
	if len(carriers) > 0 {
		text = "no shipping product is named: orders whose shipping method books.carriers does not map are parked"
	}
	c.warn("create a service product in Odoo and name its internal reference as books.products.shipping of shop "+s.Shop, "%s", text)
}

// matching judges by what products are found, and whether they may be made.
func (c *inspection) matching(ctx context.Context, s settings) error {
	_, wrong := s.matches(commerce.Line{SKU: "any"})
	c.gap(wrong)
	if s.Books.Products.Unknown != unknownCreate {
		return nil
	}
	uid, err := c.odoo.UID(ctx)
	if err != nil {
		return err
	}
	groups, name := s.mayMake()
	for _, g := range groups {
		if ok, err := c.inGroup(ctx, uid, g); ok || err != nil {
			return err
		}
	}
	c.gap(&gap{detail: "the user lacks the group \"" + name + "\": books.products.unknown of shop " + s.Shop + " is create, and no product can be made",
		remedy: fmt.Sprintf("give odoogate's user the group %q in Odoo (Settings, Users)", name)})
	return nil
}
