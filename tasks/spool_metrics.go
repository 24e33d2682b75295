package tasks

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/tasks/spool"
)

// spoolMetrics show how this process's spool stands whenever somebody looks.
type spoolMetrics struct {
	spool *spool.Spool
	now   func() time.Time
}

var (
	spoolRecords = prometheus.NewDesc("odoogate_spool_records", "Deliveries in this gateway's spool, which Redis does not have yet.", nil, nil)
	spoolBytes   = prometheus.NewDesc("odoogate_spool_bytes", "Bytes of the deliveries in the spool.", nil, nil)
	spoolLimit   = prometheus.NewDesc("odoogate_spool_limit_bytes", "How many bytes the spool takes: spool.max_size.", nil, nil)
	spoolOldest  = prometheus.NewDesc("odoogate_spool_oldest_seconds", "How long ago the oldest delivery in the spool was received; 0: there is none.", nil, nil)
	spoolRefused = prometheus.NewDesc("odoogate_spool_refused_total", "Deliveries that the spool could not take.", nil, nil)
	spoolAside   = prometheus.NewDesc("odoogate_spool_set_aside_total", "Records of the spool that could not be used and stand in a file beside it.", nil, nil)
)

// Describe names the metrics.
func (m spoolMetrics) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, out) }

// Collect looks at the spool.
func (m spoolMetrics) Collect(out chan<- prometheus.Metric) {
	st := m.spool.Stats()
	age := 0.
	if !st.Oldest.IsZero() {
		age = m.now().Sub(st.Oldest).Seconds()
	}
	gauge := func(d *prometheus.Desc, v float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	gauge(spoolRecords, float64(st.Records))
	gauge(spoolBytes, float64(st.Bytes))
	gauge(spoolLimit, float64(st.Limit))
	gauge(spoolOldest, age)
	out <- prometheus.MustNewConstMetric(spoolRefused, prometheus.CounterValue, float64(st.Refused))
	out <- prometheus.MustNewConstMetric(spoolAside, prometheus.CounterValue, float64(st.SetAside))
}
