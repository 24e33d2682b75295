package woocommercetest

import (
	"fmt"
	"net/http"
	"strconv"
)

// mostAtOnce is how many items one batch may have.
const mostAtOnce = 100

// batch does one thing after another and answers 200 whatever becomes of them.
func (s *Store) batch(w http.ResponseWriter, r *http.Request, one func(do string, item object) object) {
	body, bad := bodyOf(r)
	if bad != nil {
		fails(w, bad)
		return
	}
	n, out := 0, object{}
	for _, do := range []string{"create", "update", "delete"} {
		items, _ := body[do].([]any)
		n += len(items)
	}
	if n > mostAtOnce {
		fails(w, failure("woocommerce_rest_request_entity_too_large", fmt.Sprintf("Unable to accept more than %d items for this request.", mostAtOnce), http.StatusRequestEntityTooLarge))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, do := range []string{"create", "update", "delete"} {
		items, _ := body[do].([]any)
		for _, item := range items {
			fields, ok := item.(object)
			if !ok {
				fields = object{"id": item} // delete has ids alone
			}
			answers, _ := out[do].([]object)
			out[do] = append(answers, one(do, fields))
		}
	}
	reply(w, http.StatusOK, out)
}

// number is an id that is a number or its text, 0 for anything else.
func number(v any) int64 {
	n, _ := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	return n
}
