package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

// reimportOptions are the flags of order reimport.
type reimportOptions struct {
	deskOptions
	yes, wait bool
}

func (p process) orderReimportCommand() *cobra.Command {
	var opt reimportOptions
	cmd := &cobra.Command{
		Use:   "reimport <shop> <order>",
		Short: "Make Odoo equal to the shop's order again, deleting nothing; a dry run without --yes",
		Long: `Make Odoo equal to the present state of one order in its shop, also where people
changed it in Odoo since: an ordinary run leaves their work alone, here the shop
wins. Nothing is deleted. What Odoo does not allow any more stays refused with its
remedy: an order that is locked or cancelled there, or quantities below what was
delivered or invoiced. Lines that people added stay. An order that Odoo does not
have is made, if the import rules let it in.

Without --yes nothing is written: it shows what differs and what would be written.
With --yes the next free worker does it, and goes on trying where it has to wait.

The order is the shop's own id, such as 5001 in .../orders/5001, or else the number
that Odoo knows it by.

Status 0: shown, or asked for; with --wait: the run ended as done.`,
		Example: `  odoogate order reimport fi 5001 --config /etc/odoogate/odoogate.yml
  odoogate order reimport fi 5001 --yes --wait`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.reimportOrder(cmd.Context(), opt, args[0], args[1])
		},
	}
	cmd.Flags().BoolVarP(&opt.yes, "yes", "y", false, "ask a worker for it")
	cmd.Flags().BoolVar(&opt.wait, "wait", false, "with --yes: wait for the end of the run, and end by its outcome")
	opt.flagsFor(cmd, time.Minute, "how long each side, and with --wait the run, may take")
	return cmd
}

func (p process) reimportOrder(ctx context.Context, opt reimportOptions, shop, order string) (err error) {
	if opt.wait && !opt.yes {
		return errors.New("--wait waits for a run, and only --yes asks for one")
	}
	d, err := p.openDesk(opt.deskOptions, shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	l, err := d.operator.Look(ctx, shop, order, opt.timeout)
	if err != nil {
		return err
	}
	out, err := d.rehearse(ctx, l)
	if err != nil {
		return err
	}
	words := p.out
	if opt.json {
		words = io.Discard
	}
	differ, _ := l.Differences()
	if err := writeRehearsal(words, l, out, differ, opt.yes); err != nil {
		return err
	}
	did := tasks.Rehearsed(l.Ref.ID, out, opt.yes)
	if opt.yes {
		if did.Ended, err = d.reimport(ctx, l, out, opt.wait, words); err != nil {
			return err
		}
	}
	if opt.json {
		return p.writeJSON(did)
	}
	return nil
}

// rehearse plans what a worker would do. What the books would refuse is an error
// with its remedy.
func (d *orderDesk) rehearse(ctx context.Context, l *tasks.Looked) (out erp.Outcome, err error) {
	if err := errors.Join(l.ShopErr, l.OdooErr); err != nil {
		return out, err
	}
	err = d.ask(ctx, func(ctx context.Context) (err error) {
		out, err = d.operator.RehearseReimport(ctx, l.Order, l.Record)
		return err
	})
	return out, err
}

// writeRehearsal says what differs now and what a run would write; earnest: one is
// about to be asked for.
func writeRehearsal(w io.Writer, l *tasks.Looked, out erp.Outcome, differ []erp.Difference, earnest bool) error {
	s := &screen{}
	title := "dry run, nothing is written"
	if earnest {
		title = "reimport"
	}
	fmt.Fprintf(&s.text, "%s (%s): %s\n", l.Ref, dash(l.Order.Number), title)
	if l.JournalErr != nil {
		s.part("Journal", "cannot be read, so this is planned with nothing remembered: "+l.JournalErr.Error())
	}
	switch {
	case out.Action == "skipped" && l.Story.Order != nil:
		s.part("Left alone", out.Reason)
	case out.Action == "skipped":
		s.part("Stays out", out.Reason)
	case out.Would == "created":
		s.part("Would create", "Odoo has no such order, and the import rules let it in")
	case out.Would == "unchanged":
		s.part("Nothing", "of the order itself would be written; a run would only see to these:")
	default:
		s.part("Would write", "so that "+out.OdooName+" is as the shop says:")
	}
	for _, step := range out.Plan {
		s.row("", step)
	}
	if len(differ) > 0 && l.Story.Order != nil {
		s.part("Differs now", "")
		for _, d := range differ {
			s.row("", fmt.Sprintf("%s: %s in the shop, %s in Odoo", d.What, d.Shop, d.Odoo))
		}
		if slices.ContainsFunc(l.Story.Lines, erp.StoryLine.Added) {
			s.row("", "→ lines that people added stay: take them out first, or the totals differ and the order is parked")
		}
	}
	_, err := io.WriteString(w, s.text.String())
	return err
}

// reimport asks a worker for a run in which the shop wins, and perhaps waits for it: then
// it says how the order stands after it.
func (d *orderDesk) reimport(ctx context.Context, l *tasks.Looked, out erp.Outcome, wait bool, words io.Writer) (ended string, err error) {
	if l.JournalErr != nil {
		return "", l.JournalErr
	}
	name := ""
	err = d.ask(ctx, func(ctx context.Context) (err error) {
		name, err = d.operator.Reimport(ctx, l.Ref, out)
		return err
	})
	if err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(words, "\nAsked for: the next worker that is free does it.\n"); err != nil || !wait {
		return "", err
	}
	if ended, err = d.awaitReimport(ctx, l.Ref, name); err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(words, "%s: %s\n", l.Ref, ended)
	return ended, err
}

// awaitReimport waits for the end of the run of that name and says how the order stands
// then; its error says that it did not end as done, or not in time.
func (d *orderDesk) awaitReimport(ctx context.Context, ref commerce.Ref, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, d.within)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	state := "no run began yet; see that a worker serves"
	for {
		rec, _, err := d.journal.Get(ctx, ref)
		switch {
		case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded): // a call that the deadline ended
			return "", fmt.Errorf("%s is not through after %s (%s); it goes on by itself, see odoogate order show %s %s", ref, commerce.Span(d.within), state, ref.Shop, ref.ID)
		case err != nil:
			return "", err
		case rec.Reimported != name:
		case rec.Outcome == tasks.Retry || rec.Outcome == tasks.Snooze:
			state = rec.Stands()
		case rec.Outcome == tasks.Done:
			return rec.Stands(), nil
		default:
			return "", fmt.Errorf("%s ended as %s", ref, rec.Stands())
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}
