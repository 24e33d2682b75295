package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// exposed is what /metrics of a running odoogate shows: metric → label → values.
type exposed map[string]map[string][]string

var (
	seriesLine = regexp.MustCompile(`^(\w+)(?:\{(.*)\})? \S+$`)
	labelPair  = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	selector   = regexp.MustCompile(`\b(odoogate_\w+|process_\w+|go_\w+|up|ALERTS)(?:\{([^}]*)\})?`)
	grouping   = regexp.MustCompile(`\bby \(([^)]*)\)`)
	labelUse   = regexp.MustCompile(`\$labels\.(\w+)|\{\{(\w+)\}\}`)
)

// scraped are the labels that Prometheus adds by our prometheus.yml.
var scraped = []string{"job", "instance", "role"}

// scrape starts the demo's odoogate and reads its metrics once.
func scrape(t *testing.T) exposed {
	t.Helper()
	p := process{out: io.Discard, err: io.Discard}
	w, err := openWorld(context.Background(), p, demoOptions{listen: "127.0.0.1:0"})
	require.NoError(t, err)
	defer func() { require.NoError(t, w.close()) }()
	a, err := w.app(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ln, err := listen(w.cfg.Server.Listen)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- a.run(ctx, ln) }()
	defer func() { stop(); require.NoError(t, <-served) }()
	require.NoError(t, w.ready(ctx))
	resp, err := w.client.Get(w.url + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	e := exposed{"up": {}, "ALERTS": {"alertstate": {"pending", "firing"}}}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if m := seriesLine.FindStringSubmatch(lines.Text()); m != nil {
			e.add(m[1], m[2])
		}
	}
	return e
}

func (e exposed) add(name, labels string) {
	if e[name] == nil {
		e[name] = map[string][]string{}
	}
	for _, l := range labelPair.FindAllStringSubmatch(labels, -1) {
		e[name][l[1]] = append(e[name][l[1]], l[3])
	}
}

// check holds an expression against what is exposed; kept are the labels its
// result has.
func (e exposed) check(t *testing.T, where, expr string) (kept []string) {
	t.Helper()
	selectors := selector.FindAllStringSubmatch(expr, -1)
	if len(selectors) == 0 {
		t.Errorf("%s names no metric of ours: %s", where, expr)
	}
	var groups []string
	for _, g := range grouping.FindAllStringSubmatch(expr, -1) {
		for name := range strings.SplitSeq(g[1], ",") {
			groups = append(groups, strings.TrimSpace(name))
		}
	}
	for _, s := range selectors {
		labels, known := e[s[1]]
		if !known {
			t.Errorf("%s: no metric %s is exposed", where, s[1])
			continue
		}
		for _, g := range groups {
			if _, ok := labels[g]; !ok && !slices.Contains(scraped, g) {
				t.Errorf("%s: %s has no label %s to group by", where, s[1], g)
			}
		}
		for _, m := range labelPair.FindAllStringSubmatch(s[2], -1) {
			e.checkMatcher(t, where, s[1], m[1], m[2], m[3])
		}
		for name := range labels {
			kept = append(kept, name)
		}
	}
	if len(groups) > 0 {
		return groups
	}
	return append(kept, scraped...)
}

func (e exposed) checkMatcher(t *testing.T, where, metric, label, op, value string) {
	t.Helper()
	if slices.Contains(scraped, label) {
		return
	}
	values, ok := e[metric][label]
	if !ok {
		t.Errorf("%s: %s has no label %s", where, metric, label)
		return
	}
	for one := range strings.SplitSeq(value, "|") {
		if op == "!=" || op == "!~" || slices.Contains(values, one) {
			continue
		}
		// What only another platform or another outcome of a remote makes is
		// named here, so that a misspelt word cannot pass as one.
		t.Errorf("%s: no series of %s has %s=%q", where, metric, label, one)
	}
}

func TestEveryAlertIsComputedFromMetricsThatExist(t *testing.T) {
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(deployFile(t, "prometheus/rules.yml")), &file))
	e := scrape(t)
	names := map[string]bool{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			require.False(t, names[r.Alert], "%s stands there twice", r.Alert)
			names[r.Alert] = true
			kept := e.check(t, r.Alert, r.Expr)
			require.Contains(t, []string{"critical", "warning"}, r.Labels["severity"], r.Alert)
			for _, part := range []string{"summary", "description", "action"} {
				text := r.Annotations[part]
				require.NotEmpty(t, text, "%s says no %s", r.Alert, part)
				for _, m := range labelUse.FindAllStringSubmatch(text, -1) {
					require.Contains(t, kept, m[1], "%s: its %s names a label that the result has not", r.Alert, part)
				}
			}
		}
	}
	require.GreaterOrEqual(t, len(names), 15)
}

func TestEveryPanelShowsMetricsThatExist(t *testing.T) {
	var board struct {
		Panels []struct {
			Title       string
			Description string
			Targets     []struct{ Expr, LegendFormat string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(deployFile(t, "grafana/dashboards/odoogate.json")), &board))
	e := scrape(t)
	require.GreaterOrEqual(t, len(board.Panels), 10)
	for _, p := range board.Panels {
		require.NotEmpty(t, p.Description, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			kept := e.check(t, p.Title, target.Expr)
			for _, m := range labelUse.FindAllStringSubmatch(target.LegendFormat, -1) {
				require.Contains(t, kept, m[2], "%s: the legend names a label that the result has not", p.Title)
			}
		}
	}
}
