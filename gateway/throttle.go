package gateway

import (
	"time"

	"github.com/gofiber/fiber/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	mostFailures = 10              // wrong logins of one address at once …
	failureEvery = 6 * time.Second // … and one more each time this has passed
	mostClients  = 10_000          // addresses remembered; the oldest is forgotten first
)

// throttle lets one address fail at a login only so often; what succeeds is
// never counted. refuse answers it.
func throttle(client func(*fiber.Ctx) string, refuse func(c *fiber.Ctx, status int, what string) error) fiber.Handler {
	clients, err := lru.New[string, *rate.Limiter](mostClients)
	if err != nil { // only a size of 0 is refused
		panic(err)
	}
	return func(c *fiber.Ctx) error {
		who := client(c)
		failures := rate.NewLimiter(rate.Every(failureEvery), mostFailures)
		if known, ok, _ := clients.PeekOrAdd(who, failures); ok {
			failures = known
			clients.Get(who) // the most recent is forgotten last
		}
		if failures.Tokens() < 1 {
			c.Set(fiber.HeaderRetryAfter, seconds(failureEvery))
			return refuse(c, fiber.StatusTooManyRequests, "too many wrong logins")
		}
		err := c.Next()
		if c.Response().StatusCode() == fiber.StatusUnauthorized {
			failures.Allow()
		}
		return err
	}
}
