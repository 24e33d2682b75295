package gateway

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/tasks"
)

func listRequests(k *call) (any, error) {
	requests, err := k.op.Requests(k.ctx, k.Query("shop"))
	return fiber.Map{"requests": requests}, err
}

func showRequest(k *call) (any, error) {
	if k.Query("request") == "" {
		return nil, invalid("the parameter request is missing")
	}
	return k.op.Request(k.ctx, k.Params("shop"), k.Query("request"))
}

func runRequest(k *call) (any, error) { return k.request(k.op.RunRequest) }

func finishRequest(k *call) (any, error) { return k.request(k.op.CloseRequest) }

// request does something to the request that the body names: names hold slashes, which a
// path would not keep.
func (k *call) request(do func(ctx context.Context, shop, name string) (tasks.Request, error)) (any, error) {
	var b struct {
		Request string `json:"request"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if b.Request == "" {
		return nil, invalid("it is not said which request")
	}
	return do(k.ctx, k.Params("shop"), b.Request)
}
