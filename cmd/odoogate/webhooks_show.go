package main

import (
	"errors"
	"fmt"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// writeWebhooks shows how the webhooks of a shop are.
func (p process) writeWebhooks(shop *handlers.Shop, l tasks.HookLook) error {
	rows := [][]string{{"TOPIC", "STATE", "ID", "ADDRESS", "WRONG"}}
	for _, s := range l.List {
		rows = append(rows, []string{s.Topic, string(s.State), dash(s.ID), s.Address, dash(s.Wrong)})
	}
	if err := columns(p.out, rows); err != nil {
		return err
	}
	var said []string
	for _, s := range l.List {
		if s.Wrong != "" && s.Fix == nil {
			said = append(said, s.Topic+": "+s.Remedy)
		}
	}
	if l.Others > 0 {
		said = append(said, fmt.Sprintf("%s of this app to other addresses, which are left alone", commerce.Count(l.Others, "webhook")))
	}
	switch n := len(l.Plan()); {
	case l.Address == "":
		said = append(said, "where they must lead is not known: set server.public_url to the address that the shops post to")
	case !l.Removed.IsZero():
		said = append(said, fmt.Sprintf("removed by an operator at %s, and left so; make them anew with: odoogate webhooks sync %s --yes", moment(l.Removed), shop.ID))
	case n > 0:
		said = append(said, fmt.Sprintf("%s to make; all was right last at %s; see odoogate webhooks sync %s", commerce.Count(n, "change"), moment(l.Right), shop.ID))
	case l.Wrong() == 0:
		said = append(said, "all is right")
	}
	for _, text := range said {
		if _, err := fmt.Fprintln(p.out, text); err != nil {
			return err
		}
	}
	return nil
}

// writeHooksDone shows what was changed, or would be and how that is asked for. Its error
// says what was not.
func (p process) writeHooksDone(opt deskOptions, did tasks.HooksDone, failed error, earnest string) error {
	if n := did.Failures(); failed == nil && n > 0 {
		failed = fmt.Errorf("%s could not be made", commerce.Count(n, "change"))
	}
	changes := len(did.Plan) + len(did.Done)
	switch {
	case failed != nil && changes == 0:
		return failed
	case opt.json:
		return errors.Join(failed, p.writeJSON(did))
	case changes == 0:
		_, err := fmt.Fprintln(p.out, "nothing to change")
		return err
	case did.DryRun:
		return p.writeHookPlan(did.Plan, earnest)
	}
	return errors.Join(failed, p.writeHookDone(did.HookLook))
}

func (p process) writeHookPlan(plan []handlers.HookChange, earnest string) error {
	rows := [][]string{{"WOULD", "TOPIC", "ID", "ADDRESS"}}
	for _, c := range plan {
		rows = append(rows, []string{string(c.Do), c.Topic, dash(c.ID), c.Address})
	}
	if err := columns(p.out, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "dry run, nothing is changed; do it with: %s\n", earnest)
	return err
}

func (p process) writeHookDone(l tasks.HookLook) error {
	rows := [][]string{{"DID", "TOPIC", "ID", "ADDRESS", "OUTCOME"}}
	for _, d := range l.Done {
		outcome := "made"
		switch {
		case d.Failed != "":
			outcome = d.Failed
		case !d.Made:
			outcome = "was so already"
		}
		rows = append(rows, []string{string(d.Do), d.Topic, dash(d.ID), d.Address, outcome})
	}
	if err := columns(p.out, rows); err != nil || l.Since.IsZero() {
		return err
	}
	_, err := fmt.Fprintf(p.out, "the shop is asked for what changed since %s: its webhooks may have missed it\n", moment(l.Since))
	return err
}
