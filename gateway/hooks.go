package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// hook takes one delivery in: read raw, verify, name the events, store them,
// answer. 200 means that every event of it is stored.
func (g *Gateway) hook(c *fiber.Ctx) error {
	start := time.Now()
	shop := g.opt.Shops[c.Params("shop")]
	if shop == nil || shop.Receiver == nil {
		g.metrics.refused("unknown_shop")
		return refuse(c, fiber.StatusNotFound, "unknown shop")
	}
	held := g.budget.hold(shop.SendsOnce)
	defer held.release()
	outcome, err := g.take(c, shop, held, start)
	g.metrics.delivered(shop.Platform, outcome, time.Since(start))
	return err
}

func (g *Gateway) take(c *fiber.Ctx, shop *handlers.Shop, held *holding, start time.Time) (outcome string, err error) {
	if c.Method() != fiber.MethodPost {
		c.Set(fiber.HeaderAllow, fiber.MethodPost)
		return "wrong_method", refuse(c, fiber.StatusMethodNotAllowed, "only POST is taken here")
	}
	if enc := c.Get(fiber.HeaderContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return "encoded", refuse(c, fiber.StatusUnsupportedMediaType, "compressed bodies are not taken")
	}
	body, err := g.read(c, held, g.opt.Config.BodyLimit)
	if commerce.ReasonOf(err) == commerce.TooLarge && g.opt.Misses != nil {
		g.opt.Misses.Missed(c.UserContext(), shop.ID)
	}
	if err != nil {
		return string(commerce.ReasonOf(err)), err
	}
	d := handlers.Delivery{Header: header{c}, Body: body, Received: start.UTC()}
	if err := shop.Receiver.Verify(d); err != nil {
		return string(commerce.ReasonOf(err)), err
	}
	events, err := shop.Receiver.Events(d)
	if commerce.ReasonOf(err) == commerce.Ignored {
		g.opt.Log.Info("delivery ignored", "shop", shop.ID, "platform", shop.Platform, "reason", err.Error(), "request", requestOf(c))
		return string(commerce.Ignored), c.SendStatus(fiber.StatusOK)
	}
	if err != nil {
		return string(commerce.ReasonOf(err)), err
	}
	if err := held.turn(len(body), g.opt.Config.RequestTimeout); err != nil {
		return string(commerce.ReasonOf(err)), err
	}
	ctx := c.UserContext()
	if most := g.opt.Config.RequestTimeout; len(events) > 1 || most < acceptsWithin { // else it bounds nothing
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, most)
		defer cancel()
	}
	return g.store(ctx, c, shop, events, start)
}

// store puts every event of a delivery away; the sender repeats the whole
// delivery when one of them fails, and those stored are duplicates then.
func (g *Gateway) store(ctx context.Context, c *fiber.Ctx, shop *handlers.Shop, events []commerce.Event, start time.Time) (string, error) {
	outcome, request := "duplicate", requestOf(c)
	for _, e := range events {
		e.Request = request
		duplicate, err := g.opt.Accept.Accept(ctx, e)
		if err != nil {
			return string(commerce.ReasonOf(err)), err
		}
		if !duplicate {
			outcome = "accepted"
		}
		g.note(ctx, shop, e, duplicate, start)
	}
	return outcome, c.SendStatus(fiber.StatusOK)
}

// note writes the line by which people find an event. It leaves out where in the
// source it is, for which a Logger looks even when nobody wants to know: that takes
// a third of the time of a line.
func (g *Gateway) note(ctx context.Context, shop *handlers.Shop, e commerce.Event, duplicate bool, start time.Time) {
	out := g.opt.Log.Handler()
	if !out.Enabled(ctx, slog.LevelInfo) {
		return
	}
	now := time.Now()
	line := slog.NewRecord(now, slog.LevelInfo, "event accepted", 0)
	line.AddAttrs(slog.Bool("duplicate", duplicate), slog.String("shop", shop.ID), slog.String("platform", shop.Platform),
		slog.String("ref", e.Ref.String()), slog.String("event", e.ID), slog.String("topic", e.Topic),
		slog.Duration("took", now.Sub(start).Round(time.Microsecond)), slog.String("request", e.Request))
	_ = out.Handle(ctx, line) // as a Logger does
}

// header lets a platform read the request's headers by name in any case. The texts
// are the request's own and nothing is copied: the next request comes where they are.
type header struct{ c *fiber.Ctx }

func (h header) Get(name string) string { return utils.UnsafeString(h.c.Request().Header.Peek(name)) }

// statusOf is the one place where a reason becomes a status.
func statusOf(r commerce.Reason) int {
	switch r {
	case commerce.Unauthorized:
		return fiber.StatusUnauthorized
	case commerce.Invalid:
		return fiber.StatusBadRequest
	case commerce.NotFound:
		return fiber.StatusNotFound
	case commerce.TooLarge:
		return fiber.StatusRequestEntityTooLarge
	case commerce.RateLimited:
		return fiber.StatusTooManyRequests
	case commerce.Ignored:
		return fiber.StatusOK
	}
	return fiber.StatusServiceUnavailable
}

// answerError is the app's only error handler. The answer tells a sender what
// class of thing went wrong and helps no forger; the log has the rest.
func (g *Gateway) answerError(c *fiber.Ctx, err error) error {
	var own *commerce.Error
	var fibers *fiber.Error
	switch {
	case errors.As(err, &own):
		if own.RetryAfter > 0 {
			c.Set(fiber.HeaderRetryAfter, seconds(own.RetryAfter))
		}
		status := statusOf(own.Reason)
		g.opt.Log.Warn("delivery refused", "path", c.Path(), "status", status, "reason", string(own.Reason),
			"detail", err.Error(), "request", requestOf(c))
		return refuse(c, status, string(own.Reason))
	case errors.As(err, &fibers):
		return refuse(c, fibers.Code, strings.ToLower(utils.StatusMessage(fibers.Code))) // its message quotes the path
	}
	g.opt.Log.Error("request failed", "path", c.Path(), "detail", err.Error(), "request", requestOf(c))
	return refuse(c, fiber.StatusInternalServerError, "internal")
}

// refuse answers with a status and one word of why.
func refuse(c *fiber.Ctx, status int, what string) error {
	return c.Status(status).JSON(fiber.Map{"error": what})
}

// lastRequest tells a sender to come on another connection once we stop: this one
// is closed with the answer, and not while his next request is on its way.
func (g *Gateway) lastRequest(c *fiber.Ctx) error {
	err := c.Next()
	if g.stopping.Load() {
		c.Response().SetConnectionClose()
	}
	return err
}

// wholeRequest stands before every route. What a handler left unread of a body
// is read and thrown away, up to a bound: the server would take it for the next
// request of the connection, and closing on it would reset the connection before
// the sender has seen our answer.
func wholeRequest(c *fiber.Ctx) error {
	err := c.Next()
	if !drained(c) {
		c.Response().SetConnectionClose()
	}
	return err
}

// mostDrained bounds what is read for nothing.
const mostDrained = 64 << 20

func drained(c *fiber.Ctx) bool {
	stream := c.Request().BodyStream()
	if stream == nil {
		return true
	}
	if c.Request().Header.ContentLength() > mostDrained {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(stream, mostDrained))
	return err == nil && n < mostDrained
}
