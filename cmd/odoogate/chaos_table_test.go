package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// table is the summary of a run.
func (c *chaos) table(f finding) string {
	var b strings.Builder
	row := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "  %-34s %s\n", what, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "seed %d, Odoo %d, %s of trouble\n", c.seed, []int{17, 19}[c.seed%2], c.length)
	sold, after := map[string]int{}, 0
	for _, s := range c.sold {
		sold[s.at.id]++
	}
	row("orders", "%d: %s", len(c.sold), counts(sold))
	for _, at := range c.outlets {
		m := &at.mail
		after += len(m.afterWipe)
		row("deliveries of "+at.id, "%d, of which %d were never posted and %d once in vain; %d requests: %d answered 200 (%d of them repeats), %d refused, %d without an answer",
			m.made, m.lost, m.missed, m.posted, m.accepted, m.repeated, sum(m.refused), m.silent)
	}
	killed := map[string]int{}
	for _, p := range c.procs {
		killed[p.role] += p.killed
	}
	row("killed", "%s", counts(killed))
	row("other blows", "%s", counts(without(c.dealt, "process killed", "gateway killed", "worker killed")))
	row("faults of Odoo", "%s", counts(c.faults.made))
	row("equal in Odoo", "%s, and %d were cancelled or paid back before they came in", counts(f.right), f.unwanted)
	row("lost", "%d", len(f.lost))
	for _, what := range doubles {
		row("doubled "+what, "%d", f.doubled[what])
	}
	row("wrong totals or states", "%d", len(f.wrong))
	row("of no order", "%d", len(f.strangers))
	row("left to people", "%d %s", sum(f.left), counts(f.left))
	row("parked without need", "%d", len(f.stuck))
	row("events after the wipe", "%d: the journal says %s; unexplained %d", after, counts(f.explained), len(f.unexplained))
	row("settled after", "%s", f.took.Round(100*time.Millisecond))
	return b.String()
}

func sum[K comparable](m map[K]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

func counts(m map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(out, ", ")
}

func without(m map[string]int, keys ...string) map[string]int {
	m = maps.Clone(m)
	for _, k := range keys {
		delete(m, k)
	}
	return m
}
