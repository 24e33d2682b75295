package tasks

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// oldestRedis is the first major version whose commands all exist.
const oldestRedis = 6

// CheckRedis says whether a Redis can be trusted with accepted deliveries:
// reachable, the primary, kept on disk, and evicting nothing. It only reads.
func CheckRedis(ctx context.Context, rdb redis.UniversalClient) []commerce.Finding {
	f := &commerce.Findings{Part: "redis"}
	text, err := rdb.Info(ctx).Result()
	if err != nil {
		f.Problem("see that Redis runs, that redis.url is right and that this machine reaches it; a password belongs into the URL", "Redis does not answer: %s", plainRedis(err))
		return f.List
	}
	i := redisInfo(text)
	i.version(f)
	i.role(f)
	i.persistence(f)
	i.memory(f)
	if now, err := rdb.Time(ctx).Result(); err == nil {
		f.Skew("Redis's", time.Until(now))
	}
	return f.List
}

// plainRedis is the server's own word, or the kind of a failure to reach it.
func plainRedis(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// info is what INFO answers, by key.
type info map[string]string

func redisInfo(text string) info {
	out := info{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			out[key] = value
		}
	}
	return out
}

func (i info) version(f *commerce.Findings) {
	v := i["redis_version"]
	name := "Redis"
	if other := i["valkey_version"]; other != "" {
		name, v = "Valkey", other
	}
	major, _, _ := strings.Cut(v, ".")
	if n, err := strconv.Atoi(major); err == nil && n < oldestRedis {
		f.Problem("use Redis 6.2 or newer, or Valkey", "%s %s is too old", name, v)
		return
	}
	f.OK("%s answers", strings.TrimSpace(name+" "+v))
}

func (i info) role(f *commerce.Findings) {
	switch i["role"] {
	case "slave", "replica":
		f.Problem("let redis.url lead to the primary", "this Redis is a replica: it takes no writes and may be behind")
	}
	if i["cluster_enabled"] == "1" {
		f.Problem("use a single Redis, or one with Sentinel", "this Redis is a cluster, which odoogate does not speak with")
	}
}

func (i info) persistence(f *commerce.Findings) {
	switch {
	case i["aof_enabled"] == "1" && i["aof_last_write_status"] == "err":
		f.Problem("make room on Redis's disk and look into its log", "Redis fails to write its append-only file")
	case i["aof_enabled"] == "1":
		f.OK("what it holds is kept on disk (appendonly yes)")
	case i["aof_enabled"] == "":
		f.Warn("see that appendonly is yes, and that the user of redis.url may run INFO", "Redis does not tell whether it keeps its data on disk")
	default:
		f.Warn("set appendonly yes in redis.conf (at once: CONFIG SET appendonly yes, then CONFIG REWRITE)",
			"what it holds is lost with its process (appendonly no): orders are then asked for again, and other events and the journal are gone")
	}
}

func (i info) memory(f *commerce.Findings) {
	policy := i["maxmemory_policy"]
	bounded := i["maxmemory"] != "" && i["maxmemory"] != "0"
	switch {
	case policy == "":
		f.Warn("see that maxmemory-policy is noeviction", "Redis does not tell what it does when its memory is full")
	case policy == "noeviction":
		f.OK("nothing is evicted (maxmemory-policy noeviction)")
	case bounded:
		f.Problem("set maxmemory-policy noeviction", "accepted events may be thrown away when memory is full (maxmemory-policy %s)", policy)
	default:
		f.Warn("set maxmemory-policy noeviction", "maxmemory-policy is %s; without a maxmemory nothing is evicted yet", policy)
	}
}
