package woocommerce

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

func TestARemedyOfCheckIsWhatAnOperatorCanDo(t *testing.T) {
	for _, tc := range []struct {
		name, remedy string
		opts         woocommercetest.Options
		subs         []woocommercetest.Subscription
	}{
		{"a key that reads is no wrong key", "edit the key under WooCommerce, Settings, Advanced, REST API: its permission must be Read/Write",
			woocommercetest.Options{Permissions: "read"}, allTopics()},
		{"a user who may not is another user", "give the key to a user who is an administrator or shop manager",
			woocommercetest.Options{Denied: []string{"webhooks"}}, allTopics()},
		{"a move is mended by a command", "run `odoogate webhooks sync fi --yes`; or correct server.public_url, if odoogate is there and not at " + testHook,
			woocommercetest.Options{}, astray()},
		{"a second one is too", "run `odoogate webhooks sync fi --yes`",
			woocommercetest.Options{}, append(allTopics(), woocommercetest.Subscription{Topic: "order.created", URI: testHook})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var remedies []string
			for _, f := range checking(t, subscribed(t, tc.opts, tc.subs...), testPublic, "").run(t) {
				remedies = append(remedies, f.Remedy)
			}
			require.Contains(t, remedies, tc.remedy)
		})
	}
}

func astray() []woocommercetest.Subscription {
	subs := allTopics()
	for i := range subs {
		subs[i].URI = "https://old.example.com/hooks/fi"
	}
	return subs
}
