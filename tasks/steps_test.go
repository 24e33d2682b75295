package tasks

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

func zadd(pipe redis.Pipeliner, key string, score int, member string) {
	pipe.ZAdd(context.Background(), key, redis.Z{Score: float64(score), Member: member})
}

func TestStepsAreReadAsTheyWereWritten(t *testing.T) {
	received := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	var steps []Step
	for i, what := range []string{"taken", "read", "planned", "written", "verified", string(Retry), "taken", string(Parked)} {
		steps = append(steps, Step{What: what, At: received.Add(time.Duration(i*i) * time.Millisecond)})
	}
	steps[5].Why, steps[7].Why = "rate_limited", "not yet"
	text := writeSteps(received, steps)
	require.Equal(t, "t0 r1 p4 w9 v16 R25:rate_limited t36 P49:not+yet", text)
	require.Equal(t, append([]Step{{What: "received", At: received}}, steps...), readSteps(received, text))
	require.Equal(t, "t0", writeSteps(received, []Step{{What: "taken", At: received.Add(-time.Second)}}), "clocks differ")
}

func TestOfALongLifeTheMiddleIsForgotten(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	e := hint("a", "5001", 1)
	for i := range 300 {
		require.NoError(t, NewJournal(r.rdb).note(ctx, r.opt.Bodies.arrive(e), Verdict{Outcome: Retry, Reason: fmt.Sprintf("n%d", i)}, eventsLike(e)))
	}
	life, err := r.rdb.HGet(ctx, entryKey("fi", entryID(e.TaskID())), "life").Result()
	require.NoError(t, err)
	require.Less(t, len(life), 1600)
	got := r.event(e)
	require.Equal(t, 300, got.Runs)
	require.Equal(t, "n0", got.Steps[1].Why)
	require.Equal(t, "n299", got.Steps[len(got.Steps)-1].Why)
	require.Contains(t, stepsOf(got), "…")
	for _, s := range got.Steps[1:] {
		require.Contains(t, []string{string(Retry), "…"}, s.What)
	}
}

func FuzzReadSteps(f *testing.F) {
	f.Add("t0 r1 p4 w9 v16 R25:rate_limited ~ t36 P49:not_yet")
	f.Add("~")
	f.Fuzz(func(t *testing.T, text string) {
		received := time.UnixMilli(0)
		steps := readSteps(received, text)
		require.LessOrEqual(t, len(steps), 1+len(strings.Fields(text)))
		for _, s := range steps {
			require.NotEmpty(t, s.What)
		}
	})
}

func openBodies(t testing.TB, cfg config.Journal) *Bodies {
	t.Helper()
	b, err := NewBodies(cfg)
	require.NoError(t, err)
	return b
}

func TestABodyIsKeptCompressedAndUnderItsKeyOnly(t *testing.T) {
	body := bytes.Repeat([]byte(`{"email":"canary@example.com"}`), 100)
	plain := openBodies(t, config.Journal{Bodies: true})
	packed := plain.pack("a", body)
	require.Less(t, len(packed), len(body)/10)
	got, err := plain.unpack("a", packed)
	require.NoError(t, err)
	require.Equal(t, body, got)

	sealed := openBodies(t, config.Journal{Bodies: true, Key: config.NewSecret(strings.Repeat("k", 32))})
	secret := sealed.pack("a", []byte("canary@example.com"))
	require.NotContains(t, string(secret), "canary")
	require.NotEqual(t, secret, sealed.pack("a", []byte("canary@example.com")))
	got, err = sealed.unpack("a", secret)
	require.NoError(t, err)
	require.Equal(t, "canary@example.com", string(got))
	got, err = sealed.unpack("a", packed)
	require.NoError(t, err, "kept before there was a key")
	require.Equal(t, body, got)

	_, err = sealed.unpack("b", secret)
	require.ErrorIs(t, err, ErrBodyKey, "a body of another event")
	_, err = plain.unpack("a", secret)
	require.ErrorIs(t, err, ErrBodyKey)
	other := openBodies(t, config.Journal{Bodies: true, Key: config.NewSecret(strings.Repeat("o", 32))})
	_, err = other.unpack("a", secret)
	require.ErrorIs(t, err, ErrBodyKey)
	require.Empty(t, openBodies(t, config.Journal{}).pack("a", body), "bodies are not kept")
	require.Empty(t, plain.pack("a", nil))
}

func FuzzUnpack(f *testing.F) {
	cfg := config.Journal{Bodies: true, Key: config.NewSecret(strings.Repeat("k", 32))}
	f.Add([]byte{}, []byte("body"))
	b, err := NewBodies(cfg)
	require.NoError(f, err)
	f.Add(b.pack("a", []byte("body")), []byte("body"))
	f.Add([]byte{bodyPlain, 0x28, 0xb5, 0x2f, 0xfd}, []byte{})
	f.Fuzz(func(t *testing.T, packed, body []byte) {
		if got, err := b.unpack("a", packed); err == nil && len(got) > mostBody {
			t.Fatalf("%d bytes of %d", len(got), len(packed))
		}
		if len(body) > 0 {
			got, err := b.unpack("a", b.pack("a", body))
			require.NoError(t, err)
			require.Equal(t, body, got)
		}
	})
}
