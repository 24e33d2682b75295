package gateway

import (
	"context"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// Check asks whether one part answers; while it does not, the gateway is degraded.
// Deliveries are stored in any one of the parts that Store: while none of those
// answers, no delivery can be taken and the gateway is not ready.
type Check struct {
	Name  string
	Store bool
	Ask   func(context.Context) error
}

const (
	checkTimeout = time.Second
	checkEvery   = time.Second // an answer is good for this long, however often we are asked
)

// health remembers the last answers, so that probing us does not probe others more.
type health struct {
	checks []Check

	mu   sync.Mutex
	at   time.Time
	last report
}

type report struct {
	Status string            `json:"status"` // ready, degraded, not ready, stopping
	Parts  map[string]string `json:"parts"`  // ok or away
}

func newHealth(checks []Check) *health { return &health{checks: checks} }

func (h *health) ask(ctx context.Context) report {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) < checkEvery {
		return h.last
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	away := make([]bool, len(h.checks))
	var wg sync.WaitGroup
	for i, c := range h.checks {
		wg.Go(func() { away[i] = c.Ask(ctx) != nil })
	}
	wg.Wait()
	h.at, h.last = time.Now(), h.judge(away)
	return h.last
}

func (h *health) judge(away []bool) report {
	rep := report{Status: "ready", Parts: map[string]string{}}
	stores, storesAway := 0, 0
	for i, c := range h.checks {
		rep.Parts[c.Name] = "ok"
		if c.Store {
			stores++
		}
		if !away[i] {
			continue
		}
		rep.Parts[c.Name], rep.Status = "away", "degraded"
		if c.Store {
			storesAway++
		}
	}
	if stores > 0 && stores == storesAway {
		rep.Status = "not ready"
	}
	return rep
}

// partUp is what the parts answer, asked when somebody looks at the metrics.
var partUp = prometheus.NewDesc("odoogate_part_up", "Whether a part that we need answers: 1, or 0 while it is away.", []string{"part"}, nil)

// Describe names the one metric.
func (h *health) Describe(out chan<- *prometheus.Desc) { out <- partUp }

// Collect asks the parts, as a look at /readyz does.
func (h *health) Collect(out chan<- prometheus.Metric) {
	rep := h.ask(context.Background())
	for part, answer := range rep.Parts {
		up := 0.
		if answer == "ok" {
			up = 1
		}
		out <- prometheus.MustNewConstMetric(partUp, prometheus.GaugeValue, up, part)
	}
}

// healthz says that the process lives; it asks nobody.
func (g *Gateway) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz says whether deliveries can be taken: 200 when ready or degraded but
// accepting, 503 when there is nowhere to store one or senders should turn
// elsewhere.
func (g *Gateway) readyz(c *fiber.Ctx) error {
	rep := g.health.ask(c.UserContext())
	status := fiber.StatusOK
	if g.stopping.Load() {
		rep.Status = "stopping"
	}
	if rep.Status == "not ready" || rep.Status == "stopping" {
		status = fiber.StatusServiceUnavailable
	}
	return c.Status(status).JSON(rep)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
