package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthzTimeout is longer than a server takes to find out that a part is away.
const healthzTimeout = 3 * time.Second

func (p process) healthzCommand() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "healthz",
		Short: "Ask a running odoogate whether it is well; for health checks in containers",
		Long: `Ask a running odoogate whether it is well, and end with status 0 only if it
answers 200. It is for places that have no curl, as our own image. /readyz says
whether deliveries can be stored, /healthz only that the process lives.`,
		Example: `  odoogate healthz
  odoogate healthz --url http://127.0.0.1:8081/healthz`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.healthz(cmd.Context(), url) },
	}
	cmd.Flags().StringVar(&url, "url", "http://127.0.0.1:8080/readyz", "where to ask")
	return cmd
}

func (p process) healthz(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, healthzTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	// A transport of its own: what is asked stands beside us, never behind a proxy.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%w; is odoogate serve running there?", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	text := strings.TrimSpace(string(answer))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %d: %s", url, resp.StatusCode, text)
	}
	_, err = fmt.Fprintln(p.out, text)
	return err
}
