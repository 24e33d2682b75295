package woocommercetest

import (
	"net/http"
	"strings"
)

// makeCustomer registers somebody, and mails them about it. The shop makes name and
// password where it is set so; e-mail addresses are unique among all users.
func (s *Store) makeCustomer(w http.ResponseWriter, r *http.Request, body object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	email, _ := body["email"].(string)
	if bad := s.refusesCustomer(body, email); bad != nil {
		fails(w, bad)
		return
	}
	c := Customer{Email: email}
	c.take(body)
	id := s.addCustomer(c)
	s.greeted = append(s.greeted, email)
	w.Header().Set("Location", s.opts.Home+"/wp-json/wc/v3/customers")
	answer(w, r, http.StatusCreated, s.customer(s.customers[id]))
}

func (s *Store) refusesCustomer(body object, email string) object {
	missing := func(name string) object {
		out := failure("rest_missing_callback_param", "Missing parameter(s): "+name, http.StatusBadRequest)
		out["data"] = object{"status": http.StatusBadRequest, "params": []string{name}}
		return out
	}
	name, domain, _ := strings.Cut(email, "@")
	switch {
	case body["email"] == nil:
		return missing("email")
	case s.opts.AsksPasswords && body["password"] == nil:
		return missing("password")
	case name == "" || !strings.Contains(domain, ".") || strings.ContainsAny(email, " ,<>"):
		return invalid("email", "Invalid email address.")
	case s.hasEmail(email):
		return failure("registration-error-email-exists", "An account is already registered with "+email+". Please log in or use a different email address.", http.StatusBadRequest)
	}
	return nil
}

func (s *Store) hasEmail(email string) bool {
	for _, c := range s.customers {
		if strings.EqualFold(c.Email, email) {
			return true
		}
	}
	return false
}

// writeCustomer changes the members that are given. What changes nothing is a change too.
func (s *Store) writeCustomer(w http.ResponseWriter, r *http.Request, body object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := idOf(r, "id")
	if s.customers[id] == nil {
		fails(w, s.record("customer", id))
		return
	}
	s.updateCustomer(id, func(c *Customer) { c.take(body) })
	answer(w, r, http.StatusOK, s.customer(s.customers[id]))
}

// take puts what a request gives over what the account has.
func (c *Customer) take(body object) {
	put := func(from object, into map[string]*string) {
		for name, text := range into {
			if v, ok := from[name].(string); ok {
				*text = strings.TrimSpace(v)
			}
		}
	}
	put(body, map[string]*string{"email": &c.Email, "first_name": &c.First, "last_name": &c.Last})
	for name, a := range map[string]*Address{"billing": &c.Billing, "shipping": &c.Shipping} {
		from, _ := body[name].(object)
		into := map[string]*string{"first_name": &a.First, "last_name": &a.Last, "company": &a.Company, "address_1": &a.Street, "address_2": &a.Street2,
			"city": &a.City, "postcode": &a.Zip, "state": &a.State, "country": &a.Country, "phone": &a.Phone}
		if name == "billing" {
			into["email"] = &a.Email
		}
		put(from, into)
	}
}
