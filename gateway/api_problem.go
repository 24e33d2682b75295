package gateway

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// problem is how the API says that something did not go: RFC 9457, with what to do.
type problem struct {
	Title   string `json:"title"` // one word: a commerce.Reason, or the status in words
	Status  int    `json:"status"`
	Detail  string `json:"detail,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
	Request string `json:"request"` // stands in the log too
}

// problems stands before what may go wrong: all of it is answered alike.
func (a *api) problems(c *fiber.Ctx) error {
	err := c.Next()
	if err == nil {
		return nil
	}
	p := problemOf(err)
	if p.Status >= fiber.StatusInternalServerError {
		a.gateway.opt.Log.Warn("api request failed", "path", c.Path(), "status", p.Status, "detail", err.Error(), "request", requestOf(c))
	}
	var own *commerce.Error
	if errors.As(err, &own) && own.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, seconds(own.RetryAfter))
	}
	return a.say(c, p)
}

func (a *api) say(c *fiber.Ctx, p problem) error {
	p.Request = requestOf(c)
	return write(c.Status(p.Status), p, "application/problem+json")
}

// refuse answers what the throttle refuses.
func (a *api) refuse(c *fiber.Ctx, status int, what string) error {
	return a.say(c, problem{Title: string(commerce.RateLimited), Status: status, Detail: what, Remedy: "wait as long as Retry-After says"})
}

// problemOf shows what is said for people and nothing else of an error.
func problemOf(err error) problem {
	var own *commerce.Error
	var fibers *fiber.Error
	var network net.Error
	switch {
	case errors.As(err, &own):
		p := problem{Title: string(own.Reason), Status: problemStatus(own.Reason), Detail: own.Detail, Remedy: own.Remedy}
		if own.Reason == commerce.TooLarge {
			p.Detail = "the body is larger than this API takes"
		}
		return p
	case errors.As(err, &fibers): // its message quotes the path
		return problem{Title: strings.ToLower(utils.StatusMessage(fibers.Code)), Status: fibers.Code, Remedy: "see " + APIPath + "/openapi.yml"}
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return problem{Title: string(commerce.Unavailable), Status: fiber.StatusServiceUnavailable, Detail: "Redis does not answer in time",
			Remedy: "see /readyz, and come again"}
	}
	return problem{Title: string(commerce.Internal), Status: fiber.StatusInternalServerError, Detail: "it failed; the log says how, under this request"}
}

// problemStatus is the status of a reason to a program, which statusOf is to a shop.
func problemStatus(r commerce.Reason) int {
	switch r {
	case commerce.Denied:
		return fiber.StatusForbidden
	case commerce.Conflict, commerce.Held, commerce.Missing, commerce.Exists, commerce.Diverged, commerce.Mismatch:
		return fiber.StatusConflict
	case commerce.Internal:
		return fiber.StatusInternalServerError
	}
	return statusOf(r)
}
