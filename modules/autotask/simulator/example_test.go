package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator"
)

func ExampleNew() {
	sim, err := simulator.New(simulator.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: sim.Transport()}
	req, err := http.NewRequest(http.MethodPost,
		"https://webservices5.autotask.net/ATServicesRest/V1.0/Tickets/query/count",
		strings.NewReader(`{"filter":[{"op":"exist","field":"id"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	username, code, secret := simulator.Credentials()
	req.Header.Set("UserName", username)
	req.Header.Set("ApiIntegrationCode", code)
	req.Header.Set("Secret", secret)
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(os.Stdout, resp.Body)
	fmt.Println("\nrequests:", sim.Stats().Rolling)
	// Output:
	// {"queryCount":1203}
	// requests: 1
}
