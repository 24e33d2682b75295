package tasks

import (
	"context"
	"errors"
	"iter"
	"os"
	"slices"
	"time"
)

// Await yields each of the asked looks when it has ended; those that need none at
// once. A look that another run took over ends with that run. Where ctx ends first,
// its error comes last, and what is not yielded goes on by itself.
func (p Puller) Await(ctx context.Context, asked []Pulled) iter.Seq2[Pulled, error] {
	return func(yield func(Pulled, error) bool) {
		waiting := slices.Clone(asked)
		watched := map[string]string{} // event → the one whose run does it
		tick := time.NewTicker(pullTick)
		defer tick.Stop()
		for {
			var left []Pulled
			for page := range slices.Chunk(waiting, pullPage) {
				ended, open, err := p.ended(ctx, page, watched)
				if err != nil {
					yield(Pulled{}, endOf(ctx, err))
					return
				}
				for _, one := range ended {
					if !yield(one, nil) {
						return
					}
				}
				left = append(left, open...)
			}
			waiting = left
			p.progress(len(asked)-len(waiting), len(asked))
			if len(waiting) == 0 {
				return
			}
			select {
			case <-ctx.Done():
				yield(Pulled{}, ctx.Err())
				return
			case <-tick.C:
			}
		}
	}
}

// endOf is ctx's own error where it ended a call: the call says so in words of its own,
// perhaps a moment before ctx does.
func endOf(ctx context.Context, err error) error {
	end, bounded := ctx.Deadline()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded && errors.Is(err, os.ErrDeadlineExceeded) && time.Until(end) < pullTick:
		return context.DeadlineExceeded
	}
	return err
}

// ended tells those whose look has ended from the others.
func (p Puller) ended(ctx context.Context, page []Pulled, watched map[string]string) (ended, open []Pulled, err error) {
	var at []place
	for _, one := range page {
		at = append(at, place{id: p.watch(one, watched)})
	}
	entries, err := p.Journal.entriesAt(ctx, p.Shop.ID, at)
	if err != nil {
		return nil, nil, err
	}
	byID := map[string]Entry{}
	for _, e := range entries {
		byID[e.ID] = e.Entry
	}
	for i, one := range page {
		e, there := byID[at[i].id]
		switch {
		case one.Event == "":
			ended = append(ended, one)
		case there && e.State == Coalesced && e.By != "" && e.By != e.ID:
			watched[one.Event] = e.By
			open = append(open, one)
		case !there || e.State == Working || e.State == Retry || e.State == Snooze || e.State == "":
			open = append(open, one)
		default:
			one.State, one.Reason, one.Detail, one.Remedy = e.State, e.Reason, e.Detail, e.Remedy
			ended = append(ended, one)
		}
	}
	return ended, open, nil
}

func (p Puller) watch(one Pulled, watched map[string]string) string {
	if by := watched[one.Event]; by != "" {
		return by
	}
	return one.Event
}
