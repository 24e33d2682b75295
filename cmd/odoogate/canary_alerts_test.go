package main

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// hearing is who is told of alerts, and keeps every word.
type hearing struct {
	mu  sync.Mutex
	all strings.Builder
}

func (h *hearing) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, values := range r.Header {
		h.all.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
	}
	h.all.Write(append(body, '\n'))
}

// heard is all that was told so far.
func (h *hearing) heard() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.String()
}
