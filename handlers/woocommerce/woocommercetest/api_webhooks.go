package woocommercetest

import (
	"net/http"
	"slices"
)

func noWebhook(status int) object {
	return failure("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", status)
}

func (s *Store) listWebhooks(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, bad := pageOf(r)
	status := r.URL.Query().Get("status")
	if bad == nil && !slices.Contains([]string{"", "all", active, paused, disabled}, status) {
		bad = invalid("status", "status is not one of all, active, paused, and disabled.")
	}
	if bad != nil {
		fails(w, bad)
		return
	}
	var records []object
	for _, h := range s.hooks {
		if status == "" || status == "all" || status == h.Status {
			records = append(records, s.webhook(h))
		}
	}
	if p.desc {
		slices.Reverse(records)
	}
	s.tellPage(w, r, p, records)
}

func (s *Store) readWebhook(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hookOf(idOf(r, "id"))
	if h == nil {
		fails(w, noWebhook(http.StatusNotFound))
		return
	}
	answer(w, r, http.StatusOK, s.webhook(h))
}

// makeWebhook makes one that is active whatever is asked for, and pings its address
// before it answers.
func (s *Store) makeWebhook(w http.ResponseWriter, r *http.Request, body object) {
	s.mu.Lock()
	h, bad := s.createHook(body)
	s.mu.Unlock()
	if bad != nil {
		fails(w, bad)
		return
	}
	s.ping(r.Context(), s.opts.Client, h)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Location", s.links("webhooks", "")["self"].([]object)[0]["href"].(string))
	answer(w, r, http.StatusCreated, s.webhook(h))
}

func (s *Store) createHook(body object) (*hook, object) {
	sub := Subscription{Status: active}
	for _, field := range []struct {
		name string
		into *string
	}{{"topic", &sub.Topic}, {"delivery_url", &sub.URI}, {"name", &sub.Name}, {"secret", &sub.Secret}} {
		if v, given := body[field.name]; given {
			text, ok := v.(string)
			if !ok {
				return nil, invalid(field.name, field.name+" is not of type string.")
			}
			*field.into = text
		}
	}
	for _, needed := range []string{"topic", "delivery_url"} {
		if body[needed] == nil {
			out := failure("rest_missing_callback_param", "Missing parameter(s): "+needed, http.StatusBadRequest)
			out["data"] = object{"status": http.StatusBadRequest, "params": []string{needed}}
			return nil, out
		}
	}
	if sub.Secret == "" { // one that nobody can read again
		sub.Secret = "random" + s.now().String()
	}
	return s.subscribe(sub)
}

func (s *Store) writeWebhook(w http.ResponseWriter, r *http.Request, body object) {
	s.mu.Lock()
	h, moved, bad := s.updateHook(idOf(r, "id"), body)
	s.mu.Unlock()
	if bad != nil {
		fails(w, bad)
		return
	}
	if moved {
		s.ping(r.Context(), s.opts.Client, h)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer(w, r, http.StatusOK, s.webhook(h))
}

// updateHook changes a webhook. One that is made active again is not pinged, and keeps
// the failures that it had: the next one disables it.
func (s *Store) updateHook(id int64, body object) (h *hook, moved bool, bad object) {
	h = s.hookOf(id)
	if h == nil {
		return nil, false, noWebhook(http.StatusBadRequest)
	}
	sub := h.Subscription
	for name, into := range map[string]*string{"topic": &sub.Topic, "delivery_url": &sub.URI, "name": &sub.Name, "secret": &sub.Secret, "status": &sub.Status} {
		if text, ok := body[name].(string); ok {
			*into = text
		}
	}
	if !slices.Contains([]string{active, paused, disabled}, sub.Status) {
		return nil, false, invalid("status", "status is not one of active, paused, and disabled.")
	}
	if bad := s.refusal(sub); bad != nil {
		return nil, false, bad
	}
	moved = sub.URI != h.URI && sub.Status == active
	h.pending = h.pending || moved
	h.Subscription, h.modified = sub, s.now()
	return h, moved, nil
}

func (s *Store) deleteWebhook(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	force := r.URL.Query().Get("force")
	h := s.hookOf(idOf(r, "id"))
	switch {
	case h == nil:
		fails(w, noWebhook(http.StatusNotFound))
	case force != "true" && force != "1":
		fails(w, failure("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", http.StatusNotImplemented))
	default:
		s.dropHook(h)
		answer(w, r, http.StatusOK, s.webhook(h))
	}
}

func (s *Store) dropHook(h *hook) {
	s.hooks = slices.DeleteFunc(s.hooks, func(other *hook) bool { return other == h })
}

// batchWebhooks is for many at once; pings of these follow their first delivery.
func (s *Store) batchWebhooks(w http.ResponseWriter, r *http.Request) {
	s.batch(w, r, func(do string, item object) object {
		id := number(item["id"])
		var h *hook
		var bad object
		switch do {
		case "create":
			h, bad = s.createHook(item)
		case "update":
			h, _, bad = s.updateHook(id, item)
		default:
			if h = s.hookOf(id); h == nil {
				bad = noWebhook(http.StatusNotFound)
			} else {
				s.dropHook(h)
			}
		}
		if bad != nil {
			return object{"id": id, "error": bad}
		}
		return s.webhook(h)
	})
}
