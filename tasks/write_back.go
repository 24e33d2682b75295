package tasks

import (
	"errors"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// writeBack gives the shop's order the status of one that was delivered, once: whoever
// changes it in the shop after that knows better. What the shop then tells of our own
// change is known already and causes nothing.
func (w *Worker) writeBack(held *lease, shop *handlers.Shop, o *commerce.Order, end *ending) error {
	status := shop.Config.WriteBack.Delivered
	setter, ok := shop.Orders.(handlers.StatusSetter)
	if !ok || status == "" || end.rec.Told == status {
		return nil
	}
	if err := held.still(held.ctx); err != nil {
		return err
	}
	set, err := setter.SetStatus(held.ctx, o.Ref.ID, status)
	if errors.Is(err, handlers.ErrNotYet) {
		v := verdict(err, 1)
		w.log.Info("the order's status is not set yet", "shop", shop.ID, "ref", o.Ref.String(), "status", status, "detail", v.Detail, "remedy", v.Remedy)
		return nil
	}
	if err != nil {
		return err
	}
	end.rec.Told = status
	if !set {
		return nil
	}
	end.did("told", time.Now())
	now, err := end.ask(held.ctx, shop, o.Ref.ID)
	if err != nil { // it is a matter of one look more
		w.log.Debug("the order is not read after its status was set", "ref", o.Ref.String(), "detail", err.Error())
		return nil
	}
	// Whatever else changed with it, such as that it is paid now, is another run's.
	as := *now
	as.Financial, as.Fulfilment, as.Shipments = o.Financial, o.Fulfilment, o.Shipments
	if as.Digest() == o.Digest() && as.Progress() == o.Progress() {
		end.rec.UpdatedAt, end.rec.Digest = now.UpdatedAt, now.Digest()
		if shop.Config.Follows() {
			end.rec.Progress = now.Progress()
		}
	}
	return nil
}
