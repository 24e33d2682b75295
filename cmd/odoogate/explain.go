package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

func (p process) explainCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "explain <shop> <order id>",
		Short: "Say what would be written to Odoo for one order, and why",
		Long: `Read one order from its shop, plan it, and say what would be written to Odoo:
the workflow and each setting that holds for it with the place it comes from, why
each line stands on its product and taxes, the steps, and what would park it. It
writes nothing.

The order id is the shop's own, such as 5001 in .../orders/5001. Of a customer's
account, odoogate pull customers --dry-run says what would be written.`,
		Example: `  odoogate explain fi 5001 --config /etc/odoogate/odoogate.yml
  odoogate explain fi 5001 --json | jq '.settings[] | select(.from and .from != "default")'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return p.explain(cmd.Context(), opt, args[0], args[1]) },
	}
	opt.flagsWithin(cmd, time.Minute)
	return cmd
}

func (p process) explain(ctx context.Context, opt deskOptions, id, order string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, opt.timeout)
	defer cancel()
	d, err := p.openDesk(opt, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	e, err := d.operator.Explain(ctx, id, order)
	if err != nil {
		return err
	}
	if opt.json {
		return p.writeJSON(e)
	}
	return writeExplanation(p.out, e)
}

// tiesIfAny reads what is bound, or says that it is not known while Redis is away: what
// is shown without it is the same for nearly all orders.
func (p process) tiesIfAny(ties erp.Ties) erp.Ties { return tiesIfAny{ties, p.err} }

type tiesIfAny struct {
	ties erp.Ties
	out  io.Writer
}

func (t tiesIfAny) Ties(ctx context.Context, shop string, of []erp.Tie) (map[erp.Tie]int64, error) {
	all, err := t.ties.Ties(ctx, shop, of)
	if err != nil {
		_, err = fmt.Fprintln(t.out, "odoogate: Redis cannot be read, so what odoogate bind has bound is left out here")
	}
	return all, err
}

// openShop reads the configuration and opens the one of its shops that is meant, until
// it is closed.
func (p process) openShop(path, id string) (_ *config.Config, _ *handlers.Shop, shut func() error, err error) {
	cfg, err := config.Load(path, p.environ)
	if err != nil {
		return nil, nil, nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	tasks.RouteRedisLog(quiet)
	rdb, err := tasks.OpenWork(cfg.Redis)
	if err != nil {
		return nil, nil, nil, err
	}
	shops, err := all.Open(cfg, handlers.Deps{Log: quiet, Limiter: ratesOf(tasks.NewLimiter(rdb))})
	shop := shops[id]
	if err == nil && (shop == nil || shop.Orders == nil) {
		err = fmt.Errorf("%s has no shop %q with orders; it has %s", path, id, strings.Join(shopNames(cfg), ", "))
	}
	if err != nil {
		return nil, nil, nil, errors.Join(err, rdb.Close())
	}
	return cfg, shop, rdb.Close, nil
}

func (p process) writeJSON(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func shopNames(cfg *config.Config) []string {
	var names []string
	for _, s := range cfg.Shops {
		names = append(names, s.ID)
	}
	return names
}

// writeExplanation is for people: what holds first, then why, then what.
func writeExplanation(w io.Writer, e erp.Explanation) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s with %s tax\n", e.Order, e.Number, e.Total, e.Tax)
	title := func(text string) { fmt.Fprintf(&b, "\n%s\n", text) }
	title("Channels and rules are chosen by")
	for _, f := range e.Facts {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Key, dash(f.Value))
	}
	title("Settings, and where they stand")
	unset := []string{}
	for _, s := range append([]config.Setting{e.Workflow}, e.Settings...) {
		if s.From == "" {
			unset = append(unset, s.Key)
			continue
		}
		fmt.Fprintf(&b, "  %-26s %-30s %s\n", s.Key, s.Value, s.From)
	}
	fmt.Fprintf(&b, "  %s\n", broken("nowhere said, so as Odoo decides or none: "+strings.Join(unset, ", "), 2))
	section := func(name string, lines []string) {
		if len(lines) == 0 {
			return
		}
		title(name)
		for _, l := range lines {
			fmt.Fprintf(&b, "  %s\n", broken(l, 4))
		}
	}
	section("Why", e.Reasons)
	section("Look at", e.Notices)
	section("What would be written", e.Steps)
	if s := e.Stopped; s != nil {
		title("It would be parked (" + string(s.Reason) + ")")
		fmt.Fprintf(&b, "  %s\n  → %s\n", broken(s.Detail, 4), broken(s.Remedy, 4))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}
