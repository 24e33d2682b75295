// Command odoogate carries what happens in shops into Odoo.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
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
	root.SetArgs(args)
	root.SetOut(p.out)
	root.SetErr(p.err)
	return root.ExecuteContext(ctx)
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
