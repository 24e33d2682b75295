package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

const (
	ingestSenders = 64 // connections, each with one request under way
	ingestBodies  = 16
)

// ingestIDs numbers the deliveries of all rounds, so that none is a duplicate.
var ingestIDs atomic.Uint64

// request is one delivery as bytes, written and signed beforehand; only the
// digits of its webhook id change.
type request struct {
	raw []byte
	id  int // where they stand
}

const idDigits = 12

func (r request) clone() request { return request{bytes.Clone(r.raw), r.id} }

func (r request) number(n uint64) {
	copy(r.raw[r.id:r.id+idDigits], fmt.Appendf(nil, "%0*d", idDigits, n))
}

// ingestRequests are the smallest of many generated orders, about 3 KB each.
func ingestRequests(b *testing.B, store *shopifytest.Store, host string) (list []request, size int) {
	var posts []shopifytest.Delivery
	for _, order := range store.Generate(1, 4*shopifytest.Scenarios) {
		d, err := store.Deliveries(order, "orders/create")
		require.NoError(b, err)
		posts = append(posts, d...)
	}
	slices.SortFunc(posts, func(x, y shopifytest.Delivery) int { return cmp.Compare(len(x.Body), len(y.Body)) })
	for _, d := range posts[:ingestBodies] {
		mark := "00000000-b7be-4d3d-b14e-" + string(bytes.Repeat([]byte("0"), idDigits))
		head := fmt.Appendf(nil, "POST /hooks/%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", demoShop, host, len(d.Body))
		d.Headers["X-Shopify-Webhook-Id"] = mark
		for name, value := range d.Headers {
			head = fmt.Appendf(head, "%s: %s\r\n", name, value)
		}
		raw := append(append(head, "\r\n"...), d.Body...)
		list = append(list, request{raw, bytes.Index(raw, []byte(mark)) + len(mark) - idDigits})
		size += len(d.Body)
	}
	return list, size / ingestBodies
}

// volley is what one round saw.
type volley struct {
	rate    float64 // answers a second
	took    []time.Duration
	refused int // answers other than 200: a disk so busy that Redis and spool both were late
}

// at is the latency that a share of the answers stayed within.
func (l volley) at(share float64) time.Duration {
	return l.took[min(int(share*float64(len(l.took))), len(l.took)-1)]
}

// shoot posts for that long. With rate 0 each sender posts as soon as it was
// answered; else deliveries are due at a fixed rate whatever the server does, and
// a latency counts from when its delivery was due.
func shoot(b *testing.B, addr string, list []request, rate float64, d time.Duration) volley {
	due := make(chan time.Time, 1<<16)
	stop := time.Now().Add(d)
	if rate > 0 {
		go schedule(due, rate, stop)
	}
	took := make([][]time.Duration, ingestSenders)
	refused := make([]int, ingestSenders)
	errs := make([]error, ingestSenders)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range ingestSenders {
		wg.Go(func() {
			s, err := dialSender(addr, list)
			if err != nil {
				errs[i] = err
				return
			}
			defer func() { refused[i] = s.refused; s.conn.Close() }()
			if rate > 0 {
				for at := range due {
					if errs[i] = s.post(); errs[i] != nil {
						return
					}
					took[i] = append(took[i], time.Since(at))
				}
				return
			}
			for at := time.Now(); at.Before(stop); {
				if errs[i] = s.post(); errs[i] != nil {
					return
				}
				now := time.Now()
				took[i] = append(took[i], now.Sub(at))
				at = now
			}
		})
	}
	wg.Wait()
	spent := time.Since(start)
	for _, err := range errs {
		require.NoError(b, err)
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	l := volley{rate: float64(len(all)) / spent.Seconds(), took: all}
	for _, n := range refused {
		l.refused += n
	}
	return l
}

// schedule tells when deliveries are due. It sleeps in the kernel: the timers of a
// Go process that has nothing to do are late by up to a millisecond.
func schedule(due chan<- time.Time, rate float64, stop time.Time) {
	defer close(due)
	every := time.Duration(float64(time.Second) / rate)
	for at := time.Now(); at.Before(stop); at = at.Add(every) {
		if wait := time.Until(at); wait > 0 {
			pause := syscall.NsecToTimespec(wait.Nanoseconds())
			_ = syscall.Nanosleep(&pause, nil) // woken early it is early by little
		}
		due <- at
	}
}

// sender is one keep-alive connection.
type sender struct {
	conn    net.Conn
	in      *bufio.Reader
	answer  fasthttp.Response
	list    []request
	next    int
	refused int
}

func dialSender(addr string, list []request) (*sender, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &sender{conn: conn, in: bufio.NewReader(conn)}
	for _, r := range list {
		s.list = append(s.list, r.clone())
	}
	return s, nil
}

// post sends one delivery and reads the answer.
func (s *sender) post() error {
	r := s.list[s.next%len(s.list)]
	s.next++
	r.number(ingestIDs.Add(1))
	if _, err := s.conn.Write(r.raw); err != nil {
		return err
	}
	if err := s.answer.Read(s.in); err != nil {
		return err
	}
	switch status := s.answer.StatusCode(); status {
	case http.StatusOK:
	case http.StatusServiceUnavailable:
		s.refused++
	default:
		return fmt.Errorf("answered %d %s", status, s.answer.Body())
	}
	return nil
}
