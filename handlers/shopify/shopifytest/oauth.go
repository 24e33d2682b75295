package shopifytest

import (
	"net/http"
	"strconv"
	"time"
)

// ClientID is the app's client id; its secret is Secret.
func (s *Store) ClientID() string { return "client-of-" + s.opts.Domain }

// tokenLife is how long a fetched token is good, as the vendor has it.
const tokenLife = 86_399 * time.Second

// exchange answers the client credentials grant of an app of the Dev Dashboard.
func (s *Store) exchange(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.FormValue("grant_type") != "client_credentials":
		reply(w, http.StatusBadRequest, object{"error": "unsupported_grant_type"})
	case r.FormValue("client_id") != s.ClientID() || r.FormValue("client_secret") != s.opts.Secret:
		reply(w, http.StatusBadRequest, object{"error": "application_cannot_be_found", "error_description": "Unable to find an application with that client id and secret"})
	default:
		s.mu.Lock()
		token := "shpat_fetched_" + strconv.Itoa(len(s.tokens)+1)
		s.tokens[token] = s.opts.Now().Add(tokenLife)
		s.mu.Unlock()
		reply(w, http.StatusOK, object{"access_token": token, "scope": "read_orders", "expires_in": int(tokenLife.Seconds())})
	}
}

// Fetched counts the tokens that were fetched so far.
func (s *Store) Fetched() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)
}

// Revoke ends the life of every token fetched so far.
func (s *Store) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.tokens {
		s.tokens[token] = time.Time{}
	}
}

// takes reports whether the Admin API knows the token.
func (s *Store) takes(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return token == s.opts.Token || s.opts.Now().Before(s.tokens[token])
}
