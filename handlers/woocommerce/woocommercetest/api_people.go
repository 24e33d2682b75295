package woocommercetest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

func (s *Store) listCustomers(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, bad := pageOf(r)
	if bad != nil {
		fails(w, bad)
		return
	}
	p.desc = r.URL.Query().Get("order") == "desc"
	found, bad := s.customersFor(r, p)
	if bad != nil {
		fails(w, bad)
		return
	}
	var records []object
	for _, c := range found {
		records = append(records, s.customer(c))
	}
	s.tellPage(w, r, p, records)
}

// customersFor are the accounts that a list asks for, sorted: without a role those of
// customers alone. There is no condition on times, and those that were made in one second
// have another order on each page, as a database gives them.
func (s *Store) customersFor(r *http.Request, p page) ([]*Customer, object) {
	q := r.URL.Query()
	role, email := cmp.Or(q.Get("role"), customerRole), q.Get("email")
	roles := []string{"all", "administrator", "editor", "author", "contributor", "subscriber", customerRole, "shop_manager"}
	for _, c := range s.customers {
		roles = append(roles, c.Role)
	}
	if !slices.Contains(roles, role) {
		return nil, invalid("role", "role is not one of "+strings.Join(roles, ", ")+".")
	}
	shuffled := func(c *Customer) int64 { return (c.ID*7919 + int64(p.offset)*104_729) % 1009 }
	byID := func(a, b *Customer) int { return cmp.Compare(a.ID, b.ID) }
	compare := map[string]func(a, b *Customer) int{
		"id": byID, "include": byID,
		"name": func(a, b *Customer) int { return cmp.Or(cmp.Compare(a.First, b.First), byID(a, b)) },
		"registered_date": func(a, b *Customer) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(shuffled(a), shuffled(b)), byID(a, b))
		},
	}[cmp.Or(q.Get("orderby"), "name")]
	if compare == nil {
		return nil, invalid("orderby", "orderby is not one of id, include, name, and registered_date.")
	}
	var out []*Customer
	for _, c := range s.customers {
		if (role == "all" || role == c.Role) && (email == "" || strings.EqualFold(c.Email, email)) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, inOrder(p, compare))
	return out, nil
}

func (s *Store) readCustomer(w http.ResponseWriter, r *http.Request) { s.readRecord(w, r, "customer") }
func (s *Store) readProduct(w http.ResponseWriter, r *http.Request)  { s.readRecord(w, r, "product") }

func (s *Store) readRecord(w http.ResponseWriter, r *http.Request, kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record := s.record(kind, idOf(r, "id"))
	if record["code"] != nil {
		fails(w, record)
		return
	}
	answer(w, r, http.StatusOK, record)
}
