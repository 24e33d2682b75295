package gateway

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

func listAlerts(k *call) (any, error) {
	alerts, err := k.op.Alerts(k.ctx, k.Query("shop"))
	return fiber.Map{"alerts": alerts}, err
}

func testAlerts(k *call) (any, error) {
	var b struct {
		Target string `json:"target"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	tried, err := k.op.TestAlerts(k.ctx, b.Target)
	return fiber.Map{"targets": tried}, err
}

func listJobs(k *call) (any, error) {
	jobs, err := k.op.Jobs(k.ctx, k.Params("shop"))
	return fiber.Map{"jobs": jobs}, err
}

func runJob(k *call) (any, error) {
	return k.job(func(shop, job string) error {
		_, err := k.op.RunJob(k.ctx, shop, job)
		return err
	})
}

func pauseJob(k *call) (any, error) {
	return k.job(func(shop, job string) error { return k.op.PauseJob(k.ctx, shop, job) })
}

func resumeJob(k *call) (any, error) {
	return k.job(func(shop, job string) error {
		_, err := k.op.ResumeJob(k.ctx, shop, job)
		return err
	})
}

// job does something to the job of the path and answers how it stands after that.
func (k *call) job(do func(shop, job string) error) (any, error) {
	if err := k.body(&struct{}{}); err != nil {
		return nil, err
	}
	shop, job := k.Params("shop"), k.Params("job")
	if err := do(shop, job); err != nil {
		return nil, err
	}
	return k.op.Job(k.ctx, shop, job)
}

func showCursor(k *call) (any, error) { return k.op.Cursor(k.ctx, k.Params("shop")) }

func setCursor(k *call) (any, error) {
	var b struct {
		To  time.Time `json:"to"`
		Why string    `json:"why"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if _, err := k.op.SetCursor(k.ctx, k.Params("shop"), b.To, b.Why); err != nil {
		return nil, err
	}
	return showCursor(k)
}
