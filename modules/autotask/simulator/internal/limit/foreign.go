package limit

import "time"

// foreign is the steady traffic of other integrations. The requests of an hour come at even distances, the last one at
// its end; what has come is worked out when the time is told.
type foreign struct {
	rate  int64 // per hour
	begun bool
	since int64 // milliseconds since 1970: begin of the hour that is being counted
	made  int64 // requests of that hour that have come
}

const (
	hour = int64(time.Hour / time.Millisecond)
	// maxForeign is how many requests of others are counted at once, or come in an hour.
	maxForeign = 1_000_000_000
	// maxSteps is in how many steps the requests that have come are counted at most: a tenth of a second of an hour each.
	maxSteps = 36_000
)

func newForeign(perHour int) foreign {
	return foreign{rate: int64(min(max(perHour, 0), maxForeign))}
}

// begin is called with the first moment that is told.
func (f *foreign) begin(at int64) {
	if !f.begun {
		f.begun, f.since = true, at
	}
}

// skip leaves out what came before a moment, unless it is taken already.
func (f *foreign) skip(to int64) {
	if hours := (to - f.since) / hour; hours > 0 {
		f.since += hours * hour
		f.made = 0
	}
	if to > f.since {
		f.made = max(f.made, (to-f.since)*f.rate/hour)
	}
}

// stride returns how many milliseconds are counted in one step, so that from one moment to another there are few
// enough: one where that does.
func (f *foreign) stride(from, to int64) int64 {
	if to-from <= maxSteps || f.through(to-f.since)-f.made <= maxSteps {
		return 1
	}
	return (to - from + maxSteps - 1) / maxSteps
}

// next returns how many requests come in the stride that the next one begins, and the end of that stride, where they
// count. Without any up to a moment, n is 0.
func (f *foreign) next(to, stride int64) (at, n int64) {
	if f.rate == 0 {
		return 0, 0
	}
	past := ((f.made+1)*hour + f.rate - 1) / f.rate
	if f.since+past > to {
		return 0, 0
	}
	past = min(past+stride-1, to-f.since)
	return f.since + past, f.through(past) - f.made
}

// through returns how many requests come in so many milliseconds from the begin of the hour that is being counted.
func (f *foreign) through(past int64) int64 { return past/hour*f.rate + past%hour*f.rate/hour }

// take makes n requests past ones.
func (f *foreign) take(n int64) {
	f.made += n
	f.since += f.made / f.rate * hour
	f.made %= f.rate
}
