package tasks

import (
	"context"
	"slices"
	"sync"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// CheckReport is what a look at everything found.
type CheckReport struct {
	Findings []commerce.Finding `json:"findings"`
	Problems int                `json:"problems"`
	Warnings int                `json:"warnings"`
}

// NewCheckReport counts what was found.
func NewCheckReport(found []commerce.Finding) CheckReport {
	r := CheckReport{Findings: found}
	for _, f := range found {
		switch f.Level {
		case commerce.Problem:
			r.Problems++
		case commerce.Warning:
			r.Warnings++
		}
	}
	return r
}

// Check asks Redis, Odoo, the shops and the targets of alerts of a configuration at the
// same time, until ctx ends, and returns the findings in the order of the file. It only
// reads.
func (o *Operator) Check(ctx context.Context, cfg *config.Config) []commerce.Finding {
	var redis, inOdoo, ofAlerts []commerce.Finding
	ofShops := make([][]commerce.Finding, len(cfg.Shops))
	var wg sync.WaitGroup
	wg.Go(func() { redis = CheckRedis(ctx, o.rdb) })
	wg.Go(func() { ofAlerts = CheckAlerts(ctx, cfg.Alerts) })
	wg.Go(func() { inOdoo = o.odoo.Check(ctx, cfg.Shops) })
	for i, shop := range cfg.Shops {
		wg.Go(func() {
			hook := handlers.HookURL(cfg.Server.PublicURL, shop.ID)
			ofShops[i] = append(CheckShop(ctx, o.pauses, o.requests, shop.ID), o.checkShop(ctx, shop, hook)...)
		})
	}
	wg.Wait()

	out := slices.Concat(redis, CheckSpool(cfg.Spool), CheckState(cfg.Worker.State))
	byPart := map[string][]commerce.Finding{}
	for _, f := range inOdoo {
		if f.Part == "odoo" {
			out = append(out, f)
			continue
		}
		byPart[f.Part] = append(byPart[f.Part], f)
	}
	for i, shop := range cfg.Shops {
		out = append(out, ofShops[i]...)
		out = append(out, byPart["shop "+shop.ID]...)
		if len(byPart["shop "+shop.ID]) > 0 { // else Odoo could not be asked
			out = append(out, o.odoo.CheckNeeds(ctx, shop, needsOf(ofShops[i]))...)
		}
	}
	return append(out, ofAlerts...)
}

func needsOf(found []commerce.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Needs...)
	}
	return out
}

// checkShop asks one shop, and tries the address that it posts to.
func (o *Operator) checkShop(ctx context.Context, shop config.Shop, hook string) []commerce.Finding {
	f := &commerce.Findings{Part: "shop " + shop.ID}
	opened := o.shops[shop.ID]
	if opened.Check != nil {
		f.List = append(f.List, opened.Check(ctx)...)
	}
	if opened.SharedSecret {
		f.OK("another shop has the same signing secret: the first booking of each order reads the shop")
	}
	if opened.Receiver != nil {
		tryHook(ctx, f, hook)
	}
	if !shop.Live() {
		f.OK("mode observe: what would be written to Odoo is shown, and nothing is written")
		f.List[len(f.List)-1].Remedy = "set mode: live and go_live in the shop's part of the configuration when what it shows is right"
	}
	return f.List
}
