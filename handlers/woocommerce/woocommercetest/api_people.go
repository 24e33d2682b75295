package woocommercetest

import (
	"maps"
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
	email := r.URL.Query().Get("email")
	var records []object
	for _, id := range slices.Sorted(maps.Keys(s.customers)) {
		if c := s.customers[id]; email == "" || strings.EqualFold(c.Email, email) {
			records = append(records, s.customer(c))
		}
	}
	s.tellPage(w, r, p, records)
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
