package main

import (
	"runtime/metrics"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyAGatewayCollectsLess(t *testing.T) {
	percent := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before := percent()
	for _, row := range []struct {
		name    string
		roles   roles
		environ []string
		want    uint64
	}{
		{"a gateway does", roles{gateway: true}, []string{"HOME=/"}, gatewayGC},
		{"a gateway that is told otherwise does not", roles{gateway: true}, []string{"HOME=/", "GOGC=100"}, before},
		{"a worker does not", roles{worker: true}, nil, before},
		{"both in one process do not", roles{gateway: true, worker: true}, nil, before},
	} {
		t.Run(row.name, func(t *testing.T) {
			undo := (&server{process: process{environ: row.environ}, roles: row.roles}).collectLess()
			require.Equal(t, row.want, percent())
			undo()
			require.Equal(t, before, percent())
		})
	}
}
