package tasks

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Puller has workers look at a shop's orders or accounts, or at contacts of Odoo that are
// pushed to it, because somebody wants it, or says what they would do.
type Puller struct {
	Kind    string // of records: KindCustomer, KindContact, or KindOrder if ""
	Shop    *handlers.Shop
	Queue   *Queue
	Journal *Journal
	Books   Books // for a dry run
	// Most is how many records may be meant; more are an error. 0: any number.
	Most int
	// Reads is of how many records at most Ask first sees whether the shop has them; 0: 200.
	Reads int
	// Progress, if set, is told how many records are through and of how many; 0: that is
	// not known yet.
	Progress func(done, of int)
}

// Pulled is what became of one record, or would.
type Pulled struct {
	ID    string `json:"id"`
	Event string `json:"event,omitempty"` // of the look, see Journal.Event; "": none was asked for
	// State is asked, an outcome, or of a dry run: planned, or parked for what would be.
	State  Outcome  `json:"state"`
	Reason string   `json:"reason,omitempty"`
	Detail string   `json:"detail,omitempty"`
	Remedy string   `json:"remedy,omitempty"`
	Odoo   string   `json:"odoo,omitempty"`
	Plan   []string `json:"plan,omitempty"` // of a dry run: what would be written
}

// States of what was pulled, beside those of events.
const (
	Asked   Outcome = "asked"
	Planned Outcome = "planned"
)

// Well reports whether nobody has to look at it.
func (p Pulled) Well() bool { return p.State != Parked && p.State != Failed }

const (
	pullPage  = 100
	pullTopic = "pull"
	pushTopic = "push"
	// pullReads is how many records are read before they are asked for: beyond it a
	// worker alone says which are not there and which stay out.
	pullReads = 200
	// pullFew is how many records somebody waits for. More of them go with what is swept,
	// where a single event that is retried does not wait behind them.
	pullFew  = 100
	pullTick = 250 * time.Millisecond
)

// Placed is the ids of the orders placed in a time. Those before go-live are left out
// and counted.
func (p Puller) Placed(ctx context.Context, from, until time.Time) (ids []string, before int, err error) {
	if live := p.Shop.Config.GoLive.Time; from.Before(live) {
		end := earlier(live, until)
		for _, err := range p.Shop.Orders.Placed(ctx, from, end) {
			if err != nil {
				return nil, 0, fmt.Errorf("orders of %s before go_live: %w", p.Shop.ID, err)
			}
			before++
		}
		from = end
	}
	if !from.Before(until) {
		return nil, before, nil
	}
	for ref, err := range p.Shop.Orders.Placed(ctx, from, until) {
		if err != nil {
			return nil, 0, fmt.Errorf("orders of %s: %w", p.Shop.ID, err)
		}
		ids = append(ids, ref.ID)
		if err := p.full(len(ids)); err != nil {
			return nil, 0, err
		}
		p.progress(len(ids), 0)
	}
	return ids, before, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Numbered is the ids of the orders with these numbers, asked of the shop one by one.
// Invalid: it cannot be asked so. NotFound, Conflict: it has none, or several, of one.
func (p Puller) Numbered(ctx context.Context, numbers []string) (ids []string, err error) {
	for i, number := range numbers {
		found, err := searched(ctx, p.Shop, number)
		if err != nil {
			return nil, err
		}
		no := &commerce.Error{Op: "pull orders", Reason: commerce.NotFound, Detail: fmt.Sprintf("shop %s has no order with the number %s", p.Shop.ID, number)}
		if len(found) > 1 {
			no.Reason, no.Detail = commerce.Conflict, fmt.Sprintf("several orders of shop %s have the number %s", p.Shop.ID, number)
			no.Remedy = "name one by its id: " + strings.Join(found, ", ")
		}
		if len(found) != 1 {
			return nil, no
		}
		ids = append(ids, found[0])
		p.progress(i+1, len(numbers))
	}
	return ids, nil
}

// searched asks a shop for the orders with a number. Invalid: it cannot be asked so.
func searched(ctx context.Context, shop *handlers.Shop, number string) ([]string, error) {
	search, ok := shop.Orders.(handlers.OrderSearcher)
	if !ok {
		return nil, &commerce.Error{Op: "orders", Reason: commerce.Invalid,
			Detail: fmt.Sprintf("shop %s cannot be asked for orders by their numbers: %s has no such search", shop.ID, shop.Platform), Remedy: "name them by the shop's ids"}
	}
	return search.Numbered(ctx, number)
}

// Changed is the ids of the orders that changed at since or later and before until.
func (p Puller) Changed(ctx context.Context, since, until time.Time) (ids []string, err error) {
	seen := map[string]bool{}
	for change, err := range p.Shop.Orders.Updated(ctx, since, until) {
		if err != nil {
			return nil, fmt.Errorf("orders of %s: %w", p.Shop.ID, err)
		}
		if id := change.Ref.ID; !seen[id] && change.At.Before(until) {
			seen[id] = true
			ids = append(ids, id)
			if err := p.full(len(ids)); err != nil {
				return nil, err
			}
			p.progress(len(ids), 0)
		}
	}
	return ids, nil
}

// Registered is the ids of the accounts made in a time; zero bounds: whenever.
func (p Puller) Registered(ctx context.Context, from, until time.Time) (ids []string, err error) {
	for change, err := range p.Shop.Customers.Registered(ctx, from, until) {
		if err != nil {
			return nil, fmt.Errorf("accounts of %s: %w", p.Shop.ID, err)
		}
		ids = append(ids, change.Ref.ID)
		if err := p.full(len(ids)); err != nil {
			return nil, err
		}
		p.progress(len(ids), 0)
	}
	return ids, nil
}

// full says that n records are more than are taken.
func (p Puller) full(n int) error {
	if p.Most > 0 && n > p.Most {
		return errTooMany
	}
	return nil
}

func (p Puller) progress(done, of int) {
	if p.Progress != nil {
		p.Progress(done, of)
	}
}

func (p Puller) ref(id string) commerce.Ref {
	return commerce.Ref{Shop: p.Shop.ID, Kind: cmp.Or(p.Kind, commerce.KindOrder), ID: id}
}

// topic is what the looks are called.
func (p Puller) topic() string {
	if p.Kind == commerce.KindContact {
		return pushTopic
	}
	return pullTopic
}

func (p Puller) refs(ids []string) []commerce.Ref {
	refs := make([]commerce.Ref, len(ids))
	for i, id := range ids {
		refs[i] = p.ref(id)
	}
	return refs
}

// pullCommand has one record looked at again.
func pullCommand(ref commerce.Ref) string {
	if ref.Kind == commerce.KindContact {
		return "odoogate push customers --shop " + ref.Shop + " --ids " + ref.ID
	}
	return "odoogate pull " + ref.Kind + "s --shop " + ref.Shop + " --ids " + ref.ID
}

// Ask has workers look at the records, under a nonce: asking again under the same one
// asks for nothing more. Of few it first sees that the shop has them and that no order is
// before go-live; those are not asked for.
func (p Puller) Ask(ctx context.Context, ids []string, nonce string) iter.Seq2[Pulled, error] {
	return func(yield func(Pulled, error) bool) {
		done, lane := 0, LaneOperator
		if len(ids) > pullFew {
			lane = LaneSweep
		}
		for page := range slices.Chunk(ids, pullPage) {
			stay, err := p.stayOut(ctx, page, len(ids))
			if err != nil {
				yield(Pulled{}, err)
				return
			}
			for _, id := range page {
				one, skip := stay[id]
				if !skip {
					e := commerce.Event{ID: p.topic(), Topic: p.topic(), Ref: p.ref(id), Nonce: nonce}
					one = Pulled{ID: id, Event: entryID(e.TaskID()), State: Asked}
					if _, err := p.Queue.Ask(ctx, lane, p.ref(id), p.topic(), nonce); err != nil {
						yield(Pulled{}, fmt.Errorf("%d of %s are asked for: %w", done, commerce.Count(len(ids), p.ref(id).Kind), err))
						return
					}
				}
				done++
				p.progress(done, len(ids))
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

// stayOut are those of few records that need no look: the shop has none such, or
// Odoo is to have no order from before go-live.
func (p Puller) stayOut(ctx context.Context, ids []string, of int) (map[string]Pulled, error) {
	stay := map[string]Pulled{}
	if of > cmp.Or(p.Reads, pullReads) || p.Kind == commerce.KindContact {
		return stay, nil
	}
	refs := p.refs(ids)
	made, err := p.made(ctx, refs)
	if err != nil {
		return nil, err
	}
	known, err := p.Journal.Of(ctx, refs)
	if err != nil {
		return nil, err
	}
	live := p.Shop.Config.GoLive
	for i, at := range made {
		switch {
		case at == nil && known[i].Outcome == "":
			stay[ids[i]] = Pulled{ID: ids[i], State: Skipped, Reason: string(commerce.NotFound), Remedy: noSuch[refs[i].Kind]}
		case at != nil && refs[i].Kind == commerce.KindOrder && known[i].OdooID == 0 && !live.IsZero() && at.Before(live.Time):
			stay[ids[i]] = Pulled{ID: ids[i], State: Skipped, Reason: fmt.Sprintf("created before go_live (%s)", live)}
		}
	}
	return stay, nil
}

// noSuch is what to do about an id that the shop does not know.
var noSuch = map[string]string{
	commerce.KindOrder:    "see that it is the shop's id of the order and not its number",
	commerce.KindCustomer: "see that it is the shop's id of a customer's account; guests have none",
}

// made is when each of the records was made in the shop; nil: it has none such.
func (p Puller) made(ctx context.Context, refs []commerce.Ref) ([]*time.Time, error) {
	at := make([]*time.Time, len(refs))
	if p.Kind == commerce.KindCustomer {
		list, err := readAll(ctx, p.account, refs)
		for i, c := range list {
			if c != nil {
				at[i] = &c.CreatedAt
			}
		}
		return at, err
	}
	list, err := readAll(ctx, p.Shop.Orders.Order, refs)
	for i, o := range list {
		if o != nil {
			at[i] = &o.CreatedAt
		}
	}
	return at, err
}

// account reads one account. What is nobody's who buys, as of staff, is not there.
func (p Puller) account(ctx context.Context, id string) (*commerce.Customer, error) {
	c, err := p.Shop.Customers.Customer(ctx, id)
	if commerce.ReasonOf(err) == commerce.Ignored {
		err = &commerce.Error{Op: "customers", Reason: commerce.NotFound, Ref: p.ref(id), Err: err}
	}
	return c, err
}
