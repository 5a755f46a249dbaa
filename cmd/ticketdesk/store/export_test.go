package store

import "time"

// Wait changes how long a write may take: a test that writes the whole table at once must not depend on the machine.
func (s *Store) Wait(d time.Duration) { s.patience = d }
