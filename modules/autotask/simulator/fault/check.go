package fault

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
)

// faults returns what is wrong with a rule, each naming its field.
func (r Rule) faults() []error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	check(slices.Contains(Kinds(), r.Kind), "kind: %q is none of %s", r.Kind, list(Kinds()))
	check(r.Entity == "" || known(r.Entity),
		"entity: %q is not the name of an entity as in its path, like Tickets or TicketNotes", r.Entity)
	check(r.Method == "" || slices.Contains(methods(), strings.ToUpper(r.Method)), "method: %q is none of %s",
		r.Method, list(methods()))
	check(len(r.Path) <= maxPath, "path: %d bytes are more than %d", len(r.Path), maxPath)
	check(r.Kind != ExpiredToken || canEnd(r.Path, nextPage), "path: expired_token meets paths that end in %s alone",
		nextPage)
	check(r.After >= 0, "after: %d is negative", r.After)
	check(r.Times >= 0, "times: %d is negative", r.Times)
	check(r.Chance >= 0 && r.Chance <= 1, "chance: %g is not between 0 and 1", r.Chance)
	check(r.Duration >= 0 && r.Duration <= Duration(maxDuration), "duration: %s is not between 0 and %s",
		r.Duration, Duration(maxDuration))
	slow := r.Kind == Latency || r.Kind == SlowBody
	check(r.Duration == 0 || slow, "duration: only latency and slow_body have one")
	check(r.Duration != 0 || !slow, `duration: %s needs one, for example "2s"`, r.Kind)
	check(r.Status == 0 || slices.Contains(statuses(), r.Status), "status: %d is none of %s",
		r.Status, list(statuses()))
	check(r.Status == 0 || r.Kind == HTMLPage, "status: only html has one")
	return faults
}

// known reports whether requests are counted under such a key.
func known(entity string) bool {
	_, ok := registry.Find(entity)
	return ok || strings.EqualFold(entity, "ThresholdInformation")
}

// nextPage ends the path of every request for another page.
const nextPage = "/query/next"

// canEnd reports whether a path with this end can be one that a rule's path fits. Only a rule that names an end itself
// can rule that out.
func canEnd(path, end string) bool {
	own, ok := strings.CutSuffix(strings.ToLower(path), "$")
	return !ok || strings.HasSuffix(own, end) || strings.HasSuffix(end, own)
}

func methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions,
	}
}

func statuses() []int {
	return []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
}

func list[T any](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = fmt.Sprint(item)
	}
	return strings.Join(texts, ", ")
}
