package chat

import "sync"

// Room passes on what is said in it.
type Room struct {
	mu      sync.Mutex
	members map[chan string]struct{}
}

// NewRoom returns an empty room.
func NewRoom() *Room { return &Room{members: map[chan string]struct{}{}} }

// Enter gives what is said from now on. Leave must be called.
func (r *Room) Enter() (said <-chan string, leave func()) {
	ear := make(chan string, 16) // who is slower than this misses something
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[ear] = struct{}{}
	return ear, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.members, ear)
	}
}

// Say passes a text on to everybody in the room.
func (r *Room) Say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ear := range r.members {
		select {
		case ear <- text:
		default:
		}
	}
}
