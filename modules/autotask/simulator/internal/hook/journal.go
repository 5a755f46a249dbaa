package hook

import (
	"time"
)

const (
	maxDeliveries = 1000
	maxBody       = 16 << 10 // bytes of a body that a delivery keeps
	maxProblem    = 4 << 10  // bytes of what is kept about a failure, which may quote the receiver
)

// Delivery is one attempt to deliver an event.
type Delivery struct {
	At       time.Time `json:"at"`
	Webhook  string    `json:"webhook"` // entity and id, TicketWebhooks/1
	URL      string    `json:"url"`
	Action   string    `json:"action"`  // Create, Update, Delete, Deactivated
	Attempt  int       `json:"attempt"` // from 1 to 5
	Sequence int64     `json:"sequence"`
	Status   int       `json:"status"` // 0 where there was no answer
	Error    string    `json:"error,omitempty"`
	Body     string    `json:"body"` // of which the first 16 KiB are kept
}

// journal is the last deliveries, a ring.
type journal struct {
	ring []Delivery
	next int // the oldest of a full ring
}

func (j *journal) add(d Delivery) {
	if len(j.ring) < maxDeliveries {
		j.ring = append(j.ring, d)
		return
	}
	j.ring[j.next] = d
	j.next = (j.next + 1) % maxDeliveries
}

func (j *journal) all() []Delivery {
	all := make([]Delivery, 0, len(j.ring))
	return append(append(all, j.ring[j.next:]...), j.ring[:j.next]...)
}
