package hook

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Disturbance makes deliveries misbehave as a network does. Which events it meets follows from the seed, the webhook
// and the SequenceNumber alone, so that the same run is disturbed in the same way.
type Disturbance struct {
	Duplicate float64 `json:"duplicate"` // share of events that are delivered twice, 0 to 1
	Swap      float64 `json:"swap"`      // share of events that are delivered after the one behind them, 0 to 1
}

// maxLate is how long an event waits for the one behind it.
const maxLate = time.Second

// Disturb sets how deliveries misbehave from now on; the zero Disturbance is not at all. An event that is to be
// delivered after the one behind it waits for that for a second, and goes alone if none comes; of two such events the
// first has its way. One that is to be delivered twice is sent again once it was delivered.
func (h *Hooks) Disturb(d Disturbance) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.disturb = d
}

// of says what happens to an event. A deactivation is spared.
func (d Disturbance) of(seed uint64, k key, e *event) (twice, late bool) {
	if d == (Disturbance{}) || e.to != nil {
		return false, false
	}
	name := fnv.New64a()
	name.Write([]byte(k.table))
	//nolint:gosec // made to be repeated, not to be secret
	draw := rand.New(rand.NewPCG(seed^name.Sum64(), uint64(k.id)<<32^uint64(e.sequence)))
	duplicate, swap := draw.Float64(), draw.Float64()
	return duplicate < d.Duplicate, swap < d.Swap
}

// begin is when the next attempt of e is due.
func (e *event) begin() time.Time {
	if e.late {
		return e.due.Add(maxLate)
	}
	return e.due
}
