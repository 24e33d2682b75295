package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// privacyDeadline is within which a request about people's data must be done.
const privacyDeadline = 30 * 24 * time.Hour

// requestsKey lists a shop's requests by when they came, openRequestsKey those
// that are not done by their deadline.
func requestsKey(shop string) string     { return shopKey(shop, "requests") }
func openRequestsKey(shop string) string { return shopKey(shop, "requests open") }
func requestKey(shop, name string) string {
	return shopKey(shop, "request:"+name)
}

// RequestState is how far a request is.
type RequestState string

// The states. Only done ones are no longer open.
const (
	RequestOpen   RequestState = "open"   // a worker is at it, or will be
	RequestPerson RequestState = "person" // a person must act, see Remedy
	RequestDone   RequestState = "done"
)

// Request is what was asked about people's data and what became of it: ids and
// counts, and nothing that a person gave. It never expires.
type Request struct {
	Shop     string        `json:"shop"`
	Name     string        `json:"request"`
	Topic    string        `json:"topic"`
	Wish     commerce.Wish `json:"wish"`
	Ref      commerce.Ref  `json:"ref"`
	Customer string        `json:"customer,omitempty"`
	Orders   []string      `json:"orders,omitempty"`
	Event    string        `json:"event"` // the delivery that asked last
	Received time.Time     `json:"received"`
	Deadline time.Time     `json:"deadline"`
	State    RequestState  `json:"state"`
	Done     time.Time     `json:"done,omitzero"`
	Remedy   string        `json:"remedy,omitempty"`
	Found    Tally         `json:"found"`
	Removed  Tally         `json:"removed"`
}

// Tally counts what was found or removed.
type Tally struct {
	Tasks   int `json:"tasks"`   // in the queue
	Records int `json:"records"` // in the journal; removed: their texts, for the record stays
	Bodies  int `json:"bodies"`  // of events, kept in the journal
	Seen    int `json:"seen"`    // marks of handled events
}

// requestName is the platform's own id of a request, else its topic and what it
// is about.
func requestName(e commerce.Event) string {
	if e.Privacy.Request != "" {
		return e.Privacy.Request
	}
	return e.Topic + "/" + e.Ref.ID
}

// Requests are what shops asked about people's data.
type Requests struct {
	rdb     *redis.Client
	journal *Journal
	held    holdings
}

// NewRequests reads requests from the Redis behind rdb. shops understand the
// bodies that are queued.
func NewRequests(rdb *redis.Client, shops map[string]*handlers.Shop) *Requests {
	return &Requests{rdb: rdb, journal: NewJournal(rdb),
		held: holdings{rdb: rdb, inspector: asynq.NewInspectorFromRedisClient(rdb), shops: shops}}
}

// List are the requests of a shop, in the order in which they came.
func (r *Requests) List(ctx context.Context, shop string) ([]Request, error) {
	return r.Since(ctx, shop, time.Time{})
}

// Since are the requests of a shop that came at that time or later, in order.
func (r *Requests) Since(ctx context.Context, shop string, at time.Time) ([]Request, error) {
	from := "-inf"
	if !at.IsZero() {
		from = strconv.FormatInt(at.UnixMilli(), 10)
	}
	names, err := r.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{Key: requestsKey(shop), ByScore: true, Start: from, Stop: "+inf"}).Result()
	if err != nil {
		return nil, fmt.Errorf("requests of %s: %w", shop, err)
	}
	var list []Request
	for _, name := range names {
		req, ok, err := r.Get(ctx, shop, name)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, req)
		}
	}
	return list, nil
}

// Get is one request; ok is false where there is none of that name.
func (r *Requests) Get(ctx context.Context, shop, name string) (req Request, ok bool, err error) {
	m, err := r.rdb.HGetAll(ctx, requestKey(shop, name)).Result()
	if err != nil {
		return Request{}, false, fmt.Errorf("request %s of %s: %w", name, shop, err)
	}
	return readRequest(shop, name, m), len(m) > 0, nil
}

// CountOpen is how many requests of the shop are not done.
func (r *Requests) CountOpen(ctx context.Context, shop string) (int64, error) {
	return r.rdb.ZCard(ctx, openRequestsKey(shop)).Result()
}

// Close notes that a person did what a request asks for, and that its event waits for
// nobody any more.
func (r *Requests) Close(ctx context.Context, shop, name string) error {
	req, _, err := r.Get(ctx, shop, name)
	if err != nil {
		return err
	}
	if err := r.settle(ctx, Request{Shop: shop, Name: name, State: RequestDone}, time.Now()); err != nil {
		return err
	}
	return r.journal.closed(ctx, commerce.Event{Topic: req.Topic, Ref: req.Ref, Aggregate: req.Ref})
}

// Again is the event that has a worker carry out a request once more, with a
// person's word for it.
func (r Request) Again(nonce string) commerce.Event {
	p := &commerce.Privacy{Wish: r.Wish, Customer: r.Customer, Orders: r.Orders, Confirmed: true}
	if r.Name != r.Topic+"/"+r.Ref.ID {
		p.Request = r.Name
	}
	return commerce.Event{ID: "run", Topic: r.Topic, Hint: commerce.HintPrivacy, Ref: r.Ref, Aggregate: r.Ref,
		Received: time.Now(), Nonce: nonce, Privacy: p}
}

// open writes down that a request came, before anything is done about it. handled
// says that this delivery of it was carried out before. What is asked for again is
// open again, with a new deadline.
func (r *Requests) open(ctx context.Context, e commerce.Event) (req Request, handled bool, err error) {
	name := requestName(e)
	req, known, err := r.Get(ctx, e.Ref.Shop, name)
	if err != nil {
		return req, false, err
	}
	if known && e.Nonce == "" && req.Event == e.ID && req.State != RequestOpen {
		return req, true, nil
	}
	if !known || e.Nonce == "" {
		req.Event, req.Received, req.Deadline = e.ID, e.Received.UTC(), e.Received.Add(privacyDeadline).UTC()
	}
	req.Shop, req.Name, req.Topic, req.Ref = e.Ref.Shop, name, e.Topic, e.Ref
	req.Wish, req.Customer = e.Privacy.Wish, e.Privacy.Customer
	req.State, req.Done, req.Remedy = RequestOpen, time.Time{}, ""
	for _, id := range e.Privacy.Orders {
		if !slices.Contains(req.Orders, id) {
			req.Orders = append(req.Orders, id)
		}
	}
	orders, err := json.Marshal(req.Orders)
	if err != nil {
		return req, false, err
	}
	pipe := r.rdb.TxPipeline()
	pipe.HSet(ctx, requestKey(req.Shop, name), "topic", req.Topic, "ref", member(req.Ref), "wish", string(req.Wish),
		"customer", req.Customer, "orders", string(orders), "event", req.Event, "received", stamp(req.Received),
		"deadline", stamp(req.Deadline), "state", string(req.State), "done", "", "remedy", "")
	pipe.ZAdd(ctx, requestsKey(req.Shop), redis.Z{Score: float64(req.Received.UnixMilli()), Member: name})
	pipe.ZAdd(ctx, openRequestsKey(req.Shop), redis.Z{Score: float64(req.Deadline.UnixMilli()), Member: name})
	_, err = pipe.Exec(ctx)
	return req, false, err
}

// tally writes down what a run found and removed. Removed counts add up over runs.
func (r *Requests) tally(ctx context.Context, req Request, found, removed Tally) error {
	key := requestKey(req.Shop, req.Name)
	pipe := r.rdb.TxPipeline()
	for field, n := range found.fields("found") {
		pipe.HSet(ctx, key, field, n)
	}
	for field, n := range removed.fields("removed") {
		pipe.HIncrBy(ctx, key, field, int64(n))
	}
	_, err := pipe.Exec(ctx)
	return err
}

// settle writes down how far a request is.
func (r *Requests) settle(ctx context.Context, req Request, now time.Time) error {
	pipe := r.rdb.TxPipeline()
	done := ""
	if req.State == RequestDone {
		done = stamp(now)
		pipe.ZRem(ctx, openRequestsKey(req.Shop), req.Name)
	}
	pipe.HSet(ctx, requestKey(req.Shop, req.Name), "state", string(req.State), "remedy", req.Remedy, "done", done)
	_, err := pipe.Exec(ctx)
	return err
}

func (t Tally) fields(prefix string) map[string]int {
	return map[string]int{prefix + " tasks": t.Tasks, prefix + " records": t.Records, prefix + " bodies": t.Bodies, prefix + " seen": t.Seen}
}

func readTally(prefix string, m map[string]string) (t Tally) {
	for field, to := range map[string]*int{"tasks": &t.Tasks, "records": &t.Records, "bodies": &t.Bodies, "seen": &t.Seen} {
		*to, _ = strconv.Atoi(m[prefix+" "+field])
	}
	return t
}

func readRequest(shop, name string, m map[string]string) Request {
	req := Request{Shop: shop, Name: name, Topic: m["topic"], Wish: commerce.Wish(m["wish"]), Customer: m["customer"], Event: m["event"],
		State: RequestState(m["state"]), Remedy: m["remedy"], Found: readTally("found", m), Removed: readTally("removed", m)}
	req.Ref, _ = commerce.ParseRef(shop + "/" + m["ref"])
	req.Received, _ = time.Parse(time.RFC3339Nano, m["received"])
	req.Deadline, _ = time.Parse(time.RFC3339Nano, m["deadline"])
	req.Done, _ = time.Parse(time.RFC3339Nano, m["done"])
	if m["orders"] != "" {
		// Unreadable orders only shorten what is shown; the event has its own.
		_ = json.Unmarshal([]byte(m["orders"]), &req.Orders)
	}
	return req
}
