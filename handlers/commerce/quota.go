package commerce

// Quota is what a remote said of its rate limit in one answer: a bucket of points, from
// which a call takes what it may cost at most and gets back what it did not. The zero
// value: it said nothing.
type Quota struct {
	Available float64 // now
	Maximum   float64
	Restore   float64 // points that come back in a second
	Spent     float64 // what the call cost in the end
	Refused   bool    // the call was turned away for want of points, and cost none
}
