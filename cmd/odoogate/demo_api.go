package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/odoogate/odoogate/tasks"
)

// calm waits until the jobs of all shops have run: the webhooks stand then, and what is
// sold after that comes in by them, not by the sweep with which odoogate begins.
func (w *world) calm(ctx context.Context) error {
	var err error
	done := w.await(ctx, func() bool {
		for _, shop := range w.cfg.Shops {
			var got struct{ Jobs []tasks.JobState }
			err = w.api(ctx, http.MethodGet, "/api/shops/"+shop.ID+"/jobs", "", &got)
			if err != nil || slices.ContainsFunc(got.Jobs, func(j tasks.JobState) bool { return j.State != "off" && (j.State != "waits" || j.Outcome != "ok") }) {
				return false
			}
		}
		return true
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !done && err == nil:
		err = fmt.Errorf("the jobs of the shops did not run within %s", demoPatience)
	}
	return err
}

// api asks odoogate as an operator's program does; into may be nil.
func (w *world) api(ctx context.Context, method, path, body string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+demoToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // what was read counts
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	case into == nil:
		return nil
	}
	return json.Unmarshal(text, into)
}
