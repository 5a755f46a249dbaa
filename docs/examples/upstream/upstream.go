// Package upstream keeps a call resilient that is no route.
package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Client asks another service for stock.
type Client struct {
	breaker *circuitbreaker.Breaker
	retries *retry.Service
	http    http.Client
	url     string
}

// New returns a client with a breaker of its own, which opens sooner than others.
func New(breakers *circuitbreaker.Service, retries *retry.Service, url string) (*Client, error) {
	breaker, err := breakers.Register("stock", circuitbreaker.Config{MinThroughput: 5, ResetTimeout: 10 * time.Second})
	if err != nil {
		return nil, err
	}
	return &Client{breaker: breaker, retries: retries, http: http.Client{Timeout: 5 * time.Second}, url: url}, nil
}

// Stock asks how many of an item there are: at most three times, and not at all while the breaker is open.
func (c *Client) Stock(ctx context.Context, item string) (int, error) {
	return retry.Do(ctx, c.retries, retry.HTTP, func(ctx context.Context) (n int, err error) {
		err = c.breaker.Do(ctx, func(ctx context.Context) error {
			n, err = c.ask(ctx, item)
			return err
		})
		return n, err
	})
}

func (c *Client) ask(ctx context.Context, item string) (n int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/stock/"+item, http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err // a network error is a failure of the breaker, and is repeated
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return 0, &StatusError{resp.StatusCode}
	}
	err = json.NewDecoder(resp.Body).Decode(&n)
	return n, err
}

// StatusError is an answer other than 200. Its methods are all that breaker, retry and app ask of an error.
type StatusError struct{ Code int }

// Error says what came.
func (e *StatusError) Error() string { return fmt.Sprintf("stock answered %d", e.Code) }

// StatusCode decides: 500 and above counts as a failure; 502, 503 and 504 are repeated.
func (e *StatusError) StatusCode() int { return e.Code }

// ErrNoPrice says that no price is known.
var ErrNoPrice = errors.New("no price")

// Price asks price for a price, at most a minute, and gives the last one where that fails or the breaker is open.
func Price(
	ctx context.Context, breakers *circuitbreaker.Service, price func(context.Context) (int, error), last func() (int, bool),
) (int, error) {
	return circuitbreaker.Do(ctx, breakers, "prices", price, func(_ context.Context, cause error) (int, error) {
		if cents, ok := last(); ok {
			return cents, nil
		}
		return 0, errors.Join(ErrNoPrice, cause)
	})
}
