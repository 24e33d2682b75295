package gateway

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/odoogate/odoogate/tasks"
)

const (
	mostAdopted = 50  // orders of one request; each is read on both sides
	mostBound   = 500 // rows of one request
	mostTold    = 1000
)

func pullOrders(k *call) (any, error) {
	b := struct {
		IDs    []string  `json:"ids"`
		Nums   []string  `json:"numbers"`
		From   time.Time `json:"from"`
		To     time.Time `json:"to"`
		By     string    `json:"by"`
		DryRun bool      `json:"dry_run"`
	}{By: "placed"}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if b.By != "placed" && b.By != "changed" {
		return nil, invalid(fmt.Sprintf("by is %q; it is placed or changed", b.By))
	}
	return k.op.Pull(k.ctx, k.Params("shop"), tasks.PullWish{IDs: b.IDs, Numbers: b.Nums, From: b.From, To: b.To, Changed: b.By == "changed"}, b.DryRun)
}

func pullCustomers(k *call) (any, error) {
	var b struct {
		IDs    []string  `json:"ids"`
		From   time.Time `json:"from"`
		To     time.Time `json:"to"`
		All    bool      `json:"all"`
		DryRun bool      `json:"dry_run"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	return k.op.PullCustomers(k.ctx, k.Params("shop"), tasks.PullWish{IDs: b.IDs, From: b.From, To: b.To, All: b.All}, b.DryRun)
}

func pushCustomers(k *call) (any, error) {
	var b struct {
		IDs    []string `json:"ids"`
		DryRun bool     `json:"dry_run"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	return k.op.PushCustomers(k.ctx, k.Params("shop"), b.IDs, b.DryRun)
}

func proveShop(k *call) (any, error) {
	b := struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
		Most int       `json:"most"`
	}{Most: 100}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if b.Most < 1 || b.Most > mostTold {
		return nil, invalid(fmt.Sprintf("most is %d; it is from 1 to %d", b.Most, mostTold))
	}
	return k.op.Prove(k.ctx, k.Params("shop"), b.From, b.To, b.Most)
}

func adoptOrders(k *call) (any, error) {
	var b struct {
		earnest
		Orders []string `json:"orders"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if n := len(b.Orders); n == 0 || n > mostAdopted {
		return nil, invalid(fmt.Sprintf("%d orders are named; it is from 1 to %d", n, mostAdopted))
	}
	return k.op.Adopt(k.ctx, k.Params("shop"), b.Orders, b.Yes)
}

func releaseOrder(k *call) (any, error) {
	if err := k.body(&struct{}{}); err != nil {
		return nil, err
	}
	return k.op.Release(k.ctx, k.Params("shop"), k.Params("order"))
}

func reimportOrder(k *call) (any, error) {
	var b earnest
	if err := k.body(&b); err != nil {
		return nil, err
	}
	return k.op.ReimportOrder(k.ctx, k.Params("shop"), k.Params("order"), b.Yes)
}

func listBindings(k *call) (any, error) {
	list, err := k.op.Bindings(k.ctx, k.Params("shop"))
	return fiber.Map{"bindings": list}, err
}

func bindRecords(k *call) (any, error) {
	var b struct {
		earnest
		Bindings []struct {
			Kind string `json:"kind"`
			ID   string `json:"id"`
			Odoo string `json:"odoo"`
		} `json:"bindings"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	if n := len(b.Bindings); n == 0 || n > mostBound {
		return nil, invalid(fmt.Sprintf("there are %d bindings; it is from 1 to %d", n, mostBound))
	}
	list := make([]tasks.Binding, len(b.Bindings))
	for i, one := range b.Bindings {
		list[i] = tasks.Binding{Row: i + 1, Kind: one.Kind, ID: one.ID, Odoo: one.Odoo}
	}
	return k.op.Bind(k.ctx, k.Params("shop"), list, "the API", b.Yes)
}

func redactCustomer(k *call) (any, error) {
	var b struct {
		earnest
		Customer string   `json:"customer"`
		Orders   []string `json:"orders"`
	}
	if err := k.body(&b); err != nil {
		return nil, err
	}
	return k.op.Redact(k.ctx, k.Params("shop"), b.Customer, b.Orders, b.Yes)
}
