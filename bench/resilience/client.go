package main

import (
	"context"
	"net/http"

	"github.com/holdfast-go/holdfast/modules/client"
)

// outbound measures what the whole policy adds to a call of http.Client whose transport answers at once.
func outbound(m meter) ([]row, error) {
	background := context.Background()
	request, cancel := context.WithCancel(background)
	defer cancel()

	quick, err := holdfastClient(answer)
	if err != nil {
		return nil, err
	}
	asked, err := holdfastClient(answerAsked)
	if err != nil {
		return nil, err
	}
	ours, theirs := subject{name: "client.New", loop: get(background, quick)}, subject{name: "failsafehttp retry + breaker + timeout"}
	theirs.loop = get(background, &http.Client{Transport: failsafeTransport(answer)})
	ours.base = get(background, &http.Client{Transport: transport(answer)})
	theirs.base = ours.base

	asks, theirAsks := ours, theirs
	asks.loop, theirAsks.loop = get(request, asked), get(request, &http.Client{Transport: failsafeTransport(answerAsked)})
	asks.base = get(request, &http.Client{Transport: transport(answerAsked)})
	theirAsks.base = asks.base

	net := subject{name: "http.Client.Timeout", base: ours.base, loop: get(background, &http.Client{Transport: transport(answer), Timeout: deadline})}
	return m.rows([]pair{
		{what: "whole policy", ours: ours, theirs: theirs, most: 0.5},
		{what: "whole policy, transport asks Done(), cancellable caller", ours: asks, theirs: theirAsks},
		{what: "whole policy", ours: ours, theirs: net},
	})
}

// holdfastClient is a client with the whole policy.
func holdfastClient(inner transport) (*http.Client, error) {
	h, err := newHoldfast()
	if err != nil {
		return nil, err
	}
	return client.New("bench", h.runner, client.Config{Policy: whole()}, client.WithTransport(inner))
}

// transport is a function as a http.RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answer(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

// answerAsked looks at the context first, as net/http does.
func answerAsked(r *http.Request) (*http.Response, error) {
	if err := ask(r.Context()); err != nil {
		return nil, err
	}
	return answer(r)
}

// get is the loop of calls of a client.
func get(ctx context.Context, c *http.Client) func(int) error {
	return func(n int) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.test/", http.NoBody)
		if err != nil {
			return err
		}
		for range n {
			resp, err := c.Do(r)
			if err != nil {
				return err
			}
			if err := resp.Body.Close(); err != nil {
				return err
			}
		}
		return nil
	}
}
