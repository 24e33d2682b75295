package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// Redis is away for all of the posting, and odoogate is killed in the middle of it
// and started again while Redis is still away.
func TestAllThatIsPostedWithoutRedisIsBookedOnce(t *testing.T) {
	s := openStage(t, 21, 5*time.Millisecond)
	s.start()
	s.redis.Kill()
	half := len(s.script.genuine) / 2
	s.postAtOnce(s.script.genuine[:half])
	_ = s.end(syscall.SIGKILL)
	s.start()
	s.postAtOnce(s.script.genuine[half:])
	s.redis.Restart()
	v := s.settled()
	require.Empty(t, v.wrong)
	s.nobodyDoubled()
	require.NoError(t, s.end(syscall.SIGTERM))
}

// postAtOnce posts from several senders; each delivery is answered 200. How soon is held
// where no other process shares the machine with the gateway.
func (s *stage) postAtOnce(list []post) {
	s.t.Helper()
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < len(list); i += 8 {
				if status, err := shopifytest.Post(context.Background(), s.client, s.url+list[i].path, list[i].d); err != nil || status != http.StatusOK {
					s.t.Errorf("delivery %d: %d %v", i, status, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAReloadKeepsTheSpoolAndAnotherPathNeedsARestart(t *testing.T) {
	s := openStage(t, 22, 0)
	s.start()
	s.redis.Kill()
	s.postAtOnce(s.script.genuine[:10])
	s.configure(s.text + "log: {level: debug}\n")
	s.hangUp()
	s.logSays("configuration reloaded", "log.level")
	s.logSays("odoogate has stopped") // the one before
	s.postAtOnce(s.script.genuine[10:])
	s.configure(strings.Replace(s.text, "min_free: 0", "min_free: 1MiB", 1))
	s.hangUp()
	s.logSays("the changed configuration is not used", "spool changes only with a restart")
	s.redis.Restart()
	s.settled()
	s.nobodyDoubled()
	require.NoError(t, s.end(syscall.SIGTERM))
	_, err := os.Stat(s.cfg.Spool.Path)
	require.NoError(t, err)
}
