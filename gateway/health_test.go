package gateway

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

func TestTheMetricsSayWhichPartIsAway(t *testing.T) {
	reg := prometheus.NewRegistry()
	New(Options{Config: config.Default().Server, Metrics: reg, Checks: []Check{
		{Name: "redis", Store: true, Ask: func(context.Context) error { return nil }},
		{Name: "odoo", Ask: func(context.Context) error { return errors.New("no answer") }},
	}})
	families, err := reg.Gather()
	require.NoError(t, err)
	up := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "odoogate_part_up" {
			for _, m := range f.GetMetric() {
				up[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	require.Equal(t, map[string]float64{"redis": 1, "odoo": 0}, up)
}
