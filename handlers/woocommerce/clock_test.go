package woocommerce

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func clockOf(t *testing.T, h http.HandlerFunc) *orders {
	return &orders{decoder: decoder{shop: "fi", set: Settings{URL: "https://shop.example/blog"}}, client: clientOf(t, h)}
}

func TestTheClockIsThatOfTheAnswers(t *testing.T) {
	asked := 0
	o := clockOf(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		says(200, `[{"id":7}]`, "Date: "+time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))(w, r)
	})
	for range 3 {
		now, err := o.clock(t.Context())
		require.NoError(t, err)
		require.WithinDuration(t, time.Now().Add(-time.Hour), now, 3*time.Second)
		require.False(t, now.After(time.Now().Add(-time.Hour)), "it is never ahead")
	}
	require.Equal(t, 1, asked, "one answer tells it for a while")

	cached := clockOf(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		says(200, `[]`, "Age: 300")(w, r)
	})
	for range 2 {
		_, err := cached.clock(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, 3, asked, "what was kept somewhere tells another time")
}

func TestAClockThatCannotBeReadIsSaid(t *testing.T) {
	_, err := clockOf(t, refused(401, "woocommerce_rest_cannot_view")).clock(t.Context())
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	_, err = clockOf(t, says(200, `[]`, "Date: yesterday")).clock(t.Context())
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "fi/shop/shop.example/blog: the shop's answer has no date")
}
