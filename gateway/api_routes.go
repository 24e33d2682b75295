package gateway

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks"
)

// routes are all that the API does, as deploy/openapi.yml tells it.
func (a *api) routes() []route {
	const read, operate = config.MayRead, config.MayOperate
	return []route{
		{fiber.MethodGet, "/api/openapi.yml", read, func(*call) (any, error) { return attachment{kind: "application/yaml", content: a.Spec}, nil }},
		{fiber.MethodGet, "/api/check", read, a.check},
		{fiber.MethodGet, "/api/bundle", read, a.bundle},
		{fiber.MethodGet, "/api/shops", read, listShops},
		{fiber.MethodPost, "/api/shops/{shop}/pause", operate, pauseShop},
		{fiber.MethodPost, "/api/shops/{shop}/resume", operate, resumeShop},
		{fiber.MethodGet, "/api/shops/{shop}/audit", read, listAudit},
		{fiber.MethodGet, "/api/shops/{shop}/events", read, listEvents},
		{fiber.MethodGet, "/api/shops/{shop}/events/{event}", read, showEvent},
		{fiber.MethodPost, "/api/shops/{shop}/events/retry", operate, retryEvents},
		{fiber.MethodPost, "/api/shops/{shop}/events/discard", operate, discardEvents},
		{fiber.MethodPost, "/api/shops/{shop}/events/{event}/run", operate, runEvent},
		{fiber.MethodGet, "/api/failures", read, listFailures},
		{fiber.MethodGet, "/api/trace", read, traceEvent},
		{fiber.MethodGet, "/api/alerts", read, listAlerts},
		{fiber.MethodPost, "/api/alerts/test", operate, testAlerts},
		{fiber.MethodGet, "/api/privacy", read, listRequests},
		{fiber.MethodGet, "/api/shops/{shop}/privacy/show", read, showRequest},
		{fiber.MethodPost, "/api/shops/{shop}/privacy/run", operate, runRequest},
		{fiber.MethodPost, "/api/shops/{shop}/privacy/done", operate, finishRequest},
		{fiber.MethodGet, "/api/shops/{shop}/jobs", read, listJobs},
		{fiber.MethodPost, "/api/shops/{shop}/jobs/{job}/run", operate, runJob},
		{fiber.MethodPost, "/api/shops/{shop}/jobs/{job}/pause", operate, pauseJob},
		{fiber.MethodPost, "/api/shops/{shop}/jobs/{job}/resume", operate, resumeJob},
		{fiber.MethodGet, "/api/shops/{shop}/cursor", read, showCursor},
		{fiber.MethodPost, "/api/shops/{shop}/cursor", operate, setCursor},
		{fiber.MethodGet, "/api/shops/{shop}/webhooks", read, listWebhooks},
		{fiber.MethodPost, "/api/shops/{shop}/webhooks/sync", operate, syncWebhooks},
		{fiber.MethodPost, "/api/shops/{shop}/webhooks/rm", operate, removeWebhooks},
		{fiber.MethodPost, "/api/shops/{shop}/webhooks/{webhook}/pause", operate, pauseWebhook},
		{fiber.MethodPost, "/api/shops/{shop}/webhooks/{webhook}/resume", operate, resumeWebhook},
		{fiber.MethodPost, "/api/shops/{shop}/orders/pull", operate, pullOrders},
		{fiber.MethodPost, "/api/shops/{shop}/orders/adopt", operate, adoptOrders},
		{fiber.MethodPost, "/api/shops/{shop}/orders/{order}/release", operate, releaseOrder},
		{fiber.MethodPost, "/api/shops/{shop}/orders/{order}/reimport", operate, reimportOrder},
		{fiber.MethodGet, "/api/shops/{shop}/orders/{order}", read, showOrder},
		{fiber.MethodGet, "/api/shops/{shop}/orders/{order}/explain", read, explainOrder},
		{fiber.MethodPost, "/api/shops/{shop}/customers/pull", operate, pullCustomers},
		{fiber.MethodPost, "/api/shops/{shop}/customers/push", operate, pushCustomers},
		{fiber.MethodPost, "/api/shops/{shop}/prove", operate, proveShop},
		{fiber.MethodGet, "/api/shops/{shop}/bindings", read, listBindings},
		{fiber.MethodPost, "/api/shops/{shop}/bindings", operate, bindRecords},
		{fiber.MethodPost, "/api/shops/{shop}/redact", operate, redactCustomer},
	}
}

func listShops(k *call) (any, error) {
	shops, err := k.op.Shops(k.ctx)
	return fiber.Map{"shops": shops}, err
}

// why is a body that says why.
type why struct {
	Why string `json:"why"`
}

func pauseShop(k *call) (any, error) {
	w := why{Why: "by the API"}
	if err := k.body(&w); err != nil {
		return nil, err
	}
	if err := k.op.Pause(k.ctx, k.Params("shop"), w.Why); err != nil {
		return nil, err
	}
	return k.op.Shop(k.ctx, k.Params("shop"))
}

func resumeShop(k *call) (any, error) {
	if err := k.body(&struct{}{}); err != nil {
		return nil, err
	}
	if _, err := k.op.Resume(k.ctx, k.Params("shop")); err != nil {
		return nil, err
	}
	return k.op.Shop(k.ctx, k.Params("shop"))
}

func listAudit(k *call) (any, error) {
	limit, err := k.number("limit", 50, 1000)
	if err != nil {
		return nil, err
	}
	changes, err := k.op.Audit(k.ctx, k.Params("shop"), limit)
	return fiber.Map{"changes": changes}, err
}

func listFailures(k *call) (any, error) {
	causes, err := k.op.Failures(k.ctx, k.Query("shop"))
	return fiber.Map{"causes": causes}, err
}

func traceEvent(k *call) (any, error) {
	if k.Query("event") == "" {
		return nil, invalid("the parameter event is missing")
	}
	return k.op.Trace(k.ctx, k.Query("event"))
}

func showEvent(k *call) (any, error) {
	e, err := k.op.Event(k.ctx, k.Params("shop"), k.Params("event"))
	return e.View(), err
}

func runEvent(k *call) (any, error) {
	b := struct {
		Wait int `json:"wait"` // seconds
	}{10}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if most := int(operateWithin / time.Second); b.Wait < 1 || b.Wait > most {
		return nil, invalid(fmt.Sprintf("wait is %d; it is from 1 to %d seconds", b.Wait, most))
	}
	ctx, cancel := context.WithTimeout(k.ctx, time.Duration(b.Wait)*time.Second)
	defer cancel()
	ran, err := tasks.RanAs(k.op.Run(ctx, k.Params("shop"), k.Params("event"), nil))
	if err != nil {
		return nil, err
	}
	if !ran.Through {
		k.Status(fiber.StatusAccepted)
	}
	return ran, nil
}

// number is a parameter from 1 to most.
func (k *call) number(name string, usual, most int) (int, error) {
	text := k.Query(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, invalid(fmt.Sprintf("%s is %q; it is a number from 1 to %d", name, text, most))
	}
	return n, nil
}
