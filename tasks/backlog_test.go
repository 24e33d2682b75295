package tasks

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// needy is an Odoo without the product.
type needy struct{ *fakeBooks }

func (needy) Order(context.Context, config.Shop, *commerce.Order, erp.Applied, func(context.Context) error) (erp.Outcome, error) {
	return erp.Outcome{}, &commerce.Error{Op: "plan", Reason: commerce.Missing, Needs: []string{"sku/fi/ABC"}}
}

func TestWhatWaitsIsCounted(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	w := NewWorker(r.opt)
	c := &carer{Worker: w}

	require.NoError(t, c.count(ctx), "a Redis that never saw a task")
	require.Zero(t, r.gauge("odoogate_parked_records", "fi"))
	require.Zero(t, r.gauge("odoogate_queue_tasks", LaneLive, "pending"))

	r.accept(hint("e1", "1", 1))
	r.accept(hint("e2", "2", 1))
	require.NoError(t, c.count(ctx))
	require.EqualValues(t, 2, r.gauge("odoogate_queue_tasks", LaneLive, "pending"))
	require.Positive(t, r.gauge("odoogate_queue_wait_seconds", LaneLive))

	r.opt.Books = needy{r.books}
	stop := r.start()
	r.ended("e1", Parked)
	r.ended("e2", Parked)
	stop()
	require.NoError(t, c.count(ctx))
	require.EqualValues(t, 2, r.gauge("odoogate_parked_records", "fi"))
	require.Zero(t, r.gauge("odoogate_queue_tasks", LaneLive, "pending"))
	require.Zero(t, r.gauge("odoogate_queue_wait_seconds", LaneLive))
}

// gauge is the value of a gauge or counter shown under that name and those labels.
func (r *rig) gauge(name string, labels ...string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	require.NoError(r.t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var got []string
			for _, l := range m.GetLabel() {
				got = append(got, l.GetValue())
			}
			if f.GetName() == name && slices.Equal(got, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue() // it is one of them
			}
		}
	}
	r.t.Fatalf("no metric %s with labels %v", name, labels)
	return 0
}
