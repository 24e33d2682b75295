package tasks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/spool"
)

// acceptWithin bounds one acceptance, Redis and spool together: a sender is
// answered within a second.
const acceptWithin = 900 * time.Millisecond

// redisMost is what Redis may use of it; the rest is the spool's.
const redisMost = 600 * time.Millisecond

// OpenSpool opens the spool that the configuration names. Its errors name the
// setting to change.
func OpenSpool(cfg config.Spool, log *slog.Logger) (*spool.Spool, error) {
	s, err := spool.Open(cfg.Path, spool.Options{MaxBytes: int64(cfg.MaxSize), MinFree: int64(cfg.MinFree), Log: log})
	if err != nil {
		return nil, fmt.Errorf("spool.path %s: %w; name a place that only this process uses and may write", cfg.Path, err)
	}
	return s, nil
}

// Intake accepts events: into Redis, or while Redis cannot take them into the spool
// beside it, and from there into Redis when it can again. Run it, or what is in
// the spool stays there.
type Intake struct {
	queue    *Queue
	requests *Requests
	spool    *spool.Spool
	circuit  circuit
	log      *slog.Logger
	inRedis  prometheus.Counter
	inSpool  prometheus.Counter
	rooms    sync.Pool // of *bytes.Buffer, see room
}

// NewIntake makes an intake over the client of the accepting path; see OpenAccept.
// The spool stays open when the intake has ended.
func NewIntake(rdb *redis.Client, cfg config.Redis, s *spool.Spool, log *slog.Logger, reg prometheus.Registerer) *Intake {
	accepted := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "odoogate_accepted_total", Help: "Events accepted, by where they were stored before the answer.",
	}, []string{"to"})
	in := &Intake{queue: NewQueue(rdb, min(cfg.AcceptTimeout, redisMost)), requests: NewRequests(rdb, nil), spool: s, log: log,
		inRedis: accepted.WithLabelValues("redis"), inSpool: accepted.WithLabelValues("spool")}
	if reg != nil {
		reg.MustRegister(accepted, spoolMetrics{s, time.Now})
	}
	return in
}

// Accept stores one event as a task and returns when Redis has it or the spool's
// disk. duplicate says that Redis still holds the same delivery, which is as good.
// Any error means that it may or may not be stored; it has reason Unavailable.
func (in *Intake) Accept(ctx context.Context, e commerce.Event) (duplicate bool, err error) {
	kind := kindOf(e)
	room := in.room()
	defer in.giveBack(room)
	if err := kind.Encode(room, e); err != nil {
		return false, &commerce.Error{Op: "accept", Reason: commerce.Internal, Ref: e.Ref, Err: err}
	}
	id, began := kind.ID(e), time.Now()
	tried := in.circuit.allows(began)
	var redisErr error
	if tried { // bounded by itself, see NewIntake
		if duplicate, redisErr = in.toRedis(ctx, kind, id, room.Bytes()); redisErr == nil {
			return duplicate, nil
		}
	}
	ctx, cancel := context.WithDeadline(ctx, began.Add(acceptWithin))
	defer cancel()
	e.Spooled = true // for who traces it later
	spoolErr := kind.again(room, e)
	if spoolErr == nil {
		spoolErr = in.spool.Put(ctx, spool.Record{Kind: kind.Name, ID: id, Received: e.Received, Payload: room.Bytes()})
	}
	if spoolErr == nil {
		in.inSpool.Inc()
		return false, nil
	}
	e.Spooled = false
	if !tried && kind.again(room, e) == nil { // Redis may be back, and nobody else takes it
		if duplicate, redisErr = in.toRedis(ctx, kind, id, room.Bytes()); redisErr == nil {
			return duplicate, nil
		}
	}
	return false, &commerce.Error{Op: "accept", Reason: commerce.Unavailable, Ref: e.Ref, Err: errors.Join(redisErr, spoolErr)}
}

// largestRoom is what is kept for the next: kept rooms are in no budget.
const largestRoom = 64 << 10

// room is where a payload is written, and after it the next one: Asynq's message
// and the spool's record are copies.
func (in *Intake) room() *bytes.Buffer {
	if room, ok := in.rooms.Get().(*bytes.Buffer); ok {
		return room
	}
	return new(bytes.Buffer)
}

func (in *Intake) giveBack(room *bytes.Buffer) {
	if room.Cap() <= largestRoom {
		room.Reset()
		in.rooms.Put(room)
	}
}

func (in *Intake) toRedis(ctx context.Context, kind Kind[commerce.Event], id string, payload []byte) (duplicate bool, err error) {
	duplicate, err = in.queue.put(ctx, kind.written(id, payload))
	if err != nil {
		if in.circuit.fails(time.Now()) {
			in.log.Warn("Redis does not take deliveries; they go to the spool", "detail", err.Error())
		}
		return false, err
	}
	in.circuit.works()
	in.inRedis.Inc()
	return duplicate, nil
}

// missedEvery is how often at most a shop is swept for what could not be taken: anybody
// can send a body that is too large.
const missedEvery = time.Minute

// Missed has a shop swept soon, for a delivery that could not be taken. Where Redis is
// away the next sweep comes by itself.
func (in *Intake) Missed(ctx context.Context, shop string) {
	ctx, cancel := context.WithTimeout(ctx, redisMost)
	defer cancel()
	rdb := in.queue.rdb
	first, err := rdb.SetNX(ctx, jobKey("missed:"+shop), "1", missedEvery).Result()
	if err == nil && first {
		err = NewJobs(rdb).BringForward(ctx, shop, JobSweep, time.Now())
	}
	if err != nil {
		in.log.Warn("a delivery could not be taken and no sweep is brought forward for it", "shop", shop, "detail", err.Error())
	}
}

// Ping reports whether Redis answers and takes deliveries, as far as is known.
func (in *Intake) Ping(ctx context.Context) error {
	if in.circuit.isOpen() && in.spool.Stats().Records > 0 { // else nobody tries again by himself
		return errors.New("redis took no delivery when it was last asked to")
	}
	return in.queue.Ping(ctx)
}

// CanSpool says why the spool would refuse a delivery; nil: it would take one.
func (in *Intake) CanSpool(context.Context) error { return in.spool.CanTake() }
