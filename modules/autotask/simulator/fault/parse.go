package fault

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/object"
)

// Parse reads a plan from JSON: one object as in the package's script. Names of members are matched exactly, and what
// has no meaning is refused rather than ignored. The plan that is returned is valid; the error names every fault of one
// that could be read, and the first one of any other.
func Parse(data []byte) (Plan, error) {
	p, err := parse(data)
	if err == nil {
		err = p.Validate()
	}
	if err != nil {
		return Plan{}, err
	}
	return p, nil
}

func parse(data []byte) (Plan, error) {
	var text struct {
		Seed  uint64            `json:"seed"`
		Rules []json.RawMessage `json:"rules"`
	}
	if err := object.Read(data, &text); err != nil {
		return Plan{}, err
	}
	if len(text.Rules) > maxRules { // before they cost anything
		return Plan{}, fmt.Errorf("rules: %d are more than %d", len(text.Rules), maxRules)
	}
	p := Plan{Seed: text.Seed, Rules: make([]Rule, len(text.Rules))}
	for i, rule := range text.Rules {
		if err := parseRule(rule, &p.Rules[i]); err != nil {
			return Plan{}, fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	return p, nil
}

// parseRule reads a rule. A chance of 0 that is written down means none, where the zero Rule means all: it is refused.
func parseRule(data []byte, into *Rule) error {
	if err := object.Read(data, into); err != nil {
		return err
	}
	var given struct {
		Chance *float64 `json:"chance"`
	}
	if json.Unmarshal(data, &given) == nil && given.Chance != nil && *given.Chance == 0 {
		return errors.New("chance: 0 is no request at all; leave it out for every one, or leave out the rule")
	}
	return nil
}
