package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"
)

// limit is how much a figure may be higher in the last quarter of a run than in the
// second: by that part of it, and by that much besides.
type limit struct{ part, plus float64 }

// figure is what was measured of one thing at each look.
type figure struct {
	name   string
	limit  limit
	values []float64
}

// quarters are the medians of the second and of the last quarter: in the first one
// caches and pools fill, and a median minds no single garbage collection.
func (f figure) quarters() (second, last float64) {
	n := len(f.values)
	return middle(f.values[n/4 : n/2]), middle(f.values[n-n/4:])
}

// flat reports whether the figure did not grow beyond its limit.
func (f figure) flat() bool {
	second, last := f.quarters()
	return last <= second*(1+f.limit.part)+f.limit.plus
}

func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// table prints the figures and returns the names of those that grew.
func table(out io.Writer, all []figure) (grew []string) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "figure\t2nd quarter\tlast quarter\tmost\tmay grow by\t\t")
	for _, f := range all {
		second, last := f.quarters()
		word := "flat"
		if !f.flat() {
			word, grew = "GREW", append(grew, f.name)
		}
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%.4g\t%.4g\t%s\t\n", f.name, second, last, slices.Max(f.values),
			second*f.limit.part+f.limit.plus, word)
	}
	w.Flush()
	return grew
}

func TestWhatGrowsIsToldFromWhatOnlyMoves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const looks, heap = 120, 12.0
	for name, row := range map[string]struct {
		at   func(i int) float64
		flat bool
	}{
		"steady":                           {func(int) float64 { return heap }, true},
		"noise":                            {func(int) float64 { return heap + 4*rng.Float64() }, true},
		"the teeth of garbage collections": {func(i int) float64 { return heap + float64(i%7) }, true},
		"one spike":                        {func(i int) float64 { return heap + 100*float64(i/100*(1-i/101)) }, true},
		"a cache that fills at first":      {func(i int) float64 { return heap * min(1, float64(i)/20) }, true},
		"shrinking":                        {func(i int) float64 { return heap - float64(i)/20 }, true},
		"a leak of a third in all":         {func(i int) float64 { return heap * (1 + float64(i)/looks/3) }, false},
		"a leak within noise":              {func(i int) float64 { return heap*(1+float64(i)/looks/2) + 4*rng.Float64() }, false},
		"growing in steps, as maps do":     {func(i int) float64 { return heap * float64(1+i/50) }, false},
	} {
		f := figure{name: name, limit: limit{.10, .5}}
		for i := range looks {
			f.values = append(f.values, row.at(i))
		}
		second, last := f.quarters()
		require.Equal(t, row.flat, f.flat(), "%s: %.2f, then %.2f", name, second, last)
		require.Equal(t, !row.flat, len(table(io.Discard, []figure{f})) == 1, name)
	}
}
