package main

import (
	"net/http"
	"os"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/hibiken/asynq"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
)

// The servers that the accepting path is measured against; each is this test
// binary as a process of its own.
const (
	beEmpty = "empty" // an empty Fiber app
	bePlain = "plain" // the same with the platform's verification and a plain Enqueue
)

// servePlain runs one of them for the configuration at path; it ends with the
// process. Like ours it has room for most requests in one read.
func servePlain(which, path string) error {
	cfg, err := config.Load(path, nil)
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: cfg.Server.BodyLimit, ReadBufferSize: 8 << 10})
	hook := func(c *fiber.Ctx) error { return c.SendStatus(http.StatusOK) }
	if which == bePlain {
		if hook, err = plainHook(cfg); err != nil {
			return err
		}
	}
	app.Post("/hooks/:shop", hook)
	return app.Listen(os.Getenv(listenEnv))
}

// plainHook is what one writes first: verify, enqueue, answer.
func plainHook(cfg *config.Config) (fiber.Handler, error) {
	shops, err := all.Open(cfg, handlers.Deps{})
	if err != nil {
		return nil, err
	}
	redis, err := asynq.ParseRedisURI(cfg.Redis.URL.Reveal())
	if err != nil {
		return nil, err
	}
	client := asynq.NewClient(redis)
	return func(c *fiber.Ctx) error {
		shop := shops[c.Params("shop")]
		if err := shop.Receiver.Verify(handlers.Delivery{Header: fiberHeader{c}, Body: c.Body()}); err != nil {
			return c.SendStatus(http.StatusUnauthorized)
		}
		id := utils.CopyString(c.Get("X-Shopify-Webhook-Id"))
		task := asynq.NewTask("order:import", c.Body())
		if _, err := client.EnqueueContext(c.UserContext(), task, asynq.TaskID(id), asynq.Queue("live")); err != nil {
			return c.SendStatus(http.StatusServiceUnavailable)
		}
		return c.SendStatus(http.StatusOK)
	}, nil
}

type fiberHeader struct{ c *fiber.Ctx }

func (h fiberHeader) Get(name string) string { return h.c.Get(name) }
