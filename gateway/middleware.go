package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"math/rand/v2"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/basicauth"

	"github.com/odoogate/odoogate/config"
)

const requestHeader = "X-Request-Id"

// requestID names every request in answer and log: the proxy's name for it if
// that is a plain short word, else our own.
func (g *Gateway) requestID(c *fiber.Ctx) error {
	id := c.Get(requestHeader)
	if !plain(id) {
		id = strconv.FormatUint(rand.Uint64(), 36)
	}
	c.Locals(requestHeader, id)
	c.Set(requestHeader, id)
	return c.Next()
}

func requestOf(c *fiber.Ctx) string {
	id, _ := c.Locals(requestHeader).(string)
	return id
}

// plain keeps foreign text out of our log lines.
func plain(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}

// headers keep browsers from doing with our pages what nobody meant.
func headers(c *fiber.Ctx) error {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderContentSecurityPolicy, "frame-ancestors 'none'")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Next()
}

// login asks for the configured user and password; both are compared by their
// digests in constant time.
func login(cfg config.Monitor) fiber.Handler {
	user, password := sha256.Sum256([]byte(cfg.User)), sha256.Sum256([]byte(cfg.Password.Reveal()))
	return basicauth.New(basicauth.Config{
		Realm: "odoogate monitor",
		Authorizer: func(u, p string) bool {
			gotUser, gotPassword := sha256.Sum256([]byte(u)), sha256.Sum256([]byte(p))
			okUser := subtle.ConstantTimeCompare(user[:], gotUser[:])
			okPassword := subtle.ConstantTimeCompare(password[:], gotPassword[:])
			return okUser&okPassword == 1
		},
	})
}
