package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

func newRunner() *resilience.Runner {
	breakers, err := circuitbreaker.NewService(circuitbreaker.Config{}, nil)
	if err != nil {
		panic(err)
	}
	return resilience.NewRunner(breakers, retry.NewService(retry.DefaultConfig(), nil), resilience.Config{}, nil, nil)
}

func ExampleNew() {
	var calls atomic.Int64
	var attempt atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		attempt.Store(r.Header.Get(client.HeaderRetryAttempt))
		_, _ = io.WriteString(w, "paid")
	}))
	defer server.Close()

	billing, err := client.New("billing", newRunner(), client.Config{Policy: resilience.Policy{
		EnableCircuitBreaker: true,
		EnableRetry:          true,
		Retry:                retry.Policy{MaxAttempts: 3, BaseDelay: 10 * time.Millisecond},
		Timeout:              5 * time.Second,
	}})
	if err != nil {
		panic(err)
	}
	defer billing.CloseIdleConnections()

	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
	if err != nil {
		panic(err)
	}
	resp, err := billing.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close() //nolint:errcheck // the end of a test
	text, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(text), err)
	fmt.Println(calls.Load(), "calls, the last with X-Retry-Attempt:", attempt.Load())
	// Output:
	// 200 OK paid <nil>
	// 3 calls, the last with X-Retry-Attempt: 2
}

func ExampleNewTransport() {
	down := func(*http.Request) (*http.Response, error) { return nil, fmt.Errorf("no route to host") }
	rt, err := client.NewTransport("rates", newRunner(), client.Config{
		Policy: resilience.Policy{EnableFallback: true, FallbackResponse: map[string]float64{"EUR": 1}},
	}, client.WithTransport(inner(down)))
	if err != nil {
		panic(err)
	}
	rates := &http.Client{Transport: rt, CheckRedirect: client.SameHost.Check}

	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://rates.test/latest", nil)
	if err != nil {
		panic(err)
	}
	resp, err := rates.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close() //nolint:errcheck // the end of a test
	text, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Status, string(text), resp.Header.Get(client.HeaderFallback), err)
	// Output: 200 OK {"EUR":1} true <nil>
}

func ExampleBase() {
	base := client.Base()
	base.MaxConnsPerHost = 10
	_, err := client.New("billing", newRunner(), client.Config{}, client.WithTransport(base))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleCheck() {
	gone := func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusGone, Request: req}, nil
	}
	billing, err := client.New("billing", newRunner(), client.Config{}, client.WithTransport(inner(gone)))
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://billing.test/invoices/1", nil)
	if err != nil {
		panic(err)
	}
	resp, err := billing.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close() //nolint:errcheck // the end of a test
	fmt.Println(client.Check(resp))
	// Output: GET billing.test: 410 Gone
}
