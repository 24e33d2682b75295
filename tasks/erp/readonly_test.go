package erp

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
)

// silent fails the test when anything reaches it but a read.
type silent struct {
	odoo
	asked []string
}

func (s *silent) Call(_ context.Context, req odooclient.Request, _ any) error {
	s.asked = append(s.asked, req.Method)
	return nil
}

func TestWhatMayOnlyReadCannotWrite(t *testing.T) {
	odoo := &silent{}
	r := readOnly{odoo}
	for _, method := range []string{"create", "write", "unlink", "load", "action_confirm", "action_cancel", "message_post", "copy", "run", "", "Search_read", "name_create"} {
		err := r.Call(t.Context(), odooclient.Request{Model: "sale.order", Method: method}, nil)
		require.Equal(t, commerce.Internal, commerce.ReasonOf(err), method)
	}
	_, err := r.Load(t.Context(), odooclient.Shape{Model: "sale.order"}, nil)
	require.ErrorContains(t, err, "sale.order.load")
	require.Error(t, r.Do(t.Context(), odooclient.Action{Model: "sale.order", Method: "action_confirm"}, 7))
	require.Empty(t, odoo.asked)
	for _, method := range []string{"search_read", "read", "fields_get", "default_get"} {
		require.NoError(t, r.Call(t.Context(), odooclient.Request{Model: "sale.order", Method: method}, nil))
	}
	require.Len(t, odoo.asked, 4)
}
