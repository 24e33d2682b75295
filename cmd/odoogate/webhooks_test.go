package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// sell n [fails] makes so many orders in the store, which tells whoever subscribed; with
// fails it tells nobody who listens, until it has deleted every subscription for that.
func (a *around) sell(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	a.store.Generate(uint64(a.count.Add(1)), n)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	sold := func() (taken, failed int) {
		taken, failed, err := a.store.Announce(ctx, http.DefaultClient)
		ts.Check(err)
		return taken, failed
	}
	if len(args) == 1 {
		if taken, failed := sold(); taken == 0 || failed > 0 {
			ts.Fatalf("%d deliveries were taken and %d failed", taken, failed)
		}
		return
	}
	for failed := 1; failed > 0; {
		var taken int
		if taken, failed = sold(); taken > 0 {
			ts.Fatalf("%d deliveries were taken", taken)
		}
	}
}

// spoil lose|filter|xml|move|double topic does that to the subscription of a topic.
func (a *around) spoil(ts *testscript.TestScript, _ bool, args []string) {
	how, topic := args[0], args[1]
	if how == "double" {
		ts.Check(a.store.Subscribe(shopifytest.Subscription{Topic: topic, URI: "http://localhost:1/hooks/fi"}))
		return
	}
	found := false
	a.store.Resubscribe(func(s *shopifytest.Subscription) bool {
		if s.Topic != topic {
			return true
		}
		found = true
		switch how {
		case "filter":
			s.Filter = "source_name:nowhere"
		case "xml":
			s.Format = "XML"
		case "move":
			s.URI = "http://localhost:1/hooks/fi"
		}
		return how != "lose"
	})
	if !found {
		ts.Fatalf("nobody subscribed to %s", topic)
	}
}

// webhooks n waits until so many good subscriptions stand in the store, no other leads
// here, and there are no two of a topic.
func (a *around) webhooks(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	poll(ts, func() bool {
		var topics []string
		for _, s := range a.store.Subscriptions() {
			if s.URI != a.url+"/hooks/fi" || s.Format == "XML" || s.Filter != "" {
				return false
			}
			topics = append(topics, s.Topic)
		}
		slices.Sort(topics)
		return len(topics) == want && len(slices.Compact(topics)) == want
	}, func() string { return fmt.Sprintf("want %d good webhooks, have %+v", want, a.store.Subscriptions()) })
}
