package spool

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// BenchmarkPut stores records of 3 KB from 64 goroutines at once; a commit syncs
// the disk twice.
func BenchmarkPut(b *testing.B) {
	opt := small()
	opt.MaxBytes = 16 << 30
	s := opened(b, filepath.Join(b.TempDir(), "spool.db"), opt)
	r := record(1)
	before := commits(b, s)
	var failed atomic.Int64
	b.SetBytes(int64(len(r.Payload)))
	b.SetParallelism(32) // times GOMAXPROCS
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if s.Put(context.Background(), r) != nil {
				failed.Add(1)
			}
		}
	})
	b.StopTimer()
	if failed.Load() > 0 {
		b.Fatalf("%d puts failed", failed.Load())
	}
	n := commits(b, s) - before
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
	b.ReportMetric(float64(b.N)/float64(n), "puts/commit")
	b.ReportMetric(2*float64(n)/b.Elapsed().Seconds(), "fsyncs/s")
}
