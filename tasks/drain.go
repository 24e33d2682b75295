package tasks

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/odoogate/odoogate/tasks/spool"
)

const (
	// drainRate bounds how many spooled tasks a second go to Redis, one after the
	// other: live deliveries have the other connections and most of Redis's time.
	drainRate  = 2000
	drainBatch = 100
	drainPause = time.Second // after a try that failed
)

// Run brings what is in the spool into Redis, in the order of arrival, at the start
// and whenever Redis is back. It ends with ctx; what is left stays in the spool.
func (in *Intake) Run(ctx context.Context) error {
	pace := rate.NewLimiter(drainRate, drainBatch)
	for {
		n, err := in.drain(ctx, pace)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, spool.ErrClosed):
			return fmt.Errorf("drain: %w", err)
		case n > 0:
			in.log.Info("spooled deliveries are in Redis", "count", n, "left", in.spool.Stats().Records)
		}
		if err != nil {
			if !in.circuit.isOpen() { // else it was said when Redis went away
				in.log.Error("the spool is not drained and tried again", "detail", err.Error())
			}
			pause := time.NewTimer(drainPause)
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
			pause.Stop()
			continue
		}
		select {
		case <-ctx.Done():
		case <-in.spool.More():
		}
	}
}

// drain goes on until the spool is empty or something fails. A crash between the
// two stores only repeats a task, whose id tells.
func (in *Intake) drain(ctx context.Context, pace *rate.Limiter) (n int, err error) {
	for {
		batch, err := in.spool.Oldest(ctx, drainBatch)
		if err != nil || len(batch) == 0 {
			return n, err
		}
		if err := pace.WaitN(ctx, len(batch)); err != nil {
			return n, err
		}
		taken, err := in.take(ctx, batch)
		n += taken
		if err == nil || taken > 0 {
			err = errors.Join(err, in.forget(ctx, batch[:taken]))
		}
		if err != nil {
			return n, err
		}
	}
}

// take puts a batch into Redis; the first so many of it are there, or set aside.
func (in *Intake) take(ctx context.Context, batch []spool.Record) (taken int, err error) {
	for _, r := range batch {
		kind, known := eventKinds[r.Kind]
		if !known {
			why := fmt.Errorf("%s is a task of kind %s, which this version does not know", r.ID, strconv.Quote(r.Kind))
			if err := in.spool.SetAside(ctx, r, why); err != nil {
				return taken, err
			}
			taken++
			continue
		}
		if _, err := in.queue.put(ctx, kind.written(r.ID, r.Payload)); err != nil {
			if ctx.Err() == nil {
				in.circuit.fails(time.Now())
			}
			return taken, err
		}
		in.circuit.works()
		taken++
	}
	return taken, nil
}

// forget deletes what is in Redis from the spool. Before it, the requests about
// people's data that came after those deliveries are carried out once more: they
// did not see what was still here.
func (in *Intake) forget(ctx context.Context, list []spool.Record) error {
	since := map[string]time.Time{}
	for _, r := range list {
		e, err := decodeEvent(r.Payload)
		if err != nil || e.Ref.Shop == "" {
			continue // its run says so
		}
		if at, there := since[e.Ref.Shop]; !there || r.Received.Before(at) {
			since[e.Ref.Shop] = r.Received
		}
	}
	for shop, at := range since {
		if err := in.askAgain(ctx, shop, at); err != nil {
			return err
		}
	}
	return in.spool.Delete(ctx, list)
}

func (in *Intake) askAgain(ctx context.Context, shop string, since time.Time) error {
	list, err := in.requests.Since(ctx, shop, since)
	if err != nil {
		return err
	}
	for _, req := range list {
		e := req.Again("spool-" + uuid.NewString())
		// A person's word was for what was there then.
		e.Privacy.Confirmed = false
		if _, err := in.queue.Accept(ctx, e); err != nil {
			return err
		}
		in.log.Info("a request is carried out again for what was in the spool", "shop", shop, "request", req.Name)
	}
	return nil
}
