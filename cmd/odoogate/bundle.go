package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

const (
	bundleEvents  = 500     // of each shop: those that need a person, and as many of the last
	bundleMetrics = 8 << 20 // bytes
)

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
	z := gzip.NewWriter(f)
	b := &bundle{tar: tar.NewWriter(z), now: time.Now()}
	err = p.fillBundle(ctx, b, opt, metrics)
	if err = errors.Join(err, b.tar.Close(), z.Close()); err != nil {
		return err
	}
	return p.tell(opt, map[string]any{"file": out, "parts": b.parts}, "%s holds %s; look through it before you send it.\n", out, commerce.Count(b.parts, "part"))
}

// bundle is the archive in the making.
type bundle struct {
	tar   *tar.Writer
	now   time.Time
	parts int
}

func (b *bundle) add(name string, content []byte) error {
	b.parts++
	err := b.tar.WriteHeader(&tar.Header{Name: "odoogate/" + name, Mode: 0o600, Size: int64(len(content)), ModTime: b.now})
	if err == nil {
		_, err = b.tar.Write(content)
	}
	return err
}

// part adds what get gives as JSON, or else why it cannot be had.
func (b *bundle) part(name string, get func() (any, error)) error {
	v, err := get()
	if err != nil {
		v = map[string]string{"left_out_because": err.Error()}
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return b.add(name+".json", append(text, '\n'))
}

func (p process) fillBundle(ctx context.Context, b *bundle, opt deskOptions, metrics string) error {
	about := map[string]string{"version": version(), "system": runtime.GOOS + "/" + runtime.GOARCH, "written": b.now.UTC().Format(time.RFC3339)}
	if err := b.part("about", func() (any, error) { return about, nil }); err != nil {
		return err
	}
	cfg, cfgErr := config.Load(opt.config, p.environ)
	if err := b.part("config", func() (any, error) { return cfg, cfgErr }); err != nil {
		return err
	}
	err := b.part("check", func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, opt.timeout)
		defer cancel()
		return p.findings(ctx, opt.config)
	})
	if err != nil || cfg == nil {
		return err
	}
	// Its own errors end the archive; a Redis that is away is told in its parts.
	err = p.atDesk(ctx, opt, "", func(ctx context.Context, d *desk) error { return b.held(ctx, d) })
	if err != nil {
		err = b.part("journal", func() (any, error) { return nil, err })
	}
	if err != nil {
		return err
	}
	if metrics == "" {
		metrics = "http://" + cfg.Server.Listen + "/metrics"
	}
	text, err := fetchMetrics(ctx, metrics)
	if err != nil {
		return b.part("metrics", func() (any, error) { return nil, err })
	}
	return b.add("metrics.txt", text)
}

// held adds what Redis holds.
func (b *bundle) held(ctx context.Context, d *desk) error {
	if err := b.part("shops", func() (any, error) { return d.operator.Shops(ctx) }); err != nil {
		return err
	}
	if err := b.part("queue", func() (any, error) { return d.queue.State(ctx) }); err != nil {
		return err
	}
	if err := b.part("failures", func() (any, error) { return d.operator.Failures(ctx, "") }); err != nil {
		return err
	}
	for _, shop := range shopNames(d.cfg) {
		for name, q := range map[string]tasks.Query{
			"last": {Shop: shop}, "people": {Shop: shop, States: []tasks.Outcome{tasks.Parked, tasks.Failed}},
		} {
			if err := b.part("events-"+shop+"-"+name, func() (any, error) { return d.someEvents(ctx, q) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *desk) someEvents(ctx context.Context, q tasks.Query) (any, error) {
	list := []tasks.EventView{}
	for e, err := range d.journal.Events(ctx, q) {
		if err != nil || len(list) == bundleEvents {
			return list, err
		}
		list = append(list, e.View())
	}
	return list, nil
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
