package woocommercetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// AddCustomer keeps somebody with an account and returns the id. Numbers are not given
// twice. An account that WordPress made, of any other role than customer, was never
// modified.
func (s *Store) AddCustomer(c Customer) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addCustomer(c)
}

func (s *Store) addCustomer(c Customer) int64 {
	if c.ID == 0 {
		c.ID = max(int64(len(s.customers))+2, s.lastUser+1) // the first user is the shopkeeper
		for s.customers[c.ID] != nil {
			c.ID++
		}
		s.lastUser = c.ID
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.now()
	}
	c.Role = cmp.Or(c.Role, customerRole)
	if c.Role == customerRole {
		c.UpdatedAt = c.CreatedAt
	}
	s.customers[c.ID] = &c
	s.tell("customer.created", c.ID)
	s.tell("customer.updated", c.ID)
	return c.ID
}

// UpdateCustomer changes an account, as its owner does in the shop or staff for them, and
// moves its date_modified, which has whole seconds: two changes may have the same.
func (s *Store) UpdateCustomer(id int64, change func(*Customer)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.customers[id] == nil {
		return fmt.Errorf("the store has no account %d", id)
	}
	s.updateCustomer(id, change)
	return nil
}

func (s *Store) updateCustomer(id int64, change func(*Customer)) {
	old := s.customers[id]
	c := *old
	c.Meta = slices.Clone(old.Meta)
	change(&c)
	c.ID, c.CreatedAt, c.UpdatedAt = id, old.CreatedAt, old.UpdatedAt
	if now := s.now(); now.After(c.UpdatedAt) {
		c.UpdatedAt = now
	}
	s.customers[id] = &c
	s.tell("customer.updated", id)
}

// Customers are all accounts, by their ids.
func (s *Store) Customers() []Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Customer
	for _, id := range slices.Sorted(maps.Keys(s.customers)) {
		out = append(out, *s.customers[id])
	}
	return out
}

// Greeted are the e-mail addresses to which the shop sent its message about a new account.
func (s *Store) Greeted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.greeted)
}

// DeleteCustomer removes one; its orders stay. Only of customers this is told.
func (s *Store) DeleteCustomer(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.customers[id]; c != nil && c.Role == customerRole {
		s.tell("customer.deleted", id)
	}
	delete(s.customers, id)
}

// customerRole is the role of those who registered in the shop.
const customerRole = "customer"

func (s *Store) customer(c *Customer) object {
	plain := func(v string) string { return v }
	id := strconv.FormatInt(c.ID, 10)
	out := object{"id": c.ID, "email": c.Email, "first_name": c.First, "last_name": c.Last, "role": c.Role, "username": "buyer" + id,
		"billing": c.Billing.tell(plain, true), "shipping": c.Shipping.tell(plain, false), "is_paying_customer": c.Paying,
		"avatar_url": "https://secure.gravatar.com/avatar/" + id + "?s=96", "meta_data": tellMeta(c.Meta, c.ID*100, false), "_links": s.links("customers", id)}
	s.stamp(out, "date_created", c.CreatedAt)
	s.stamp(out, "date_modified", c.UpdatedAt)
	return out
}

// AddCoupon keeps a coupon and returns its id.
func (s *Store) AddCoupon(code string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	s.coupons[s.lastID] = code
	s.tell("coupon.created", s.lastID)
	return s.lastID
}

// Trash puts a product or a coupon into the bin. Shops say then that a coupon and a
// product of that number are deleted: only one of them is.
func (s *Store) Trash(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.coupons[id] == "" && s.productOf(id) == nil {
		return fmt.Errorf("the store has no product and no coupon %d", id)
	}
	s.trashed[id] = true
	s.tell("product.deleted", id)
	s.tell("coupon.deleted", id)
	return nil
}

// Restore takes a product or a coupon out of the bin.
func (s *Store) Restore(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.trashed[id] {
		return fmt.Errorf("there is no product and no coupon %d in the bin", id)
	}
	delete(s.trashed, id)
	if s.productOf(id) != nil {
		s.tell("product.restored", id)
	} else {
		s.tell("coupon.restored", id)
	}
	return nil
}

// AddProduct keeps one more product, or a variation of one, and returns its id.
func (s *Store) AddProduct(p Product) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	p.ID = s.lastID
	s.products = append(s.products, p)
	s.tell("product.created", p.ID)
	return p.ID
}

func (s *Store) productOf(id int64) *Product {
	for i := range s.products {
		if s.products[i].ID == id {
			return &s.products[i]
		}
	}
	return nil
}

func (s *Store) product(p *Product) object {
	out := object{"id": p.ID, "parent_id": p.Parent, "name": p.Name, "type": "simple", "status": "publish", "sku": p.SKU, "price": money(p.Price),
		"regular_price": money(p.Price), "sale_price": "", "tax_status": "taxable", "tax_class": "", "manage_stock": true, "stock_quantity": 100, "meta_data": []object{}}
	if p.Parent != 0 {
		out["type"] = "variation"
	}
	if p.Reduced {
		out["tax_class"] = "reduced-rate"
	}
	if s.trashed[p.ID] {
		out["status"] = trash
	}
	out["_links"] = s.links("products", strconv.FormatInt(p.ID, 10))
	return out
}
