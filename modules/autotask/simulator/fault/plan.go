package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is a way to fail.
type Kind string

// The kinds.
const (
	Latency          Kind = "latency"           // the answer takes longer
	ResetBefore      Kind = "reset_before"      // the connection breaks, nothing was done
	ResetAfter       Kind = "reset_after"       // the connection breaks, everything was done
	HalfBody         Kind = "half_body"         // the connection breaks in the middle of the answer
	SlowBody         Kind = "slow_body"         // the answer comes in pieces
	HTMLPage         Kind = "html"              // a page of a proxy: 502, 503 or 504
	EmptyError       Kind = "empty_500"         // 500 with nothing in it
	LockContention   Kind = "lock_contention"   // 500, the database chose this one as the victim
	ExpiredToken     Kind = "expired_token"     // 500 to query/next
	ExecutionTimeout Kind = "execution_timeout" // nothing for five minutes of the simulation's clock, then 500
	Unauthorized     Kind = "unauthorized"      // 401 with nothing in it
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		Latency, ResetBefore, ResetAfter, HalfBody, SlowBody, HTMLPage, EmptyError, LockContention, ExpiredToken,
		ExecutionTimeout, Unauthorized,
	}
}

// Rule says which requests fail, and how. Names and paths are matched in any case of letters.
type Rule struct {
	Kind   Kind    `json:"kind"`
	Entity string  `json:"entity,omitempty"` // thread key; empty is every entity
	Method string  `json:"method,omitempty"` // empty is every method
	Path   string  `json:"path,omitempty"`   // a part of the path, or its end if $ follows; empty is every path
	After  int     `json:"after,omitempty"`  // matching requests that are spared first
	Times  int     `json:"times,omitempty"`  // matching requests that fail then; 0 is all
	Chance float64 `json:"chance,omitempty"` // of those, the share that fails, by the seed; 0 is all, in JSON left out

	Duration Duration `json:"duration,omitempty"` // of latency, slow_body, which need one; at most 10m
	Status   int      `json:"status,omitempty"`   // of html: 502, 503 (default) or 504
}

// Plan is a list of rules; the first that fits a request and hits decides. The zero Plan is no faults.
type Plan struct {
	Seed  uint64 `json:"seed,omitempty"`
	Rules []Rule `json:"rules"` // at most 100
}

// Bounds of a plan.
const (
	maxRules    = 100
	maxPath     = 2048 // bytes
	maxDuration = 10 * time.Minute
)

// Validate returns every fault of the plan at once, each naming its rule by its number, from 1, and the field.
func (p Plan) Validate() error {
	if len(p.Rules) > maxRules {
		return fmt.Errorf("rules: %d are more than %d", len(p.Rules), maxRules)
	}
	var faults []error
	for i, r := range p.Rules {
		for _, fault := range r.faults() {
			faults = append(faults, fmt.Errorf("rule %d: %w", i+1, fault))
		}
	}
	return errors.Join(faults...)
}
