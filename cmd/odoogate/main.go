// Command odoogate carries what happens in shops into Odoo.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // zones are named in the configuration, and small images have none

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := process{environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr}
	err := p.run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "odoogate:", err)
		os.Exit(1)
	}
}

// process is what a command gets of the world around it; tests make their own.
type process struct {
	environ  []string
	in       io.Reader
	out, err io.Writer
}

// run is main without the process: it returns when ctx ends or the command does.
func (p process) run(ctx context.Context, args []string) error {
	root := p.root()
	root.SetArgs(args)
	if err := knownCommand(root, args); err != nil {
		return err
	}
	return root.ExecuteContext(ctx)
}

// root holds all commands.
func (p process) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "odoogate",
		Short:         "A webhook-first event gateway between shops and Odoo",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		p.initCommand(),
		p.checkCommand(),
		p.serveCommand(),
		p.demoCommand(),
		p.orderCommand(),
		p.pullCommand(),
		p.pushCommand(),
		p.proveCommand(),
		p.eventsCommand(),
		p.failuresCommand(),
		p.traceCommand(),
		p.explainCommand(),
		p.rulesCommand(),
		p.adoptCommand(),
		p.bindCommand(),
		p.shopCommand(),
		p.jobsCommand(),
		p.cursorCommand(),
		p.webhooksCommand(),
		p.alertsCommand(),
		p.privacyCommand(),
		p.redactCommand(),
		p.auditCommand(),
		p.bundleCommand(),
		p.healthzCommand(),
		p.versionCommand(),
	)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	tellUsage(root)
	return root
}

// tellUsage has each command that is given too many or too few words say how it goes.
func tellUsage(cmd *cobra.Command) {
	if fits := cmd.Args; fits != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := fits(cmd, args); err != nil {
				return fmt.Errorf("%w; it goes: %s", err, cmd.UseLine())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		tellUsage(sub)
	}
}

// knownCommand refuses a word that a group of commands does not have: by itself cobra
// prints the group's help and ends well.
func knownCommand(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil || cmd == root || cmd.Runnable() || len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
		return nil // cobra says what is wrong, or nothing is
	}
	return fmt.Errorf("unknown command %q for %q; see %s --help", rest[0], cmd.CommandPath(), cmd.CommandPath())
}

func (p process) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built with",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.out, version())
			return err
		},
	}
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "odoogate (unknown build)"
	}
	v, revision := info.Main.Version, ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			revision = " " + s.Value[:12]
		}
	}
	if v == "" {
		v = "(devel)"
	}
	return "odoogate " + v + revision + " " + info.GoVersion
}
