package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

const deployed = "../../deploy/"

func deployFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(deployed + name)
	require.NoError(t, err)
	return string(raw)
}

// found is the one group of pattern in text.
func found(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)` + pattern).FindStringSubmatch(text)
	require.NotNil(t, m, "no %s", pattern)
	return m[1]
}

func TestEveryYAMLOfTheDeploymentParses(t *testing.T) {
	n := 0
	require.NoError(t, filepath.WalkDir(deployed, func(path string, _ os.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || ext != ".yml" && ext != ".yaml" {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		var v map[string]any
		require.NoError(t, yaml.Unmarshal(raw, &v), path)
		require.NotEmpty(t, v, path)
		n++
		return nil
	}))
	require.GreaterOrEqual(t, n, 5)
}

type composeService struct {
	Image       string            `yaml:"image"`
	User        string            `yaml:"user"`
	Restart     string            `yaml:"restart"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop"`
	CapAdd      []string          `yaml:"cap_add"`
	SecurityOpt []string          `yaml:"security_opt"`
	Grace       string            `yaml:"stop_grace_period"`
	Memory      string            `yaml:"mem_limit"`
	Pids        int               `yaml:"pids_limit"`
	Ports       []string          `yaml:"ports"`
	Environment map[string]string `yaml:"environment"`
	Networks    []string          `yaml:"networks"`
	Volumes     []string          `yaml:"volumes"`
	Command     any               `yaml:"command"`
	Health      struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

type composeFile struct {
	Services map[string]composeService `yaml:"services"`
	Secrets  map[string]struct {
		File string `yaml:"file"`
	} `yaml:"secrets"`
	Networks map[string]struct {
		Internal bool `yaml:"internal"`
	} `yaml:"networks"`
}

func compose(t *testing.T) composeFile {
	t.Helper()
	var c composeFile
	require.NoError(t, yaml.Unmarshal([]byte(deployFile(t, "compose.yaml")), &c))
	require.Contains(t, c.Services, "gateway")
	return c
}

func TestEveryContainerGivesUpWhatItDoesNotNeed(t *testing.T) {
	for name, s := range compose(t).Services {
		require.True(t, s.ReadOnly, "%s: read_only", name)
		require.Equal(t, []string{"ALL"}, s.CapDrop, name)
		require.Equal(t, []string{"no-new-privileges:true"}, s.SecurityOpt, name)
		require.NotEmpty(t, s.Memory, "%s: mem_limit", name)
		require.Positive(t, s.Pids, "%s: pids_limit", name)
		require.NotContains(t, s.Image, ":latest", name)
		require.Contains(t, s.Image, ":", "%s: an image without a version", name)
		if s.Restart != "no" {
			require.NotEmpty(t, s.Health.Test, "%s: healthcheck", name)
		}
		for _, p := range s.Ports {
			if name != "caddy" {
				require.True(t, strings.HasPrefix(p, "127.0.0.1:"), "%s publishes %s to everybody", name, p)
			}
		}
		if name != "caddy" {
			require.Empty(t, s.CapAdd, name)
		}
	}
}

func TestTheImageRunsAsANumberThatIsNotRoot(t *testing.T) {
	text := deployFile(t, "Dockerfile")
	user := found(t, text, `^USER (\S+)$`)
	require.Regexp(t, `^[1-9][0-9]{3,}:[1-9][0-9]{3,}$`, user)
	require.Regexp(t, `\$\{ODOOGATE_USER:-`+user+`\}`, deployFile(t, "compose.yaml"), "compose and image name another user")
	require.Contains(t, text, "FROM scratch")
	require.Contains(t, text, "CGO_ENABLED=0")
	gomod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	require.Equal(t, found(t, string(gomod), `^go (\d+\.\d+)`), found(t, text, `^ARG GO_VERSION=(\d+\.\d+)$`))
}

func TestCommandsAndPortsOfTheDeploymentAgreeWithTheBinary(t *testing.T) {
	c, set := compose(t), config.Default().Server
	_, port, err := net.SplitHostPort(set.Listen)
	require.NoError(t, err)
	docker, unit := deployFile(t, "Dockerfile"), deployFile(t, "odoogate.service")
	require.Contains(t, docker, "\nEXPOSE "+port+"\n")
	require.Contains(t, docker, "ODOOGATE_SERVER_LISTEN=0.0.0.0:"+port+"\n")
	require.Contains(t, deployFile(t, "Caddyfile"), "{$ODOOGATE_UPSTREAM:gateway:"+port+"}")
	require.Equal(t, "gateway:"+port, c.Services["caddy"].Environment["ODOOGATE_UPSTREAM"])
	require.Equal(t, []string{"127.0.0.1:" + port + ":" + port}, c.Services["gateway"].Ports)
	require.Contains(t, deployFile(t, "prometheus/prometheus.yml"), "names: [gateway, worker], type: A, port: "+port)

	lines := []string{
		strings.Join(jsonList(found(t, docker, `^CMD (\[.*\])$`)), " "),
		strings.TrimPrefix(found(t, unit, `^ExecStart=(.*)$`), "/usr/local/bin/odoogate "),
	}
	for _, name := range []string{"gateway", "worker"} {
		s := c.Services[name]
		require.Equal(t, "0.0.0.0:"+port, s.Environment["ODOOGATE_SERVER_LISTEN"])
		require.Contains(t, s.Health.Test[len(s.Health.Test)-1], ":"+port+"/readyz")
		lines = append(lines, words(s.Command), strings.Join(s.Health.Test[2:], " "))
		require.Contains(t, words(s.Command), "--role "+name)
	}
	p := process{out: io.Discard, err: io.Discard}
	for _, line := range lines {
		// --help stops before anything is done, and after the flags were read.
		require.NoError(t, p.run(context.Background(), append(strings.Fields(line), "--help")), line)
	}
}

func words(command any) string { return strings.Trim(fmt.Sprint(command), "[]") }

func jsonList(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

func TestNobodyIsKilledBeforeItsGraceIsOver(t *testing.T) {
	set := config.Default().Server
	grace := set.Drain + set.Grace
	for _, name := range []string{"gateway", "worker"} {
		given, err := time.ParseDuration(compose(t).Services[name].Grace)
		require.NoError(t, err)
		require.Greater(t, given, grace, name)
	}
	given, err := time.ParseDuration(found(t, deployFile(t, "odoogate.service"), `^TimeoutStopSec=(\S+)$`))
	require.NoError(t, err)
	require.Greater(t, given, grace)
}

func TestMemoryLimitsHoldTheBodiesInFlight(t *testing.T) {
	set := config.Default().Server
	require.Equal(t, "1g", compose(t).Services["gateway"].Memory)
	require.Contains(t, deployFile(t, "odoogate.service"), "\nMemoryMax=1G\n")
	require.LessOrEqual(t, 2*set.InFlight, 1<<30, "raise mem_limit and MemoryMax with server.in_flight")
}

func TestRedisKeepsWhatWasAccepted(t *testing.T) {
	c := compose(t)
	command := words(c.Services["redis"].Command)
	for _, want := range []string{"--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"} {
		require.Contains(t, command, want)
	}
	require.Equal(t, []string{"back"}, c.Services["redis"].Networks)
	require.True(t, c.Networks["back"].Internal, "Redis has no password, so nobody else may reach it")
}

func TestTheSpoolIsKeptWhereTheDefaultIs(t *testing.T) {
	dir := filepath.Dir(config.Default().Spool.Path)
	c := compose(t)
	require.Contains(t, c.Services["gateway"].Volumes, "spool:"+dir)
	require.NotContains(t, c.Services["worker"].Volumes, "spool:"+dir, "a spool belongs to one process")
	require.Equal(t, filepath.Base(dir), found(t, deployFile(t, "odoogate.service"), `^StateDirectory=(\S+)$`))
	docker := deployFile(t, "Dockerfile")
	require.Contains(t, docker, "mkdir -m 1777 -p /out/state/"+filepath.Base(dir))
	require.Contains(t, docker, "COPY --from=build /out/state "+filepath.Dir(dir)+"\n")
}

func TestOnlyHooksArePublic(t *testing.T) {
	caddy := deployFile(t, "Caddyfile")
	require.Equal(t, 1, strings.Count(caddy, "reverse_proxy"))
	require.Regexp(t, `handle @hooks \{[^@]*reverse_proxy`, caddy, "the proxy stands outside of the hooks' block")
	if strings.Contains(caddy, "lb_try_duration") {
		require.Contains(t, caddy, "request_buffers", "a body that is not held cannot be sent again")
		var minor int
		_, err := fmt.Sscanf(compose(t).Services["caddy"].Image, "caddy:2.%d-alpine", &minor)
		require.NoError(t, err)
		require.GreaterOrEqual(t, minor, 11, "Caddy before 2.11.2 sends a held body again without its bytes")
	}
	hooks := regexp.MustCompile(found(t, caddy, `@hooks path_regexp (\S+)$`))
	for path, public := range map[string]bool{
		"/hooks/fi": true, "/hooks/a1": true, "/hooks/" + strings.Repeat("a", 16): true,
		"/hooks/": false, "/hooks/F": false, "/hooks/fi/x": false, "/hooks/../metrics": false, "/hooks/fi/../../metrics": false,
		"/metrics": false, "/monitor": false, "/api/shops": false, "/healthz": false, "/readyz": false, "/": false, "/hooks/" + strings.Repeat("a", 17): false,
	} {
		require.Equal(t, public, hooks.MatchString(path), path)
	}
	var megabytes int
	_, err := fmt.Sscanf(found(t, caddy, `max_size (\S+)$`), "%dMB", &megabytes)
	require.NoError(t, err)
	require.Greater(t, megabytes*1_000_000, config.Default().Server.BodyLimit, "odoogate's own 413 must come first")
}

func TestTheExampleRunsWithWhatComposeAndTheUnitGiveIt(t *testing.T) {
	manual := deployFile(t, "odoogate.example.yml")
	var environ []string
	for _, m := range regexp.MustCompile(`(?m)^[^#\n]*\{env: (\w+)\}`).FindAllStringSubmatch(manual, -1) {
		if m[1] != "REDIS_URL" { // compose gives it
			environ = append(environ, m[1]+"="+strings.Repeat("value", 7))
		}
	}
	for name, value := range compose(t).Services["gateway"].Environment {
		environ = append(environ, name+"="+regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(value, "hooks.example.com"))
	}
	cfg, err := config.Parse([]byte(manual), "odoogate.example.yml", environ)
	require.NoError(t, err)
	require.Equal(t, "redis://redis:6379/0", cfg.Redis.URL.Reveal())
	require.Equal(t, "https://hooks.example.com", cfg.Server.PublicURL)
}

func TestEveryVariableAndSecretFileIsExplained(t *testing.T) {
	c := compose(t)
	example := deployFile(t, ".env.example")
	for _, m := range regexp.MustCompile(`\$\{(\w+)`).FindAllStringSubmatch(deployFile(t, "compose.yaml"), -1) {
		require.Regexp(t, `(?m)^#? ?`+m[1]+`=`, example, ".env.example does not tell of %s", m[1])
	}
	var docs strings.Builder
	for _, page := range docPages(t) {
		docs.WriteString(deployFile(t, "docs/"+page))
	}
	for name, secret := range c.Secrets {
		require.Contains(t, docs.String(), strings.TrimPrefix(secret.File, "./"), "no page tells how to make the secret %s", name)
	}
	for _, m := range regexp.MustCompile(`(?m)^LoadCredential=(\w+):`).FindAllStringSubmatch(deployFile(t, "odoogate.service"), -1) {
		require.Contains(t, docs.String(), m[1], "no page tells of the credential %s", m[1])
	}
	ignored, err := os.ReadFile("../../.gitignore")
	require.NoError(t, err)
	for _, path := range []string{".env", "/deploy/odoogate/", "/deploy/secrets/"} {
		require.Contains(t, string(ignored), path+"\n", "a secret could be committed")
	}
}

func docPages(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(deployed + "docs")
	require.NoError(t, err)
	var pages []string
	for _, e := range entries {
		pages = append(pages, e.Name())
	}
	require.NotEmpty(t, pages)
	return pages
}

// What a page tells people to type is read by the binary as it stands.
func TestCommandsInThePagesExist(t *testing.T) {
	p := process{out: io.Discard, err: io.Discard}
	n := 0
	for _, page := range docPages(t) {
		text := strings.ReplaceAll(deployFile(t, "docs/"+page), "\\\n", " ")
		for _, m := range regexp.MustCompile("(?m)(?:^ *(?:sudo )?odoogate|`odoogate|odoogate:local|run --rm gateway) ((?:[a-z]+)(?: [^`#\n|<>&]*)?)").FindAllStringSubmatch(text, -1) {
			args := strings.Fields(m[1])
			require.NoError(t, p.run(context.Background(), append(args, "--help")), "%s: odoogate %s", page, m[1])
			n++
		}
	}
	require.Positive(t, n)
}
