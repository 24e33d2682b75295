package tasks

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// raise tells of an event that ended in a way at which a person must look; person says
// that its record waits for one.
func (w *Worker) raise(ctx context.Context, e commerce.Event, v Verdict, number string, person bool) {
	denied := v.Outcome == Retry && v.Reason == string(commerce.Denied)
	if !w.alerts.active() || !person && !denied {
		return
	}
	var all []Alert
	if denied {
		all = []Alert{deniedAlert(e.Ref.Shop, v)}
	} else {
		all = personAlerts(e.Aggregate, v, number)
	}
	for _, alert := range all {
		alert.Event = entryID(e.TaskID())
		w.alerts.Raise(ctx, alert)
	}
}

// deniedAlert is about credentials or rights that do not suffice: nothing goes on before
// they do. What Odoo refuses belongs to all shops.
func deniedAlert(shop string, v Verdict) Alert {
	a := Alert{Kind: config.AlertShopDenied, Severity: Critical, Shop: shop, Cause: alertCause(v.Reason, v.Detail),
		Reason: v.Reason, Detail: v.Detail, Remedy: v.Remedy, Look: "odoogate check"}
	if strings.HasPrefix(v.op, "erp.") {
		a.Kind, a.Shop = config.AlertOdooDenied, ""
	}
	return a
}

// personAlerts are about a record at which a person must look: one for each thing that
// it lacks, for others lack the same.
func personAlerts(ref commerce.Ref, v Verdict, number string) []Alert {
	a := Alert{Kind: config.AlertParked, Severity: Warning, Shop: ref.Shop, Cause: alertCause(v.Reason, v.Detail), Ref: ref, Number: number,
		Reason: v.Reason, Detail: v.Detail, Remedy: v.Remedy, Look: lookAtRef(ref, number)}
	for _, need := range v.Needs {
		a.Needs = append(a.Needs, named(need))
	}
	lacks := mappings(v.Needs)
	switch {
	case v.Outcome != Parked:
		a.Kind = config.AlertFailed
	case v.Reason == string(commerce.Diverged):
		a.Kind = config.AlertDiverged
	case len(lacks) > 0:
		var all []Alert
		for _, need := range lacks {
			one := a
			one.Kind, one.Cause = config.AlertMapping, causeOfNeed(need)
			all = append(all, one)
		}
		return all
	}
	return []Alert{a}
}

// mostMappings bounds what one order can raise.
const mostMappings = 20

// mappings are the needs that somebody has to map or make, one for each thing: what a
// product may be found by besides is no other thing.
func mappings(needs []string) []string {
	var all, also []string
	for _, need := range needs {
		switch kind, _, _ := strings.Cut(need, "/"); kind {
		case "confirmed", "invoiceable", "unlocked", "partner": // a person acts on one record
		case "barcode":
			also = append(also, need)
		default:
			all = append(all, need)
		}
	}
	if len(all) == 0 {
		all = also
	}
	return all[:min(len(all), mostMappings)]
}

// causeOfNeed names a need for people, and tells apart what a rule is chosen by without
// saying it.
func causeOfNeed(need string) string {
	if short := named(need); short != need {
		return short + "/" + entryID(need)[:8]
	}
	return need
}

var figures = regexp.MustCompile(`[0-9]+(?:[.,:][0-9]+)*`)

// alertCause is what several records have in common that wait for the same reason: what
// was found, without the numbers in it.
func alertCause(reason, detail string) string {
	return reason + ": " + oneLine(figures.ReplaceAllString(detail, "#"), 200)
}

func lookAtRef(ref commerce.Ref, number string) string {
	switch {
	case ref.Kind == commerce.KindCustomer, ref.Kind == commerce.KindContact:
		return "odoogate events ls " + ref.Shop + " --record " + member(ref)
	case ref.Kind != commerce.KindOrder:
		return "odoogate events ls " + ref.Shop + " --state parked"
	case number != "" && !strings.ContainsAny(number, "'\\"):
		return fmt.Sprintf("odoogate order show %s '%s'", ref.Shop, number)
	}
	return "odoogate order show " + ref.Shop + " " + ref.ID
}

// recordAlerts are those of a record as the journal has it, the same that its run raised.
func recordAlerts(rec Record) []Alert {
	if rec.Outcome == Retry && rec.Reason == string(commerce.Denied) {
		return nil // it stands for as long as its event comes again
	}
	return personAlerts(rec.Ref, Verdict{Outcome: rec.Outcome, Reason: rec.Reason, Detail: rec.Detail, Remedy: rec.Remedy, Needs: rec.Needs}, "")
}

func lostAlert(shop string, since time.Time) Alert {
	return Alert{Kind: config.AlertRedisLost, Severity: Critical, Shop: shop, Cause: "lost",
		Detail: "Redis lost data; the shop is asked again for what changed since " + utc(since),
		Remedy: "look why Redis forgot (appendonly, its disk, maxmemory-policy); orders come again by themselves", Look: "odoogate check"}
}

// ofRecords are the kinds that stand for as long as records wait for a person.
func ofRecords(kind string) bool {
	return slices.Contains([]string{config.AlertMapping, config.AlertParked, config.AlertDiverged, config.AlertFailed}, kind)
}
