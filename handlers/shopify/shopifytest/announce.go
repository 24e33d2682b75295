package shopifytest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// posting is one delivery on its way to the subscription that asked for it.
type posting struct {
	to       *hook
	url      string // of the time when it happened: repeats go there too
	delivery Delivery
	tries    int
}

// Announce posts what happened since the last call, as Shopify does: one delivery to
// each subscription that stands for its topic, and once more what failed in an earlier
// call, eight times at most. A subscription that eight tries in a row fail is deleted,
// unless it is declared, and what waits for it is dropped. It returns how many were
// taken and how many failed.
func (s *Store) Announce(ctx context.Context, client *http.Client) (taken, failed int, err error) {
	due, err := s.due()
	if err != nil {
		return 0, 0, err
	}
	for _, p := range due {
		status, postErr := Post(ctx, client, p.url, p.delivery)
		if s.posted(p, postErr == nil && status/100 == 2) {
			taken++
		} else {
			failed++
		}
	}
	return taken, failed, ctx.Err()
}

// due takes what is to be posted now.
func (s *Store) due() ([]*posting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.unsent
	for _, n := range s.news {
		for _, h := range s.hooks {
			if h.Topic != n.topic {
				continue
			}
			d, wanted, err := s.forHook(h, n)
			if err != nil {
				return nil, err
			}
			if wanted {
				due = append(due, &posting{to: h, url: h.URI, delivery: d})
			}
		}
	}
	s.news, s.unsent = nil, nil
	return due, nil
}

// forHook makes a delivery in the form that the subscription asks for; wanted is
// false where its filter holds it back.
func (s *Store) forHook(h *hook, n occasion) (d Delivery, wanted bool, err error) {
	o := s.subject(n)
	if o == nil {
		return d, false, nil
	}
	if d, err = s.deliver(o, n.topic, n.part); err != nil {
		return d, false, err
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return d, false, fmt.Errorf("read the body of %s: %w", n.topic, err)
	}
	if field, value, _ := strings.Cut(h.Filter, ":"); h.Filter != "" && string(bytes.Trim(body[field], `"`)) != value {
		return d, false, nil
	}
	if len(h.IncludeFields) > 0 {
		for field := range body {
			if !slices.Contains(h.IncludeFields, field) {
				delete(body, field)
			}
		}
		if d.Body, err = json.Marshal(body); err != nil {
			return d, false, fmt.Errorf("write the body of %s: %w", n.topic, err)
		}
		d = d.with("X-Shopify-Hmac-Sha256", Signature(s.opts.Secret, d.Body))
	}
	if h.Format == "XML" {
		d.Body = fmt.Appendf(nil, "<order><id>%d</id></order>", o.ID)
		d = d.with("X-Shopify-Hmac-Sha256", Signature(s.opts.Secret, d.Body)).with("Content-Type", "application/xml")
	}
	return d, true, nil
}

// posted notes how a delivery went.
func (s *Store) posted(p *posting, ok bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok {
		p.to.failed = 0
		return true
	}
	p.tries++
	p.to.failed++
	if p.to.failed >= tooManyFailures && !p.to.Declared {
		gone := func(h *hook) bool { return h == p.to }
		s.hooks = slices.DeleteFunc(s.hooks, gone)
		s.unsent = slices.DeleteFunc(s.unsent, func(u *posting) bool { return gone(u.to) })
		return false
	}
	if p.tries <= tooManyFailures && slices.Contains(s.hooks, p.to) {
		s.unsent = append(s.unsent, p)
	}
	return false
}
