package client_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
)

func nothing(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

func whole() resilience.Policy {
	p := retrying()
	p.Timeout, p.MaxConcurrent = 10*time.Second, 1000
	return p
}

func benchmark(b *testing.B, c *http.Client) {
	b.Helper()
	req := request(context.WithoutCancel(b.Context()), b, "GET", "http://api.test/", nil)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := c.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}

func BenchmarkPlain(b *testing.B) { benchmark(b, &http.Client{Transport: inner(nothing)}) }

func BenchmarkPlainTimeout(b *testing.B) {
	benchmark(b, &http.Client{Transport: inner(nothing), Timeout: 10 * time.Second})
}

func BenchmarkNoPolicy(b *testing.B) { benchmark(b, newClient(b, client.Config{}, inner(nothing))) }

func BenchmarkWhole(b *testing.B) {
	benchmark(b, newClient(b, client.Config{Policy: whole()}, inner(nothing)))
}

func BenchmarkWholeAttemptTimeout(b *testing.B) {
	p := whole()
	p.AttemptTimeout = time.Second
	benchmark(b, newClient(b, client.Config{Policy: p}, inner(nothing)))
}

// BenchmarkWholeWatched has an inner transport that asks for Done, as net/http's
// does.
func BenchmarkWholeWatched(b *testing.B) {
	p := whole()
	p.AttemptTimeout = time.Second
	benchmark(b, newClient(b, client.Config{Policy: p}, inner(func(req *http.Request) (*http.Response, error) {
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		default:
			return nothing(req)
		}
	})))
}

func TestAllocations(t *testing.T) { // AllocsPerRun panics in a parallel test
	req := request(context.WithoutCancel(t.Context()), t, "GET", "http://api.test/", nil)
	count := func(c *http.Client) float64 {
		return testing.AllocsPerRun(100, func() {
			resp, err := c.Do(req)
			require.NoError(t, err)
			_ = resp.Body.Close()
		})
	}
	plain := count(&http.Client{Transport: inner(nothing)})
	require.LessOrEqual(t, count(newClient(t, client.Config{Policy: whole()}, inner(nothing))), plain+3)
}
