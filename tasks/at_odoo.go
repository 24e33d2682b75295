package tasks

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// atOdoo does something at Odoo once it answers. An Odoo that is away shuts the
// gate for everybody and costs no attempt; one that answers and still fails
// here is this record's own trouble. do may be called twice.
func (w *Worker) atOdoo(held *lease, do func(context.Context) error) (err error) {
	const tries = 2
	for range tries {
		if err := w.odoo.wait(held.ctx); err != nil {
			if cause := context.Cause(held.ctx); !errors.Is(cause, context.DeadlineExceeded) {
				return cause
			}
			return &commerce.Error{Op: "odoo", Reason: commerce.RateLimited, RetryAfter: probeMost,
				Detail: "Odoo does not answer", Err: err}
		}
		if err = do(held.ctx); err == nil || commerce.ReasonOf(err) != commerce.Unavailable {
			return err
		}
		if held.ctx.Err() != nil {
			return context.Cause(held.ctx) // our own end, not Odoo's
		}
		w.odoo.trip(w.base)
	}
	return err
}

// writeOdoo is atOdoo for what writes a record, and says how often; end has it too. begun
// is what the books are told of the tries before: that one wrote and did not end well.
func (w *Worker) writeOdoo(held *lease, end *ending, begun *bool, do func(context.Context) (int, error)) (writes int, err error) {
	err = w.atOdoo(held, func(ctx context.Context) error {
		n, err := do(ctx)
		*begun = *begun || err != nil && n > 0
		writes += n
		return err
	})
	end.rec.Writes += writes
	end.wrote = end.wrote || writes > 0
	return writes, err
}

// redacted takes the buyer's words out of what Odoo said of an order: it may
// quote a name or an address.
func redacted(err error, o *commerce.Order) error {
	var e *commerce.Error
	if !errors.As(err, &e) {
		return err
	}
	clean := *e
	clean.Detail, clean.Remedy = o.Redact(e.Detail), o.Redact(e.Remedy)
	if e.Err != nil {
		clean.Err = errors.New(o.Redact(e.Err.Error()))
	}
	return &clean
}

// panicked says what kind of panic it was and where, without the values that it
// or the stack may show.
func panicked(p any) error {
	what := fmt.Sprintf("%T", p)
	var fault runtime.Error
	if err, ok := p.(error); ok && errors.As(err, &fault) {
		what = fault.Error()
	}
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "odoogate") {
			return fmt.Errorf("panic: %s in %s, line %d", what, f.Function, f.Line)
		}
		if !more {
			return fmt.Errorf("panic: %s", what)
		}
	}
}
