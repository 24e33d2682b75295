package shopifytest

import "net/http"

type admin struct{ store *Store }

func newAdmin(s *Store) *admin { return &admin{store: s} }

// Handler answers the Admin API.
func (s *Store) Handler() http.Handler { return http.NotFoundHandler() }
