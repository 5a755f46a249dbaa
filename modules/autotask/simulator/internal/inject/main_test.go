package inject_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/fault"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/inject"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/pause"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const api = "/ATServicesRest/V1.0/"

// body is what every request is answered.
const body = `{"item":{"id":7001}}`

// server answers requests, and counts those that it has done.
type server struct {
	*inject.Injector
	t    *testing.T
	done int
}

func newServer(t *testing.T, rules ...fault.Rule) *server {
	t.Helper()
	s := &server{inject.New(time.Now, pause.New()), t, 0}
	s.Set(fault.Plan{Seed: 1, Rules: rules})
	return s
}

func (s *server) next() wire.Answer {
	s.done++
	return wire.JSON([]byte(body)).Misusing("unknown_property")
}

// get is a read of tickets.
func (s *server) get() wire.Answer { return s.send("GET", "Tickets", "Tickets/7001") }

func (s *server) send(method, entity, path string) wire.Answer {
	s.t.Helper()
	return s.Decide(&wire.Call{Method: method, Path: api + path, Entity: entity}).Apply(s.t.Context(), s.next)
}

// met is how many requests the rules have met.
func (s *server) met() []int {
	_, met := s.Plan()
	return met
}

// hits says of each of n requests whether it was hit, where a hit is a broken connection.
func (s *server) hits(n int) []bool {
	s.t.Helper()
	hit := make([]bool, n)
	for i := range hit {
		hit[i] = s.get().Status == 0
	}
	return hit
}
