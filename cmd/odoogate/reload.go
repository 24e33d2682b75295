package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/gateway"
	"github.com/odoogate/odoogate/tasks/spool"
)

// watchEvery is how often the configuration file is looked at; a change counts
// when it looks the same twice.
const watchEvery = time.Second

// server keeps one app running and puts a new one in its place when the
// configuration changes.
type server struct {
	process
	path, listen string
	roles        roles
	kept         *spool.Spool // of the process: every generation puts into the same

	cfg  *config.Config
	door *door
	now  *generation
	gone []*generation // finishing what they began
}

// generation is one running app.
type generation struct {
	stop  context.CancelCauseFunc
	ended chan error
}

func (s *server) begin(ctx context.Context, cfg *config.Config, a *app) {
	ctx, stop := context.WithCancelCause(ctx)
	g := &generation{stop: stop, ended: make(chan error, 1)}
	go func() { g.ended <- a.run(ctx, s.door.listener()) }()
	s.cfg, s.now = cfg, g
}

// run serves until ctx ends or the app fails.
func (s *server) run(ctx context.Context) (err error) {
	defer func() {
		if s.kept != nil {
			err = errors.Join(err, s.kept.Close())
		}
	}()
	cfg, a, err := s.load()
	if err != nil {
		return err
	}
	ln, err := listen(cfg.Server.Listen)
	if err != nil {
		return errors.Join(err, a.close())
	}
	s.door = openDoor(ln)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	seen := fingerprint(s.path)
	var changing []byte // a change seen once: half of it may still be on its way
	s.begin(ctx, cfg, a)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-s.now.ended:
			return errors.Join(err, s.finish())
		case <-hup:
			seen = fingerprint(s.path)
			s.reload(ctx)
		case <-tick.C:
			now := fingerprint(s.path)
			switch {
			case now == nil || bytes.Equal(now, seen):
				changing = nil
			case bytes.Equal(now, changing):
				seen, changing = now, nil
				s.reload(ctx)
			default:
				changing = now
			}
		}
	}
}

// finish waits for the generations before this one and shuts the door.
func (s *server) finish() error {
	var errs []error
	for _, g := range s.gone {
		errs = append(errs, <-g.ended)
	}
	return errors.Join(append(errs, s.door.close())...)
}

// reload puts the file's configuration in force, all of it or nothing; of a
// process that stops, nothing.
func (s *server) reload(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	log := newLog(s.cfg.Log, s.process)
	cfg, a, err := s.load()
	if err != nil {
		log.Error("the changed configuration is not used", "file", s.path, "detail", err.Error())
		return
	}
	changes := config.Diff(s.cfg, cfg)
	if fixed := s.fixed(cfg); fixed != "" {
		log.Error("the changed configuration is not used", "file", s.path,
			"detail", fixed+" changes only with a restart", "err", a.close())
		return
	}
	log.Info("configuration reloaded", "file", s.path, "changes", changes)
	before := s.now
	s.begin(ctx, cfg, a)
	before.stop(gateway.ErrAtOnce)
	s.gone = append(s.gone, before)
}

// fixed names a setting that a running process cannot change: its address, and
// the Redis and the spool that hold what it has accepted.
func (s *server) fixed(cfg *config.Config) string {
	switch {
	case cfg.Server.Listen != s.cfg.Server.Listen:
		return "server.listen"
	case cfg.Redis.URL.Reveal() != s.cfg.Redis.URL.Reveal():
		return "redis.url"
	case cfg.Spool != s.cfg.Spool:
		return "spool"
	}
	return ""
}

// fingerprint is the file's content in short; nil while it cannot be read, as
// between the two steps of some editors.
func fingerprint(path string) []byte {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}
