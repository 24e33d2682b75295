package tasks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// holdings find what is held of people: bodies that wait in the queue, and what
// the journal says of their orders.
type holdings struct {
	rdb       *redis.Client
	inspector *asynq.Inspector
	shops     map[string]*handlers.Shop
}

// queued is one task of a shop, in whatever state.
type queued struct {
	lane     string
	info     *asynq.TaskInfo
	event    commerce.Event
	readable bool
}

// ours says that a task carries out requests itself: it has no body.
func (q queued) ours() bool { return q.info.Type == CarryOut.Name || q.info.Type == PauseShop.Name }

// keys yields the keys that match a pattern. Those that are there all the time
// are yielded for sure, so that a task is not missed that changes its state.
func (h holdings) keys(ctx context.Context, pattern string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		it := h.rdb.Scan(ctx, 0, pattern, 1000).Iterator()
		for it.Next(ctx) {
			if !yield(it.Val(), nil) {
				return
			}
		}
		if err := it.Err(); err != nil {
			yield("", fmt.Errorf("look through Redis: %w", err))
		}
	}
}

// tasks yields every task of a shop, of all lanes and states.
func (h holdings) tasks(ctx context.Context, shop string) iter.Seq2[queued, error] {
	return func(yield func(queued, error) bool) {
		for key, err := range h.keys(ctx, "asynq:{*}:t:"+shop+"/*") {
			if err != nil {
				yield(queued{}, err)
				return
			}
			lane, id, _ := strings.Cut(strings.TrimPrefix(key, "asynq:{"), "}:t:")
			info, err := h.inspector.GetTaskInfo(lane, id)
			if gone(err) {
				continue
			}
			if err != nil {
				yield(queued{}, fmt.Errorf("read a task: %w", err))
				return
			}
			e, err := decodeEvent(info.Payload)
			if !yield(queued{lane: lane, info: info, event: e, readable: err == nil}, nil) {
				return
			}
		}
	}
}

func gone(err error) bool {
	return errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound)
}

// subject is whom a request is about.
type subject struct {
	shop     *handlers.Shop // nil where it is not configured any more
	customer string
	orders   []string
}

func (h holdings) subject(shop string, p *commerce.Privacy) subject {
	return subject{shop: h.shops[shop], customer: p.Customer, orders: p.Orders}
}

// has says whether a task is about the subject: by what it names, else by the
// customer of the order in its body.
func (s subject) has(q queued) bool {
	if q.ours() {
		return false
	}
	if !q.readable {
		return slices.ContainsFunc(s.orders, func(id string) bool { return strings.Contains(q.info.ID, "/"+commerce.KindOrder+"/"+id+"/") }) ||
			s.customer != "" && strings.Contains(q.info.ID, "/"+commerce.KindCustomer+"/"+s.customer+"/")
	}
	for _, ref := range []commerce.Ref{q.event.Ref, q.event.Aggregate} {
		if s.named(ref) {
			return true
		}
	}
	if s.customer == "" || len(q.event.Body) == 0 || q.info.Type == ImportCustomer.Name || s.shop == nil || s.shop.Orders == nil {
		return false
	}
	o, err := s.shop.Orders.Decode(q.event.Body)
	return err == nil && o.Customer.ID == s.customer
}

func (s subject) named(ref commerce.Ref) bool {
	switch ref.Kind {
	case commerce.KindOrder:
		return slices.Contains(s.orders, ref.ID)
	case commerce.KindCustomer:
		return s.customer != "" && ref.ID == s.customer
	}
	return false
}

// HeldTask is an event with its body: a task in the queue, or an entry of the journal.
type HeldTask struct {
	Ref      commerce.Ref `json:"ref"`
	Topic    string       `json:"topic"`
	State    string       `json:"state"`
	Received time.Time    `json:"received"`
	Bytes    int          `json:"bytes"`
}

// HeldOrder is what the journal says of an order, or of the customer's account.
type HeldOrder struct {
	Order    string    `json:"order,omitempty"`
	Customer string    `json:"customer,omitempty"`
	Outcome  Outcome   `json:"outcome"`
	Reason   string    `json:"reason,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	At       time.Time `json:"at"`
	OdooName string    `json:"odoo_name,omitempty"`
	OdooID   int64     `json:"odoo_id,omitempty"`
}

// Report is a request with what is held of its subject now.
type Report struct {
	Request
	// InJournal are the orders that the journal knows, and the account; none where a whole
	// shop is meant.
	InJournal []HeldOrder `json:"in_journal"`
	// InQueue are the tasks that hold a body.
	InQueue []HeldTask `json:"in_queue"`
	// InEvents are the events whose body the journal keeps.
	InEvents []HeldTask `json:"in_events"`
	// Says is what a reader must know of what is not in it.
	Says []string `json:"says"`
}

func heldOf(rec Record) HeldOrder {
	held := HeldOrder{Order: rec.Ref.ID, Outcome: rec.Outcome, Reason: rec.Reason, Detail: rec.Detail, At: rec.At, OdooName: rec.OdooName, OdooID: rec.OdooID}
	if rec.Ref.Kind == commerce.KindCustomer {
		held.Order, held.Customer = "", rec.Ref.ID
	}
	return held
}

func saidOf(wish commerce.Wish) []string {
	stays := "What identifies an order in Odoo (ids, names, totals, digests) stays in the journal: without it a change in the shop could not be told from one in Odoo."
	contact := "Orders, invoices and the contact are in Odoo, not here, and are not touched from here: accounting documents must be kept by law. " +
		"A person decides there about the contact (Settings, Privacy Lookup; or archive it)."
	switch wish {
	case commerce.WishShow:
		return []string{
			"Odoo holds the customer's contact and the orders named above with their invoices; those accounting documents are in Odoo, not here. Its Privacy Lookup finds them.",
			"Bodies in the queue are copies of the orders as the shop itself holds them. They go within 15 minutes after they are handled.",
			"Bodies in the journal are such copies too, compressed. They go with their events after journal.keep, and with a request for erasure.",
			"Logs and metrics hold no personal data. This report is sent to nobody: answering is up to you.",
		}
	case commerce.WishErase:
		return []string{stays, contact}
	}
	return []string{stays, contact, "The orders that were removed from the queue are asked for again should the shop be resumed."}
}

// Report says what is held about whom a request is about, as it is now. ok is
// false where there is no such request.
func (r *Requests) Report(ctx context.Context, shop, name string) (rep Report, ok bool, err error) {
	req, ok, err := r.Get(ctx, shop, name)
	if err != nil || !ok {
		return Report{}, ok, err
	}
	rep, err = r.Held(ctx, req)
	return rep, true, err
}

// Held says what is held now about whom a request is about, which need not have been
// made yet.
func (r *Requests) Held(ctx context.Context, req Request) (Report, error) {
	rep, shop := Report{Request: req, InJournal: []HeldOrder{}, InQueue: []HeldTask{}, InEvents: []HeldTask{}, Says: saidOf(req.Wish)}, req.Shop
	if rep.Wish == commerce.WishClose {
		return rep, nil
	}
	who := r.held.subject(shop, &commerce.Privacy{Customer: rep.Customer, Orders: rep.Orders})
	for q, err := range r.held.tasks(ctx, shop) {
		if err != nil {
			return rep, err
		}
		if !who.has(q) || q.readable && len(q.event.Body) == 0 {
			continue
		}
		rep.InQueue = append(rep.InQueue, HeldTask{Ref: q.event.Ref, Topic: q.event.Topic, State: q.info.State.String(),
			Received: q.event.Received, Bytes: len(q.event.Body)})
		if q.event.Aggregate.Kind == commerce.KindOrder && !slices.Contains(who.orders, q.event.Aggregate.ID) {
			who.orders = append(who.orders, q.event.Aggregate.ID)
		}
	}
	refs, err := r.held.records(ctx, shop, who.orders, who.customer)
	if err != nil {
		return rep, err
	}
	for _, ref := range refs {
		kept, err := r.keptOf(ctx, ref)
		if err != nil {
			return rep, err
		}
		rep.InEvents = append(rep.InEvents, kept...)
		rec, known, err := r.journal.Get(ctx, ref)
		if err != nil {
			return rep, err
		}
		if known {
			rep.InJournal = append(rep.InJournal, heldOf(rec))
		}
	}
	return rep, nil
}
