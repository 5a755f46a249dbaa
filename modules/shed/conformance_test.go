package shed_test

import "testing"

// TestConformance tells where the cases that other libraries are tested for are
// played, or why they are not.
func TestConformance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		run  func(*testing.T)
		skip string
	}{
		"SH-01 queue":          {skip: "the queue is that of package bulkhead: played there"},
		"SH-02 SRE throttling": {skip: "a client's view of one dependency: the adaptive mode of package circuitbreaker"},
		"SH-03 priorities":     {skip: "by design: four priorities, not 500 levels; the caller hands them over, no header does"},
		"PX-05 exact bound":    {run: exactBound},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.skip != "" {
				t.Skip(tc.skip)
			}
			tc.run(t)
		})
	}
}
