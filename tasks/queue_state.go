package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hibiken/asynq"
)

// QueueState is what waits in each lane, and how Redis is.
type QueueState struct {
	Lanes []*asynq.QueueInfo `json:"lanes"`
	Redis map[string]string  `json:"redis"`
}

// State reads the lanes and what Redis says of its memory and its disk.
func (q *Queue) State(ctx context.Context) (s QueueState, err error) {
	s.Lanes, s.Redis = []*asynq.QueueInfo{}, map[string]string{}
	inspector := asynq.NewInspectorFromRedisClient(q.rdb)
	lanes, err := inspector.Queues()
	if err != nil {
		return s, fmt.Errorf("queues: %w", err)
	}
	for _, lane := range lanes {
		info, err := inspector.GetQueueInfo(lane)
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue
		}
		if err != nil {
			return s, fmt.Errorf("queue %s: %w", lane, err)
		}
		s.Lanes = append(s.Lanes, info)
	}
	info, err := q.rdb.Info(ctx, "server", "memory", "persistence", "clients").Result()
	if err != nil {
		return s, fmt.Errorf("redis: %w", err)
	}
	for line := range strings.Lines(info) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && wanted(name) {
			s.Redis[name] = value
		}
	}
	return s, nil
}

// wanted are the figures of Redis that tell how it is.
func wanted(name string) bool {
	for _, begins := range []string{"redis_version", "uptime_in_seconds", "used_memory_human", "used_memory_peak_human", "maxmemory_", "mem_fragmentation_ratio",
		"aof_", "rdb_last_", "connected_clients", "blocked_clients"} {
		if strings.HasPrefix(name, begins) {
			return true
		}
	}
	return false
}
