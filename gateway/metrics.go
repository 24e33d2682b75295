package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// metrics of the edge; every series exists from the start.
type metrics struct {
	deliveries *prometheus.CounterVec   // platform, outcome
	seconds    *prometheus.HistogramVec // platform
	doors      map[string]door          // by platform: looking series up for each delivery takes time
}

// door is what is counted of one platform's deliveries.
type door struct {
	outcomes map[string]prometheus.Counter
	seconds  prometheus.Observer
}

func newMetrics(reg prometheus.Registerer, shops map[string]*handlers.Shop) *metrics {
	m := &metrics{
		doors: map[string]door{},
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_deliveries_total", Help: "Deliveries by what became of them at the door.",
		}, []string{"platform", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "odoogate_delivery_seconds", Help: "Time from a delivery's first byte to our answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .3, 1, 5},
		}, []string{"platform"}),
	}
	outcomes := []string{"accepted", "duplicate", "wrong_method", "encoded"}
	for _, r := range []commerce.Reason{commerce.Ignored, commerce.Unauthorized, commerce.Invalid,
		commerce.TooLarge, commerce.RateLimited, commerce.Unavailable, commerce.Internal} {
		outcomes = append(outcomes, string(r))
	}
	for _, s := range shops {
		d := door{map[string]prometheus.Counter{}, m.seconds.WithLabelValues(s.Platform)}
		for _, o := range outcomes {
			d.outcomes[o] = m.deliveries.WithLabelValues(s.Platform, o)
		}
		m.doors[s.Platform] = d
	}
	m.deliveries.WithLabelValues("none", "unknown_shop")
	reg.MustRegister(m.deliveries, m.seconds)
	return m
}

func (m *metrics) delivered(platform, outcome string, took time.Duration) {
	d := m.doors[platform]
	d.seconds.Observe(took.Seconds())
	if c := d.outcomes[outcome]; c != nil {
		c.Inc()
		return
	}
	m.deliveries.WithLabelValues(platform, outcome).Inc()
}

// refused counts what reached no shop.
func (m *metrics) refused(outcome string) { m.deliveries.WithLabelValues("none", outcome).Inc() }
