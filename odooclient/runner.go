package odooclient

import (
	"context"
	"time"
)

// run sends batches of one shape until nobody waits, or another runner is enough for
// them. A batch is closed only when there is a connection for it, so it fills while it
// waits for one.
func (g *grouping[In, Out]) run(q *group[In, Out]) {
	for g.stays(q) {
		hurry, _ := g.client.turns.take(context.Background(), func() (int, bool) { return g.wants(q) }) // only a context ends it
		members := g.take(q)
		if members != nil {
			g.flush(q.send, members)
			g.free(q, members)
			g.regroup(len(members))
		}
		g.client.turns.give(hurry)
		if members == nil {
			return
		}
	}
}

// stays says whether a runner has to go on.
func (g *grouping[In, Out]) stays(q *group[In, Out]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	others := q.runners - 1
	if len(q.waiting) > 0 && (others == 0 || q.hurried() > 0 || len(q.waiting) >= overflow*others) {
		return true
	}
	g.leave(q)
	return false
}

// regroup gives the members of a batch the moment that they need to come back with
// their next calls, so that the connection goes to their next batch and not to a
// straggler's. Whoever was alone waits for nobody.
func (g *grouping[In, Out]) regroup(members int) {
	if members > 1 {
		<-time.After(moment)
	}
}

// leave ends a runner. The caller holds mu.
func (g *grouping[In, Out]) leave(q *group[In, Out]) {
	if q.runners--; q.runners == 0 {
		delete(g.groups, q.key)
	}
}

// wants is how many records would go with the next batch, and whether they hurry.
func (g *grouping[In, Out]) wants(q *group[In, Out]) (size int, hurry bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := q.hurried(); n > 0 {
		return min(n, g.most), true
	}
	return min(len(q.waiting), g.most), false
}

// take closes a batch: of those who hurry if there are any, the longest waiting first,
// within both bounds, no record twice. A single record with more rows than a batch may
// have goes alone.
func (g *grouping[In, Out]) take(q *group[In, Out]) []*member[In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	members := g.pick(q, nil, true)
	if len(members) == 0 || g.mixed {
		members = g.pick(q, members, false)
	}
	if len(members) == 0 { // whoever is still waiting is taken by the runner that keeps it waiting
		g.leave(q)
		return nil
	}
	q.flying++
	if members[0].hurry {
		q.hurry++
	}
	return members
}

// pick takes those who hurry, or those who do not, out of who waits, beside members.
func (g *grouping[In, Out]) pick(q *group[In, Out], members []*member[In, Out], hurry bool) []*member[In, Out] {
	var left []*member[In, Out]
	rows, full := 0, false
	for _, m := range members {
		rows += m.rows
	}
	for _, m := range q.waiting {
		record := recordOf(m.in)
		full = full || m.hurry == hurry && (len(members) == g.most || len(members) > 0 && rows+m.rows > maxRows)
		if m.hurry != hurry || full || record != "" && q.busy[record] {
			left = append(left, m)
			continue
		}
		q.busy[record] = record != ""
		members = append(members, m)
		rows += m.rows
	}
	q.waiting = left
	return members
}

// free lets the records of an answered batch be sent again.
func (g *grouping[In, Out]) free(q *group[In, Out], members []*member[In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range members {
		delete(q.busy, recordOf(m.in))
	}
	q.flying--
	if members[0].hurry {
		q.hurry--
	}
}

// flush answers every member of a batch within the batch's own deadline.
func (g *grouping[In, Out]) flush(send sender[In, Out], members []*member[In, Out]) {
	ctx, cancel := context.WithTimeout(context.Background(), g.client.timeout)
	defer cancel()
	settle(ctx, send, members)
}
