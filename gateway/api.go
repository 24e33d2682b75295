package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// APIPath is where the API stands.
const APIPath = "/api"

// API is what programs may do, behind a token each.
type API struct {
	Tokens   []config.Token
	Operator *tasks.Operator
	Spec     []byte         // deploy/openapi.yml
	Config   *config.Config // in force: what a check connects to
	Version  string
}

const (
	// mostAPIBody bounds the body of one request.
	mostAPIBody = 1 << 20
	// What one request may take; what waits for a run says for how long itself.
	readWithin    = 10 * time.Second
	operateWithin = time.Minute
)

// route is one thing that the API does. To add one: write its handler, give it a line
// in routes, and describe it in deploy/openapi.yml; a test holds the two together and
// each answer against its schema.
type route struct {
	method, path string // as in openapi.yml: /api/shops/{shop}/events
	may          string // config.MayRead or MayOperate
	// do answers with what is sent as JSON; an attachment is sent as it is.
	do func(*call) (any, error)
}

// api answers for one gateway.
type api struct {
	API
	gateway *Gateway
	hashes  [][sha256.Size]byte // of the tokens
	looking sync.Mutex          // held while everything around is asked
}

// call is one request with the operator under the name of its token.
type call struct {
	*fiber.Ctx
	ctx     context.Context
	op      *tasks.Operator
	gateway *Gateway
}

func (g *Gateway) serveAPI(set API) {
	a := &api{API: set, gateway: g}
	for _, t := range set.Tokens {
		a.hashes = append(a.hashes, sha256.Sum256([]byte(t.Token.Reveal())))
	}
	g.app.Use(APIPath, throttle(g.proxies.client, a.refuse), a.problems, a.login)
	for _, r := range a.routes() {
		path := strings.NewReplacer("{", ":", "}", "").Replace(r.path)
		g.app.Add(r.method, path, a.serve(r))
	}
}

const tokenOf = "token" // of a request

// login asks for a token. All of them are compared, each by its digest in constant time.
func (a *api) login(c *fiber.Ctx) error {
	given, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	hash, found := sha256.Sum256([]byte(given)), -1
	for i, known := range a.hashes {
		if subtle.ConstantTimeCompare(hash[:], known[:]) == 1 {
			found = i
		}
	}
	if !ok || found < 0 {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="odoogate"`)
		return &commerce.Error{Op: "api", Reason: commerce.Unauthorized, Detail: "no token, or not one of api.tokens",
			Remedy: "send the header Authorization: Bearer <token>"}
	}
	c.Locals(tokenOf, a.Tokens[found])
	return c.Next()
}

// serve runs one route for whoever may.
func (a *api) serve(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		token, _ := c.Locals(tokenOf).(config.Token)
		if r.may == config.MayOperate && token.May != config.MayOperate {
			return &commerce.Error{Op: "api", Reason: commerce.Denied, Detail: "the token " + token.Name + " may only read",
				Remedy: "use one with may: operate"}
		}
		within := readWithin
		if r.may == config.MayOperate {
			within = operateWithin
		}
		ctx, cancel := context.WithTimeout(c.UserContext(), within)
		defer cancel()
		answer, err := r.do(&call{Ctx: c, ctx: ctx, op: a.Operator.As(token.Name), gateway: a.gateway})
		if err != nil {
			return err
		}
		if file, ok := answer.(attachment); ok {
			c.Set(fiber.HeaderContentType, file.kind)
			if file.name != "" {
				c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+file.name+`"`)
			}
			return c.Send(file.content)
		}
		return write(c, answer, fiber.MIMEApplicationJSON)
	}
}

// write sends JSON as it reads best.
func write(c *fiber.Ctx, v any, kind string) error {
	c.Set(fiber.HeaderContentType, kind)
	enc := json.NewEncoder(c)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// body reads the request's JSON into what it may hold; nothing is as good as {}.
func (k *call) body(into any) error {
	if enc := k.Get(fiber.HeaderContentEncoding); enc != "" && !strings.EqualFold(enc, "identity") {
		return fiber.ErrUnsupportedMediaType
	}
	held := k.gateway.budget.hold(false)
	defer held.release()
	raw, err := k.gateway.read(k.Ctx, held, mostAPIBody)
	if err != nil || len(raw) == 0 {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return invalid("the body is not the JSON that this asks for: " + err.Error())
	}
	if dec.More() {
		return invalid("there is more than one thing in the body")
	}
	return nil
}

func invalid(detail string) error {
	return &commerce.Error{Op: "api", Reason: commerce.Invalid, Detail: detail, Remedy: "see " + APIPath + "/openapi.yml"}
}
