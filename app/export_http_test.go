package app

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/interceptors"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
	"github.com/holdfast-go/holdfast/shutdown"
)

// Router is a router with what a test wants to know of it.
type Router struct {
	http.Handler

	Stop   *shutdown.Service
	Routes []RouteInfo
	Faults []Fault

	router *router
}

// NewRouter compiles the routes of controllers in the module "shop", with real
// collaborators at their defaults.
func NewRouter(tb testing.TB, log *slog.Logger, probes http.Handler, routes ...Routes) *Router {
	tb.Helper()
	r, err := MakeRouter(log, probes, routes...)
	require.NoError(tb, err)
	tb.Cleanup(r.Stop.Finish)
	return r
}

// MakeRouter is NewRouter for examples.
func MakeRouter(log *slog.Logger, probes http.Handler, routes ...Routes) (*Router, error) {
	stop, err := shutdown.NewService(shutdown.Config{EnableGraceful: true, DrainTimeout: 30e9, ForceTimeout: 60e9, CancelGrace: 2e9, TaskTimeout: 5e9}, log)
	if err != nil {
		return nil, err
	}
	stop.Ready()
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, log)
	if err != nil {
		return nil, err
	}
	runner := resilience.NewRunner(breakers, retry.NewService(retry.Config{}, log), resilience.Config{Timeout: 30e9, FallbackTimeout: 1e9}, stop.Draining, log)
	mounts := make([]mounted, len(routes))
	for i, r := range routes {
		mounts[i] = mounted{Module: "shop", Source: "controller.go:1", Routes: r}
	}
	rt, faults := newRouter(routerDeps{
		runner: runner, stop: stop, health: probes, log: log, header: interceptors.HeaderDeadline,
		observer: interceptors.NewObserver(interceptors.ObserveConfig{AccessLog: interceptors.LogOff}, log),
	}, mounts)
	r := &Router{Handler: rt, Stop: stop, Faults: faults, router: rt}
	if rt != nil {
		r.Routes = rt.Routes()
	}
	return r, nil
}

// NewServer gives the server of a router, on an address.
func (r *Router) NewServer(addr string, log *slog.Logger) *server {
	return newServer(Config{HTTPAddr: addr}, r.Stop, log, r.router)
}

// BlankKeys is the filter in front of encoding/json.
func BlankKeys(body []byte, names ...string) {
	quoted := make([][]byte, len(names))
	for i, n := range names {
		quoted[i] = []byte(n)
	}
	blankKeys(body, quoted, nil)
}
