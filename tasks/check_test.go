package tasks

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// gravest are the findings that are not well, by level and first words.
func gravest(found []commerce.Finding) []string {
	var out []string
	for _, f := range found {
		if f.Level == commerce.OK {
			continue
		}
		words := strings.Fields(f.Text)
		out = append(out, string(f.Level)+": "+strings.Join(words[:min(4, len(words))], " "))
	}
	return out
}

func TestARealRedisIsJudged(t *testing.T) {
	good := redistest.Start(t, "--appendonly", "yes")
	found := CheckRedis(t.Context(), good.Client())
	require.Empty(t, gravest(found))
	require.GreaterOrEqual(t, len(found), 4)

	bad := redistest.Start(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	require.Equal(t, []string{"warning: what it holds is", "problem: accepted events may be"}, gravest(CheckRedis(t.Context(), bad.Client())))

	replica := redistest.Start(t, "--appendonly", "yes", "--replicaof", strings.ReplaceAll(good.Addr, ":", " "))
	require.Equal(t, []string{"problem: this Redis is a"}, gravest(CheckRedis(t.Context(), replica.Client())))
}

func TestARedisThatIsAwayOrWantsAPasswordIsAProblem(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "hush")
	require.Equal(t, []string{"problem: Redis does not answer:"}, gravest(CheckRedis(t.Context(), server.Client())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, []string{"problem: Redis does not answer:"}, gravest(CheckRedis(ctx, server.Client())))
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer away.Close()
	require.Equal(t, []string{"problem: Redis does not answer:"}, gravest(CheckRedis(t.Context(), away)))
}

func TestWhatRedisTellsOfItselfIsUnderstood(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"a managed one that hides everything", "", []string{"warning: Redis does not tell", "warning: Redis does not tell"}},
		{"an old one", "redis_version:5.0.14\r\nrole:master\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n", []string{"problem: Redis 5.0.14 is too"}},
		{"Valkey", "redis_version:7.2.4\r\nvalkey_version:8.1.0\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n", nil},
		{"a full disk", "redis_version:7.2.4\r\naof_enabled:1\r\naof_last_write_status:err\r\nmaxmemory_policy:noeviction\r\n", []string{"problem: Redis fails to write"}},
		{"a cluster", "redis_version:7.2.4\r\ncluster_enabled:1\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n", []string{"problem: this Redis is a"}},
		{"a policy without a limit", "redis_version:7.2.4\r\naof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:volatile-lru\r\n", []string{"warning: maxmemory-policy is volatile-lru; without"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &commerce.Findings{Part: "redis"}
			i := redisInfo(tc.text)
			i.version(f)
			i.role(f)
			i.persistence(f)
			i.memory(f)
			if diff := cmp.Diff(tc.want, gravest(f.List)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, one := range f.List {
				require.Equal(t, one.Level != commerce.OK, one.Remedy != "")
			}
		})
	}
}

func TestCheckSaysWhetherTheStateFileCanBeKept(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte("{"), 0o600))
	for path, want := range map[string]struct {
		level commerce.Level
		text  string
	}{
		filepath.Join(dir, "new", "state.json"): {commerce.OK, "can be written"},
		broken:                                  {commerce.Problem, "cannot be read: unexpected end"},
		filepath.Join(broken, "state.json"):     {commerce.Problem, "not a directory"},
	} {
		found := CheckState(path)
		require.Len(t, found, 1)
		require.Equal(t, want.level, found[0].Level, found[0].Text)
		require.Contains(t, found[0].Text, want.text)
	}
}

func TestCheckSaysWhetherTheSpoolHasAPlaceAndRoom(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, row := range []struct {
		cfg   config.Spool
		level commerce.Level
		text  string
	}{
		{config.Spool{Path: filepath.Join(dir, "state", "spool.db"), MaxSize: 1 << 20}, commerce.OK, "room for 1 MiB"},
		{config.Spool{Path: filepath.Join(dir, "spool.db"), MaxSize: 1 << 60}, commerce.Warning, "less than spool.max_size"},
		{config.Spool{Path: filepath.Join(dir, "spool.db"), MinFree: 1 << 60}, commerce.Problem, "spool.min_free"},
		{config.Spool{Path: filepath.Join(file, "spool.db"), MaxSize: 1 << 20}, commerce.Problem, "not a directory"},
	} {
		found := CheckSpool(row.cfg)
		require.Len(t, found, 1)
		require.Equal(t, row.level, found[0].Level, found[0].Text)
		require.Contains(t, found[0].Text, row.text)
	}
	_, err := os.Stat(filepath.Join(dir, "state"))
	require.ErrorIs(t, err, os.ErrNotExist, "check makes nothing")
}
