package woocommercetest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (s *Store) listOrders(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, bad := pageOf(r)
	if bad != nil {
		fails(w, bad)
		return
	}
	orders, bad := s.ordersFor(r, p)
	if bad != nil {
		fails(w, bad)
		return
	}
	records := make([]object, 0, len(orders))
	for i, o := range orders {
		record := object(nil) // of other pages nothing is told
		if i >= p.offset && i < p.offset+p.per {
			record = s.order(o)
		}
		records = append(records, record)
	}
	s.tellPage(w, r, p, records)
}

// noOrder is what is answered of an order that is not there.
func noOrder(status int) object {
	return failure("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", status)
}

func (s *Store) readOrder(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[idOf(r, "id")]
	if o == nil {
		fails(w, noOrder(http.StatusNotFound))
		return
	}
	answer(w, r, http.StatusOK, s.order(o))
}

func (s *Store) writeOrder(w http.ResponseWriter, r *http.Request, body object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, bad := s.put(idOf(r, "id"), body)
	if bad != nil {
		fails(w, bad)
		return
	}
	answer(w, r, http.StatusOK, record)
}

// put changes an order as the API does; what changes nothing is a change too, except
// that old shops do not move its time then.
func (s *Store) put(id int64, body object) (record, bad object) {
	o := s.orders[id]
	if o == nil {
		return nil, noOrder(http.StatusBadRequest)
	}
	status, given := body["status"].(string)
	if given && !s.isStatus(status) {
		return nil, invalid("status", "status is not one of "+strings.Join(append(statuses(), s.opts.Statuses...), ", ")+".")
	}
	meta, ok := body["meta_data"].([]any)
	if _, given := body["meta_data"]; given && !ok {
		return nil, invalid("meta_data", "meta_data is not of type array.")
	}
	was := o.UpdatedAt
	err := s.changeLocked(strconv.FormatInt(id, 10), func(o *Order) error {
		if given {
			o.Status = status
		}
		for _, one := range meta {
			o.setMeta(one)
		}
		if text, ok := body["transaction_id"].(string); ok {
			o.TransactionID = text
		}
		if paid, ok := body["set_paid"].(bool); ok && paid && o.Status == "pending" {
			o.Status = "processing"
		}
		return nil
	})
	if err != nil {
		return nil, failure("woocommerce_rest_invalid_order", err.Error(), http.StatusBadRequest)
	}
	if unchanged := len(meta) == 0 && (!given || status == o.Status); unchanged && s.opts.Old {
		s.orders[id].UpdatedAt = was
	}
	return s.order(s.orders[id]), nil
}

// setMeta puts one entry of meta_data over the one with its id or key. New shops lose
// a value that is longer than their column.
func (o *Order) setMeta(entry any) {
	m, ok := entry.(object)
	if !ok {
		return
	}
	key, _ := m["key"].(string)
	id, _ := m["id"].(json.Number)
	i := slices.IndexFunc(o.Meta, func(old Meta) bool {
		return id != "" && strconv.FormatInt(old.ID, 10) == id.String() || id == "" && old.Key == key
	})
	if i >= 0 {
		o.Meta[i].Value = m["value"]
		o.Meta[i].Key = cmp.Or(key, o.Meta[i].Key)
		return
	}
	o.Meta = append(o.Meta, Meta{Key: key, Value: m["value"]})
}

func (s *Store) deleteOrder(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.mu.Lock()
	o := s.orders[idOf(r, "id")]
	s.mu.Unlock()
	force := r.URL.Query().Get("force")
	switch {
	case o == nil:
		fails(w, noOrder(http.StatusNotFound))
	case force == "true" || force == "1":
		s.mu.Lock()
		record := s.order(o)
		s.mu.Unlock()
		if err := s.DeleteOrder(id); err != nil {
			fails(w, noOrder(http.StatusNotFound))
			return
		}
		answer(w, r, http.StatusOK, record)
	default:
		if err := s.TrashOrder(id); err != nil {
			fails(w, failure("woocommerce_rest_already_trashed", "The order has already been deleted.", http.StatusGone))
			return
		}
		s.readOrder(w, r)
	}
}

func (s *Store) batchOrders(w http.ResponseWriter, r *http.Request) {
	s.batch(w, r, func(do string, item object) object {
		id := number(item["id"])
		switch do {
		case "update":
			record, bad := s.put(id, item)
			if bad != nil {
				return object{"id": id, "error": bad}
			}
			return record
		case "delete":
			if o := s.orders[id]; o != nil {
				delete(s.orders, id)
				s.gone[id] = o
				return s.order(o)
			}
			return object{"id": id, "error": noOrder(http.StatusNotFound)}
		}
		return object{"id": 0, "error": failure("woocommerce_rest_cannot_create", "The fake makes orders by AddOrder.", http.StatusNotImplemented)}
	})
}
