package config

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Default is the configuration before file and environment: whatever has a
// default, and no shops.
func Default() *Config {
	return &Config{
		Server: Server{
			Listen:         "127.0.0.1:8080",
			BodyLimit:      16 << 20,
			InFlight:       256 << 20,
			ReadTimeout:    10 * time.Second,
			RequestTimeout: 5 * time.Second,
			Drain:          5 * time.Second,
			Grace:          20 * time.Second,
		},
		Redis: Redis{AcceptTimeout: 300 * time.Millisecond, PoolSize: 128},
		Spool: Spool{Path: "/var/lib/odoogate/spool.db", MaxSize: 1 << 30, MinFree: 256 << 20},
		Odoo:  Odoo{Connections: 2, Protocol: "auto", Timeout: 120 * time.Second},
		Worker: Worker{
			Live:     64,
			Sweep:    16,
			Lease:    6 * time.Second,
			Retry:    15 * time.Minute,
			Lookback: 72 * time.Hour,
		},
		Jobs:    Jobs{Sweep: Job{Enabled: new(true), Every: 5 * time.Minute}, Webhooks: Job{Enabled: new(true), Every: 2 * time.Minute}, Customers: Job{Enabled: new(true), Every: 24 * time.Hour}},
		Journal: Journal{Keep: Keep(30 * 24 * time.Hour), Bodies: true},
		Alerts:  Alerts{Repeat: 4 * time.Hour, Gather: time.Minute, Away: 5 * time.Minute},
		Log:     Log{Level: "info", Format: "json"},
	}
}

// Load reads and checks a configuration file; see Parse.
func Load(path string, environ []string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w; give the path of an existing file", err)
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(data, path, environ)
}

// Parse reads a configuration, puts environ (NAME=value, as of os.Environ) over
// it, resolves secrets and checks everything. name is the file's, for problems
// and for relative secret files. The error is Problems, all there are. Unless
// the text is no YAML at all the Config is returned beside it, for shops to be
// decoded and their problems added (Join); it must not be run with.
func Parse(data []byte, name string, environ []string) (*Config, error) {
	root, err := document(data, name)
	if err != nil {
		return nil, err
	}
	d := newDecoder(name, filepath.Dir(name), newEnvironment(environ))
	if root != nil {
		ast.Walk(referencedVariables{used: d.env.used}, root)
	}
	cfg := Default()
	d.decode(site{node: root, variable: prefix}, reflect.ValueOf(cfg).Elem())
	d.unknownVariables(cfg)
	d.check(cfg, "")
	if cfg.Worker.State == "" {
		cfg.Worker.State = filepath.Join(filepath.Dir(cfg.Spool.Path), "state.json")
	}
	for i := range cfg.Shops {
		cfg.Shops[i].Jobs = cfg.Shops[i].Jobs.within(cfg.Jobs)
	}
	return cfg, d.problems.Err()
}

// unknownVariables reports variables that override nothing. Those of a known
// shop are left for Shop.Decode, which knows the keys of the platform.
func (d *decoder) unknownVariables(cfg *Config) {
	for _, name := range d.env.unused(prefix) {
		if slices.ContainsFunc(cfg.Shops, func(s Shop) bool {
			return s.ID != "" && strings.HasPrefix(name, shopVariable(s.ID))
		}) {
			continue
		}
		message := "overrides no setting; "
		if best := nearest(name, d.variables()); best != "" {
			message += fmt.Sprintf("did you mean %q?", best)
		} else {
			message += "variables are named " + prefix + "<SECTION>_<KEY>, those of a shop's own block " + prefix + "SHOP_<ID>_<KEY>"
		}
		d.problems = append(d.problems, Problem{File: "environment", Path: name, Message: message})
	}
}

// variables are the names that would override a setting.
func (d *decoder) variables() []string {
	return slices.Sorted(maps.Values(d.names))
}
