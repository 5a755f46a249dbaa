package chaos

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/config"
)

// ParseRules reads rules as the documentation of the package describes them. The
// error names everything that is wrong.
func ParseRules(text string) ([]Rule, error) {
	var rules []Rule
	var errs []error
	for line := range strings.SplitSeq(text, ";") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		r, err := parse(words)
		rules, errs = append(rules, r), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return rules, nil
}

func parse(words []string) (Rule, error) {
	r := Rule{Route: words[0]}
	if name, _, ok := strings.Cut(r.Route, "="); ok {
		return r, fmt.Errorf("rule with %q: begins with the route; * is all of them", name)
	}
	var errs []error
	seen := make(map[string]bool)
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		err := set(&r, name, value)
		if seen[name] {
			err = errors.New("is there twice")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("rule for %q: %s: %w", r.Route, name, err))
		}
		seen[name] = true
	}
	if !seen["rate"] {
		errs = append(errs, fmt.Errorf("rule for %q: has no rate, such as rate=0.1", r.Route))
	}
	if len(errs) == 0 {
		errs = append(errs, r.Validate())
	}
	return r, errors.Join(errs...)
}

// set reads one setting.
func set(r *Rule, name, value string) error {
	switch name {
	case "rate":
		var rate config.Ratio
		err := rate.Decode(value)
		r.Rate = float64(rate)
		return err
	case "latency":
		return setLatency(r, value)
	case "fault":
		return setFault(r, value)
	case "behaviour":
		return setBehaviour(r, value)
	case "key":
		r.Key = value
		if value == "" {
			return errors.New("must not be empty")
		}
		return nil
	default:
		return errors.New("is no setting: rate, latency, fault, behaviour and key are")
	}
}

func setLatency(r *Rule, value string) error {
	var d config.Millis
	if err := d.Decode(value); err != nil {
		return err
	}
	if d <= 0 {
		return errors.New("must be above 0")
	}
	r.Latency = d.Duration()
	return nil
}

func setFault(r *Rule, value string) error {
	if value == "error" {
		r.Fault = &FaultError{}
		return nil
	}
	status, err := strconv.Atoi(value)
	if err != nil || status < 400 || status > 599 {
		return errors.New("must be a status from 400 to 599, or error")
	}
	r.Fault = &FaultError{Status: status}
	return nil
}

func setBehaviour(r *Rule, value string) error {
	switch value {
	case "hang":
		r.Behaviour = Hang
	case "panic":
		r.Behaviour = Panic
	default:
		return errors.New("must be hang or panic")
	}
	return nil
}
