package handlers

import "context"

// Lane is how urgent a piece of work is to the shop's rate limit and to the workers.
type Lane string

// The lanes, the most urgent first.
const (
	LaneLive     Lane = "live"     // what a shop just told us
	LaneOperator Lane = "operator" // what a person waits for
	LaneSweep    Lane = "sweep"    // what we look for by ourselves
)

// Lanes lists them all, the most urgent first.
func Lanes() []Lane { return []Lane{LaneLive, LaneOperator, LaneSweep} }

type laneKey struct{}

// WithLane says in which lane the calls under ctx are made.
func WithLane(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, lane)
}

// LaneOf is the lane of ctx. Where none was said it is a command's: the operator's.
func LaneOf(ctx context.Context) Lane {
	if lane, ok := ctx.Value(laneKey{}).(Lane); ok {
		return lane
	}
	return LaneOperator
}
