package config

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the expected problems in testdata/bad")

// store is what a platform's settings look like.
type store struct {
	Domain  string        `yaml:"domain" validate:"required,fqdn"`
	Token   Secret        `yaml:"access_token" validate:"required"`
	Secrets []Secret      `yaml:"secrets" validate:"min=1,dive,required"`
	Money   string        `yaml:"money" validate:"oneof=shop presentment"`
	Every   time.Duration `yaml:"every" validate:"omitempty,min=1s"`
	Pages   int           `yaml:"pages" validate:"omitempty,max=250"`
	Proxy   *proxy        `yaml:"proxy"`
}

type proxy struct {
	Address string `yaml:"address" validate:"required,http_url"`
	Strict  bool   `yaml:"strict"`
}

// parseAll is what a start does: the whole file, and each shop's own block.
func parseAll(data []byte, name string, environ []string) (*Config, []store, error) {
	cfg, err := Parse(data, name, environ)
	if cfg == nil {
		return nil, nil, err
	}
	errs := []error{err}
	var stores []store
	for _, shop := range cfg.Shops {
		s := store{Money: "shop"}
		errs = append(errs, shop.Decode(&s))
		stores = append(stores, s)
	}
	return cfg, stores, Join(errs...)
}

// read gives a file of testdata and the environment beside it (x.env).
func read(t *testing.T, file string) (data []byte, environ []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	env, err := os.ReadFile(strings.TrimSuffix(file, ".yml") + ".env")
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	return data, strings.Split(strings.TrimSpace(string(env)), "\n")
}

func TestGoodFilesHaveNoProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, environ := read(t, file)
			_, _, err := parseAll(data, file, environ)
			require.NoError(t, err)
		})
	}
}

func TestBadFilesTellEveryProblemWithItsPlaceAndRemedy(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, environ := read(t, file)
			_, _, parseErr := parseAll(data, filepath.Base(file), environ)
			require.Error(t, parseErr)
			got := []byte(parseErr.Error() + "\n")
			golden := strings.TrimSuffix(file, ".yml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, got, 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("problems of %s (-want +got):\n%s", file, diff)
			}
			requireHidden(t, string(got), file)
			var problems Problems
			require.ErrorAs(t, parseErr, &problems)
		})
	}
}

func TestWhatIsLeftOutKeepsItsDefault(t *testing.T) {
	data, environ := read(t, "testdata/good/least.yml")
	cfg, stores, err := parseAll(data, "least.yml", environ)
	require.NoError(t, err)

	want := Default()
	want.Redis.URL = NewSecret("redis://127.0.0.1:6379/0")
	want.Odoo.URL, want.Odoo.Database, want.Odoo.User = "http://127.0.0.1:8069", "test", "admin"
	want.Odoo.Password = NewSecret("admin")
	want.Shops = cfg.Shops
	want.Worker.State = "/var/lib/odoogate/state.json" // beside the spool
	if diff := cmp.Diff(want, cfg, cmp.AllowUnexported(Shop{}), cmp.Comparer(func(a, b *block) bool { return a == b })); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	require.Nil(t, cfg.Monitor, "without its section the monitor is off")
	require.Equal(t, "shop", stores[0].Money, "a default set before Decode stays")
}

func TestValuesMeanWhatIsWritten(t *testing.T) {
	data, environ := read(t, "testdata/good/full.yml")
	cfg, stores, err := parseAll(data, "testdata/good/full.yml", environ)
	require.NoError(t, err)

	require.Equal(t, 1<<20, cfg.Server.BodyLimit)
	require.Equal(t, 64<<20, cfg.Server.InFlight)
	require.Equal(t, 1500*time.Millisecond, cfg.Server.ReadTimeout)
	require.Equal(t, "007", cfg.Monitor.Password.Reveal(), "digits of a secret stay as written")
	require.Equal(t, "2026", cfg.Odoo.Database, "a number stands for its text")
	require.Equal(t, "from the file", cfg.Odoo.Password.Reveal(), "the file's last line break is dropped")
	require.Equal(t, "redis://from-the-variable:6379/1", cfg.Redis.URL.Reveal())

	require.Equal(t, "json2", cfg.Odoo.Protocol)

	books := cfg.Shops[0].Books
	require.Equal(t, map[string]string{"EUR": "Webshop", "SEK": "Webshop SEK"}, books.Pricelists)
	require.Equal(t, "25.50", books.Taxes[0].Rate, "a rate keeps its digits")
	require.Equal(t, "NO", books.Taxes[0].Country, "Norway is no boolean")
	require.True(t, *books.Taxes[0].Included)
	require.Nil(t, books.Taxes[1].Included)
	require.True(t, books.Quotations())

	require.Equal(t, "fi.example.com", stores[0].Domain)
	require.Equal(t, []string{"new", "old"}, []string{stores[0].Secrets[0].Reveal(), stores[0].Secrets[1].Reveal()})
	require.Equal(t, &proxy{Address: "http://127.0.0.1:8090", Strict: true}, stores[0].Proxy)
}

func TestTheEnvironmentIsPutOverTheFile(t *testing.T) {
	data, environ := read(t, "testdata/good/environment.yml")
	cfg, stores, err := parseAll(data, "environment.yml", environ)
	require.NoError(t, err)

	require.Equal(t, "0.0.0.0:80", cfg.Server.Listen)
	require.Equal(t, 2<<20, cfg.Server.BodyLimit)
	require.Equal(t, 4*time.Second, cfg.Server.RequestTimeout, "an empty variable counts as unset")
	require.Equal(t, "watcher", cfg.Monitor.User, "a section may stand in the environment alone")
	require.Equal(t, "s3cret", cfg.Odoo.Password.Reveal(), "a missing reference does not matter where a variable overrides it")
	require.Equal(t, "token", stores[0].Token.Reveal())
	require.Equal(t, []string{"new", "old"}, []string{stores[0].Secrets[0].Reveal(), stores[0].Secrets[1].Reveal()})
	require.Equal(t, "http://127.0.0.1:9", stores[0].Proxy.Address)
	require.Equal(t, "se.example.com", stores[1].Domain, "a whole block may stand in the environment")
}

func TestLoadReadsAFile(t *testing.T) {
	_, environ := read(t, "testdata/good/full.yml")
	cfg, err := Load("testdata/good/full.yml", environ)
	require.NoError(t, err)
	require.Equal(t, "fi", cfg.Shops[0].ID)

	_, err = Load("testdata/missing.yml", nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "existing file")
}

func TestAFileThatIsNoConfigurationIsRefused(t *testing.T) {
	_, err := Parse(bytes.Repeat([]byte("#"), maxDocument+1), "big.yml", nil)
	require.ErrorContains(t, err, "big.yml: is larger than")
}

func TestASecretFileMustBeASmallRegularFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("x"), size), 0o600))
	}
	write("big", maxSecret+1)
	write("empty", 0)
	for target, words := range map[string]string{
		"big":     "is larger than",
		"empty":   "is empty",
		"missing": "cannot be read",
		".":       "is not a regular file",
	} {
		_, err := Parse([]byte("redis: {url: {file: "+target+"}}"), filepath.Join(dir, "x.yml"), nil)
		require.ErrorContains(t, err, words, target)
	}
}

func TestJoinSortsProblemsAndKeepsOtherErrors(t *testing.T) {
	second := Problem{File: "x.yml", Line: 10, Column: 1, Path: "b", Message: "second"}
	first := Problem{File: "x.yml", Line: 9, Column: 1, Path: "a", Message: "first"}
	other := errors.New("something else")

	require.NoError(t, Join())
	require.NoError(t, Join(nil, Problems(nil).Err()))
	require.Equal(t, Problems{first, second}, Join(Problems{second}, nil, Problems{first, second}))
	err := Join(other, Problems{second, first})
	require.ErrorIs(t, err, other)
	require.EqualError(t, err, "x.yml:9:1: a: first\nx.yml:10:1: b: second\nsomething else")
	require.ErrorIs(t, Join(other), other)
}
