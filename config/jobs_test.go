package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAShopsOwnJobsWinOverThoseOfTheFileKeyByKey(t *testing.T) {
	cfg, err := Parse([]byte(`
redis: {url: "redis://127.0.0.1:6379/0"}
odoo: {url: "http://127.0.0.1:8069", database: test, user: admin, password: x}
jobs: {sweep: {every: 10m}}
shops:
  - {id: fi, platform: shopify, shopify: {}}
  - {id: se, platform: shopify, jobs: {sweep: {every: 30s}}, shopify: {}}
  - {id: no, platform: shopify, jobs: {sweep: {enabled: false}}, shopify: {}}
`), "test.yml", nil)
	require.NoError(t, err)
	for i, want := range []Job{{new(true), 10 * time.Minute}, {new(true), 30 * time.Second}, {new(false), 10 * time.Minute}} {
		require.Equal(t, want, cfg.Shops[i].Jobs.Sweep, cfg.Shops[i].ID)
	}
	require.False(t, cfg.Shops[2].Jobs.Sweep.On())
}
