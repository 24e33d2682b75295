package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/odoogate/odoogate/config"
)

// OpenAccept makes the Redis client of the accepting path: one try inside the
// configured deadline (twice that for a new connection), because a sender waits
// for it. A stalled Redis would otherwise hold each request for seconds. Scripts
// that are called at the same time travel together; see grouping.
func OpenAccept(cfg config.Redis) (*redis.Client, error) {
	opt, err := parse(cfg)
	if err != nil {
		return nil, err
	}
	opt.ContextTimeoutEnabled = true
	opt.MaxRetries = -1
	opt.DialerRetries = 1
	// A first connection takes longer than a round trip, so one for each group stands
	// ready; more are opened only for what goes alone.
	groups := min(groupsInFlight, cfg.PoolSize)
	opt.DialTimeout = 2 * cfg.AcceptTimeout
	opt.MinIdleConns = groups
	opt.PipelinePoolSize = -1
	opt.ReadTimeout = cfg.AcceptTimeout
	opt.WriteTimeout = cfg.AcceptTimeout
	opt.PoolTimeout = cfg.AcceptTimeout
	client := redis.NewClient(opt)
	group(client, groups, cfg.AcceptTimeout)
	return client, nil
}

// OpenWork makes the Redis client of the workers: patient, and each command is
// sent once.
func OpenWork(cfg config.Redis) (*redis.Client, error) {
	opt, err := parse(cfg)
	if err != nil {
		return nil, err
	}
	opt.ContextTimeoutEnabled = true
	// Never repeated by the library: a script whose answer was lost says something
	// else the second time. What failed is repeated by the queue or the rescuer.
	opt.MaxRetries = -1
	opt.ReadTimeout = 5 * time.Second
	opt.WriteTimeout = 5 * time.Second
	return redis.NewClient(opt), nil
}

// OpenDesk is OpenWork for a command, whose user is told what is away and not only where.
func OpenDesk(cfg config.Redis) (*redis.Client, error) {
	client, err := OpenWork(cfg)
	if err == nil {
		client.AddHook(namedRedis{})
	}
	return client, err
}

// namedRedis names Redis where it cannot be reached.
type namedRedis struct{}

func (namedRedis) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next(ctx, network, address)
		if err != nil {
			err = fmt.Errorf("no Redis answers at redis.url: %w; see that it runs and listens there", err)
		}
		return conn, err
	}
}

func (namedRedis) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (namedRedis) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// errRedisURL stands for the library's error, which quotes the URL and with it
// the password.
var errRedisURL = errors.New("redis.url is not a Redis URL; want redis://[user:password@]host:port/db")

func parse(cfg config.Redis) (*redis.Options, error) {
	opt, err := redis.ParseURL(cfg.URL.Reveal())
	if err != nil {
		return nil, errRedisURL
	}
	opt.PoolSize = cfg.PoolSize
	// A single Redis announces no maintenance; asking costs each connection a round trip.
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return opt, nil
}

// RouteRedisLog sends what the Redis library says of itself to log, for the
// whole process.
func RouteRedisLog(log *slog.Logger) { redis.SetLogger(redisLog{log}) }

type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.WarnContext(ctx, "redis", "detail", fmt.Sprintf(format, v...))
}
