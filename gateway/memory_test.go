package gateway

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// noise is text that cannot be packed: it takes as much room as a body can.
func noise(size int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	dice, out := rand.New(rand.NewPCG(1, 2)), make([]byte, size)
	for i := range out {
		out[i] = letters[dice.IntN(len(letters))]
	}
	return string(out)
}

// Notes that all senders share.
var largeNote, smallNote = noise(10_000_000), noise(2_000)

// send posts one delivery about an order, and returns its status.
func (c *child) send(client *http.Client, shop, id, note string) (int, error) {
	head, tail := `{"id":"`+id+`","note":"`, `"}`
	req, err := http.NewRequest(http.MethodPost, c.url+"/hooks/"+shop,
		io.MultiReader(strings.NewReader(head), strings.NewReader(note), strings.NewReader(tail)))
	if err != nil {
		return 0, err
	}
	req.ContentLength = int64(len(head) + len(note) + len(tail))
	req.Header.Set("X-Sign", "good")
	req.Header.Set("X-Event", id)
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

func TestTwoHundredLargeDeliveriesAtOnceStayInsideTheBudget(t *testing.T) {
	for _, row := range []struct {
		name, shop string
		refused    []int
	}{
		// 503 is for want of a store: on a busy machine it takes more than its second.
		{"of a sender that repeats", "fi", []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}},
		{"of a sender that does not", "wc", []int{http.StatusServiceUnavailable}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := startChild(t, redistest.Start(t).URL)
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
			defer client.CloseIdleConnections()
			for i := range 200 { // what it needs to work at all
				status, err := c.send(client, "fi", fmt.Sprint("warm", i), "")
				require.NoError(t, err)
				require.Equal(t, http.StatusOK, status)
			}
			memory := c.watchMemory(t)
			began := time.Now()
			var senders, others sync.WaitGroup
			var mu sync.Mutex
			answers := map[int]int{}
			for i := range 200 {
				senders.Go(func() {
					alone := &http.Client{Transport: &http.Transport{}}
					defer alone.CloseIdleConnections()
					// Ten orders over and over: Redis need not hold them all, and each goes all the way.
					status, err := c.send(alone, row.shop, fmt.Sprint("large", i%10), largeNote)
					if err != nil {
						t.Errorf("large delivery %d: %v", i, err)
					}
					mu.Lock()
					defer mu.Unlock()
					answers[status]++
				})
			}
			over, small, slowest := make(chan struct{}), 0, time.Duration(0)
			others.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-over:
						return
					default:
					}
					at := time.Now()
					status, err := c.send(client, "fi", fmt.Sprint("small", i), smallNote)
					for tries := 1; status == http.StatusServiceUnavailable && tries < 5; tries++ { // the same
						status, err = c.send(client, "fi", fmt.Sprint("small", i), smallNote)
					}
					if err != nil || status != http.StatusOK {
						t.Errorf("small delivery %d: %d %v", i, status, err)
					}
					slowest = max(slowest, time.Since(at))
					small++
				}
			})
			senders.Wait()
			close(over)
			others.Wait()
			idle, peak := memory()
			t.Logf("answers %v in %s, %d small ones meanwhile (slowest %s), memory from %d to %d MiB",
				answers, time.Since(began).Round(time.Millisecond), small, slowest.Round(time.Millisecond), idle>>20, peak>>20)
			require.LessOrEqual(t, peak-idle, config.Default().Server.InFlight)
			require.Positive(t, answers[http.StatusOK])
			for status := range answers {
				require.Contains(t, append(row.refused, http.StatusOK), status)
			}
			require.Positive(t, small)
		})
	}
}
