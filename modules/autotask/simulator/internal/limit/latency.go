package limit

import "time"

// maxWait keeps a scale within reason.
const maxWait = time.Hour

// wait is how much longer a request takes that has been let in as one of inFlight of its caller.
func (g *Gate) wait(inFlight int) time.Duration {
	return scaled(usage(g.window.sum(), g.hourly), g.cfg.UsageScale) + scaled(concurrency(inFlight), g.cfg.ThreadScale)
}

// usage is the latency by how much of the window is used up: none below 50 %, half a second below 75 %, else a second.
func usage(count, limit int64) time.Duration {
	switch {
	case count >= limit-limit/4: // three quarters, rounded up
		return time.Second
	case count >= limit-limit/2:
		return time.Second / 2
	default:
		return 0
	}
}

// concurrency is the latency by how many requests of one caller are in flight: a quarter of a second for three, a
// second for ten and more, evenly in between.
func concurrency(inFlight int) time.Duration {
	const low, high = 3, 10
	switch {
	case inFlight < low:
		return 0
	case inFlight >= high:
		return time.Second
	default:
		return time.Second/4 + time.Duration(inFlight-low)*(time.Second*3/4)/(high-low)
	}
}

func scaled(d time.Duration, scale float64) time.Duration {
	switch longer := float64(d) * scale; {
	case longer >= float64(maxWait):
		return maxWait
	case longer > 0:
		return time.Duration(longer)
	default: // NaN included
		return 0
	}
}
