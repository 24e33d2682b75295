package tasks

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/hibiken/asynq"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// The lanes, each a queue: what a sender just told us, what a person waits for, and
// what we look for by ourselves. The first has workers of its own.
const (
	LaneLive     = string(handlers.LaneLive)
	LaneOperator = string(handlers.LaneOperator)
	LaneSweep    = string(handlers.LaneSweep)
)

// Lanes lists them all, the most urgent first.
func Lanes() []string { return []string{LaneLive, LaneOperator, LaneSweep} }

// unlimited retries: Asynq archives and later deletes what runs out of them, so
// the verdict decides when to give up, never the queue.
const unlimited = math.MaxInt32

// Kind is a typed task: its name, its lane, how it is written down and under
// which id the queue holds it.
type Kind[T any] struct {
	Name      string
	Queue     string
	Timeout   time.Duration // of one run
	Retention time.Duration // how long a finished task's id still answers "duplicate"
	ID        func(T) string
	Encode    func(*bytes.Buffer, T) error
	Decode    func([]byte) (T, error)
}

// ImportOrder makes Odoo equal to one order of a shop. Running it twice books once.
var ImportOrder = eventKind("order:import")

// ImportCustomer brings one account of a shop to its contact in Odoo, or notes its event
// where the shop's accounts are not followed. Running it twice writes once.
var ImportCustomer = eventKind("customer:import")

// NoteEvent writes down an event that nothing is done about yet.
var NoteEvent = eventKind("event:note")

func eventKind(name string) Kind[commerce.Event] {
	return Kind[commerce.Event]{
		Name: name, Queue: LaneLive, Timeout: 10 * time.Minute, Retention: 15 * time.Minute,
		ID: commerce.Event.TaskID, Encode: encodeEvent, Decode: decodeEvent,
	}
}

// kindOf says which task an event becomes.
func kindOf(e commerce.Event) Kind[commerce.Event] {
	switch e.Hint {
	case commerce.HintOrder, commerce.HintRefund, commerce.HintReturn, commerce.HintPayment, commerce.HintFulfilment, commerce.HintRisk:
		if e.Aggregate.Kind == commerce.KindOrder {
			return ImportOrder
		}
		return FindOrder
	case commerce.HintCustomer:
		switch e.Aggregate.Kind {
		case commerce.KindCustomer:
			return ImportCustomer
		case commerce.KindContact:
			return PushCustomer
		}
	case commerce.HintPrivacy:
		if e.Privacy != nil {
			return CarryOut
		}
	case commerce.HintUninstalled:
		return PauseShop
	}
	return NoteEvent
}

// imports reports whether the kind works on a record under its lease: those that bring one
// to Odoo, and the one that brings one from there.
func imports(k Kind[commerce.Event]) bool {
	return k.Name == ImportOrder.Name || k.Name == ImportCustomer.Name || k.Name == PushCustomer.Name
}

// runs reports whether an event of the kind can be run again at any time: what pauses a
// shop, or is about people's data, is asked for in its own way.
func runs(k Kind[commerce.Event]) bool { return imports(k) || k.Name == FindOrder.Name }

// again writes v down in the place of what was written before.
func (k Kind[T]) again(out *bytes.Buffer, v T) error {
	out.Reset()
	return k.Encode(out, v)
}

func (k Kind[T]) task(v T) (*asynq.Task, error) {
	var payload bytes.Buffer
	if err := k.Encode(&payload, v); err != nil {
		return nil, err
	}
	return k.written(k.ID(v), payload.Bytes()), nil
}

// written is the task of something that was encoded before.
func (k Kind[T]) written(id string, payload []byte) *asynq.Task {
	return asynq.NewTask(k.Name, payload,
		asynq.TaskID(id), asynq.Queue(k.Queue), asynq.Timeout(k.Timeout),
		asynq.Retention(k.Retention), asynq.MaxRetry(unlimited))
}

// eventKinds are the kinds that events become, by name.
var eventKinds = map[string]Kind[commerce.Event]{
	ImportOrder.Name: ImportOrder, ImportCustomer.Name: ImportCustomer, FindOrder.Name: FindOrder, NoteEvent.Name: NoteEvent,
	PauseShop.Name: PauseShop, CarryOut.Name: CarryOut, PushCustomer.Name: PushCustomer,
}

// Handle registers fn for the kind: decoding happens here, once. What cannot be
// decoded was not written by us: it is said once and put into Asynq's archive.
func Handle[T any](mux *asynq.ServeMux, k Kind[T], log *slog.Logger, fn func(context.Context, T) error) {
	mux.HandleFunc(k.Name, func(ctx context.Context, t *asynq.Task) error {
		v, err := k.Decode(t.Payload())
		if err != nil {
			id, _ := asynq.GetTaskID(ctx)
			log.Error("a task cannot be read and is archived", "task", k.Name, "id", id, "detail", err.Error())
			return fmt.Errorf("decode %s: %w: %w", k.Name, err, asynq.SkipRetry)
		}
		return fn(ctx, v)
	})
}
