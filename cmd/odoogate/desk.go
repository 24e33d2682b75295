package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

// deskOptions are the flags of commands that work on what is held in Redis.
type deskOptions struct {
	config  string
	json    bool
	timeout time.Duration
}

func (o *deskOptions) flags(cmd *cobra.Command) { o.flagsWithin(cmd, 10*time.Second) }

// flagsWithin is flags for what usually takes another time.
func (o *deskOptions) flagsWithin(cmd *cobra.Command, timeout time.Duration) {
	o.flagsFor(cmd, timeout, "how long all of it may take")
}

// flagsFor is flags where the timeout is of something else.
func (o *deskOptions) flagsFor(cmd *cobra.Command, timeout time.Duration, of string) {
	cmd.Flags().StringVarP(&o.config, "config", "c", "odoogate.yml", "the configuration file")
	cmd.Flags().BoolVar(&o.json, "json", false, "print it as JSON, as the API answers it")
	cmd.Flags().DurationVar(&o.timeout, "timeout", timeout, of)
	cmd.Flag("timeout").DefValue = commerce.Span(timeout)
}

// tell prints an answer as JSON for programs, or else in words.
func (p process) tell(opt deskOptions, answer any, words string, args ...any) error {
	if opt.json {
		return p.writeJSON(answer)
	}
	_, err := fmt.Fprintf(p.out, words, args...)
	return err
}

// desk is what an operator works at: the configured shops and what Redis holds.
type desk struct {
	cfg      *config.Config
	journal  *tasks.Journal
	shops    map[string]*handlers.Shop
	operator *tasks.Operator
	bodies   func(ctx context.Context, shop, event string) ([]byte, error)
}

// atDesk opens the desk for the time of work. With a shop it must be one of the
// configuration.
func (p process) atDesk(ctx context.Context, opt deskOptions, shop string, work func(context.Context, *desk) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, opt.timeout)
	defer cancel()
	cfg, err := config.Load(opt.config, p.environ)
	if err != nil {
		return err
	}
	if shop != "" && !slices.Contains(shopNames(cfg), shop) {
		return fmt.Errorf("%s has no shop %q; it has %s", opt.config, shop, strings.Join(shopNames(cfg), ", "))
	}
	quiet := slog.New(slog.DiscardHandler)
	tasks.RouteRedisLog(quiet)
	rdb, err := tasks.OpenDesk(cfg.Redis)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rdb.Close(); err == nil {
			err = closeErr
		}
	}()
	shops, err := all.Open(cfg, handlers.Deps{Log: quiet, Limiter: ratesOf(tasks.NewLimiter(rdb))})
	if err != nil {
		return err
	}
	bodies, err := tasks.NewBodies(cfg.Journal)
	if err != nil {
		return err
	}
	odoo := odooclient.New(cfg.Odoo, odooclient.Options{}) // connects when it is asked
	defer odoo.Close()
	books := erp.New(odoo, erp.Options{Ties: tasks.NewTies(rdb)})
	return work(ctx, &desk{
		cfg:     cfg,
		journal: tasks.NewJournal(rdb),
		shops:   shops,
		operator: tasks.NewOperator(tasks.OperatorOptions{Redis: rdb, Shops: shops, Books: books, Lookback: cfg.Worker.Lookback, Who: p.who(),
			Alerts: tasks.NewAlerts(tasks.AlertOptions{Config: cfg.Alerts, Redis: rdb, Shops: shops, Books: books, Log: quiet})}),
		bodies: func(ctx context.Context, shop, event string) ([]byte, error) {
			return bodies.Read(ctx, rdb, shop, event)
		},
	})
}

// who names the person at this terminal in the audit: who called sudo, else the user of
// the process, by number where it has no name, as in an image.
func (p process) who() string {
	for _, name := range []string{"SUDO_USER=", "USER="} {
		for _, set := range p.environ {
			if who, ok := strings.CutPrefix(set, name); ok && who != "" && (name != "SUDO_USER=" || os.Geteuid() == 0) {
				return who
			}
		}
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// columns writes rows of cells below each other.
func columns(out io.Writer, rows [][]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := fmt.Fprintln(w, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// moment is a time for people, "–" where there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}
