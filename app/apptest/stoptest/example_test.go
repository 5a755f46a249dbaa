package stoptest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

func ExampleNewLoad() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	load, err := stoptest.NewLoad(stoptest.LoadConfig{Pick: stoptest.To(server.URL)})
	if err != nil {
		fmt.Println(err)
		return
	}
	load.Send(2, stoptest.Kind{Path: "/orders/1"})
	for _, r := range load.Stop().All {
		fmt.Println(r.Kind, r.Fate, r.Status)
	}
	// Output:
	// /orders/1 answered 404
	// /orders/1 answered 404
}

func ExampleNewProxy() {
	replica := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer replica.Close()
	balancer := stoptest.NewBalancer(0)
	defer balancer.Close()
	proxy, err := stoptest.NewProxy(context.Background(), balancer)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer proxy.Close()
	send := func() {
		load, err := stoptest.NewLoad(stoptest.LoadConfig{Pick: stoptest.To(proxy.Addr())})
		if err != nil {
			fmt.Println(err)
			return
		}
		load.Send(1, stoptest.Kind{Path: "/orders/1"})
		fmt.Println(load.Stop().All[0].Status)
	}

	send() // nobody is there
	if err := balancer.Add(context.Background(), replica.URL, replica.URL); err != nil {
		fmt.Println(err)
	}
	send()
	// Output:
	// 503
	// 200
}

func ExampleNewWatch() {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	watch := stoptest.NewWatch(stoptest.WatchConfig{URL: server.URL, AdminURL: server.URL})
	seen := watch.Stop()
	fmt.Println(len(seen.Dead), seen.ReadyAgain, seen.Reopened)
	// Output: 0 false false
}
