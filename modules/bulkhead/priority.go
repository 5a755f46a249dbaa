package bulkhead

import (
	"fmt"
	"strings"
)

// Priority says which calls go first where there is room for some alone: the
// higher one waits shorter, and is refused later. The zero value is Normal.
type Priority int8

// The priorities, from the first to be refused to the last.
const (
	Low      Priority = -1 // can be done later: reports, prefetching, batches
	Normal   Priority = 0
	High     Priority = 1 // somebody waits for it
	Critical Priority = 2 // what the rest stands or falls with: sign-in, payment
)

// priorities is the number of them.
const priorities = int(Critical-Low) + 1

// ParsePriority reads what String writes, in any case: low, normal, high or
// critical.
func ParsePriority(text string) (Priority, error) {
	for p := Low; p <= Critical; p++ {
		if strings.EqualFold(text, p.String()) {
			return p, nil
		}
	}
	return Normal, fmt.Errorf("priority %q is none of low, normal, high, critical", text)
}

// String returns the name of p. A value beyond the last one counts as that one.
func (p Priority) String() string {
	return [priorities]string{"low", "normal", "high", "critical"}[p.index()]
}

// index returns the place of p in an array of all priorities.
func (p Priority) index() int { return int(min(max(p, Low), Critical) - Low) }
