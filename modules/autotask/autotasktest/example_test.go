package autotasktest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/holdfast-go/holdfast/modules/autotask/autotasktest"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

// ticket is an address of the real API: whatever the host, the simulator answers.
const ticket = "https://webservices5.autotask.net/ATServicesRest/V1.0/Tickets/7001"

// example stands in for the t of a test.
type example struct{ testing.TB }

func (example) Helper() {}

func (example) Cleanup(func()) {}

func ExampleNew() {
	t := example{} // in a test: its own t
	sim := autotasktest.New(t)
	req, err := http.NewRequest(http.MethodGet, ticket, http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := sim.Client().Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.Status, "after", sim.Stats().Requests, "request")
	// Output: 200 OK after 1 request
}

func ExampleNew_options() {
	t := example{} // in a test: its own t
	sim := autotasktest.New(t, func(cfg *simulator.Config) { cfg.HourlyLimit = 100 })
	sim.AddExternal(95)
	fmt.Println("left:", 100-sim.Stats().Rolling)
	// Output: left: 5
}

func ExampleSim_outage() {
	t := example{} // in a test: its own t
	sim := autotasktest.New(t)
	sim.Outage(true)
	req, err := http.NewRequest(http.MethodGet, ticket, http.NoBody)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := sim.Transport().RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	fmt.Println(err)
	// Output: GET https://webservices5.autotask.net/ATServicesRest/V1.0/Tickets/7001: read tcp: connection reset by peer
}
