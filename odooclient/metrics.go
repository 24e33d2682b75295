package odooclient

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// codeOK is the label of an answer without a fault; the others are the kinds.
const codeOK = "ok"

// watch returns what records one exchange. The histogram is shared with the
// other remotes of the process, hence "already registered" is no error.
func watch(reg prometheus.Registerer, log *slog.Logger) func(began time.Time, err error) {
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "odoogate_remote_request_seconds",
		Help:    "How long requests to other systems took, by remote and outcome.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
	}, []string{"remote", "code"})
	if reg != nil {
		err := reg.Register(took)
		var have prometheus.AlreadyRegisteredError
		if errors.As(err, &have) {
			if shared, ok := have.ExistingCollector.(*prometheus.HistogramVec); ok {
				took, err = shared, nil
			}
		}
		if err != nil {
			log.Warn("odoo requests are not measured", "error", err)
		}
	}
	took.WithLabelValues("odoo", codeOK)
	for _, kind := range Kinds() {
		took.WithLabelValues("odoo", string(kind))
	}
	return func(began time.Time, err error) {
		code := codeOK
		if err != nil {
			code = string(KindOf(err))
		}
		took.WithLabelValues("odoo", code).Observe(time.Since(began).Seconds())
	}
}
