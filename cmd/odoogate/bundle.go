package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

const bundleMetrics = 8 << 20 // bytes

func (p process) bundleCommand() *cobra.Command {
	var opt deskOptions
	var out, metrics string
	cmd := &cobra.Command{
		Use:   "bundle",
		Short: "Write an archive for whoever helps you, without secrets and personal data",
		Long: `Write an archive (tar.gz) for whoever helps you: the version, the configuration with
[secret] in place of every secret, what check finds, the shops and their pauses, the
last events, those that need a person and their causes, the queue, Redis, and the metrics of a
serving process. It holds no bodies, no names and no addresses; order numbers, ids and
the internal references of products are in it. Look through it before you send it.

A part that cannot be had is left out, and its place says why.`,
		Example: `  odoogate bundle --config /etc/odoogate/odoogate.yml
  odoogate bundle --out /tmp/odoogate.tar.gz --metrics http://127.0.0.1:8080/metrics`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				out = time.Now().UTC().Format("odoogate-bundle-20060102-150405.tar.gz")
			}
			return p.bundle(cmd.Context(), opt, out, metrics)
		},
	}
	opt.flags(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "the file to write (odoogate-bundle-<time>.tar.gz)")
	cmd.Flags().StringVar(&metrics, "metrics", "", "where a serving process shows its metrics (http:// + server.listen + /metrics)")
	return cmd
}

func (p process) bundle(ctx context.Context, opt deskOptions, out, metrics string) (err error) {
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("%w; name another file with --out", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(out)
		}
	}()
	b, err := tasks.NewBundle(f, version())
	if err == nil {
		err = errors.Join(p.fillBundle(ctx, b, opt, metrics), b.Close())
	}
	if err != nil {
		return err
	}
	return p.tell(opt, map[string]any{"file": out, "parts": b.Parts}, "%s holds %s; look through it before you send it.\n", out, commerce.Count(b.Parts, "part"))
}

func (p process) fillBundle(ctx context.Context, b *tasks.Bundle, opt deskOptions, metrics string) error {
	cfg, cfgErr := config.Load(opt.config, p.environ)
	if err := b.Part("config", func() (any, error) { return cfg, cfgErr }); err != nil {
		return err
	}
	err := b.Part("check", func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, opt.timeout)
		defer cancel()
		return p.findings(ctx, opt.config)
	})
	if err != nil || cfg == nil {
		return err
	}
	// Its own errors end the archive; a Redis that is away is told in its parts.
	err = p.atDesk(ctx, opt, "", func(ctx context.Context, d *desk) error { return d.operator.Fill(ctx, b) })
	if err != nil {
		err = b.Part("journal", func() (any, error) { return nil, err })
	}
	if err != nil {
		return err
	}
	if metrics == "" {
		metrics = "http://" + cfg.Server.Listen + "/metrics"
	}
	return b.Metrics(func() ([]byte, error) { return fetchMetrics(ctx, metrics) })
}

func fetchMetrics(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s; name a serving process with --metrics", url, resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, bundleMetrics))
	return bytes.ToValidUTF8(text, nil), err
}
