package ratelimit

import "sync"

// shard keeps a part of the keys.
type shard struct {
	limiter *Limiter
	room    int // places it may give away

	mu     sync.Mutex
	now    int64             // the latest moment seen: time does not go back when callers overtake each other
	places map[uint64]*place // by hash of the key
	order  []*place          // a heap by due
	shared *place            // of all keys without a place; nil until it is needed
	counts
}

// counts are since the limiter was made, waiting aside, which is of now.
type counts struct {
	allowed, limited, ended uint64
	strangers               uint64 // decisions in the shared place
	waiting                 int
}

// place is what is known of a key.
type place struct {
	hash  uint64
	due   int64 // not idle before this moment
	state state
	queue queue
}

func (s *shard) allow(hash uint64, now int64, n int) Decision {
	s.mu.Lock()
	s.advance(now)
	p := s.place(hash)
	d := s.decide(p, n)
	s.count(d)
	s.mu.Unlock()
	return d
}

func (s *shard) count(d Decision) {
	if d.Allowed {
		s.allowed++
	} else {
		s.limited++
	}
}

// decide takes n units if they are free and nobody waits for them.
func (s *shard) decide(p *place, n int) Decision {
	r, size, ahead := s.limiter.rule, s.limiter.size, p.queue.count
	d := Decision{Limit: size}
	free := r.free(&p.state, s.now) - ahead
	if free >= n {
		r.take(&p.state, s.now, n)
		d.Allowed = true
		free -= n
	} else {
		d.RetryAfter = span(s.now, r.when(&p.state, s.now, ahead+n))
	}
	d.Remaining = max(free, 0)
	d.ResetAfter = span(s.now, r.when(&p.state, s.now, ahead+size))
	return d
}

// advance moves the clock on.
func (s *shard) advance(now int64) { s.now = max(s.now, now) }

// place returns the place of a key.
func (s *shard) place(hash uint64) *place {
	if p, ok := s.places[hash]; ok {
		return p
	}
	p := s.newcomer(hash)
	if p == s.shared {
		s.strangers++
		return p
	}
	s.places[hash] = p
	return p
}

// newcomer returns a new place, that of a key which is idle, or the shared one.
func (s *shard) newcomer(hash uint64) *place {
	if len(s.order) < s.room {
		if s.places == nil {
			s.places = map[uint64]*place{}
		}
		p := &place{hash: hash}
		s.order = append(s.order, p) // due at 0, as all others still are: a heap
		return p
	}
	if s.shared == nil {
		s.shared = &place{}
	}
	if s.shared.queue.count > 0 { // the newcomer may wait there: what it gets must be counted in one place
		return s.shared
	}
	p := s.idle()
	if p == nil {
		return s.shared
	}
	delete(s.places, p.hash)
	p.hash = hash
	s.limiter.rule.free(&s.shared.state, s.now) // forgets what has expired
	p.state.copyFrom(&s.shared.state)           // some of it may be the newcomer's
	return p
}

// idle returns a place of which nothing counts any more, nil if there is none.
func (s *shard) idle() *place {
	for {
		p := s.order[0]
		due := s.limiter.rule.when(&p.state, s.now, s.limiter.size)
		if p.queue.count > 0 {
			due = max(due, s.now+1)
		}
		if due <= s.now {
			return p
		}
		if due == p.due { // the earliest there is
			return nil
		}
		p.due = due
		s.sink()
	}
}

// sink puts the root of the heap where it belongs.
func (s *shard) sink() {
	p, i := s.order[0], 0
	for {
		child := 2*i + 1
		if child >= len(s.order) {
			break
		}
		if right := child + 1; right < len(s.order) && s.order[right].due < s.order[child].due {
			child = right
		}
		if p.due <= s.order[child].due {
			break
		}
		s.order[i] = s.order[child]
		i = child
	}
	s.order[i] = p
}
