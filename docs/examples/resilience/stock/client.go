package stock

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/holdfast-go/holdfast/modules/client"
	"github.com/holdfast-go/holdfast/modules/resilience"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Client is a Warehouse over HTTP.
type Client struct{ http *http.Client }

// NewClient returns a client with a policy like that of a route, and a breaker for each host.
func NewClient(runner *resilience.Runner, inner http.RoundTripper) (*Client, error) {
	c, err := client.New("warehouse", runner, client.Config{
		Policy: resilience.Policy{
			EnableCircuitBreaker: true,
			EnableRetry:          true,
			Timeout:              3 * time.Second,
			AttemptTimeout:       time.Second,
			Retry:                retry.Fast,
		},
		SendDeadline: true, // the warehouse learns how long we wait
	}, client.WithTransport(inner))
	return &Client{c}, err
}

// Count asks the warehouse: a GET, so up to three times.
func (c *Client) Count(ctx context.Context, item string) (n int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://warehouse.example.com/items/"+url.PathEscape(item), http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // else the call holds its slot and its deadline
	if err := client.Check(resp); err != nil {
		return 0, err // 400 and above: a *client.StatusError
	}
	err = json.NewDecoder(resp.Body).Decode(&n)
	return n, err
}
