package tasks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// What one call of Pull and Prove may be about; the commands know no such bound.
const (
	mostPulled    = 10_000
	mostRehearsed = 100
	mostRead      = 50 // orders that are read before they are asked for; a shop may take half a second for one
	mostProved    = 2_000
	mostNamed     = 20 // ids that an audit names
)

// errTooMany says that more orders are meant than whoever asks can take.
var errTooMany = errors.New("more orders than asked for at once")

// PullWish is which orders are meant: those of IDs, those with Numbers, or those placed
// (or changed) from From on and before To; no To is now.
type PullWish struct {
	IDs      []string
	Numbers  []string
	From, To time.Time
	Changed  bool
}

func (w PullWish) String() string {
	switch {
	case len(w.IDs) > 0:
		return "order/" + firstOf(w.IDs)
	case len(w.Numbers) > 0:
		return "number " + firstOf(w.Numbers)
	}
	text := w.From.UTC().Format(time.RFC3339) + " to " + w.To.UTC().Format(time.RFC3339)
	if w.Changed {
		return "changed " + text
	}
	return "placed " + text
}

func firstOf(names []string) string {
	text := strings.Join(names[:min(len(names), mostNamed)], ",")
	if len(names) > mostNamed {
		text += ",…"
	}
	return text
}

// named says that the orders are meant one by one.
func (w PullWish) named() bool { return len(w.IDs)+len(w.Numbers) > 0 }

// command is how a terminal asks for it.
func (w PullWish) command(shop string) string {
	switch {
	case len(w.IDs) > 0:
		return "odoogate pull orders --shop " + shop + " --ids @ids.txt"
	case len(w.Numbers) > 0:
		return "odoogate pull orders --shop " + shop + " --numbers @numbers.txt"
	}
	by := ""
	if w.Changed {
		by = " --by changed"
	}
	return "odoogate pull orders --shop " + shop + spanFlags(w.From, w.To) + by
}

func spanFlags(from, to time.Time) string {
	return " --from " + from.UTC().Format(time.RFC3339) + " --to " + to.UTC().Format(time.RFC3339)
}

// PulledOrders is what became of the orders of a wish, or would.
type PulledOrders struct {
	DryRun bool `json:"dry_run"`
	// Before counts those placed before go-live, which are left out.
	Before int      `json:"before_go_live"`
	Orders []Pulled `json:"orders"`
}

// Pull has workers look at orders and waits for none of them; a dry run only says what
// they would do. Invalid: it is said neither or doubly which, or they are more than one
// call takes; the remedy names the command that takes them all.
func (o *Operator) Pull(ctx context.Context, shop string, w PullWish, dry bool) (PulledOrders, error) {
	did := PulledOrders{DryRun: dry, Orders: []Pulled{}}
	of, err := o.withOrders(shop)
	if err != nil {
		return did, err
	}
	if !w.named() && w.To.IsZero() {
		w.To = time.Now()
	}
	if err := w.check(); err != nil {
		return did, tooLong(ctx, err, mostRead, w.command(shop))
	}
	most := mostPulled
	if dry {
		most = mostRehearsed
	}
	p := Puller{Shop: of, Queue: o.queue, Journal: o.journal, Books: o.odoo, Most: most, Reads: mostRead}
	ids, before, err := p.named(ctx, w)
	if err != nil {
		return did, tooLong(ctx, err, most, w.command(shop))
	}
	did.Before = before
	orders := p.Rehearse(ctx, ids)
	if !dry {
		if err := o.Pulls(ctx, shop, w, len(ids)); err != nil {
			return did, err
		}
		orders = p.Ask(ctx, ids, uuid.NewString())
	}
	for one, err := range orders {
		if err != nil {
			return did, tooLong(ctx, err, most, w.command(shop))
		}
		did.Orders = append(did.Orders, one)
	}
	return did, nil
}

// Pulls writes down that so many orders are about to be pulled.
func (o *Operator) Pulls(ctx context.Context, shop string, w PullWish, orders int) error {
	if orders == 0 {
		return nil
	}
	return o.Did(ctx, shop, Change{What: "pull orders", On: w.String(), Many: orders})
}

func (w PullWish) check() error {
	no := &commerce.Error{Op: "pull orders", Reason: commerce.Invalid, Remedy: "name the orders by the shop's ids, by their numbers, or by a time"}
	switch {
	case w.named() && !w.From.IsZero(), len(w.IDs) > 0 && len(w.Numbers) > 0:
		no.Detail = "orders are named by ids, by numbers or by a time; by one of them"
	case slices.Contains(w.IDs, ""), slices.Contains(w.Numbers, ""):
		no.Detail = "the id or number of an order is empty"
	case len(w.Numbers) > mostRead:
		return errTooMany
	case w.named():
		return nil
	case w.From.IsZero():
		no.Detail = "it is not said which orders"
	case !w.From.Before(w.To):
		no.Detail = fmt.Sprintf("the time ends before it begins: %s", w)
	default:
		return nil
	}
	return no
}

// named are the ids of a wish, each once.
func (p Puller) named(ctx context.Context, w PullWish) (ids []string, before int, err error) {
	switch {
	case len(w.Numbers) > 0:
		if w.IDs, err = p.Numbered(ctx, w.Numbers); err != nil {
			return nil, 0, err
		}
	case len(w.IDs) == 0 && w.Changed:
		ids, err = p.Changed(ctx, w.From, w.To)
		return ids, 0, err
	case len(w.IDs) == 0:
		return p.Placed(ctx, w.From, w.To)
	}
	seen := map[string]bool{}
	for _, id := range w.IDs {
		if !seen[id] {
			ids = append(ids, id)
		}
		seen[id] = true
	}
	return ids, 0, p.full(len(ids))
}

// tooLong says of what one call could not take how all of it is asked for.
func tooLong(ctx context.Context, err error, most int, command string) error {
	remedy := "ask for less at once, or use the command, which has no bound: " + command
	switch {
	case errors.Is(err, errTooMany):
		return &commerce.Error{Op: "operator", Reason: commerce.Invalid, Detail: fmt.Sprintf("that is more than %d orders", most), Remedy: remedy}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &commerce.Error{Op: "operator", Reason: commerce.Unavailable, Detail: "it was not through in the time of one request", Remedy: remedy}
	}
	return err
}

// Prove holds a shop's orders of a time against Odoo, see Prover; no until is now. It
// tells at most so many orders one by one. Invalid: no such time, or it has more orders
// than one call takes; the remedy names the command that takes them all.
func (o *Operator) Prove(ctx context.Context, shop string, from, until time.Time, most int) (*Proof, error) {
	of, err := o.withOrders(shop)
	if err != nil {
		return nil, err
	}
	if until.IsZero() {
		until = time.Now()
	}
	if from.IsZero() || !from.Before(until) {
		return nil, &commerce.Error{Op: "prove", Reason: commerce.Invalid, Detail: "the time is missing, or ends before it begins",
			Remedy: "give from, and a later to"}
	}
	proof, err := Prover{Shop: of, Books: o.odoo, Journal: o.journal, Most: most, Limit: mostProved}.Prove(ctx, from, until)
	if err != nil {
		return nil, tooLong(ctx, err, mostProved, "odoogate prove --shop "+shop+spanFlags(from, until))
	}
	return proof, nil
}
