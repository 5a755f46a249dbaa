package autotask

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/holdfast-go/holdfast/config"
	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
	"github.com/holdfast-go/holdfast/modules/retry"
)

// Module provides *Client from the AUTOTASK_* settings, and its metrics. It needs the circuitbreaker and retry modules.
var Module = fx.Module("autotask",
	config.Provide[Config](),
	fx.Provide(provide, collector),
)

// Transport carries the client's requests where one is supplied, as [WithTransport] says.
type Transport struct{ http.RoundTripper }

type in struct {
	fx.In

	Lifecycle fx.Lifecycle
	Config    Config
	Breakers  *circuitbreaker.Service
	Retries   *retry.Service
	Log       *slog.Logger
	Transport Transport `optional:"true"`
}

func provide(in in) (*Client, error) {
	var opts []Option
	if in.Transport.RoundTripper != nil {
		opts = append(opts, WithTransport(in.Transport))
	}
	c, err := New(in.Config, in.Breakers, in.Retries, in.Log, opts...)
	if err != nil {
		return nil, err
	}
	in.Lifecycle.Append(fx.StopHook(c.Close))
	return c, nil
}

type collected struct {
	fx.Out

	Collector prometheus.Collector `group:"metrics.collectors"`
}

func collector(c *Client) collected { return collected{Collector: c} }
