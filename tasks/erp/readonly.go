package erp

import (
	"context"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// readOnly is an Odoo that can only be read. Everything but the writer is given
// one, so whoever plans, shows or checks cannot write, whatever it tries.
type readOnly struct{ odoo }

// reads are the methods that change nothing in Odoo.
func reads(method string) bool {
	switch method {
	case "search_read", "search_count", "search", "read", "fields_get", "default_get", "has_group", "check_access_rights",
		"get_external_id", "check_object_reference":
		return true
	}
	return false
}

// Call refuses every method that is not known to only read.
func (r readOnly) Call(ctx context.Context, req odooclient.Request, result any) error {
	if !reads(req.Method) {
		return refused(req.Model, req.Method)
	}
	return r.odoo.Call(ctx, req, result)
}

// Load refuses.
func (r readOnly) Load(_ context.Context, s odooclient.Shape, _ [][]any) (int64, error) {
	return 0, refused(s.Model, "load")
}

// Together refuses.
func (r readOnly) Together(_ context.Context, j odooclient.Joint, _ int64) error {
	return refused(j.Key, "together")
}

// Do refuses.
func (r readOnly) Do(_ context.Context, a odooclient.Action, _ int64) error {
	return refused(a.Model, a.Method)
}

func refused(model, method string) error {
	return &commerce.Error{Op: "erp.read", Reason: commerce.Internal,
		Detail: "what may only read tried " + model + "." + method + " in Odoo; nothing was sent"}
}
