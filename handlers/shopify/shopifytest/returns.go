package shopifytest

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Return is goods that a buyer sends back.
type Return struct {
	ID           int64
	Status       string // REQUESTED, OPEN, CLOSED, DECLINED, CANCELED
	At           time.Time
	Lines        map[int64]int // never changed once it is made
	Dispositions []Disposition
	Exchange     []int64 // lines that the buyer gets instead
}

// Disposition is what became of goods that came back.
type Disposition struct {
	Line     int64
	Quantity int
	Type     string // RESTOCKED, NOT_RESTOCKED, MISSING, PROCESSING_REQUIRED
	Location Location
}

// RequestReturn lets the buyer ask to send back so many pieces of the lines at
// those places, which must have been shipped. It returns the return's id.
func (s *Store) RequestReturn(id string, lines map[int]int) (ret string, err error) {
	err = s.change(id, func(o *Order) error {
		chosen, err := o.places(lines)
		if err != nil {
			return err
		}
		for line, n := range chosen {
			if n > o.shipped(line) {
				return fmt.Errorf("%d pieces of the line %d were not shipped", n, line)
			}
		}
		r := Return{ID: o.nextID(2), Status: "REQUESTED", At: s.opts.Now(), Lines: chosen}
		o.Returns = append(o.Returns, r)
		o.tell("returns/request", r.ID)
		ret = strconv.FormatInt(r.ID, 10)
		return nil
	})
	return ret, err
}

// ApproveReturn opens a return that was asked for. The lines for exchange are put
// to the order.
func (s *Store) ApproveReturn(id, ret string, exchange ...Line) error {
	return s.step(id, ret, "REQUESTED", "OPEN", "returns/approve", func(o *Order, r *Return) error {
		for _, l := range exchange {
			r.Exchange = append(r.Exchange, o.add(l))
		}
		return nil
	})
}

// DeclineReturn refuses a return that was asked for.
func (s *Store) DeclineReturn(id, ret string) error {
	return s.step(id, ret, "REQUESTED", "DECLINED", "returns/decline", nothing)
}

// CancelReturn calls off an open return of which nothing has happened yet.
func (s *Store) CancelReturn(id, ret string) error {
	return s.step(id, ret, "OPEN", "CANCELED", "returns/cancel", func(_ *Order, r *Return) error {
		if len(r.Dispositions)+len(r.Exchange) > 0 {
			return errors.New("the return was begun")
		}
		return nil
	})
}

// ReceiveReturn puts so many pieces of the lines at those places of the order
// back on the shelf at a place of the store. Money is apart from it.
func (s *Store) ReceiveReturn(id, ret string, lines map[int]int, at Location) error {
	return s.step(id, ret, "OPEN", "OPEN", "reverse_fulfillment_orders/dispose", func(o *Order, r *Return) error {
		came, err := o.places(lines)
		if err != nil {
			return err
		}
		for _, line := range sortedKeys(came) {
			if r.disposed(line)+came[line] > r.Lines[line] {
				return fmt.Errorf("%d pieces of the line %d do not come back with it", came[line], line)
			}
			r.Dispositions = append(r.Dispositions, Disposition{Line: line, Quantity: came[line], Type: "RESTOCKED", Location: at})
		}
		return nil
	})
}

// CloseReturn ends an open return.
func (s *Store) CloseReturn(id, ret string) error {
	return s.step(id, ret, "OPEN", "CLOSED", "returns/close", nothing)
}

func nothing(*Order, *Return) error { return nil }

// step brings a return from one state to another.
func (s *Store) step(id, ret, from, to, topic string, do func(*Order, *Return) error) error {
	return s.change(id, func(o *Order) error {
		r, err := o.findReturn(ret)
		if err != nil {
			return err
		}
		if r.Status != from {
			return fmt.Errorf("the return %s is %s", ret, r.Status)
		}
		r.Status = to
		o.tell(topic, r.ID)
		return do(o, r)
	})
}

func (o *Order) findReturn(id string) (*Return, error) {
	for i := range o.Returns {
		if strconv.FormatInt(o.Returns[i].ID, 10) == id {
			return &o.Returns[i], nil
		}
	}
	return nil, fmt.Errorf("there is no return %q", id)
}

func (r *Return) disposed(line int64) int {
	n := 0
	for _, d := range r.Dispositions {
		if d.Line == line {
			n += d.Quantity
		}
	}
	return n
}

// returnStatus is the state of all returns in the Admin API's words.
func (o *Order) returnStatus() string {
	has := map[string]bool{}
	for _, r := range o.Returns {
		has[r.Status] = true
	}
	switch {
	case has["REQUESTED"]:
		return "RETURN_REQUESTED"
	case has["OPEN"]:
		return "IN_PROGRESS"
	case has["CLOSED"]:
		return "RETURNED"
	}
	return "NO_RETURN"
}
