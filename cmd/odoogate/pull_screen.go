package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// fewRecords is up to how many a dry run tells the steps of each.
const fewRecords = 10

// print tells each record as it comes, then the sum of them; as JSON all at once.
func (u *pulling) print(all iter.Seq2[tasks.Pulled, error]) error {
	list, states := []tasks.Pulled{}, map[tasks.Outcome]int{}
	badly := 0
	var failed error
	for one, err := range all {
		if err != nil {
			failed = err
			break
		}
		states[one.State]++
		if !one.Well() {
			badly++
		}
		if u.json {
			list = append(list, one)
			continue
		}
		u.bar.end()
		if _, err := fmt.Fprint(u.out, u.told(one)); err != nil {
			return err
		}
	}
	u.bar.end()
	err := u.sum(list, states)
	switch {
	case err != nil:
		return err
	case errors.Is(failed, context.DeadlineExceeded):
		done := 0
		for _, n := range states {
			done += n
		}
		return fmt.Errorf("not through after %s: %d of %s; what is left goes on by itself: see odoogate events ls %s, that a worker serves, and that the shop is not paused",
			commerce.Span(u.timeout), len(u.ids)-done, commerce.Count(len(u.ids), u.kind), u.shop)
	case failed != nil:
		return failed
	case badly > 0:
		return fmt.Errorf("parked or failed: %d of %s", badly, commerce.Count(len(u.ids), u.kind))
	}
	return nil
}

// told is one record in a line, with what to do about it.
func (u *pulling) told(one tasks.Pulled) string {
	text := string(one.State)
	if one.Reason != "" {
		text += " (" + one.Reason + ")"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-20s  %-16s  %s\n", one.ID, dash(one.Event), listed(text, one.Odoo))
	if one.Detail != "" && one.Reason != "observed" {
		fmt.Fprintf(&b, "    %s\n", broken(one.Detail, 4))
	}
	if one.Remedy != "" {
		fmt.Fprintf(&b, "    → %s\n", broken(one.Remedy, 6))
	}
	if len(u.ids) <= fewRecords {
		for _, step := range one.Plan {
			fmt.Fprintf(&b, "    %s\n", broken(step, 6))
		}
	}
	return b.String()
}

func (u *pulling) sum(list []tasks.Pulled, states map[tasks.Outcome]int) error {
	if u.json && u.kind == commerce.KindContact {
		return u.writeJSON(tasks.PushedCustomers{DryRun: u.dryRun, Shop: u.shop, Contacts: list})
	}
	if u.json && u.wish.Customers {
		return u.writeJSON(tasks.PulledCustomers{DryRun: u.dryRun, Customers: list})
	}
	if u.json {
		return u.writeJSON(tasks.PulledOrders{DryRun: u.dryRun, Before: u.before, Orders: list})
	}
	var words []string
	for _, s := range append([]tasks.Outcome{tasks.Asked, tasks.Planned}, tasks.States()...) {
		if n := states[s]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, s))
		}
	}
	text := commerce.Count(len(u.ids), u.kind) + "."
	if len(words) > 0 {
		text = commerce.Count(len(u.ids), u.kind) + ": " + strings.Join(words, ", ") + "."
	}
	if u.before > 0 {
		text += fmt.Sprintf(" %d placed before go_live (%s) stay out.", u.before, u.Shop.Config.GoLive)
	}
	if states[tasks.Asked] > 0 {
		text += " The next workers that are free look at them; odoogate events show tells how each ends."
		if !u.Shop.Config.Live() {
			text += fmt.Sprintf(" Shop %s only observes: nothing is written.", u.Shop.ID)
		}
	}
	_, err := fmt.Fprintln(u.out, text)
	return err
}
